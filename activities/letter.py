"""A message as bytes (RFC 5322): written deterministically, then parsed again and compared.

Python before 3.11.10 lets an encoded word in a name or subject inject a header; comparing what was meant with what the
bytes say catches that on every version.
"""

from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

WIRE = policy.SMTP.clone(max_line_length=998)
"""Header lines are not folded: Python would turn long URLs into encoded words."""


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
) -> bytes:
    """The letter's bytes with CRLF line ends. The same arguments give the same bytes. Raises UnsafeLetter."""
    mail = EmailMessage(policy=WIRE)
    mail["From"] = _address(*parseaddr(sender))
    mail["To"] = _address(recipient_name, recipient)
    mail["Subject"] = _plain(subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    if reply_to:
        mail["Reply-To"] = _address("", reply_to)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    if html is not None:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        mail.set_boundary(f"=_{message_id.strip('<>').split('@')[0][:40]}")
    raw = mail.as_bytes()
    _compare(mail, raw)
    return raw


def _plain(value: str) -> str:
    """Text for a header: no line breaks or control characters, and no encoded words that would be decoded again."""
    kept = "".join(character if character >= " " and character != "\x7f" else " " for character in value)
    return kept.replace("=?", "= ?").strip()


def _address(name: str, address: str) -> Address | str:
    try:
        return Address(display_name=_plain(name), addr_spec=address)
    except Exception as error:  # the library raises several kinds for one reason: this is no address
        raise UnsafeLetter(f'"{address}" is not an e-mail address') from error


def _compare(meant: EmailMessage, raw: bytes) -> None:
    said = message_from_bytes(raw, policy=policy.default)
    if [name for name, _ in meant.items()] != [name for name, _ in said.items()] or said.defects:
        raise UnsafeLetter("the headers of the message are not what was meant")
