"""The mail catcher: takes every message, keeps it in the data folder, delivers nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import signal

from aiosmtpd.smtp import SMTP, Envelope, Session

from store.mailbox import Mailbox
from workers.mistakes import UserMistake
from workers.settings import Settings

LARGEST_MESSAGE = 10_000_000


class Keeper:
    """What the SMTP server asks when a message has come."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, then say so: 250 means committed."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        number = self._mailbox.add(raw, envelope.mail_from or "", [str(address) for address in envelope.rcpt_tos])
        return f"250 2.0.0 kept as message {number}"


async def catch(settings: Settings, host: str = "127.0.0.1") -> int:
    """Run the catcher until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop.set)
    mailbox = Mailbox(settings.data / "mailbox.db")
    keeper = Keeper(mailbox)
    try:
        server = await loop.create_server(lambda: _protocol(keeper, loop), host, settings.smtp_port, backlog=512)
    except OSError as error:
        reason = "it is in use" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
        raise UserMistake(
            f"the mail catcher cannot listen on port {settings.smtp_port}: {reason}."
            " Choose another with WAYFARE_SMTP_PORT"
        ) from None
    print(f"the mail catcher listens on {host}:{settings.smtp_port} and keeps mail in {settings.data}", flush=True)
    await asked_to_stop.wait()
    server.close()
    mailbox.close()
    return 0


def _protocol(keeper: Keeper, loop: asyncio.AbstractEventLoop) -> SMTP:
    return SMTP(
        keeper,
        data_size_limit=LARGEST_MESSAGE,
        enable_SMTPUTF8=True,
        hostname="mail.wayfare.invalid",
        ident="Wayfare mail catcher",
        loop=loop,
    )
