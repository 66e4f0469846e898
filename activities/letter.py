"""A message as bytes (RFC 5322): written deterministically, then parsed again and compared.

Python before 3.11.10 lets an encoded word in a name or subject inject a header; comparing what was meant with what the
bytes say catches that on every version.
"""

import quopri
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import lru_cache

WIRE = policy.SMTP.clone(max_line_length=998)
"""Header lines are not folded: Python would turn long URLs into encoded words."""
LONGEST = 250
"""Of a subject or a name, in characters."""


class UnsafeLetter(ValueError):
    """The bytes do not say what was meant: something in the data tries to change the headers."""


def compose(
    *,
    sender: str,
    recipient_name: str,
    recipient: str,
    subject: str,
    text: str,
    html: str | None,
    message_id: str,
    at: datetime,
    reply_to: str | None = None,
    language: str = "",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """The letter's bytes with CRLF line ends. The same arguments give the same bytes. ``language`` is that of its words
    (RFC 3282); ``more`` are further header lines of our making, in plain ASCII. Raises UnsafeLetter."""
    _readable(recipient_name, subject, text, html or "")
    heads: dict[str, str | tuple[str, str]] = {
        "From": parseaddr(sender),
        "To": (recipient_name, recipient),
        "Subject": _plain(subject),
        "Date": format_datetime(at),
        "Message-ID": message_id,
        **({"Reply-To": ("", reply_to)} if reply_to else {}),
        "Auto-Submitted": "auto-generated",
        **({"Content-Language": language} if language else {}),
        "MIME-Version": "1.0",
    }
    ours = {name: _ready(name, value, heads) for name, value in (more or {}).items()}
    lines = [_line(name, value) for name, value in heads.items()] + [_written(*line) for line in ours.items()]
    raw = b"".join(lines) + _content(text, html, message_id)
    _compare([*heads, *ours, *_KINDS[html is not None]], [text, *([html] if html is not None else [])], raw)
    return raw


@lru_cache(maxsize=500)
def _line(name: str, value: str | tuple[str, str]) -> bytes:
    """One header line, of a text or of a name and an address. Many are the same in every letter, and the library takes
    its time."""
    if name in _WRITTEN_BY_US:
        return _written(name, value)
    mail = EmailMessage(policy=WIRE)
    mail[name] = value if isinstance(value, str) else _address(*value)
    line = mail.as_bytes().removesuffix(b"\r\n")
    _read_again(name, value, line)
    return line


_WRITTEN_BY_US = ("Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version")
"""Their values are made here or by the ledger, of letters that need no care."""


def _written(name: str, value: str | tuple[str, str]) -> bytes:
    return f"{name}: {value}\r\n".encode("ascii")


def _ready(name: str, value: str, heads: Collection[str]) -> str:
    """A further header line must need no care: a new name of letters and dashes, printable ASCII, one line."""
    said = re.fullmatch(r"[A-Za-z][A-Za-z-]{0,60}", name) and re.fullmatch(r"[ -~]{1,900}", value)
    if not said or "=?" in value or name.lower() in map(str.lower, heads):
        raise UnsafeLetter(f'the header "{name[:60]}" cannot be written')
    return value


def _readable(*texts: str) -> None:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        raise UnsafeLetter("there is half a character in it, which cannot be written") from error


def _read_again(name: str, value: str | tuple[str, str], line: bytes) -> None:
    """Whether a line says what was meant, no more and no less, to somebody who reads it as mail programs do."""
    said = message_from_bytes(line + b"\r\n", policy=policy.default)
    if isinstance(value, str):
        same = said[name] == value
    else:
        heard = said[name].addresses
        meant = _address(*value)
        same = len(heard) == 1 and (heard[0].display_name, heard[0].addr_spec) == (meant.display_name, meant.addr_spec)
    if not same or said.keys() != [name]:
        raise UnsafeLetter(f"the header {name} of the message is not what was meant")


_KINDS = (("Content-Type", "Content-Transfer-Encoding"), ("Content-Type",))
"""The header lines that the content brings with it: of one part, of two."""


def _content(text: str, html: str | None, message_id: str) -> bytes:
    """The rest of the letter, from its content type on. Written here because the library takes three times as long as
    everything else about a message, and makes quoted-printable lines as long as its headers may be."""
    if html is None:
        return _part("plain", text)
    boundary = f"=_{message_id.strip('<>').split('@')[0][:40]}".encode()  # no text has it: "=" is written =3D
    start = b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n\r\n'
    parts = [b"--" + boundary + b"\r\n" + part for part in (_part("plain", text), _part("html", html))]
    return start + b"".join(parts) + b"--" + boundary + b"--\r\n"


def _part(subtype: str, text: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + quopri.encodestring(_lines(text).encode()).replace(b"\n", b"\r\n")


def _lines(text: str) -> str:
    """The text with plain line ends, one at its end."""
    return re.sub(r"\r\n?", "\n", text).removesuffix("\n") + "\n"


def _plain(value: str) -> str:
    """Text for a header: no line breaks or control characters, no encoded words that would be decoded again, and no
    longer than anybody reads (a line has at most 998 bytes, and the library takes seconds to fold long ones)."""
    kept = "".join(" " if character < " " or "\x7f" <= character <= "\x9f" else character for character in value)
    text = " ".join(kept.split()).replace("=?", "= ?")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _address(name: str, address: str) -> Address:
    try:
        return Address(display_name=_plain(name), addr_spec=address)
    except Exception as error:  # the library raises several kinds for one reason: this is no address
        raise UnsafeLetter(f'"{address}" is not an e-mail address') from error


def _compare(names: list[str], parts: list[str], raw: bytes) -> None:
    """The whole letter, parsed again: its header lines, and each part to the last letter."""
    # compat32 finds the same lines and reads no values: ten times faster than the modern policy.
    said = message_from_bytes(raw, policy=policy.compat32)
    if said.keys() != names or said.defects:
        raise UnsafeLetter("the headers of the message are not what was meant")
    found = [part for part in said.walk() if not part.is_multipart()]
    heard = [bytes(part.get_payload(decode=True)).decode() for part in found]
    if [_lines(part) for part in heard] != [_lines(part) for part in parts]:
        raise UnsafeLetter("the text of the message is not what was meant")
