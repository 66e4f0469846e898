"""What comes next for one customer, over all journeys: what the definitions say, open tasks, and messages that wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from journey.outlook import MESSAGE, TASK, Expected, on_one_day, outlook
from journey.state import State
from journey.time import zones
from store import calendars, customers, definitions
from store.clock import now
from store.database import Tx
from store.tables import instance, message, task

HORIZON = timedelta(days=30)
MOST_JOURNEYS = 20


@dataclass(frozen=True)
class Next:
    """One thing to come, of which journey and instance; ``clash`` says what else comes on its day."""

    journey: str
    instance_id: str
    expected: Expected
    clash: str = ""


async def of(tx: Tx, customer_id: str, horizon: timedelta = HORIZON) -> list[Next]:
    """Everything that is expected within the horizon, in order."""
    moment = now()
    until = moment + horizon
    known = await customers.known(tx, customer_id)
    times = await calendars.times(tx)
    found: list[tuple[str, str, Expected]] = []
    for row in await _running(tx, customer_id):
        journey = await definitions.pinned(tx, row["def_hash"])
        state = State.model_validate(row["snapshot"])
        found += [
            (row["journey"], row["instance_id"], one)
            for one in outlook(journey, state, known, until, times)
            if one.at >= moment - timedelta(minutes=1)
        ]
    found += await _held(tx, customer_id, until)
    found += await _tasks(tx, customer_id, until)
    found.sort(key=lambda one: one[2].at)
    zone = zones.zone(str(known.get("time_zone") or "") or times.zone or "UTC")
    clashes = on_one_day([(journey, expected) for journey, _, expected in found], zone)
    return [Next(*one, clashes.get(number, "")) for number, one in enumerate(found)]


async def _running(tx: Tx, customer_id: str) -> list[dict[str, Any]]:
    columns = (instance.c.instance_id, instance.c.journey, instance.c.def_hash, instance.c.snapshot)
    mine = (instance.c.customer_id == customer_id) & (instance.c.state == "running") & (instance.c.acked_seq > 0)
    query = select(*columns).where(mine, instance.c.paused_at.is_(None)).order_by(instance.c.started_at)
    rows = await tx.execute(query.limit(MOST_JOURNEYS))
    return [dict(row) for row in rows.mappings() if row["snapshot"] is not None]


async def _held(tx: Tx, customer_id: str, until: datetime) -> list[tuple[str, str, Expected]]:
    """Messages that wait and are looked at again at a moment."""
    columns = (message.c.name, message.c.due_at, message.c.reason, instance.c.journey, instance.c.instance_id)
    query = select(*columns).join(instance, instance.c.instance_id == message.c.instance_id)
    mine = (message.c.customer_id == customer_id) & (message.c.state == "held") & (message.c.due_at <= until)
    return [
        (row.journey, row.instance_id, Expected(max(row.due_at, now()), MESSAGE, row.name, "", (_waits(row.reason),)))
        for row in await tx.execute(query.where(mine))
    ]


def _waits(reason: str | None) -> str:
    return f"if nothing holds it any more ({reason})" if reason else "if nothing holds it any more"


async def _tasks(tx: Tx, customer_id: str, until: datetime) -> list[tuple[str, str, Expected]]:
    columns = (task.c.title, task.c.due_at, instance.c.journey, instance.c.instance_id)
    query = select(*columns).join(instance, instance.c.instance_id == task.c.instance_id)
    mine = (task.c.customer_id == customer_id) & (task.c.state == "open") & (task.c.due_at <= until)
    return [
        (row.journey, row.instance_id, Expected(row.due_at, TASK, row.title, "", ()))
        for row in await tx.execute(query.where(mine))
    ]
