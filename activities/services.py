"""Calls to other systems by HTTP: to no address inside unless it is named, no redirects, no long answers.

The address is checked where the connection is made, after the name was looked up, so that a name that leads somewhere
else a moment later is no way in. A call that was cut off may be made again by the next attempt, with the same
``Idempotency-Key``.
"""

import asyncio
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from temporalio import activity
from yarl import URL

from activities.public import PORTS, Inside, is_public
from journey.effects import CallService
from journey.work import Work
from store import record
from store.database import Database

LONGEST_ANSWER = 64 * 1024
NAMED = "secret "
"""How the value of a header begins that names a secret."""
AGENT = "Wayfare"


@dataclass(frozen=True)
class Secret:
    """A header's value that stands in no file of definitions, and the one host that may see it."""

    host: str
    value: str


class Forbidden(OSError):
    """An address where nothing may be called."""


class Unreadable(ValueError):
    """An answer that is too long, packed, or no text."""


class Services:
    """The activity ``call``."""

    def __init__(self, db: Database, inside: Inside | None = None, secrets: Mapping[str, Secret] | None = None) -> None:
        self._db = db
        self._inside = inside or Inside()
        self._secrets = secrets or {}

    @activity.defn(name="call")
    async def call(self, work: dict[str, Any]) -> dict[str, Any]:
        """Write a turn down, and make the call; ``work`` is a Work with a CallService. Whatever the other side does is
        an answer; only a fault of the store is raised."""
        job = Work.model_validate(work)
        effect = job.effect
        assert isinstance(effect, CallService)
        async with self._db.write() as tx:
            await record.write(tx, job)
        try:
            return await self._request(job.instance_id, effect)
        except TimeoutError:
            return _failed("timeout", f"no answer within {effect.timeout:g} seconds")
        except Forbidden as error:
            return _failed("forbidden", str(error))
        except Unreadable as error:
            return _failed("unreadable", str(error))
        except (aiohttp.ClientError, OSError) as error:
            refusal = behind(error)
            return _failed("forbidden", str(refusal)) if refusal else _failed("unreachable", _plain(error))

    async def _request(self, instance_id: str, effect: CallService) -> dict[str, Any]:
        url = URL(effect.url, encoded=True)
        host, port = url.host or "", url.port or 0
        trusted = self._inside.holds(host, port)
        if not trusted and (no := forbidden_port(host, port)):
            raise Forbidden(no)
        headers = self._headers(instance_id, effect, host)
        data = None if effect.body is None else json.dumps(effect.body, ensure_ascii=False).encode()
        async with (
            asyncio.timeout(effect.timeout),
            aiohttp.ClientSession(
                connector=connector(trusted=trusted),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            ) as session,
            session.request(
                effect.method, url, headers=headers, data=data, allow_redirects=False, timeout=aiohttp.ClientTimeout()
            ) as response,
        ):
            return _answer(response.status, await _read(response))

    def _headers(self, instance_id: str, effect: CallService, host: str) -> dict[str, str]:
        """The header lines, secrets put in: each goes to its own host and to no other."""
        found = {"User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
        found["Idempotency-Key"] = f"{instance_id}/{effect.key}"
        if effect.body is not None:
            found["Content-Type"] = "application/json"
        for name, line in effect.headers.items():
            if line.startswith(NAMED):
                secret = self._secrets.get(line.removeprefix(NAMED).strip())
                if secret is None or secret.host.lower() != host.lower():
                    raise Forbidden(f'{name}: there is no secret "{line.removeprefix(NAMED).strip()}" for {host}')
                line = secret.value
            found[name] = line
        return found


def forbidden_port(host: str, port: int) -> str:
    """Why a port is not called; '' if it may be."""
    return "" if port in PORTS else f"port {port} is not called; name {host}:{port} in WAYFARE_CALL_HOSTS to allow it"


def connector(*, trusted: bool) -> aiohttp.TCPConnector:
    """What makes the connections: to any address, or to public ones only."""
    return aiohttp.TCPConnector(socket_factory=_any_socket if trusted else _public_socket, force_close=True)


def _any_socket(info: tuple[Any, ...]) -> socket.socket:
    return socket.socket(family=info[0], type=info[1], proto=info[2])


def _public_socket(info: tuple[Any, ...]) -> socket.socket:
    """The socket for one address that a name led to, if it is a public one."""
    address = str(info[4][0])
    if not is_public(address):
        raise Forbidden(f"{address} is not an address of the public internet")
    return _any_socket(info)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise Unreadable("the answer is packed, although that was not asked for")
    found = bytearray()
    async for part in response.content.iter_chunked(8 * 1024):
        found += part
        if len(found) > LONGEST_ANSWER:
            raise Unreadable(f"the answer is longer than {LONGEST_ANSWER // 1024} KB")
    return bytes(found)


def _answer(status: int, body: bytes) -> dict[str, Any]:
    if 300 <= status < 400:
        return _failed("refused", f"it answers {status}: calls follow no redirects", status)
    if status in (429, 503):
        return _failed("busy", f"it answers {status}", status)
    if status >= 400:
        return _failed("error" if status >= 500 else "refused", f"it answers {status}", status)
    try:
        return {"outcome": "accepted", "value": {"status": status, "body": _body(body)}}
    except ValueError:
        return _failed("unreadable", "the answer is no JSON", status)


def _body(body: bytes) -> Any:
    """JSON as data; an empty answer is nothing. Numbers that are none (NaN) are not taken."""
    text = body.decode("utf-8")
    return json.loads(text, parse_constant=_no_number) if text.strip() else None


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _failed(kind: str, reason: str, status: int | None = None) -> dict[str, Any]:
    return {"outcome": kind, "value": {"reason": reason, **({"status": status} if status else {})}}


def behind(error: BaseException | None) -> Forbidden | None:
    """The refusal of an address that is behind an error of the client, if there is one."""
    while error is not None and not isinstance(error, Forbidden):
        error = getattr(error, "os_error", None) or error.__cause__ or error.__context__
    return error


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
