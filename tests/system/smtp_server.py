"""A mail server that does as it is told: at any stage of a conversation it can refuse, break off, hang or babble."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Literal, Self

Stage = Literal[
    "connect", "ehlo", "starttls", "tls", "ehlo again", "auth", "rset",
    "mail", "rcpt", "data", "body", "last line", "dot", "after",
]  # fmt: skip
Kind = Literal["4xx", "5xx", "close", "hang", "garbage", "half"]

ANSWERS = {"4xx": b"451 4.3.0 come back later\r\n", "5xx": b"554 5.7.1 go away\r\n", "garbage": b"\xff\xfe what?\r\n"}
REFUSALS = {"rcpt": b"550 5.1.1 no such mailbox\r\n", "data": b"554 5.5.1 no valid recipients\r\n"}
"""5xx that is about the recipient, not about us."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong where. ``tls``: instead of the handshake; ``rset``: when a kept connection is used again;
    ``body``: after its first line; ``last line``: before the dot is read; ``dot``: the message is not kept; ``after``:
    it is."""

    stage: Stage
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} at {self.stage}"


@dataclass(frozen=True)
class Kept:
    """A message that was taken, its bytes as they were meant (dots undone)."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def letter(self) -> EmailMessage:
        """The message, parsed."""
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.letter["Subject"])


_SIMPLE: dict[str, tuple[Stage, bytes]] = {
    "AUTH": ("auth", b"235 2.7.0 welcome\r\n"),
    "RSET": ("rset", b"250 ok\r\n"),
    "MAIL": ("mail", b"250 ok\r\n"),
    "RCPT": ("rcpt", b"250 ok\r\n"),
}


class _Gone(Exception):
    """The conversation is over."""


class SmtpServer:
    """Listens on a port of its own. ``fault`` is in force until it is taken away; ``shown`` is set when it was met.
    With ``tls`` it offers STARTTLS, and AUTH behind it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.kept: list[Kept] = []
        self.fault: Fault | None = None
        self.answer: Callable[[str, str], str | None] = lambda stage, line: None
        self.shown = asyncio.Event()
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()

    async def up(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Refuse connections and cut those there are."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    @property
    def subjects(self) -> list[str]:
        """The subjects of what was taken, in order."""
        return [one.subject for one in self.kept]

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            await _Talk(self, reader, writer).run()
        except (_Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._talks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


class _Talk:
    """One connection."""

    def __init__(self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._sender = self._recipient = ""
        self._secure = False

    async def run(self) -> None:
        await self._say("connect", b"220 test\r\n")
        while True:
            line = (await self._reader.readuntil(b"\r\n")).decode("utf-8", "replace").rstrip("\r\n")
            await self._command(line)

    async def _command(self, line: str) -> None:
        verb = line[:4].upper()
        address = line.partition("<")[2].partition(">")[0]
        if verb in ("EHLO", "HELO"):
            await self._say("ehlo again" if self._secure else "ehlo", self._greeting(), line)
        elif verb in _SIMPLE:
            stage, answer = _SIMPLE[verb]
            self._sender = address if verb == "MAIL" else self._sender
            self._recipient = address if verb == "RCPT" else self._recipient
            await self._say(stage, answer, line)
        elif verb in ("STAR", "DATA"):
            await (self._starttls(line) if verb == "STAR" else self._data(line))
        elif verb == "QUIT":
            await self._write(b"221 bye\r\n")
            raise _Gone
        else:
            await self._write(b"250 ok\r\n")

    def _greeting(self) -> bytes:
        if self._server.tls is None:
            return b"250 test\r\n"
        return b"250-test\r\n250 AUTH PLAIN\r\n" if self._secure else b"250-test\r\n250 STARTTLS\r\n"

    async def _starttls(self, line: str) -> None:
        fault = self._server.fault
        await self._say("starttls", b"220 go ahead\r\n", line)
        if fault is not None and fault.stage == "starttls":
            return
        await self._only("tls")
        assert self._server.tls is not None
        await self._writer.start_tls(self._server.tls)
        self._secure = True

    async def _data(self, line: str) -> None:
        fault = self._server.fault
        await self._say("data", b"354 go on\r\n", line)
        if fault is not None and fault.stage == "data" and fault.kind in ("4xx", "5xx", "garbage"):
            return
        raw = bytearray()
        while (part := await self._reader.readuntil(b"\r\n")) != b".\r\n":
            raw += part[1:] if part.startswith(b".") else part
            if len(raw) == len(part):
                await self._only("body")
            if part.startswith(b"--=_") and part.endswith(b"--\r\n"):
                await self._only("last line")
        await self._only("dot")
        self._server.kept.append(Kept(self._sender, self._recipient, bytes(raw)))
        await self._say("after", b"250 2.0.0 kept\r\n", line)

    async def _only(self, stage: Stage) -> None:
        """The fault of this stage, if it is in force; else nothing. What was refused here is not kept."""
        fault = self._server.fault
        if fault is not None and fault.stage == stage:
            await self._fail(fault.kind)
            raise _Gone

    async def _say(self, stage: Stage, answer: bytes, line: str = "") -> None:
        fault = self._server.fault
        if fault is not None and fault.stage == stage:
            await self._fail(fault.kind, answer, REFUSALS.get(stage) if fault.kind == "5xx" else None)
            if stage == "connect":
                raise _Gone
            return
        told = self._server.answer(stage, line)
        await self._write(answer if told is None else told.encode() + b"\r\n")
        if told is not None and stage == "data":
            raise _Gone

    async def _fail(self, kind: Kind, answer: bytes = b"250 ok\r\n", refusal: bytes | None = None) -> None:
        if kind in ANSWERS:
            await self._write(refusal or ANSWERS[kind])
        if kind == "half":
            await self._write(answer[:2])
        self._server.shown.set()
        if kind in ("close", "half"):
            raise _Gone
        if kind == "hang":
            await asyncio.Event().wait()

    async def _write(self, answer: bytes) -> None:
        self._writer.write(answer)
        await self._writer.drain()
