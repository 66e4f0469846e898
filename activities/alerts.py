"""Alerts to people of the company, by whatever service they look at (https://github.com/caronc/apprise): Slack, Teams,
Telegram, a pager. At least once each, however long a service is away; the journey does not wait for it.

An address of such a service is a secret: it stands in the environment, in no file, no log and no table.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import apprise
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store import alerts
from store.database import Database

AT_ONCE = 20
POLL_SECONDS = 1.0
SECONDS = 30.0
"""How long a service may take."""

log = logging.getLogger(__name__)
logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it writes addresses into its lines


class Alerts:
    """Tells what is due. ``addresses`` by the names of their variables; those of the operators stand under ''."""

    def __init__(self, db: Database, addresses: Mapping[str, Sequence[str]]) -> None:
        self._db = db
        self._addresses = addresses

    async def run(self) -> None:
        """Tell for ever. A store that is away is waited for."""
        while True:
            try:
                found = await self.some()
            except (DBAPIError, PoolTimeout) as error:
                log.warning("the store is away: %s", getattr(error, "orig", error))
                found = 0
            if not found:
                await asyncio.sleep(POLL_SECONDS)

    async def some(self) -> int:
        """Tell what is due now; returns how many alerts were taken up."""
        async with self._db.write() as tx:
            due = await alerts.take(tx, AT_ONCE)
        await asyncio.gather(*(self._tell(row) for row in due))
        return len(due)

    async def _tell(self, row: dict[str, Any]) -> None:
        problem = await self._problem(row)
        async with self._db.write() as tx:
            if not problem:
                await alerts.told(tx, row["alert_pk"])
            elif await alerts.failed(tx, row, problem):
                log.warning('the alert "%s" is given up: %s', row["key"], problem)

    async def _problem(self, row: dict[str, Any]) -> str:
        """Why it was not taken; '' if it was, or if the operators want no alerts."""
        addresses = self._addresses.get(row["secret"], ())
        if not addresses:
            return f"{row['secret']} is not set where Wayfare runs" if row["secret"] else ""
        service = await asyncio.to_thread(_service, addresses)  # the first one reads a hundred modules
        if service is None:
            return f"an address in {row['secret'] or 'WAYFARE_ALERT_URLS'} is none that apprise knows"
        try:
            async with asyncio.timeout(SECONDS):
                taken = await service.async_notify(body=row["text"], title=row["title"])
        except TimeoutError:
            return f"the service did not answer within {SECONDS:g} seconds"
        return "" if taken else "the service did not take it"


def _service(addresses: Sequence[str]) -> apprise.Apprise | None:
    """What tells these addresses; None if one of them is none."""
    service = apprise.Apprise()
    return service if all(service.add(address) for address in addresses) else None
