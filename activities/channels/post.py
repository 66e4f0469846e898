"""One POST with the barrier before its last byte.

A server that was promised a body of so many bytes (Content-Length) and has not got the last one has no whole request
(RFC 9112 section 8): whatever breaks off before that byte was not delivered, as with a mail before its final dot.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from yarl import URL

from activities.channels.base import Barrier, Outcome
from activities.public import Inside
from activities.services import AGENT, LONGEST_ANSWER, Forbidden, behind, connector, forbidden_port
from store.clock import now

PATIENCE = timedelta(minutes=1)
"""How long a provider may take to answer."""
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Answer:
    """What the provider said: the status, the body, and when it wants to be asked again."""

    status: int
    body: bytes
    again_after: timedelta | None = None

    @property
    def said(self) -> dict[str, Any]:
        """The body as an object of JSON; empty if it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Stopped(OSError):
    """The barrier said no."""


@dataclass(frozen=True)
class Poster:
    """Posts to a provider, each time on a connection of its own: one that was kept may be dead, and what is written
    into it is in doubt. ``inside``: what may be reached of one's own network; None: an operator's own address, which
    may lead anywhere."""

    patience: timedelta = PATIENCE
    inside: Inside | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], barrier: Barrier) -> Answer | Outcome:
        """The answer, or what the transmission came to without one."""
        passed: bool | None = None

        async def parts() -> AsyncIterator[bytes]:
            nonlocal passed
            yield body[:-1]
            passed = await barrier()
            if not passed:
                raise Stopped  # which ends the connection: the client wraps it into an error of its own
            yield body[-1:]

        try:
            target, trusted = self._checked(url)
            said = {"User-Agent": AGENT, "Accept-Encoding": "identity", **headers, "Content-Length": str(len(body))}
            async with (
                asyncio.timeout(self.patience.total_seconds()),
                aiohttp.ClientSession(
                    connector=connector(trusted=trusted),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                    trust_env=False,
                    timeout=aiohttp.ClientTimeout(),
                ) as session,
                session.post(target, data=parts(), headers=said, allow_redirects=False) as response,
            ):
                return Answer(response.status, await _some(response), _again_after(response.headers.get("Retry-After")))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if passed is False:
                return Outcome("stopped", None, "another attempt has taken over")
            return _broken(error, passed=passed is True)

    def _checked(self, url: str) -> tuple[URL, bool]:
        """The address, and whether it may lead inside. Raises Forbidden."""
        target = URL(url, encoded=True)
        host, port = target.host or "", target.port or 0
        trusted = self.inside is None or self.inside.holds(host, port)
        if not trusted and (no := forbidden_port(host, port)):
            raise Forbidden(no)
        return target, trusted


def refused(answer: Answer, reason: str, *, for_good: bool, nobody_there: bool = False) -> Outcome:
    """The provider says no to this message, for good or for now; it was asked after the barrier."""
    if for_good:
        return Outcome("refused", answer.status, reason, nobody_there=nobody_there)
    return Outcome("later", answer.status, reason, again_after=answer.again_after)


def by_status(answer: Answer, reason: str) -> Outcome:
    """What a status alone says: 401, 402 and 403 are ours to mend, 408, 429 and 5xx pass, every other 4xx does not."""
    if answer.status in (401, 402, 403) or 300 <= answer.status < 400:
        return Outcome("later", answer.status, reason, "ours")
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return Outcome("later", answer.status, reason, "broke off", again_after=answer.again_after)
    return refused(answer, reason, for_good=True)


def _broken(error: Exception, *, passed: bool) -> Outcome:
    """No answer came. Before the barrier nothing was delivered; after it nobody can say."""
    said = " ".join(str(error).split())[:200] or type(error).__name__
    if passed:
        return Outcome("unknown", None, f"no answer came after the message was handed over ({said})")
    refusal = behind(error)
    if refusal is not None:
        return Outcome("later", None, str(refusal), "ours")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return Outcome("later", None, f"the provider's certificate is not accepted ({said})", "ours")
    unreachable = isinstance(error, aiohttp.ClientConnectorError | TimeoutError)
    where = "no connection to the provider" if unreachable else "the provider broke off"
    return Outcome("later", None, f"{where} ({said})", "unreachable" if unreachable else "broke off")


async def _some(response: aiohttp.ClientResponse) -> bytes:
    """The body, no more of it than anybody reads. The status has been said: a body that breaks off changes nothing."""
    found = bytearray()
    with suppress(aiohttp.ClientError, OSError):
        async for part in response.content.iter_chunked(8 * 1024):
            found += part
            if len(found) > LONGEST_ANSWER:
                break
    return bytes(found[:LONGEST_ANSWER])


def _again_after(line: str | None) -> timedelta | None:
    """Retry-After (RFC 9110 10.2.3): seconds or a date."""
    if not line:
        return None
    try:
        seconds = line.strip().isdigit()
        length = timedelta(seconds=int(line)) if seconds else parsedate_to_datetime(line) - now()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(length, timedelta()), LONGEST_PAUSE)
