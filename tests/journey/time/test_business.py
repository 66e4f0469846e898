"""Opening hours, business hours and business days: the written meaning, case by case."""

from datetime import UTC, date, datetime, timedelta

import pytest

from journey.time import business, hours, zones
from journey.time.calendar import FAR, Calendar, backward, of_window, onward

BERLIN = zones.zone("Europe/Berlin")
OFFICE = Calendar(
    zone="Europe/Berlin",
    week=(*["9:00-12:30, 13:30-17:00"] * 4, "9:00-15:00", "closed", "closed"),
    days={"2026-04-03": "closed", "2026-04-06": "closed", "2026-12-24": "9:00-12:00"},
)


def at(text: str) -> datetime:
    """A local time in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def shown(moment: datetime) -> str:
    return f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-02 09:00", 3.5, "2026-03-02 12:30"),  # to the last minute before the break, not to its end
        ("2026-03-02 09:00", 4, "2026-03-02 14:00"),  # over the break
        ("2026-03-02 16:00", 2, "2026-03-03 10:00"),  # over the night
        ("2026-03-06 14:00", 2, "2026-03-09 10:00"),  # over the weekend
        ("2026-03-07 11:00", 1, "2026-03-09 10:00"),  # from a closed day
        ("2026-04-02 16:00", 2, "2026-04-07 10:00"),  # over Easter
        ("2026-03-27 14:00", 2, "2026-03-30 10:00"),  # over the night when the clocks change
        ("2026-12-24 11:00", 2, "2026-12-25 10:00"),  # a half day
        ("2026-03-02 18:00", 0, "2026-03-02 18:00"),  # no time is no time
    ],
)
def test_business_hours_pass_only_while_it_is_open(start: str, length: float, end: str) -> None:
    assert shown(business.after(OFFICE, at(start), timedelta(hours=length))) == end


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-03-02 10:15", 1, "2026-03-03 10:15"),
        ("2026-03-02 10:15", 3, "2026-03-05 10:15"),
        ("2026-03-02 18:30", 3, "2026-03-05 17:00"),  # after hours: the closing of the third business day
        ("2026-03-02 07:00", 1, "2026-03-03 09:00"),  # before hours: its opening
        ("2026-03-02 13:00", 1, "2026-03-03 13:30"),  # in the break: the end of the break
        ("2026-03-02 12:30", 1, "2026-03-03 12:30"),  # the closing itself still belongs to the hours
        ("2026-03-05 16:00", 1, "2026-03-06 15:00"),  # a short Friday
        ("2026-03-06 14:00", 1, "2026-03-09 14:00"),  # a weekend
        ("2026-03-07 12:00", 1, "2026-03-09 12:00"),  # Saturday does not count, Monday is the first
        ("2026-04-02 10:00", 1, "2026-04-07 10:00"),  # Good Friday and Easter Monday
        ("2026-03-04 10:00", -2, "2026-03-02 10:00"),
        ("2026-04-07 10:00", -1, "2026-04-02 10:00"),
    ],
)
def test_business_days_keep_the_time_of_day_within_the_hours_of_the_day(start: str, count: int, end: str) -> None:
    assert shown(business.days_after(OFFICE, at(start), count)) == end


def test_three_business_days_after_its_receipt_a_complaint_is_due_at_the_close_of_business_at_the_latest() -> None:
    for hour in range(24):
        due = business.days_after(OFFICE, at("2026-03-02 00:00") + timedelta(hours=hour), 3)
        assert at("2026-03-05 09:00") <= due <= at("2026-03-05 17:00")


def test_business_hours_before_a_moment_are_counted_backwards() -> None:
    assert shown(business.before(OFFICE, at("2026-03-03 10:00"), timedelta(hours=2))) == "2026-03-02 16:00"
    assert shown(business.before(OFFICE, at("2026-03-07 12:00"), timedelta(hours=6))) == "2026-03-06 09:00"


def test_it_opens_at_the_opening_and_is_closed_at_the_closing() -> None:
    assert business.is_open(OFFICE, at("2026-03-02 09:00"))
    assert not business.is_open(OFFICE, at("2026-03-02 12:30"))
    assert shown(business.next_open(OFFICE, at("2026-03-02 12:30"))) == "2026-03-02 13:30"
    assert shown(business.next_open(OFFICE, at("2026-03-02 10:10"))) == "2026-03-02 10:10"


def test_hours_that_the_clocks_jump_over_are_not_there() -> None:
    night = Calendar(zone="Europe/Berlin", week=(*["closed"] * 6, "2:15-2:45"))
    assert not business.is_business_day(night, date(2026, 3, 29))
    assert shown(business.next_open(night, at("2026-03-28 12:00"))) == "2026-04-05 02:15"
    assert shown(business.days_after(night, at("2026-03-25 02:20"), 1)) == "2026-04-05 02:20"


def test_hours_that_come_twice_count_once_and_hours_around_them_count_in_full() -> None:
    twice = Calendar(zone="Europe/Berlin", week=(*["closed"] * 6, "2:00-2:30, 2:45-3:00"))
    around = Calendar(zone="Europe/Berlin", week=(*["closed"] * 6, "1:00-4:00"))
    day = (at("2026-10-25 00:00"), at("2026-10-26 00:00"))
    assert business.between(around, *day) == timedelta(hours=4)
    assert business.between(twice, *day) == timedelta(minutes=30 + 75)  # the closing at 3:00 comes after both


def test_a_clock_that_is_set_back_over_midnight_does_not_hide_the_new_days_hours() -> None:
    # In St. John's it became 23:01 of the day before at 0:01.
    late = Calendar(zone="America/St_Johns", week=(*["closed"] * 6, "0:00-0:30"))
    start = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)  # 0:00 for the first time
    moment = start + timedelta(minutes=20)  # the wall shows 23:20 of Saturday
    assert next(onward(late, moment)).start == moment
    assert next(backward(late, moment)).start == start


def test_an_endless_search_ends_after_ten_years() -> None:
    leap = Calendar(zone="UTC", week=("0:00-0:01", *["closed"] * 6))
    start = datetime(2026, 3, 2, tzinfo=UTC)
    assert business.after(leap, start, timedelta(hours=100)) == start + FAR
    assert business.before(leap, start, timedelta(hours=100)) == start - FAR
    never = Calendar(zone="UTC", week=("closed",) * 7)
    assert business.next_open(never, start) == start + FAR
    assert business.day(never, start.date(), 3) == start.date() + FAR


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("mon-fri 9:00-17:00", ["9:00-17:00"] * 5 + ["closed"] * 2),
        ("9:00-17:00", ["9:00-17:00"] * 7),
        ("daily 8-20", ["8:00-20:00"] * 7),
        (
            "Mon-Thu 9:00-12:30, 13:30-17:00; fri 9:00 - 15:00",
            ["9:00-12:30, 13:30-17:00"] * 4 + ["9:00-15:00"] + ["closed"] * 2,
        ),
        ("sat, sun all day", ["closed"] * 5 + ["0:00-24:00"] * 2),
        ("fri-mon 10:00-12:00", ["10:00-12:00"] + ["closed"] * 3 + ["10:00-12:00"] * 3),
        ("sat 9:00-12:00 and 14:00-17:00", ["closed"] * 5 + ["9:00-12:00, 14:00-17:00", "closed"]),
        ("monday 9 to 10; tuesday closed", ["9:00-10:00"] + ["closed"] * 6),
        ("mon\N{EN DASH}tue 9:00\N{EN DASH}10:00", ["9:00-10:00"] * 2 + ["closed"] * 5),
    ],
)
def test_days_and_hours_are_read_as_people_write_them(text: str, week: list[str]) -> None:
    assert list(of_window(text, "UTC").week) == week


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mon-fri", '"mon-fri" does not say days and hours; write for example mon-fri 9:00-17:00'),
        ("", '"" does not say days and hours'),
        ("mun 9:00-17:00", '"mun" is not a day; write mon, tue, wed'),
        ("mon 9:00-25:00", "the day goes from 0:00 to 24:00"),
        ("mon 9:61-10:00", "the day goes from 0:00 to 24:00"),
        (
            "mon 22:00-6:00",
            "ends before it begins; for hours over midnight write 22:00-24:00 on this day and 0:00-6:00",
        ),
        ("mon 22:00-0:00", "ends before it begins; the end of a day is 24:00"),
        ("mon 9:00-12:00, 11:00-17:00", "11:00-17:00 begins before 9:00-12:00 is over; write them in order"),
        ("mon-fri 9:00-17:00; wed 9:00-12:00", "Wednesday is written twice"),
        ("mon closed", "it is never open"),
        ("mon 9:00", '"9:00" is not a span of hours; write for example 9:00-17:00, or closed'),
    ],
)
def test_what_is_no_window_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence is what is looked at
        hours.week(text)
    assert told in str(caught.value)


def test_a_journey_takes_along_the_special_days_of_the_last_year_and_of_three_years_more() -> None:
    days = {f"{year}-12-25": "closed" for year in range(2020, 2061)}
    calendar = Calendar(zone="UTC", week=("9:00-17:00",) * 7, days=days, version="abc")
    taken = calendar.around(datetime(2026, 12, 27, tzinfo=UTC))
    assert list(taken.days) == ["2025-12-25", "2026-12-25", "2027-12-25", "2028-12-25", "2029-12-25"]
    assert taken.version == "abc"
