"""What every channel answers: it writes a message as bytes, once, and hands those bytes over, with the ledger's barrier
before the last of them.

To add one: a file here with a class that keeps this contract, a line in ``workers/wiring.py``, its name in
``journey/channels.py``, its part in ``docs/channels.md``, and a fixture in ``tests/contracts/test_channels.py``, whose
tests it must pass.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from journey.circuit import Fault
from journey.messages import Rendered

Barrier = Callable[[], Awaitable[bool]]
"""Commits that the message is about to be handed over; False: it must not be."""


@dataclass(frozen=True)
class Outcome:
    """What a transmission came to.

    accepted: the provider has it. refused: it said no after the barrier. failed: it said no to the recipient before.
    later: nothing was delivered, try again (any temporary refusal, any fault before the barrier, and every refusal
    that is our own fault). unknown: the connection was lost between the barrier and the answer. stopped: the barrier
    said no.
    ``fault``: what is wrong with the way to the provider, if it is not about this message.
    """

    state: Literal["accepted", "refused", "failed", "later", "unknown", "stopped"]
    code: int | None = None
    reason: str = ""
    fault: Fault | None = None
    nobody_there: bool = False
    """The provider says for good that there is nobody at this address, or that they want nothing (for mail: RFC 3463
    5.1.x, RFC 7505 5.1.10)."""
    remote_id: str | None = None
    """What the provider calls the message."""
    again_after: timedelta | None = None
    """When the provider wants to be asked again (Retry-After)."""

    @property
    def status(self) -> str:
        """The enhanced status code (RFC 3463) in the server's words; '' without one."""
        found = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", self.reason)
        return found.group(0) if found else ""


@dataclass(frozen=True)
class Parcel:
    """One message on its way: its key in the ledger (the same in every try), from whom, to whom, and its bytes."""

    key: str
    sender: str
    recipient: str
    body: bytes


class Channel(Protocol):
    """One way to one provider."""

    dedupes: bool
    """Whether it recognises a repetition by the key: then a lost answer is no doubt, and the message is sent again."""

    async def transmit(self, parcel: Parcel, barrier: Barrier) -> Outcome:
        """Hand one message over. Never raises for anything the provider or the network does."""

    async def close(self) -> None:
        """Let go of what is kept open."""


def as_kept(message: Rendered) -> bytes:
    """A message as the ledger keeps it, of every channel but mail."""
    said = {"title": message.subject, "text": message.text.strip(), "html": message.html, "language": message.locale}
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False).encode()


def read(body: bytes) -> dict[str, str]:
    """What ``as_kept`` made: title, text, html, language; each may be missing."""
    said: dict[str, str] = json.loads(body)
    return said
