"""Dates out of data, with offsets, and lengths of time: the written meaning, case by case."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journey.time import dates, lengths, local, zones
from journey.time.calendar import Calendar
from journey.time.dates import NotADate, Offset, Target

BERLIN = zones.zone("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OFFICE = Calendar(zone="Europe/Berlin", week=(*["9:00-17:00"] * 5, "closed", "closed"), days={"2026-04-03": "closed"})


def of(written: str, value: Any, at: str = "", calendar: Calendar | None = OFFICE) -> str:
    """The local time in Berlin that ``<written> x`` means when x has this value."""
    offset = dates.parse(f"{written} x").offset if written else Offset()
    target = Target(offset, local.time_of_day(at) if at else None, BERLIN, calendar)
    return f"{target.of(value, NOW).astimezone(BERLIN):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("written", "value", "at", "expected"),
    [
        ("", "2026-03-31", "9:00", "2026-03-31 09:00"),
        ("14 days before", "2026-03-31", "9:00", "2026-03-17 09:00"),
        ("1 week after", "2026-03-31", "9:00", "2026-04-07 09:00"),
        ("1 month after", "2026-01-31", "9:00", "2026-02-28 09:00"),
        ("1 month after", "2028-01-31", "9:00", "2028-02-29 09:00"),  # a leap year
        ("1 year after", "2028-02-29", "9:00", "2029-02-28 09:00"),
        ("1 month before", "2026-03-31", "9:00", "2026-02-28 09:00"),
        ("1 year 1 month and 2 days before", "2028-03-31", "9:00", "2027-02-26 09:00"),
        ("3 business days before", "2026-04-07", "9:00", "2026-04-01 09:00"),  # Good Friday and a weekend
        ("2 business days after", "2026-04-02T18:00", "", "2026-04-07 18:00"),
    ],
)
def test_days_weeks_months_and_business_days_are_counted_on_the_calendar(
    written: str, value: str, at: str, expected: str
) -> None:
    assert of(written, value, at) == expected


@pytest.mark.parametrize(
    ("written", "value", "at", "expected"),
    [
        ("", "2026-03-31T10:00:00Z", "", "2026-03-31 12:00"),  # itself, whatever the zone
        ("", "2026-03-31T10:00:00Z", "9:00", "2026-03-31 09:00"),  # its local day, at nine
        ("", "2026-03-31T23:30:00+00:00", "9:00", "2026-04-01 09:00"),  # in Berlin that is the next day
        ("", "2026-03-31T10:00", "", "2026-03-31 10:00"),  # without an offset from UTC: local time
        ("", "2026-03-31 10:00:30", "", "2026-03-31 10:00"),
        ("2 hours before", "2026-03-29T01:30:00Z", "", "2026-03-29 00:30"),  # real hours, over the jump at 2:00
        ("1 day before", "2026-03-29T01:30:00Z", "", "2026-03-28 03:30"),  # the same local time
        ("1 day after", "2026-03-28T02:30", "", "2026-03-29 03:00"),  # which does not exist: the next that does
        ("2 business hours before", "2026-03-30T08:00:00Z", "", "2026-03-27 16:00"),
        ("2 business hours after", "2026-03-30T14:30:00Z", "", "2026-03-31 10:30"),
    ],
)
def test_moments_keep_their_local_time_of_day_unless_one_is_named(
    written: str, value: str, at: str, expected: str
) -> None:
    assert of(written, value, at) == expected


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "nothing is not a date such as 2027-03-31"),
        (20270331, "20270331 is not a date"),
        (True, "True is not a date"),
        ("", '"" is not a date'),
        ("31 March 2027", '"31 March 2027" is not a date such as 2027-03-31'),
        ("2027-02-29", '"2027-02-29" is not a date that there is'),
        ("2027-03-31T25:00", "is not a date that there is"),
        ("2027-03-31", "is a day without a time; at: says the time of day"),
        ("9999-12-31T00:00Z", "is more than ten years away"),
        ("0001-01-01T00:00Z", "is more than ten years away"),
        ("0001-01-01T00:00", "away"),
        (["2027-03-31"], "is not a date"),
        ({"a": 1}, "is not a date"),
        ("2027-03-31T10:00+99:00", "is not a date that there is"),
    ],
)
def test_a_value_that_is_no_date_says_why(value: Any, told: str) -> None:
    with pytest.raises(NotADate) as caught:
        of("", value)
    assert told in str(caught.value)


def test_a_date_at_the_end_of_time_is_too_far_away_and_no_fault() -> None:
    for value in ("9999-12-31", "0001-01-01"):
        for written in ("10 years after", "10 years before", "3650 days after", "500 business days before"):
            with pytest.raises(NotADate, match="away"):
                of(written, value, "9:00")


@pytest.mark.parametrize(
    ("text", "date", "literal"),
    [
        ("start.ends_on", "start.ends_on", False),
        ("14 days before start.ends_on", "start.ends_on", False),
        ("2027-03-31", "2027-03-31", True),
        ("2 weeks before 2027-03-31", "2027-03-31", True),
        ("vars.before", "vars.before", False),
        ('has(start.a) ? start.a : "1 day before x"', 'has(start.a) ? start.a : "1 day before x"', False),
    ],
)
def test_an_offset_stands_before_the_date(text: str, date: str, literal: bool) -> None:
    written = dates.parse(text)
    assert (written.date, written.literal) == (date, literal)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("14 dais before start.x", '"dais" is not a unit of time'),
        ("14 before start.x", '"14" is not an offset; write for example 14 days'),
        ("1.5 days before start.x", "are whole here"),
        ("11 years before start.x", "is longer than ten years"),
        ("2 business weeks before start.x", "is not a length of business time"),
        ("31 March 2027", '"31 March 2027" is not a date such as 2027-03-31; write for example 2027-03-31 or start.'),
        ("2027-02-30", "is not a date that there is"),
    ],
)
def test_an_offset_that_cannot_be_read_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence is what is looked at
        dates.parse(text)
    assert told in str(caught.value)


def test_an_offset_in_hours_leaves_no_room_for_a_time_of_day() -> None:
    assert not dates.parse("2 hours before x").offset.whole_days
    assert not dates.parse("2 business hours before x").offset.whole_days
    assert dates.parse("2 business days before x").offset.whole_days


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("8 business hours", lengths.Length(open_time=timedelta(hours=8))),
        ("1 business day", lengths.Length(days=1)),
        ("90 Business Minutes", lengths.Length(open_time=timedelta(minutes=90))),
        ("1.5 business hours", lengths.Length(open_time=timedelta(minutes=90))),
        ("2 days", lengths.Length(real=timedelta(days=2))),
    ],
)
def test_lengths_are_real_or_business_time(text: str, length: lengths.Length) -> None:
    assert lengths.parse(text) == length
    assert length.business == ("usiness" in text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2 business weeks", "write for example 8 business hours or 3 business days"),
        ("business days", "write for example 8 business hours"),
        ("1 day 2 business hours", "write for example 8 business hours"),
        ("1.5 business days", "business days are whole"),
        ("501 business days", "longer than 500 business days"),
        ("2001 business hours", "longer than 2000 business hours"),
    ],
)
def test_a_length_that_cannot_be_read_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence is what is looked at
        lengths.parse(text)
    assert told in str(caught.value)


def test_no_length_is_over_at_once() -> None:
    for text in ("0 days", "0 business days", "0 business hours"):
        assert lengths.parse(text).nothing
        assert lengths.after(lengths.parse(text), NOW, OFFICE) == NOW


def test_lengths_begin_at_a_moment_and_are_over_at_another() -> None:
    assert lengths.after(lengths.parse("2 days"), NOW) == NOW + timedelta(days=2)
    assert lengths.after(lengths.parse("1 business day"), NOW, OFFICE) == NOW + timedelta(days=1)
    assert lengths.after(lengths.parse("8 business hours"), NOW, OFFICE) == NOW + timedelta(days=1)
