"""The door for mail that comes back: SMTP (RFC 5321), by which the company's mail server hands it over.

250 means committed. While the store is away the answer is 451, and the mail server keeps the mail and comes again. The
same mail handed in twice is kept once. What a mail is about is read in a thread of its own: it may be hostile.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.patience import within
from journey.returned.reading import read
from store import definitions, incoming
from store.database import Database
from store.incoming import Arrived
from store.seal import Seal

LARGEST = 20_000_000
"""Of a mail, in bytes; it is said in the greeting (RFC 1870), and what is larger is refused by that."""
MOST_AT_ONCE = 20
"""Mails that are taken at the same time; whoever comes then is told to come again."""
MOST_RECIPIENTS = 20
PATIENCE_SECONDS = 30.0
IDLE_SECONDS = 120.0

log = logging.getLogger(__name__)


class Door:
    """What the SMTP server asks. ``on_accepted`` is the router's doorbell."""

    def __init__(self, db: Database, seal: Seal, on_accepted: Callable[[], None]) -> None:
        self._db = db
        self._seal = seal
        self._on_accepted = on_accepted
        self._reading = asyncio.Semaphore(2)
        self.sessions = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take mail for the address that letters come back to, in all its forms, and for nobody else."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        try:
            ours = await within(PATIENCE_SECONDS, self._address())
        except Exception as error:  # noqa: BLE001  whatever the driver raises, the mail can come again
            log.warning("mail cannot be taken: %s", str(error).split("\n")[0])
            return "451 4.3.0 the store is away, please come again"
        if ours is None or not _same(address, ours):
            return "550 5.1.1 there is no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 go on"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail, then say so."""
        content = envelope.content or b""
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        sender = _plain(envelope.mail_from or "")
        mail = Arrived(raw, sender, tuple(_plain(str(address)) for address in envelope.rcpt_tos))
        try:
            number = await within(PATIENCE_SECONDS, self._kept(mail))
        except Exception as error:  # noqa: BLE001  whatever it was, nothing was committed, and the mail can come again
            log.warning("a mail could not be kept: %s %s", type(error).__name__, str(error).split("\n")[0])
            return "451 4.3.0 the mail could not be kept, please come again"
        self._on_accepted()
        return f"250 2.0.0 kept as {number}"

    async def _kept(self, mail: Arrived) -> int:
        async with self._reading:
            found = await asyncio.to_thread(read, mail.raw, mail.sender)
        async with self._db.write() as tx:
            return await incoming.keep(tx, mail, found, self._seal)

    async def _address(self) -> str | None:
        async with self._db.read() as tx:
            company = await definitions.the_company(tx)
        return company.returns


def _same(address: str, ours: str) -> bool:
    """Whether an address is ours, with or without a ``+`` and what stands behind it."""
    name, _, domain = address.strip().lower().rpartition("@")
    our_name, _, our_domain = ours.lower().rpartition("@")
    return domain == our_domain and name.partition("+")[0] == our_name


def _plain(address: str) -> str:
    return address.encode("utf-8", "replace").decode().replace("\0", "")


class _Conversation(SMTP):
    """One conversation, which is counted."""

    door: Door

    def connection_lost(self, error: Exception | None) -> None:
        """The end of it, however it comes."""
        self.door.sessions -= 1
        super().connection_lost(error)


class _Full(asyncio.Protocol):
    """There are so many conversations that this one has to wait."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so, and hang up."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.3.2 too many conversations, please come again\r\n")
        transport.close()


@asynccontextmanager
async def open_door(
    db: Database, seal: Seal, host: str, port: int, on_accepted: Callable[[], None] = lambda: None
) -> AsyncIterator[asyncio.Server]:
    """The door, open inside the block. Raises OSError if the port is taken."""
    loop = asyncio.get_running_loop()
    door = Door(db, seal, on_accepted)

    def conversation() -> asyncio.BaseProtocol:
        if door.sessions >= MOST_AT_ONCE:
            return _Full()
        made = _Conversation(
            door,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname="wayfare.invalid",
            ident="Wayfare",
            timeout=IDLE_SECONDS,
            loop=loop,
        )
        made.door = door
        door.sessions += 1
        return made

    server = await loop.create_server(conversation, host, port)
    async with server:
        yield server
