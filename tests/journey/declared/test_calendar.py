"""Business calendars as they are written, and what becomes of them: holidays, half days, iCal files."""

from datetime import UTC, date, datetime

import pytest

from journey.declared import ical, public_holidays
from journey.load import load
from journey.time import business
from journey.time.calendar import Calendar
from tests.journey.folders import folder, shipped

OFFICE = """calendar: office
title: The office
time zone: Europe/Berlin
hours:
  mon-thu: 9:00-12:30, 13:30-17:00
  fri: 9:00-15:00
"""
WORKS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:works
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261228
DTEND;VALUE=DATE:20270102
SUMMARY:Works holidays
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20200511
RRULE:FREQ=YEARLY;UNTIL=20300101T000000Z
EXDATE;VALUE=DATE:20220511
SUMMARY:The founder's birthday
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20260601T100000Z
DTEND:20260601T120000Z
SUMMARY:A meeting
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20260602
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:5
DTSTART;VALUE=DATE:20260706
DURATION:P2D
END:VEVENT
END:VCALENDAR
"""


def office(more: str = "", **files: str) -> Calendar:
    whole = {f"calendars/{name.replace('_', '.')}": text for name, text in files.items()}
    return load({**folder("  - send: a\n"), "calendars/office.yaml": OFFICE + more, **whole}).calendars["office"]


def hours(calendar: Calendar, day: str) -> str:
    """The hours of a day, whether it is special or not."""
    return calendar.days.get(day, calendar.week[date.fromisoformat(day).weekday()])


def test_the_hours_of_the_week_are_those_that_are_written() -> None:
    assert office().week == (*["9:00-12:30, 13:30-17:00"] * 4, "9:00-15:00", "closed", "closed")


def test_holidays_of_a_country_and_of_a_part_of_it_are_closed() -> None:
    assert hours(office("holidays: DE\n"), "2026-12-25") == "closed"
    assert hours(office("holidays: DE\n"), "2026-06-04") == "9:00-12:30, 13:30-17:00"
    assert hours(office("holidays: DE-BY\n"), "2026-06-04") == "closed"  # Corpus Christi
    assert hours(office("holidays: [DE, AT]\n"), "2026-12-08") == "closed"  # the Immaculate Conception


def test_movable_holidays_are_known_for_decades() -> None:
    calendar = office("holidays: DE\n")
    assert [day for day in calendar.days if day.startswith("2060-04")] == ["2060-04-16", "2060-04-19"]  # Easter
    assert min(calendar.days).startswith("2020-")


def test_a_day_of_every_year_only_shortens_a_day_that_is_open() -> None:
    calendar = office("holidays: DE\ndays:\n  12-24: 9:00-12:00\n  10-03: 9:00-12:00\n")
    assert hours(calendar, "2026-12-24") == "9:00-12:00"  # a Thursday
    assert hours(calendar, "2028-12-24") == "closed"  # a Sunday
    assert hours(calendar, "2027-10-03") == "closed"  # a Sunday, and a holiday
    assert hours(calendar, "2029-10-03") == "closed"  # a holiday on a Wednesday


def test_a_day_of_one_year_counts_before_everything_else() -> None:
    calendar = office("holidays: DE\ndays:\n  2026-12-25: 10:00-11:00\n  2026-12-26: 10:00-12:00\n  12-25: closed\n")
    assert hours(calendar, "2026-12-25") == "10:00-11:00"
    assert hours(calendar, "2026-12-26") == "10:00-12:00"


def test_a_leap_day_of_every_year_is_there_in_leap_years_only() -> None:
    special = office("days:\n  02-29: 9:00-10:00\n").days
    assert "2028-02-29" in special
    assert [day for day in special if not day.endswith("02-29")] == []


def test_whole_days_of_an_ical_file_are_closed() -> None:
    calendar = office("ical: works.ics\n", works_ics=WORKS)
    closed = [day for day in calendar.days if day.startswith(("2026", "2027"))]
    assert closed == [
        "2026-05-11", "2026-07-06", "2026-07-07",
        "2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2027-05-11",
    ]  # fmt: skip
    assert "2022-05-11" not in calendar.days
    assert "2020-05-11" in calendar.days
    assert not [day for day in calendar.days if day > "2030"]


def test_events_with_a_time_of_day_are_counted_and_left_out() -> None:
    days, left_out = ical.whole_days(WORKS, 2026, 2026)
    assert left_out == 1
    assert date(2026, 6, 1) not in days


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("", "cannot be read as an iCal file"),
        ("BEGIN:VCALENDAR", "cannot be read as an iCal file"),
        (WORKS.replace("20261228", "2026122"), "cannot be read as an iCal file"),
        (WORKS.replace("DTEND;VALUE=DATE:20270102", "DTEND:20270102T100000Z"), "cannot be read as an iCal file"),
        (WORKS.replace("YEARLY", "SECONDLY"), "daily, weekly, monthly or yearly, and not FREQ=SECONDLY"),
        (WORKS.replace("YEARLY;", "YEARLY;INTERVAL=x;"), "cannot be read"),
        (WORKS.replace("YEARLY;UNTIL=20300101T000000Z", "DAILY").replace("20200511", "10000511"), ""),
    ],
)
def test_an_ical_file_that_cannot_be_read_is_said_and_nothing_worse_happens(wrong: str, told: str) -> None:
    if not told:
        assert len(ical.whole_days(wrong, 2026, 2026)[0]) == 365
        return
    with pytest.raises(ical.UnreadableCalendar, match=told):
        ical.whole_days(wrong, 2020, 2060)


def test_every_place_that_the_library_knows_can_be_named() -> None:
    for place in ("DE-HH", "AT", "CH-ZH", "US-CA", "GB-SCT", "IN", "SA", "JP", "BR-SP"):
        assert len(public_holidays.of(place, 2026, 2027)) > 5, place


def test_years_for_which_the_library_warns_are_read_without_noise() -> None:
    assert date(2058, 9, 23) in public_holidays.of("SA", 2020, 2060)  # warnings are errors in these tests


def test_the_version_of_a_calendar_is_made_of_its_content() -> None:
    assert office().version == office().version != ""
    assert office("holidays: DE\n").version != office().version
    assert office().stamped().version == office().version


def test_the_shipped_office_keeps_its_hours() -> None:
    calendar = shipped().calendars["office"]
    assert shipped().company.calendar == "office"
    assert business.is_open(calendar, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))  # 9:00 in Hamburg
    assert not business.is_open(calendar, datetime(2026, 3, 2, 12, 0, tzinfo=UTC))  # the break
    assert not business.is_open(calendar, datetime(2026, 3, 6, 15, 30, tzinfo=UTC))  # a Friday after four
    assert not business.is_open(calendar, datetime(2026, 4, 3, 9, 0, tzinfo=UTC))  # Good Friday
    friday = datetime(2026, 4, 30, 13, 0, tzinfo=UTC)
    assert business.days_after(calendar, friday, 1).date() == date(2026, 5, 4)  # Labour Day and a weekend
    assert hours(calendar, "2026-10-30") == "9:00-12:30, 13:30-16:00"
    assert hours(calendar, "2025-10-31") == "closed"  # the Day of Reformation, in Hamburg
