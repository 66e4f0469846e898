"""Processes are killed while purchases pour in; afterwards every customer has had everything, and had it once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select
from temporalio.client import Client

from store.tables import customer, instance, message, timeline
from tests.databases import Databases
from tests.system.installation import ALL_ROLES, Installation, purchase
from tests.system.waiting import until
from workflows.engine import workflow_id

pytestmark = pytest.mark.timeout(240)

AT_ONCE = 4
"""How many messages a worker hands over at the same time: so many may be in doubt after each kill."""
JOURNEYS = ("onboarding", "check-in")


@dataclass
class Storm:
    """Purchases by eight clients, and a process that is killed and started again meanwhile."""

    house: Installation
    customers: int
    parts: tuple[str, ...]
    kills: int
    temporal_dies: bool
    chance: random.Random
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def victim(self) -> str:
        """The part with the worker in it."""
        return self.parts[-1]

    async def rage(self) -> None:
        """Everything is up; purchases come, kills come; in the end all rests."""
        await self.house.start("temporal", "mailbox", *self.parts)
        events = [purchase(number) for number in range(self.customers)]
        posting = asyncio.create_task(self.house.post_all(events, pause=0.1))
        for number in range(self.kills):
            await self._progress()
            await self.house.kill(self.victim)
            if self.temporal_dies and number == self.kills // 2:
                await self.house.kill("temporal")
                await self.house.start("temporal")
            await self.house.start(self.victim)
        self.statuses.update(await posting)
        await until(self._calm, "every journey rests", within=150, every=0.25)

    async def _progress(self) -> None:
        """Wait for some more mails and a moment more, so that the kill finds work under way."""
        goal = min(self.house.caught() + self.chance.randint(3, 20), self.customers - 1)

        async def enough() -> bool:
            return self.house.caught() >= goal

        await until(enough, f"{goal} mails", within=60, every=0.01)
        await asyncio.sleep(self.chance.uniform(0, 0.1))

    async def _calm(self) -> bool:
        return [await self.house.resting(name) for name in JOURNEYS] == [self.customers] * 2


@pytest.fixture(scope="module")
async def storms(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Storm]]:
    """Both storms, at the same time: after a kill there is much waiting for leases and time limits."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    folder: Path = tmp_path_factory.mktemp("storms")
    split = Installation(folder / "split")
    whole = Installation(folder / "whole", database_url=databases.migrated("postgresql"))
    made = {
        "split": Storm(split, 200, ("gateway,console", "router,worker"), 4, True, random.Random(seed)),
        "whole": Storm(whole, 30, (ALL_ROLES,), 2, False, random.Random(seed + 1)),
    }
    try:
        for storm in made.values():
            await storm.house.prepare()
        async with asyncio.TaskGroup() as group:
            for storm in made.values():
                group.create_task(storm.rage())
        yield made
    finally:
        await split.close()
        await whole.close()


@pytest.fixture(params=["split", "whole"], ids=["router and worker alone", "all roles in one process, PostgreSQL"])
def storm(request: pytest.FixtureRequest, storms: dict[str, Storm]) -> Storm:
    return storms[request.param]


async def test_every_purchase_was_accepted(storm: Storm) -> None:
    assert storm.statuses == {202: storm.customers}


async def test_every_customer_is_in_each_journey_once(storm: Storm) -> None:
    query = select(instance.c.journey, customer.c.external_id).join(
        customer, customer.c.customer_id == instance.c.customer_id
    )
    found = Counter((row.journey, row.external_id) for row in await storm.house.rows(query))

    assert found == {(name, f"c-{number}"): 1 for name in JOURNEYS for number in range(storm.customers)}


async def test_every_journey_is_one_open_workflow_that_was_started_once(storm: Storm) -> None:
    client = await storm.house.temporal()
    rows = await storm.house.rows(select(instance.c.instance_id).where(instance.c.state == "running"))

    async def listed() -> Counter[tuple[str, str]] | None:
        found = Counter([(run.id, str(run.status and run.status.name)) async for run in client.list_workflows()])
        return found if found.total() >= len(rows) else None

    assert await until(listed, "Temporal lists them") == {(workflow_id(row.instance_id), "RUNNING"): 1 for row in rows}
    assert await _types(client) == dict.fromkeys(JOURNEYS, storm.customers)


async def _types(client: Client) -> dict[str, int]:
    return Counter([run.workflow_type async for run in client.list_workflows()])


async def test_every_welcome_was_sent_once(storm: Storm) -> None:
    states = await storm.house.ledger("welcome")
    mails = Counter(mail.headers["Message-ID"] for mail in storm.house.mails())
    in_doubt = {key for key, state in states.items() if state == "unknown"}

    assert len(states) == storm.customers and set(states.values()) <= {"accepted", "unknown"}
    assert max(mails.values()) == 1 and set(mails) <= set(states)
    assert [key for key, state in states.items() if state == "accepted" and not mails[key]] == []
    assert len(in_doubt) <= storm.kills * AT_ONCE
    print(
        f"{len(mails)} mails of {storm.customers}; in doubt {len(in_doubt)}, of which {len(in_doubt & set(mails))} came"
    )


async def test_whatever_is_in_doubt_stands_on_the_customers_timeline(storm: Storm) -> None:
    doubtful = select(message.c.customer_id).where(message.c.state == "unknown").order_by(message.c.customer_id)
    told = (
        select(timeline.c.customer_id)
        .where(timeline.c.kind == "message", timeline.c.text.contains("may have been sent"))
        .order_by(timeline.c.customer_id)
    )
    assert [*await storm.house.rows(doubtful)] == [*await storm.house.rows(told)]


async def test_nothing_else_was_written_twice(storm: Storm) -> None:
    mine = select(timeline.c.customer_id, timeline.c.text, func.count().label("times")).where(
        timeline.c.kind.in_(("event", "started", "message", "note"))
    )
    rows = await storm.house.rows(mine.group_by(timeline.c.customer_id, timeline.c.text))

    assert [row for row in rows if row.times != 1] == []
