"""One recipient, one transaction, and a barrier before the final dot (RFC 5321).

``transmit`` speaks MAIL, RCPT, DATA and the body, then calls the barrier, and only if the barrier says so sends the
terminating dot and reads the answer. Connections are kept and used again.
"""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP, SMTPResponse

from activities.channels.base import Barrier, Outcome
from activities.patience import Patience
from journey.circuit import Fault

RESET_SECONDS = 10.0
"""How long a kept connection has to show that it is alive."""


@dataclass(frozen=True)
class Server:
    """A mail server: smtp://user:password@host:587?tls=starttls|none|auto, or smtps://host:465."""

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit", "auto"] = "auto"
    username: str | None = None
    password: str | None = None

    @classmethod
    def from_url(cls, url: str) -> "Server":
        """Read the address. Raises ValueError with a sentence."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError(f"{parts.scheme}: a mail server is written as smtp://user:password@host:port")
        wanted = parse_qs(parts.query).get("tls", ["auto"])[0]
        if parts.scheme == "smtps":
            wanted = "implicit"
        if wanted not in ("none", "starttls", "implicit", "auto"):
            raise ValueError(f"tls={wanted}: it is none, starttls, implicit or auto")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if wanted == "implicit" else 25),
            tls=wanted,  # type: ignore[arg-type]  # checked above
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class Mailer:
    """Kept connections to one mail server; at most ``connections`` at a time."""

    def __init__(
        self,
        server: Server,
        patience: Patience | None = None,
        connections: int = 4,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self._tls_context = tls_context
        self._server = server
        self._free: list[SMTP] = []
        self._places = asyncio.Semaphore(connections)

    async def transmit(self, sender: str, recipient: str, body: bytes, barrier: Barrier) -> Outcome:
        """Hand one letter over. Never raises for anything the server or the network does."""
        async with self._places:
            try:
                client = await self._connected()
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
                reason = f"no connection to the mail server ({_say(error)})"
                return Outcome("later", getattr(error, "code", None), reason, _fault(error))
            healthy = False
            try:
                letter = _Letter(sender, recipient, body)
                outcome, healthy = await _session(client, letter, barrier, self.patience)
            finally:
                if healthy and client.is_connected:
                    self._free.append(client)
                else:
                    client.close()
            return outcome

    async def _connected(self) -> SMTP:
        while self._free:
            client = self._free.pop()
            try:
                await client.rset(timeout=min(self.patience.command.total_seconds(), RESET_SECONDS))
                return client
            except (aiosmtplib.SMTPException, OSError, TimeoutError):
                client.close()
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls == "implicit",
            start_tls={"starttls": True, "none": False, "implicit": False, "auto": None}[server.tls],
            timeout=self.patience.command.total_seconds(),
            tls_context=self._tls_context,
        )
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        return client

    async def close(self) -> None:
        """Say goodbye on every kept connection."""
        while self._free:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await self._free.pop().quit(timeout=2)


@dataclass(frozen=True)
class _Letter:
    sender: str
    recipient: str
    body: bytes


async def _session(client: SMTP, letter: _Letter, barrier: Barrier, patience: Patience) -> tuple[Outcome, bool]:
    """One transaction on an open connection; also whether the connection may be used again."""
    try:
        refused = await _envelope(client, letter, patience)
        if refused is not None:
            return refused, True
        if not isinstance(client.transport, asyncio.WriteTransport):
            return Outcome("later", None, "the connection to the mail server was lost", "broke off"), False
        client.transport.write(_quoted(letter.body))
        if not await barrier():
            return Outcome("stopped", None, "another attempt has taken over"), False
        if not client.is_connected:
            reason = "the mail server closed before the message was complete"
            return Outcome("later", None, reason, "broke off"), False
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        reason = f"the mail server broke off ({_say(error)})"
        return Outcome("later", getattr(error, "code", None), reason, "broke off"), False
    try:
        answer = await client.execute_command(b".", timeout=patience.dot.total_seconds())
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return Outcome("unknown", None, f"no answer came after the message was handed over ({_say(error)})"), False
    return _after_dot(answer)


async def _envelope(client: SMTP, letter: _Letter, patience: Patience) -> Outcome | None:
    """MAIL, RCPT, DATA; an outcome if one of them is refused."""
    mail = await client.execute_command(b"MAIL", f"FROM:<{letter.sender}>".encode())
    if mail.code >= 400:
        fault: Fault = "ours" if mail.code >= 500 else "broke off"
        return Outcome("later", mail.code, f"the mail server refuses our sender address ({_answer(mail)})", fault)
    rcpt = await client.execute_command(b"RCPT", f"TO:<{letter.recipient}>".encode())
    if rcpt.code >= 400:
        return _refused(rcpt, f"the mail server refuses the recipient ({_answer(rcpt)})")
    data = await client.execute_command(b"DATA", timeout=patience.data.total_seconds())
    if data.code != 354:
        return _refused(data, f"the mail server does not take the message ({_answer(data)})")
    return None


def _refused(answer: SMTPResponse, reason: str) -> Outcome:
    """What a refusal before the message says: of this recipient, or of us (a policy, RFC 3463 x.7.x; relaying; a server
    that is closing, 421), which is no recipient's fault."""
    if answer.code == 421 or answer.message.startswith(("4.7.", "5.7.")) or answer.code in (530, 503):
        return Outcome("later", answer.code, reason, "broke off")
    nobody = answer.code >= 500 and answer.message.startswith("5.1.")
    return Outcome("failed" if answer.code >= 500 else "later", answer.code, reason, nobody_there=nobody)


def _after_dot(answer: SMTPResponse) -> tuple[Outcome, bool]:
    if answer.code < 400:
        words = _answer(answer).split()
        called = words[-1].strip("<>()")[:200] if len(words) > 2 else None  # by what the server calls it
        return Outcome("accepted", answer.code, _answer(answer), remote_id=called), True
    state: Literal["refused", "later"] = "refused" if answer.code >= 500 else "later"
    return Outcome(state, answer.code, f"the mail server refuses the message ({_answer(answer)})"), True


def _fault(error: BaseException) -> Fault:
    """Whose fault it is that there is no connection: a refusal for good, a certificate, or something that our settings
    demand and the server does not offer, is ours to mend."""
    if isinstance(error.__cause__ or error, ssl.SSLCertVerificationError) or (getattr(error, "code", 0) or 0) >= 500:
        return "ours"
    return "ours" if type(error) is aiosmtplib.SMTPException else "unreachable"


def _quoted(body: bytes) -> bytes:
    """CRLF line ends, leading dots doubled, a line end at the end (RFC 5321 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", body)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


def _answer(response: SMTPResponse) -> str:
    return f"{response.code} {' '.join(response.message.split())[:200]}"


def _say(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
