"""One mail that came in: what it is, which letter it is about, and what its writer said."""

import re
from dataclasses import dataclass, field, replace
from email.message import Message
from typing import Any, Literal

from journey.returned import machines, mime, quoting
from journey.returned.reports import Bounce, Complaint, Delayed, Report, report
from journey.texts import plain

Kind = Literal["reply", "bounce", "complaint", "machine", "unreadable"]
LONGEST_PAGE = 60_000
"""Of a page that is read as text, in characters."""
_BARE = re.compile(r"^\W{0,3}(\d{1,2})(\s{0,2}(/|of|out of|von)\s{0,2}\d{1,2})?\W{0,3}$", re.IGNORECASE)


@dataclass(frozen=True)
class Returned:
    """A mail, read. ``about`` are the message ids that it names, the likeliest first; ``note`` says why it counts as
    what it is."""

    kind: Kind
    note: str = ""
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    about: list[str] = field(default_factory=list)
    text: str = ""
    bounce: Bounce | None = None


def read(raw: bytes, envelope_from: str) -> Returned:
    """Read a mail. Never raises, whatever the bytes are."""
    try:
        mail = mime.parsed(raw)
        return Returned("unreadable", "it cannot be taken apart") if mail is None else _read(mail, envelope_from)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError, AssertionError) as error:
        return Returned("unreadable", f"it cannot be read ({type(error).__name__})")


def _read(mail: Message, envelope_from: str) -> Returned:
    ids = mime.ids(mime.raw_header(mail, "in-reply-to"), *reversed(mime.raw_header(mail, "references").split()))
    found = Returned(
        "reply",
        sender=mime.address(mail, "from"),
        subject=mime.header(mail, "subject"),
        message_id=next(iter(mime.ids(mime.raw_header(mail, "message-id"))), ""),
        about=ids,
    )
    told = report(mail)
    if told is not None:
        return replace(found, **_reported(told), about=_original(mail) + ids)
    if why := machines.why(mail, envelope_from):
        return replace(found, kind="machine", note=why, text=_text(mail)[: quoting.LONGEST])
    return replace(found, text=quoting.own_words(_text(mail)))


def _reported(told: Report) -> dict[str, Any]:
    match told:
        case Bounce():
            return {"kind": "bounce", "note": f"{told.code} {told.reason}".strip(), "bounce": told}
        case Complaint():
            return {"kind": "complaint", "note": told.kind}
        case Delayed():
            return {"kind": "machine", "note": "a report that asks for nothing"}


def _original(mail: Message) -> list[str]:
    """The id of the letter that a report gives back, whole or only its head."""
    for part in list(mime.parts(mail))[1:]:
        if mime.kind(part) in ("message/rfc822", "message/global"):
            inside = part.get_payload()
            if isinstance(inside, list) and inside and isinstance(inside[0], Message):
                return mime.ids(mime.raw_header(inside[0], "message-id"))
        if mime.kind(part) in ("text/rfc822-headers", "message/rfc822-headers"):
            found = re.search(r"(?im)^message-id:\s*(<[^<>\s]{3,300}>)", mime.words(part))
            return mime.ids(found.group(1)) if found else []
    return []


def _text(mail: Message) -> str:
    """The words of a mail: its first plain text, else its first page as plain text."""
    page = ""
    for part in mime.parts(mail):
        if mime.attached(part):
            continue
        if mime.kind(part) == "text/plain" and (words := mime.words(part)).strip():
            return words
        if mime.kind(part) == "text/html" and not page:
            page = mime.words(part)
    return plain.of_page(_without(page, ("<!--", "-->"), ("<style", "</style>"))[:LONGEST_PAGE]) if page else ""


def _without(page: str, *pairs: tuple[str, str]) -> str:
    """A page without what stands between such marks; the library's parser takes its time over comments that never
    end."""
    for begin, end in pairs:
        kept, low, at = [], page.lower(), 0
        while (start := low.find(begin, at)) >= 0:
            kept.append(page[at:start])
            stop = low.find(end, start)
            at = stop + len(end) if stop >= 0 else len(page)
        page = "".join([*kept, page[at:]])
    return page


def score(text: str) -> tuple[int | None, str]:
    """A number that stands alone on the first line of a reply, and the words after it; None if there is none."""
    first, _, rest = text.strip().partition("\n")
    found = _BARE.match(first.strip())
    return (int(found.group(1)), rest.strip()) if found else (None, text.strip())
