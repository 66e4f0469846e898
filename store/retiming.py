"""Clocks that run follow the calendars in force: after a publication everybody whose clock counts in another one by now
is told so, by a command in their sequence."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from journey.clocks import BREACH
from journey.commands import Retime
from journey.time.calendar import Calendar
from journey.time.wall import Pace
from store import calendars, instances
from store.clock import now
from store.database import Tx
from store.tables import company, customer, definition, instance

PAGE = 500
_CLOCKS = instance.c.snapshot["clocks"]
_PACE = instance.c.snapshot["pace"].as_float()


async def order(tx: Tx) -> int:
    """Tell every running instance with a clock whose calendar is another one by now; returns how many were told."""
    known = await calendars.versions(tx)
    usual = (await tx.execute(select(company.c.content))).scalar_one_or_none() or {}
    in_force = known | {"": known.get(usual.get("calendar") or "", "")}
    told, after = 0, ""
    while rows := await _page(tx, after):
        for row in rows:
            after = row["instance_id"]
            if _behind(row["clocks"] or {}, row["calendar"] or "", in_force):
                given = Retime(at=now(), reason="the calendars have changed")
                await instances.command(tx, after, given, soon=True)
                told += 1
    return told


async def _page(tx: Tx, after: str) -> list[dict[str, Any]]:
    """Running instances with clocks, by their ids."""
    query = (
        select(
            instance.c.instance_id,
            _CLOCKS.label("clocks"),
            definition.c.plan["calendar"].as_string().label("calendar"),
        )
        .join(definition, definition.c.hash == instance.c.def_hash)
        .where(instance.c.state == "running", instance.c.instance_id > after, _CLOCKS.as_string().is_not(None))
    )
    rows = await tx.execute(query.order_by(instance.c.instance_id).limit(PAGE))
    return [dict(row) for row in rows.mappings()]


def _behind(clocks: dict[str, Any], of_journey: str, in_force: dict[str, str]) -> bool:
    """Whether one of them counts in a calendar that is not in force any more."""
    counting = [clock for clock in clocks.values() if BREACH not in clock.get("done", ())]
    return any(
        in_force.get(clock["calendar"] or of_journey, in_force[""]) != clock.get("version", "")
        for clock in counting
        if clock.get("calendar") is not None
    )


async def what_counts(tx: Tx, instance_id: str) -> dict[str, Any]:
    """What counts as local time for an instance from now on, and the calendars by which its clocks have counted, by
    their versions: what ``Retime`` and ``Migrate`` say of it."""
    query = select(customer.c.time_zone, _CLOCKS.label("clocks"), _PACE.label("pace"), instance.c.started_at)
    query = query.join(instance, instance.c.customer_id == customer.c.customer_id)
    row = (await tx.execute(query.where(instance.c.instance_id == instance_id))).one()
    shown = Pace(row.started_at, row.pace or 1.0).shown(now())
    local = await calendars.local_time(tx, row.time_zone or "", ("", *await calendars.versions(tx)), shown)
    versions = {clock.get("version", "") for clock in (row.clocks or {}).values()} - {""}
    was = await calendars.by_version(tx, versions)
    return {
        "local": local.model_dump(mode="json", exclude_defaults=True),
        "was": {version: _slim(one, shown) for version, one in was.items()},
    }


def _slim(calendar: Calendar, moment: datetime) -> dict[str, Any]:
    return calendar.around(moment).model_dump(mode="json", exclude_defaults=True)
