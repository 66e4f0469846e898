"""A scenario begun when the clocks change or on a leap day: what differs there is found, and nothing else."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from journey.library import Library
from journey.load import check, load
from journey.odd_days import Oddity, odd_starts, oddities
from journey.rehearsal import BEGAN, begins, play
from tests.journey.folders import COMPANY, folder

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = "calendar: office\ntitle: Office\ntime zone: Europe/Berlin\nhours: {mon-fri: 9:00-17:00}\n"
IN_OFFICE_TIME = """  - wait: {for: answered, up to: 5 business days}
    then: [{send: a}]
    otherwise: [{send: b}]
"""


def library(
    steps: str, events: str = "[]", more: str = "", company: str = "calendar: office\n", **files: str
) -> Library:
    story = f"journey: story\nscenarios:\n  - name: one\n    events: {events}\n{more}    outcome: completed\n"
    texts = {"company.yaml": f"{COMPANY}time zone: Europe/Berlin\ncalendar: office\n", "calendars/office.yaml": OFFICE}
    return load(folder(steps) | texts | {"scenarios/story.yaml": story} | files)


def found(one: Library) -> list[Oddity]:
    scenario = one.scenarios["story"].scenarios[0]
    return list(oddities(one, "story", scenario, play(one, "story", scenario)))


def after(length: str) -> str:
    return f"[{{after: {length}, type: answered}}]"


def test_an_hour_that_is_missing_from_the_week_is_found() -> None:
    usual = library(IN_OFFICE_TIME, after("6 days 23 hours 30 minutes"))
    [spring] = found(usual)
    assert spring.start.at.astimezone(BERLIN) == datetime(2026, 3, 23, 10, tzinfo=BERLIN)
    assert "begun on Monday 23 March 2026 (the clocks go forward that week)" in spring.render()
    assert "► send a" in spring.render()
    assert found(library(IN_OFFICE_TIME, after("6 days 22 hours"))) == []


def test_an_hour_that_comes_twice_is_found() -> None:
    [autumn] = found(library(IN_OFFICE_TIME, after("7 days 30 minutes")))
    assert autumn.start.why == "the clocks go back that week"


def test_a_week_with_a_special_day_may_differ() -> None:
    holiday = OFFICE + "days: {2026-03-27: closed}\n"
    late = after("7 days 12 hours")  # in time only because that Friday is closed
    assert found(library(IN_OFFICE_TIME, late, **{"calendars/office.yaml": holiday})) == []


BY_DATE = """  - choose:
      - if: now > timestamp("2026-03-20T00:00:00Z")
        do: [{send: a}]
      - else: []
"""


def test_a_journey_that_looks_at_the_date_is_found_on_every_odd_day_unless_its_scenario_says_when_it_begins() -> None:
    whys = {oddity.start.why for oddity in found(library(BY_DATE))}
    assert whys == {
        "the clocks go forward that week", "half an hour before the clocks go forward",
        "the clocks go back that week", "half an hour before the clocks go back",
        "29 February is that week", "29 February",
    }  # fmt: skip
    assert found(library(BY_DATE, more="    begins: 2026-03-10 09:00\n")) == []


def test_the_order_counts_and_the_times_do_not() -> None:
    assert found(library("  - send: a\n  - wait: 5 business days\n  - send: b\n")) == []


def test_a_scenario_begins_where_its_customer_lives() -> None:
    more = "    begins: 2026-07-01 09:00\n    customer: {id: c-1, time_zone: Asia/Tokyo}\n"
    one = library("  - send: a\n", more=more)
    at, zone = begins(one, "story", one.scenarios["story"].scenarios[0])
    assert (at, zone) == (datetime(2026, 7, 1, 0, tzinfo=UTC), "Asia/Tokyo")
    usual = library("  - send: a\n")
    assert begins(usual, "story", usual.scenarios["story"].scenarios[0]) == (BEGAN, "Europe/Berlin")


@pytest.mark.parametrize("moment", ["soon", "2026-02-30 09:00", "2026-03-01T09:00+01:00"])
def test_a_beginning_that_is_no_local_time_is_refused(moment: str) -> None:
    story = f"journey: story\nscenarios: [{{name: one, begins: '{moment}', outcome: completed}}]\n"
    _, problems = check(folder("  - send: a\n") | {"scenarios/story.yaml": story})
    said = " ".join(problem.message for problem in problems)
    assert "is not a local date and time; write for example 2026-03-27 09:00" in said


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "UTC"])
def test_the_beginnings_are_at_the_usual_hour_and_weekday_before_the_odd_moment(zone: str) -> None:
    where = ZoneInfo(zone)
    usual = BEGAN.astimezone(where)
    starts = list(odd_starts(zone, BEGAN, same_weekday=True))
    assert len(starts) == (3 if zone not in ("Asia/Tokyo", "UTC") else 1)
    for start in starts:
        there = start.at.astimezone(where)
        assert (there.weekday(), there.time()) == (usual.weekday(), usual.time())
        later = (start.at + timedelta(days=7)).astimezone(where)
        assert later.utcoffset() != there.utcoffset() or "29 February" in start.why
