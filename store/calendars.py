"""Business calendars: every version that was ever published, and which of them are in force."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, tuple_, update

from journey.time.calendar import Calendar
from journey.time.wall import LocalTime, TimesInForce
from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import calendar, company


async def local_time(tx: Tx, zone: str, names: tuple[str, ...], at: datetime) -> LocalTime:
    """What counts as local time for a customer of this zone, around a moment; ``names`` as in ``WantedTime``."""
    row = (await tx.execute(select(company.c.content))).one()
    usual = row.content.get("calendar") or ""
    found = await in_force(tx, {*names, usual} - {""})
    return TimesInForce(row.content.get("time zone") or "", usual, found).of(zone, names, at)


async def times(tx: Tx) -> TimesInForce:
    """What counts as local time, with every calendar in force."""
    row = (await tx.execute(select(company.c.content))).first()
    content = row.content if row else {}
    names = list(await tx.scalars(select(calendar.c.name).where(calendar.c.active.is_(True))))
    return TimesInForce(content.get("time zone") or "", content.get("calendar") or "", await in_force(tx, names))


KEPT = 200
_read: dict[tuple[str, str], Calendar] = {}


async def publish(tx: Tx, calendars: Mapping[str, Calendar]) -> None:
    """Put these in force, and no others. Versions that were used stay, so that it can be told what counted."""
    moment = now()
    rows = [
        {
            "name": name,
            "version": one.version,
            "content": one.model_dump(mode="json"),
            "active": True,
            "published_at": moment,
        }
        for name, one in calendars.items()
    ]
    await insert_new(tx, calendar, rows, ["name", "version"])
    await tx.execute(update(calendar).values(active=False))
    if rows:
        versions = [(row["name"], row["version"]) for row in rows]
        in_force = tuple_(calendar.c.name, calendar.c.version).in_(versions)
        await tx.execute(update(calendar).where(in_force).values(active=True))


async def in_force(tx: Tx, names: Collection[str]) -> dict[str, Calendar]:
    """The calendars of these names that are in force. A version never changes, so a process reads it once."""
    query = select(calendar.c.name, calendar.c.version).where(calendar.c.active.is_(True), calendar.c.name.in_(names))
    versions = [(row.name, row.version) for row in await tx.execute(query)]
    if unread := [version for version in versions if version not in _read]:
        content = select(calendar.c.name, calendar.c.version, calendar.c.content)
        rows = await tx.execute(content.where(tuple_(calendar.c.name, calendar.c.version).in_(unread)))
        if len(_read) > KEPT:
            _read.clear()
        _read.update({(row.name, row.version): Calendar.model_validate(row.content) for row in rows})
    return {version[0]: _read[version] for version in versions}


async def versions(tx: Tx) -> dict[str, str]:
    """The version in force of each calendar, by its name."""
    query = select(calendar.c.name, calendar.c.version).where(calendar.c.active.is_(True)).order_by(calendar.c.name)
    return {row.name: row.version for row in await tx.execute(query)}


async def by_version(tx: Tx, wanted: Collection[str]) -> dict[str, Calendar]:
    """The calendars of these versions, whether they are in force or not."""
    if not wanted:
        return {}
    rows = await tx.execute(select(calendar.c.version, calendar.c.content).where(calendar.c.version.in_(wanted)))
    return {row.version: Calendar.model_validate(row.content) for row in rows}
