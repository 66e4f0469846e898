"""Calendars in the store: those in force are live, and every version stays."""

from datetime import UTC, datetime

from journey.company import Company
from journey.time.calendar import Calendar
from journey.time.wall import LocalTime
from store import calendars, definitions
from store.database import Database
from tests.store.makers import a_library, rows

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
COMPANY = {"company": "Northlight", "mail from": "hello@northlight.example", "time zone": "Europe/Berlin"}


def a_calendar(name: str = "office", hours: str = "9:00-17:00", **days: str) -> Calendar:
    special = {day.removeprefix("d").replace("_", "-"): text for day, text in days.items()}
    return Calendar(name=name, zone="Europe/Berlin", week=(*[hours] * 5, "closed", "closed"), days=special).stamped()


async def publish(db: Database, *given: Calendar, usual: str | None = "office") -> None:
    company = Company.model_validate({**COMPANY, "calendar": usual})
    library = a_library().model_copy(update={"company": company, "calendars": {one.name: one for one in given}})
    async with db.write() as tx:
        await definitions.publish(tx, library, {})


async def local_time(db: Database, *names: str, zone: str = "") -> LocalTime:
    async with db.read() as tx:
        return await calendars.local_time(tx, zone, names, NOW)


async def test_the_zones_come_as_they_are_written(db: Database) -> None:
    await publish(db)
    assert await local_time(db, zone="Asia/Tokyo") == LocalTime(customer="Asia/Tokyo", company="Europe/Berlin")


async def test_a_calendar_comes_by_its_name_and_the_companys_by_none(db: Database) -> None:
    office, hotline = a_calendar(), a_calendar("hotline", "8:00-20:00")
    await publish(db, office, hotline)
    assert (await local_time(db, "", "hotline")).calendars == {"": office, "hotline": hotline}


async def test_a_calendar_that_is_gone_is_replaced_by_the_companys(db: Database) -> None:
    office = a_calendar()
    await publish(db, office, a_calendar("hotline"))
    await publish(db, office)
    assert (await local_time(db, "hotline")).calendars == {"hotline": office}


async def test_without_any_calendar_none_comes(db: Database) -> None:
    await publish(db, usual=None)
    assert (await local_time(db, "", "office")).calendars == {}


async def test_only_the_special_days_of_the_next_three_years_come_along(db: Database) -> None:
    await publish(db, a_calendar(d2026_04_03="closed", d2036_04_11="closed", d2020_01_01="closed"))
    assert (await local_time(db, "")).calendars[""].days == {"2026-04-03": "closed"}


async def test_a_changed_calendar_counts_at_once_and_the_old_version_stays(db: Database) -> None:
    old, new = a_calendar(), a_calendar(hours="10:00-16:00")
    await publish(db, old)
    assert (await local_time(db, "office")).calendars["office"].week[0] == "9:00-17:00"
    await publish(db, new)
    assert (await local_time(db, "office")).calendars["office"].week[0] == "10:00-16:00"
    kept = {(row["version"], row["active"]) for row in await rows(db, "calendar", name="office")}
    assert kept == {(old.version, False), (new.version, True)}


async def test_going_back_to_an_old_version_puts_it_in_force_again(db: Database) -> None:
    old, new = a_calendar(), a_calendar(hours="10:00-16:00")
    for one in (old, new, old):
        await publish(db, one)
    assert (await local_time(db, "office")).calendars["office"] == old
    assert len(await rows(db, "calendar", name="office")) == 2
