"""The mail catcher's messages, in an SQLite file of their own beside the store.

The catcher writes, the console reads, each in its own process. Messages are parsed once, when they arrive,
because pages and scripts read them many times. The newest 100,000 are kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

KEPT = 100_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    envelope_from TEXT NOT NULL,
    envelope_to TEXT NOT NULL,
    parsed TEXT NOT NULL,
    raw BLOB NOT NULL
)
"""


@dataclass(frozen=True)
class CaughtMessage:
    """One message as it arrived; `sender` and `to` are plain addresses, joined by ', ' if there are several."""

    id: int
    received_at: datetime
    envelope_from: str
    envelope_to: tuple[str, ...]
    sender: str
    to: str
    subject: str
    headers: dict[str, str]
    text: str
    html: str

    def as_json(self) -> dict[str, Any]:
        """The message as GET /mail.json shows it."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "headers": self.headers,
            "text": self.text,
            "html": self.html,
            "received_at": self.received_at.isoformat(),
            "envelope": {"from": self.envelope_from, "to": list(self.envelope_to)},
        }


class Mailbox:
    """The caught messages of one data folder."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(file, timeout=10, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # NORMAL keeps every committed message when a process is killed, and spares a disk flush for each.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(_SCHEMA)

    def add(self, raw: bytes, mail_from: str, rcpt_tos: Sequence[str], at: datetime | None = None) -> int:
        """Keep a message; when this returns its id, it is committed."""
        received = (at or datetime.now(UTC)).isoformat()
        parsed = json.dumps(_parse(raw, mail_from, rcpt_tos))
        row = (received, mail_from, json.dumps(list(rcpt_tos)), parsed, raw)
        cursor = self._connection.execute(
            "INSERT INTO message (received_at, envelope_from, envelope_to, parsed, raw) VALUES (?, ?, ?, ?, ?)", row
        )
        number = cursor.lastrowid or 0
        if number % 1000 == 0:
            self._connection.execute("DELETE FROM message WHERE id <= ?", (number - KEPT,))
        return number

    def list(self, limit: int = 100, offset: int = 0) -> list[CaughtMessage]:
        """The messages, newest first."""
        query = f"SELECT {_COLUMNS} FROM message ORDER BY id DESC LIMIT ? OFFSET ?"
        return [_message(row) for row in self._connection.execute(query, (limit, offset))]

    def get(self, message_id: int) -> CaughtMessage | None:
        """One message, or None."""
        query = f"SELECT {_COLUMNS} FROM message WHERE id = ?"
        row = self._connection.execute(query, (message_id,)).fetchone()
        return _message(row) if row else None

    def raw(self, message_id: int) -> bytes | None:
        """The bytes of one message as they came over the wire, or None."""
        row = self._connection.execute("SELECT raw FROM message WHERE id = ?", (message_id,)).fetchone()
        return bytes(row[0]) if row else None

    def count(self) -> int:
        """How many messages there are."""
        return int(self._connection.execute("SELECT count(*) FROM message").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


_COLUMNS = "id, received_at, envelope_from, envelope_to, parsed"


def _message(row: tuple[Any, ...]) -> CaughtMessage:
    number, received_at, envelope_from, envelope_to, parsed = row
    return CaughtMessage(
        id=number,
        received_at=datetime.fromisoformat(received_at),
        envelope_from=envelope_from,
        envelope_to=tuple(json.loads(envelope_to)),
        **json.loads(parsed),
    )


def _parse(raw: bytes, mail_from: str, rcpt_tos: Sequence[str]) -> dict[str, Any]:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    headers = _headers(message)
    by_name = {name.lower(): value for name, value in headers.items()}
    return {
        "sender": _addresses(by_name.get("from", "")) or mail_from,
        "to": _addresses(by_name.get("to", "")) or ", ".join(rcpt_tos),
        "subject": by_name.get("subject", ""),
        "headers": headers,
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
    }


def _headers(message: EmailMessage) -> dict[str, str]:
    """Every header decoded; one that comes several times has its values joined by a line break."""
    headers: dict[str, str] = {}
    for name, raw in message.raw_items():
        try:
            value = str(message.policy.header_fetch_parse(name, raw))
        except (MessageError, ValueError, IndexError, AttributeError, TypeError):  # the parser breaks on some nonsense
            value = str(raw)
        value = value.encode("utf-8", "replace").decode()
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    return headers


def _addresses(value: str) -> str:
    return ", ".join(address for _, address in getaddresses([value]) if address)


def _body(message: EmailMessage, kind: str) -> str:
    """The text or HTML part as a person reads it, with plain line breaks; '' when there is none."""
    try:
        part = message.get_body((kind,))
        if part is None:
            return ""
        content = part.get_content()
    except (MessageError, LookupError, ValueError, AttributeError, TypeError):  # an unknown charset, a broken part
        content = raw_payload(part) if part is not None else ""
    return str(content).encode("utf-8", "replace").decode().replace("\r\n", "\n")


def raw_payload(part: Any) -> str:
    """The payload of a part whose charset nobody knows, as far as it can be read."""
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
