"""A mail as it came, taken apart without trusting it: bounded in size, depth and number, and whatever its bytes are.

The standard library's parser is used in its old form (compat32), which reads values only when asked; its new form
raises on some hostile headers. Nothing is ever unpacked, and no attachment is looked into.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr

LOOKED_AT = 256 * 1024
"""So many bytes of a mail are read; the whole is kept."""
MOST_BOUNDARIES = 30
"""Of a mail that is taken apart: the parser looks for each of them in every line, and goes one deeper for each part."""
MOST_PARTS = 100
LONGEST = 1_000
"""Of a header's value, in characters."""

_IDS = re.compile(r"<([^<>\s]{3,300})>")


def parsed(raw: bytes) -> Message | None:
    """The mail, as far as it is looked at; None if it cannot be taken apart."""
    head = raw[:LOOKED_AT]
    if head.lower().count(b"boundary") > MOST_BOUNDARIES:
        head = _head_alone(head)
    try:
        return message_from_bytes(head, policy=policy.compat32)
    except Exception:  # noqa: BLE001  whatever is wrong with it, it is kept for people to look at
        return None


def _head_alone(raw: bytes) -> bytes:
    """The header lines, without what says that there are parts."""
    head, _, _ = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if b"boundary" not in line.lower()]
    return b"\n".join(lines) + b"\n\n"


def header(message: Message, name: str) -> str:
    """A header's value as one line of text; '' if it is not there."""
    try:
        raw = message.get(name)
    except Exception:  # noqa: BLE001  the library stumbles over some bytes
        return ""
    return "" if raw is None else _decoded(str(raw)[: LONGEST * 4])


def _decoded(value: str) -> str:
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError, UnicodeError):
        parts = [(value, None)]
    text = "".join(part if isinstance(part, str) else text_of(part, charset) for part, charset in parts)
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:LONGEST]


def text_of(raw: bytes, charset: str | None) -> str:
    """Bytes as text in a charset that may be wrong, unknown or absent."""
    for name in (charset or "utf-8", "utf-8"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("latin-1")


def address(message: Message, name: str) -> str:
    """The address in a header, in small letters; '' if there is none that could be one."""
    found = parseaddr(header(message, name))[1].lower()
    return found if re.fullmatch(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}", found) else ""


def ids(*values: str) -> list[str]:
    """The message ids in headers, each once, in their order, without their brackets."""
    return list(dict.fromkeys(found for value in values for found in _IDS.findall(value)))[:50]


def raw_header(message: Message, name: str) -> str:
    """A header's value as it is written (message ids are never encoded)."""
    try:
        return str(message.get(name) or "")[: LONGEST * 10]
    except Exception:  # noqa: BLE001  the library stumbles over some bytes
        return ""


def parts(message: Message) -> Iterator[Message]:
    """Every part, the mail itself first, as far as there are not too many."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        one = waiting.pop(0)
        seen += 1
        yield one
        inside = one.get_payload()
        if isinstance(inside, list):
            waiting = [part for part in inside if isinstance(part, Message)] + waiting


def kind(part: Message) -> str:
    """Its content type, in small letters."""
    try:
        return part.get_content_type()
    except Exception:  # noqa: BLE001  the library stumbles over some bytes
        return "application/octet-stream"


def parameter(part: Message, name: str) -> str:
    """A parameter of its content type, in small letters; '' without it."""
    try:
        return str(part.get_param(name) or "").lower()[:100]
    except Exception:  # noqa: BLE001  the library stumbles over some bytes
        return ""


def attached(part: Message) -> bool:
    """Whether it is an attachment rather than words to be read."""
    return raw_header(part, "content-disposition").strip().lower().startswith("attachment")


def words(part: Message) -> str:
    """The text of a part of text."""
    try:
        raw = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001  the library stumbles over some bytes
        raw = None
    return text_of(raw, parameter(part, "charset") or None) if isinstance(raw, bytes) else ""
