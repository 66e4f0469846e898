"""The courier: what changes here is told to other systems, by signed webhooks (https://www.standardwebhooks.com) or on
NATS. At least once, with the same id and the same bytes in every try; later and later, and after a day no more. What
happened to one customer is told in its order: a notice waits until the one before it was taken, or is dead.

An address is checked where the connection is made: nothing inside is called unless it is named (WAYFARE_CALL_HOSTS).
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import aiohttp
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from yarl import URL

from activities.public import Inside
from activities.services import AGENT, Forbidden, behind, connector, forbidden_port
from journey.declared.subscriber import Subscriber
from journey.notices import PREFIX
from store import notices
from store.clock import now
from store.database import Database

AT_ONCE = 50
ANSWER_SECONDS = 15.0
POLL_SECONDS = 1.0
GONE = 410
STORE_AWAY = (DBAPIError, PoolTimeout)

log = logging.getLogger(__name__)


class Refused(Exception):
    """A notice was not taken; the text says why."""


class Publisher(Protocol):
    """A broker that keeps what it is given."""

    async def publish(self, subject: str, notice_id: str, body: bytes) -> None:
        """Give it one; returns when it is kept. Raises OSError."""


class Courier:
    """Tells the subscribers. ``secrets`` by the names of their variables, ``source`` is who speaks (our web
    address)."""

    def __init__(
        self,
        db: Database,
        secrets: Mapping[str, Sequence[str]],
        source: str,
        *,
        inside: Inside | None = None,
        broker: Publisher | None = None,
    ) -> None:
        self._db = db
        self._secrets = secrets
        self._source = source
        self._inside = inside or Inside()
        self._broker = broker

    async def run(self) -> None:
        """Tell for ever, every subscriber at its own pace: one that lets us wait slows no other. A store that is away
        is waited for."""
        busy: dict[str, asyncio.Task[int]] = {}
        try:
            while True:
                for name in await self._due():
                    if name not in busy:
                        busy[name] = asyncio.create_task(self._tell_patiently(name))
                if busy:
                    await asyncio.wait(busy.values(), timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                told = sum(task.result() for task in busy.values() if task.done())
                busy = {name: task for name, task in busy.items() if not task.done()}
                if not told:
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            for task in busy.values():
                task.cancel()

    async def _due(self) -> list[str]:
        try:
            async with self._db.read() as tx:
                return await notices.due(tx)
        except STORE_AWAY as error:
            log.warning("the store is away: %s", getattr(error, "orig", error))
            return []

    async def _tell_patiently(self, name: str) -> int:
        try:
            return await self._tell_one(name)
        except STORE_AWAY as error:
            log.warning("the store is away: %s", getattr(error, "orig", error))
            return 0

    async def tell_some(self) -> int:
        """Tell every subscriber some of what is due; returns how many notices were taken up."""
        async with self._db.read() as tx:
            names = await notices.due(tx)
        return sum([await self._tell_one(name) for name in names])

    async def _tell_one(self, name: str) -> int:
        """Some of what is due to one subscriber, at most one notice of each customer, at the same time."""
        async with self._db.write() as tx:
            due = await notices.take(tx, name, AT_ONCE)
            subscribers = await notices.in_force(tx) if due else {}
            for row in due:
                if row["body"] is None:
                    body = json.dumps(self._event(row), ensure_ascii=False, sort_keys=True)
                    await notices.written(tx, row["notice_pk"], body)
                    row["body"] = body
        await asyncio.gather(*(self._tell(row, subscribers.get(name)) for row in due))
        return len(due)

    async def _tell(self, row: dict[str, Any], subscriber: Subscriber | None) -> None:
        try:
            if subscriber is None:
                raise Refused("there is no such subscriber any more")
            status = await self._send(row, subscriber)
        except (Refused, TimeoutError, aiohttp.ClientError, OSError) as error:
            reason = str(behind(error) or error) or f"no answer within {ANSWER_SECONDS:g} seconds"
            async with self._db.write() as tx:
                state = await notices.failed(tx, row, reason)
            if state == "dead":
                log.warning("notice %s to %s is dead: %s", row["notice_id"], row["subscriber"], reason)
            return
        async with self._db.write() as tx:
            if status == GONE:
                await notices.gone(tx, row["subscriber"])
            else:
                await notices.delivered(tx, row["notice_pk"])

    async def _send(self, row: dict[str, Any], subscriber: Subscriber) -> int:
        """The status of the answer; 200 for a broker that has kept it."""
        body = row["body"].encode()
        if not subscriber.subject:
            return await self._post(row["notice_id"], subscriber, body)
        if self._broker is None:
            raise Refused("no broker is named: set WAYFARE_NATS_URL where Wayfare runs")
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._broker.publish(f"{subscriber.subject}.{row['type']}", row["notice_id"], body)
        return 200

    async def _post(self, notice_id: str, subscriber: Subscriber, body: bytes) -> int:
        secrets = self._secrets.get(subscriber.secret or "", ())
        if not secrets:
            raise Refused(f"its secret is not there: set {subscriber.secret} where Wayfare runs")
        url = URL(subscriber.to, encoded=True)
        host, port = url.host or "", url.port or 0
        trusted = self._inside.holds(host, port)
        if not trusted and (no := forbidden_port(host, port)):
            raise Forbidden(no)
        headers = signed(notice_id, body, secrets) | {
            "User-Agent": AGENT,
            "Content-Type": "application/cloudevents+json",
        }
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            aiohttp.ClientSession(
                connector=connector(trusted=trusted), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            if not (200 <= answer.status < 300 or answer.status == GONE):
                raise Refused(f"it answers {answer.status}")
            return answer.status

    def _event(self, row: dict[str, Any]) -> dict[str, Any]:
        customer = row["external_id"] or row["customer_id"]
        about = {name: row[name] for name in ("journey", "instance_id", "entry_key", "outcome") if row[name]}
        return {
            "specversion": "1.0",
            "id": row["notice_id"],
            "source": self._source,
            "type": PREFIX + row["type"],
            "subject": customer,
            "time": row["at"].isoformat(),
            "datacontenttype": "application/json",
            "data": {"customer": {"id": customer}, **about, **row["content"]},
        }


def signed(notice_id: str, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of Standard Webhooks; with two secrets two signatures, while one is exchanged for the other."""
    seconds = str(int(now().timestamp()))
    content = f"{notice_id}.{seconds}.".encode() + body
    signatures = " ".join(f"v1,{_signature(secret, content)}" for secret in secrets)
    return {"webhook-id": notice_id, "webhook-timestamp": seconds, "webhook-signature": signatures}


def _signature(secret: str, content: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("its secret is no base64: write whsec_ and the base64 of 24 to 64 random bytes") from None
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
