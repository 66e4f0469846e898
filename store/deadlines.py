"""Clocks of running journeys as people look at them: what is due when, what will be breached soon, what was kept."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from journey.clocks import BREACH
from journey.time import lengths
from journey.time.calendar import ORDINARY
from store import calendars, definitions
from store.clock import now
from store.database import Tx
from store.tables import customer, instance
from store.tables import timeline as table

PAGE = 500


@dataclass(frozen=True)
class Deadline:
    """One running clock. ``due_at``: when its time is over if nothing changes any more; None while it stands."""

    name: str
    kind: str
    length: str
    due_at: datetime | None
    breached: bool
    held: str
    instance_id: str
    journey: str
    key: str
    customer_id: str
    customer: str


async def horizon(tx: Tx, length: str) -> datetime:
    """The moment so long from now: real time, or business time by the company's calendar. Raises ``Mistake``."""
    parsed = lengths.parse(length)
    usual = (await definitions.the_company(tx)).calendar or ""
    found = await calendars.in_force(tx, {usual} - {""})
    return lengths.after(parsed, now(), found.get(usual, ORDINARY) if parsed.business else None)


async def running(tx: Tx, *, until: datetime | None = None, journey: str = "") -> list[Deadline]:
    """The clocks of running journeys, the first due first; with ``until`` only those that are breached by then, or
    will be, if nothing happens."""
    found = [one async for one in _all(tx, until, journey)]
    if until is not None:
        found = [one for one in found if one.breached or (one.due_at is not None and one.due_at <= until)]
    last = max((one.due_at for one in found if one.due_at), default=now())
    return sorted(found, key=lambda one: (not one.breached, one.due_at is None, one.due_at or last, one.instance_id))


async def _all(tx: Tx, until: datetime | None, journey: str) -> AsyncIterator[Deadline]:
    """Page by page. An instance that sleeps until after ``until`` has no breach before it."""
    clocks, asides = instance.c.snapshot["clocks"], instance.c.snapshot["asides"]
    columns = (instance.c.instance_id, instance.c.journey, instance.c.entry_key, instance.c.customer_id)
    who = func.coalesce(customer.c.name, customer.c.email, customer.c.external_id, instance.c.customer_id)
    query = (
        select(*columns, clocks.label("clocks"), asides.label("asides"), who.label("who"))
        .join(customer, customer.c.customer_id == instance.c.customer_id)
        .where(instance.c.state == "running", clocks.as_string().is_not(None))
    )
    if until is not None:
        over = instance.c.snapshot["clocks"].as_string().contains(f'"{BREACH}"')
        query = query.where(or_(instance.c.wake_at.is_(None), instance.c.wake_at <= until, over))
    if journey:
        query = query.where(instance.c.journey == journey)
    after = ""
    while True:
        page = query.where(instance.c.instance_id > after).order_by(instance.c.instance_id).limit(PAGE)
        rows = [dict(row) for row in (await tx.execute(page)).mappings()]
        if not rows:
            return
        after = rows[-1]["instance_id"]
        for row in rows:
            for one in _of(row):
                yield one


def _of(row: dict[str, Any]) -> Iterator[Deadline]:
    """The clocks of one instance; one in the middle of its breach has no alarm any more."""
    due = {one["clock"]: one["at"] for one in row["asides"] or () if one.get("clock") and one["what"] == BREACH}
    for name, clock in (row["clocks"] or {}).items():
        yield Deadline(
            name=name,
            kind=clock["kind"],
            length=clock["due"],
            due_at=datetime.fromisoformat(due[name]) if name in due else None,
            breached=BREACH in clock.get("done", ()),
            held=(clock.get("hold") or {}).get("reason", ""),
            instance_id=row["instance_id"],
            journey=row["journey"],
            key=row["entry_key"],
            customer_id=row["customer_id"],
            customer=row["who"],
        )


@dataclass(frozen=True)
class Attained:
    """How often a clock of a journey was kept, and how often not."""

    journey: str
    clock: str
    kept: int
    missed: int

    @property
    def share(self) -> float:
        """The share that was kept, 0 to 1."""
        return self.kept / (self.kept + self.missed)


async def attained(tx: Tx, since: datetime) -> list[Attained]:
    """Of the clocks that were stopped since a moment, or ended with their journey: how many were kept."""
    clock, kept = table.c.detail[("values", "clock")].as_string(), table.c.detail["result"].as_boolean()
    query = (
        select(instance.c.journey, clock.label("clock"), kept.label("kept"), func.count().label("count"))
        .join(instance, instance.c.instance_id == table.c.instance_id)
        .where(table.c.kind == "why", table.c.at >= since, clock.is_not(None), kept.is_not(None))
        .group_by(instance.c.journey, clock, kept)
    )
    counts: dict[tuple[str, str], dict[bool, int]] = {}
    for row in await tx.execute(query):
        counts.setdefault((row.journey, row.clock), {})[bool(row.kept)] = row[3]
    return [Attained(*name, found.get(True, 0), found.get(False, 0)) for name, found in sorted(counts.items())]
