"""What providers of mail report by webhook, each in its own words, as what it means to us.

SES: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
Postmark: https://postmarkapp.com/developer/webhooks/webhooks-overview
SendGrid: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from journey.returned.reports import STATUS, Bounce, hard

Kind = Literal["delivered", "bounced", "complained", "opened", "clicked"]
TAG = "wayfare"
"""Under this name a letter carries its key to providers that give back what they were given."""


@dataclass(frozen=True)
class Told:
    """One report: of what, about which letter (``ids``, the likeliest first: message ids and keys), by which name the
    provider knows the report itself."""

    kind: Kind
    ids: tuple[str, ...]
    event_id: str
    bounce: Bounce | None = None
    link: str = ""
    note: str = ""


def ses(message: Any) -> Iterator[Told]:
    """One event of SES, as it publishes events and as it notifies of them."""
    said = _group(message)
    kind, mail = _text(said, "eventType") or _text(said, "notificationType"), _group(said.get("mail"))
    headers = {
        _text(_group(one), "name").lower(): _text(_group(one), "value") for one in _list(mail.get("headers"))[:200]
    }
    own = headers.get("message-id", "").strip("<> ")
    ids = tuple(one for one in (own, _text(mail, "messageId")) if one)
    about = _group(said.get(kind.lower()))
    name = _text(about, "feedbackId") or f"{_text(mail, 'messageId')} {_text(about, 'timestamp')}"
    match kind:
        case "Delivery":
            yield Told("delivered", ids, name)
        case "Bounce":
            yield Told("bounced", ids, name, _ses_bounce(about))
        case "Complaint" if _text(about, "complaintFeedbackType") != "not-spam":
            yield Told("complained", ids, name, note=_text(about, "complaintFeedbackType") or "abuse")
        case "Open":
            yield Told("opened", ids, name)
        case "Click":
            yield Told("clicked", ids, name, link=_text(about, "link"))
        case _:
            pass  # what was sent, and what is late


def _ses_bounce(about: Mapping[str, Any]) -> Bounce:
    first = _group(next(iter(_list(about.get("bouncedRecipients"))), {}))
    code, reason = _text(first, "status"), _text(first, "diagnosticCode").partition(";")[2].strip()
    nobody = _text(about, "bounceType") == "Permanent" and _text(about, "bounceSubType") != "ContentRejected"
    return Bounce(nobody, code, reason or _text(about, "bounceSubType"))


_NOBODY = ("HardBounce", "BadEmailAddress", "ManuallyDeactivated", "InboundError")
_NO_BOUNCE = ("AutoResponder", "AddressChange", "Subscribe", "Unsubscribe", "OpenRelayTest", "ChallengeVerification")


def postmark(message: Any) -> Iterator[Told]:
    """One webhook of Postmark."""
    said = _group(message)
    ids = tuple(one for one in (_text(_group(said.get("Metadata")), TAG), _text(said, "MessageID")) if one)
    kind, sort = _text(said, "RecordType"), _text(said, "Type")
    name = _text(said, "ID") or " ".join(_text(said, one) for one in ("MessageID", "ReceivedAt", "DeliveredAt"))
    if kind == "SpamComplaint" or sort in ("SpamComplaint", "SpamNotification"):
        yield Told("complained", ids, name, note="spam")
    elif kind == "Bounce" and sort not in _NO_BOUNCE:
        reason = _text(said, "Details") or _text(said, "Description")
        found = STATUS.search(reason)
        yield Told("bounced", ids, name, Bounce(sort in _NOBODY, ".".join(found.groups()) if found else "", reason))
    elif kind == "Delivery":
        yield Told("delivered", ids, name)
    elif kind == "Open":
        yield Told("opened", ids, name)
    elif kind == "Click":
        yield Told("clicked", ids, name, link=_text(said, "OriginalLink"))


def sendgrid(message: Any) -> Iterator[Told]:
    """A list of events of SendGrid."""
    for one in _list(message):
        said = _group(one)
        remote = _text(said, "sg_message_id")
        ids = tuple(
            id_
            for id_ in (
                _text(said, TAG),
                _text(said, "smtp-id").strip("<> "),
                re.split(r"\.(?:filter|recvd)", remote)[0],
            )
            if id_
        )
        yield from _sendgrid(said, ids)


def _sendgrid(said: Mapping[str, Any], ids: tuple[str, ...]) -> Iterator[Told]:
    name, reason, code = _text(said, "sg_event_id"), _text(said, "reason"), _text(said, "status")
    match _text(said, "event"):
        case "delivered":
            yield Told("delivered", ids, name)
        case "bounce":
            nobody = _text(said, "type") != "blocked" and hard(code, reason)
            yield Told("bounced", ids, name, Bounce(nobody, code, reason))
        case "dropped" if reason.lower().startswith(("bounced", "invalid")):
            yield Told("bounced", ids, name, Bounce(True, code, reason))
        case "spamreport":
            yield Told("complained", ids, name, note="spam")
        case "open" if said.get("sg_machine_open") is not True:
            yield Told("opened", ids, name)
        case "click":
            yield Told("clicked", ids, name, link=_text(said, "url"))
        case _:
            pass  # what was sent, and what is late


READERS = {"ses": ses, "postmark": postmark, "sendgrid": sendgrid}
"""The providers that we understand."""


def _group(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return str(found)[:1_000] if isinstance(found, (str, int)) and not isinstance(found, bool) else ""
