"""The demonstration feed: posts purchases at their pace, and what follows from them when its time has come.

Everything goes over HTTP, as from any other sender. What happens is in `demonstration.py`.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import secrets
import signal
from datetime import UTC, date, datetime
from typing import Any

import aiohttp

from workers.demonstration import Happening, courses, purchases
from workers.folder import api_key
from workers.settings import Settings

FIRST, FIRST_EVERY_S, THEN_EVERY_S = 6, 1.5, 15.0
LONGEST_RETRY_S = 15.0
SOURCE = "/demonstration"
DAY_S = 86_400.0


class Feed:
    """Posts purchases at their pace, and what follows from them when its time has come."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession, rng: random.Random, run: str) -> None:
        self._url = f"{settings.local_url}/v1/events"
        self._headers = {
            "Authorization": f"Bearer {api_key(settings)}",
            "Content-Type": "application/cloudevents+json",
        }
        self._day_s = DAY_S / settings.speed
        self._session = session
        self._rng = rng
        self._run = run
        self._ids = itertools.count(1)
        self._later: list[tuple[float, int, Happening]] = []

    async def run(self) -> None:
        """Feed for ever."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        ways = courses(self._rng)
        for number, purchase in enumerate(purchases(self._run, self._rng, _today), 1):
            await self._post_until(due)
            await self._post("purchase.completed", purchase.data())
            for happening in next(ways)(purchase, self._rng):
                at = loop.time() + happening.days * self._day_s
                heapq.heappush(self._later, (at, next(self._ids), happening))
            due = max(due, loop.time() - THEN_EVERY_S) + (FIRST_EVERY_S if number < FIRST else THEN_EVERY_S)

    async def _post_until(self, due: float) -> None:
        """Post what has followed from earlier purchases, until it is time for the next one."""
        loop = asyncio.get_running_loop()
        while (now := loop.time()) < due:
            if self._later and self._later[0][0] <= now:
                happening = heapq.heappop(self._later)[2]
                await self._post(happening.type, happening.data)
            else:
                upcoming = self._later[0][0] if self._later else due
                await asyncio.sleep(min(due, upcoming) - now)

    async def _post(self, kind: str, data: dict[str, Any]) -> None:
        """Post one event; while the gateway is away, try again with growing pauses. The id stays, so it counts once."""
        event = {
            "specversion": "1.0",
            "id": f"demo-{self._run}-{next(self._ids)}",
            "source": SOURCE,
            "type": kind,
            "time": datetime.now(UTC).isoformat(),
            "data": data,
        }
        pause = 0.5
        while problem := await self._refused(event):
            print(f"{kind} {event['id']}: {problem}; trying again in {pause:g} s", flush=True)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RETRY_S)

    async def _refused(self, event: dict[str, Any]) -> str | None:
        """Post once; a reason to try again, or None when the gateway has taken it or never will."""
        try:
            async with self._session.post(self._url, json=event, headers=self._headers) as answer:
                if answer.status < 400:
                    print(f"{event['type']} {event['id']}: {answer.status}", flush=True)
                    return None
                words = (await answer.text())[:200]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"the gateway is away ({str(error) or type(error).__name__})"
        if answer.status >= 500 or answer.status in {408, 429}:
            return f"the gateway answered {answer.status} {words}"
        print(f"{event['type']} {event['id']}: refused with {answer.status} {words}", flush=True)
        return None


def _today() -> date:
    return datetime.now(UTC).date()


async def feed(settings: Settings) -> int:
    """Run the demonstration until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop.set)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        posting = asyncio.create_task(Feed(settings, session, random.Random(), secrets.token_hex(3)).run())
        stopping = asyncio.create_task(asked_to_stop.wait())
        done, waiting = await asyncio.wait({posting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if posting in done:
            posting.result()  # it only ends by an error, which we must not hide
    return 0
