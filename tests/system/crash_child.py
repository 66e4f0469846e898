"""One attempt at one message that kills itself at a given point: run by ``test_crashes.py`` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import aiosmtplib
from temporalio.testing import ActivityEnvironment

from activities import smtp
from activities.mail import Mail
from activities.office import Office
from activities.smtp import Mailer, Server
from journey.effects import SendMessage
from journey.work import Work
from store import ledger
from store.database import Database
from store.seal import Seal

COMMANDS = {"after MAIL": b"MAIL", "after RCPT": b"RCPT", "after 354": b"DATA"}


def die() -> None:
    """As if the machine had lost it."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    """Die instead of doing this."""

    async def gone(*_: Any, **__: Any) -> None:
        die()

    setattr(owner, name, gone)


def after(owner: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> None:
    """Die when this has been done."""
    real = getattr(owner, name)

    async def then_gone(*given: Any, **more: Any) -> Any:
        answer = await real(*given, **more)
        if when(*given):
            die()
        return answer

    setattr(owner, name, then_gone)


def arm(point: str) -> None:
    """Put the failpoint in its place."""
    if point in COMMANDS:
        after(aiosmtplib.SMTP, "execute_command", lambda _, verb, *__: verb == COMMANDS[point])
    elif point == "dot sent":
        after_dot()
    elif point == "half the body":
        after_half()
    elif point.startswith("frozen"):
        freeze(dot=point == "frozen at the dot")
    else:
        how, owner, name = POINTS[point]
        how(owner, name)


POINTS: dict[str, tuple[Callable[[Any, str], None], Any, str]] = {
    "before the intent": (before, ledger, "claim"),
    "claimed": (before, Mailer, "transmit"),
    "after EHLO": (after, Mailer, "_connected"),
    "body complete": (before, Mail, "_barrier"),
    "barrier committed": (after, Mail, "_barrier"),
    "answer read": (before, Mail, "_settle"),
    "settled": (after, Mail, "_settle"),
}


def after_dot() -> None:
    """The dot is on the wire, its answer is not read."""
    real = aiosmtplib.SMTP.execute_command

    async def command(client: aiosmtplib.SMTP, *words: bytes, **more: Any) -> Any:
        if words == (b".",):
            transport = client.transport
            assert isinstance(transport, asyncio.WriteTransport)
            transport.write(b".\r\n")
            die()
        return await real(client, *words, **more)

    aiosmtplib.SMTP.execute_command = command  # type: ignore[assignment, method-assign]  # the failpoint


def after_half() -> None:
    """Half of the body is on the wire."""
    real = smtp._envelope

    async def envelope(client: aiosmtplib.SMTP, letter: Any, patience: Any) -> Any:
        await real(client, letter, patience)
        transport = client.transport
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(letter.body[: len(letter.body) // 2])
        die()

    smtp._envelope = envelope


def freeze(*, dot: bool) -> None:
    """Sleep (SIGSTOP) before the barrier, or between the barrier and the dot, until somebody wakes us."""
    real = Mail._barrier

    async def barrier(mail: Mail, taken: Any) -> bool:
        if not dot:
            os.kill(os.getpid(), signal.SIGSTOP)
        passed = await real(mail, taken)
        if dot:
            os.kill(os.getpid(), signal.SIGSTOP)
        return passed

    Mail._barrier = barrier  # type: ignore[method-assign, assignment]  # the failpoint


async def main(url: str, port: str, instance_id: str, name: str, effect: str, point: str) -> None:
    """The attempt."""
    arm(point)
    office = Office(Seal("of the tests"), "https://wayfare.example")
    mail = Mail(Database(url), Mailer(Server("127.0.0.1", int(port), "none")), office)
    work = Work(instance_id=instance_id, effect=SendMessage(id=effect, message=name))
    await ActivityEnvironment().run(mail.send, work.model_dump(mode="json"))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
