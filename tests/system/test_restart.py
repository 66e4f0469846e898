"""Everything is stopped in the middle of waits and started again; then Temporal's data is lost."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus

from store.tables import instance, message
from tests.ports import free_port
from tests.system import definitions
from tests.system.installation import ROOT, Installation, purchase
from tests.system.waiting import until
from workers.lineup import ROLES
from workers.mistakes import UserMistake
from workers.rebuild import rebuilt
from workflows.engine import workflow_id

pytestmark = pytest.mark.timeout(240)

SERVICE = ",".join(ROLES)
JOURNEYS = {
    "pausing": """\
start: {on: purchase.completed, if: event.amount == "1", key: event.order_id}
steps:
  - send: before
  - wait: 7 seconds
  - send: behind
  - finish: done
""",
    "waiting": """\
start: {on: purchase.completed, if: event.amount == "2", key: event.order_id}
steps:
  - send: asked
  - wait: {for: nudge.given, up to: 1 hour}
  - send: thanks
  - finish: nudged
""",
}


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """Everything is up; each test has customers of its own."""
    folder = tmp_path_factory.mktemp("restart")
    made = Installation(folder / "data", definitions.write(folder / "definitions", **JOURNEYS))
    await made.prepare()
    await made.start("temporal", "mailbox", SERVICE)
    yield made
    await made.close()


async def test_a_restart_in_the_middle_of_waits_keeps_deadlines_and_repeats_nothing(house: Installation) -> None:
    await house.post_all([purchase(number, amount="1") for number in range(10)])

    async def all_rest() -> bool:
        return await house.resting("pausing") == 10

    await until(all_rest, "ten journeys wait")
    before = await standings(house)
    await house.stop(SERVICE)
    await house.stop("mailbox", "temporal")
    assert await standings(house) == before
    await house.start("temporal", "mailbox", SERVICE)

    async def all_done() -> bool:
        done = select(instance.c.instance_id).where(instance.c.outcome == "done")
        return await house.count(done) == 10

    await until(all_done, "ten journeys end", within=60)
    assert mails(house, "before", "behind") == {
        (f"c-{n}@example.org", w): 1 for n in range(10) for w in ("before", "behind")
    }
    query = select(message.c.instance_id, message.c.created_at).where(message.c.name == "behind")
    early = [row for row in await house.rows(query) if row.created_at < before[row.instance_id][1]]
    assert early == []


async def test_journeys_begin_again_where_they_stood_when_temporals_data_is_lost(house: Installation) -> None:
    await house.post_all([purchase(number, amount="2") for number in range(20, 30)])

    async def all_rest() -> bool:
        return await house.resting("waiting") == 10

    await until(all_rest, "ten journeys wait")
    before = await standings(house)
    await house.stop(SERVICE)
    await house.kill("temporal")
    for file in house.settings.data.glob("temporal.db*"):
        file.unlink()
    await house.start("temporal", SERVICE)

    # An event alone brings its journey back.
    assert await house.post(nudge(20)) == 202
    await until(lambda: nudged(house, 1), "the first journey goes on", within=60)

    # And all others at once by hand.
    counted = "9 instances run: {} were running in Temporal, {} were started again where they stood.\n"
    assert await rebuild(house) == counted.format(0, 9)
    assert await rebuilt(house.settings) == (9, 0)
    client = await house.temporal()
    still = [key for key in before if key in await standings(house)]
    assert len(still) == 9
    for instance_id in still:
        found = await client.get_workflow_handle(workflow_id(instance_id)).describe()
        assert (found.status, found.workflow_type) == (WorkflowExecutionStatus.RUNNING, "waiting")
    after = await standings(house)
    assert {key: after[key] for key in still} == {key: before[key] for key in still}

    assert await house.post_all([nudge(number) for number in range(21, 30)]) == [202] * 9
    await until(lambda: nudged(house, 10), "all go on", within=60)
    assert mails(house, "asked", "thanks") == {
        (f"c-{n}@example.org", w): 1 for n in range(20, 30) for w in ("asked", "thanks")
    }


async def test_rebuild_says_so_when_temporal_is_away(house: Installation) -> None:
    nobody = house.settings.model_copy(update={"temporal_address": f"127.0.0.1:{free_port()}"})
    with pytest.raises(UserMistake, match=rf"^Temporal at {nobody.temporal_address} does not answer \(.+\)\. Start it"):
        await rebuilt(nobody)


def mails(house: Installation, *words: str) -> Counter[tuple[str, str]]:
    """Who got which of these messages, how often."""
    found = Counter((mail.to, mail.subject.split()[0]) for mail in house.mails())
    return Counter({key: times for key, times in found.items() if key[1] in words})


def once(numbers: range, *words: str) -> dict[tuple[str, str], int]:
    """Each of these customers has had each of these messages once."""
    return {(f"c-{number}@example.org", word): 1 for number in numbers for word in words}


def nudge(number: int) -> dict[str, object]:
    return {"id": f"nudge-{number}", "type": "nudge.given", "data": {"customer": {"id": f"c-{number}"}}}


async def nudged(house: Installation, count: int) -> bool:
    return await house.count(select(instance.c.instance_id).where(instance.c.outcome == "nudged")) == count


async def standings(house: Installation) -> dict[str, tuple[object, ...]]:
    """Where each running instance stands, and until when."""
    columns = (instance.c.instance_id, instance.c.step, instance.c.wake_at, instance.c.acked_seq, instance.c.doing)
    rows = await house.rows(select(*columns).where(instance.c.state == "running"))
    return {row[0]: tuple(row[1:]) for row in rows}


async def rebuild(house: Installation) -> str:
    """What the command says."""
    environment = {**os.environ, **house.settings.environment(), "PYTHONPATH": str(ROOT)}
    command = asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "cli", "rebuild", stdout=asyncio.subprocess.PIPE, env=environment
    )
    process = await command
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    return said.decode()
