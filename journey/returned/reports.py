"""What mail servers report of a letter: it was not delivered (RFC 3464), or its reader calls it spam (RFC 5965)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string, policy
from email.message import Message

from journey.returned import mime

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
NOBODY = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1")
"""Nobody can be reached there, for good (RFC 3463, RFC 7505): an address, its domain, or a mailbox that is closed. All
other failures are about this letter or this moment: a full mailbox, a letter too large, a policy."""
_NO_SUCH = re.compile(
    r"(user|recipient|address|mailbox|account)\W{1,3}(is )?(unknown|invalid|does not exist|not found)"
)
_NO_SUCH_2 = re.compile(r"(unknown|no such|invalid) (user|recipient|address|mailbox|account)")
LONGEST = 500


@dataclass(frozen=True)
class Bounce:
    """A letter was not delivered: for good (nobody is there) or not this time."""

    hard: bool
    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Complaint:
    """The reader calls a letter spam; ``kind`` as the report says it: abuse, fraud, virus, other."""

    kind: str


@dataclass(frozen=True)
class Delayed:
    """A mail server is still trying, or has delivered: nothing has to be done."""


Report = Bounce | Complaint | Delayed


def hard(code: str, reason: str = "") -> bool:
    """Whether a status code says that nobody is there, for good; where it says no more than 5.0.0, the words do."""
    if code in NOBODY:
        return True
    said = reason.lower()
    return code in ("5.0.0", "") and bool(_NO_SUCH.search(said) or _NO_SUCH_2.search(said))


def report(mail: Message) -> Report | None:
    """The report that a mail is; None if it is none."""
    if mime.kind(mail) != "multipart/report":
        return None
    what = mime.parameter(mail, "report-type")
    for part in mime.parts(mail):
        if what == "delivery-status" and mime.kind(part) in (
            "message/delivery-status",
            "message/global-delivery-status",
        ):
            return _delivery(part)
        if what == "feedback-report" and mime.kind(part) == "message/feedback-report":
            return _feedback(part)
    return None


def _delivery(part: Message) -> Report:
    """The first recipient that failed; we send to one at a time."""
    failed = [block for block in _blocks(part) if mime.header(block, "action").lower() == "failed"]
    if not failed:
        return Delayed()
    said = mime.header(failed[0], "diagnostic-code").partition(";")[2].strip()
    reason = (said or mime.header(failed[0], "diagnostic-code"))[:LONGEST]
    found = STATUS.search(mime.header(failed[0], "status")) or STATUS.search(reason)
    code = ".".join(found.groups()) if found else ""
    if code in ("5.0.0", "") and (better := STATUS.search(reason)):
        code = ".".join(better.groups())
    return Bounce(hard(code, reason), code, reason)


def _blocks(part: Message) -> Iterator[Message]:
    inside = part.get_payload()
    if isinstance(inside, list):
        yield from (one for one in inside if isinstance(one, Message))
        return
    for text in re.split(r"\n\s*\n", mime.words(part).replace("\r\n", "\n"))[: mime.MOST_PARTS]:
        yield message_from_string(text, policy=policy.compat32)


def _feedback(part: Message) -> Report:
    kind = next((said for block in _blocks(part) if (said := mime.header(block, "feedback-type").lower())), "")
    return Delayed() if kind == "not-spam" else Complaint(kind[:40] or "abuse")
