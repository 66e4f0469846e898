"""Months as lengths: counted on the calendar of the customer, on the same day and at the same time of day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from journey.time import lengths, local
from journey.time.wall import LocalTime, Pace, Wall
from tests.journey.time.test_waits import reasons, told

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("6 months", 6),
        ("1 month", 1),
        ("1 year", 12),
        ("1 year 3 months", 15),
        ("1 year and 1 month", 13),
        ("2 Years", 24),
        ("120 months", 120),
    ],
)
def test_months_and_years_are_a_length(text: str, months: int) -> None:
    assert lengths.parse(text) == lengths.Length(months=months)


@pytest.mark.parametrize(
    "text", ["1.5 months", "1 month 2 days", "2 weeks 1 month", "121 months", "11 years", "1 month x"]
)
def test_other_forms_are_told_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"6 months or 1 year 3 months|longer than ten years"):
        lengths.parse(text)


@given(
    st.integers(0, 36_524 * 1440),
    st.integers(-120, 120),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)
def test_months_are_what_the_calendar_says(minutes: int, months: int, zone: str) -> None:
    where = ZoneInfo(zone)
    instant = datetime(1980, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    wanted = instant.astimezone(where).replace(tzinfo=None) + relativedelta(months=months)
    assert local.months_from(instant, months, where) == local.moment(wanted.date(), wanted.time(), where)


def test_the_last_day_of_a_month_stays_the_last_and_the_hour_stays_the_hour() -> None:
    winter = datetime(2027, 1, 31, 9, tzinfo=BERLIN).astimezone(UTC)
    assert local.months_from(winter, 1, BERLIN) == datetime(2027, 2, 28, 9, tzinfo=BERLIN)
    assert local.months_from(winter, 6, BERLIN) == datetime(2027, 7, 31, 9, tzinfo=BERLIN)
    assert local.months_from(datetime(2028, 2, 29, 12, tzinfo=UTC), -12, BERLIN).date().isoformat() == "2027-02-28"


def test_a_journey_waits_for_months_by_the_customers_calendar() -> None:
    steps = "  - wait: 6 months\n  - send: a\n"
    assert told(steps)[0] == ("2026-09-02 10:00", "a")  # summer time by now: still ten o'clock
    assert told(steps, zone="Asia/Tokyo")[0] == ("2026-09-02 11:00", "a")  # no summer time there
    assert "6 months from now is Wednesday 2 September 2026, 10:00 (Europe/Berlin)." in reasons(steps)


def test_the_longest_wait_for_an_event_may_be_months() -> None:
    steps = "  - wait: {for: answer.given, up to: 1 year 1 month}\n    otherwise:\n      - send: a\n"
    assert told(steps)[0] == ("2027-04-02 10:00", "a")


def test_rounds_may_be_months_apart() -> None:
    steps = "  - repeat: {times: 3, every: 3 months}\n    do:\n      - send: a\n"
    sent = [when for when, text in told(steps) if text == "a"]
    assert sent == ["2026-03-02 10:00", "2026-06-02 10:00", "2026-09-02 10:00"]


@pytest.mark.parametrize("kind", ["statutory", "internal"])
def test_a_clock_may_have_months(kind: str) -> None:
    steps = f"""\
  - clock: {{start: reply, kind: {kind}, due: 1 month}}
    breach:
      - note: Too late.
  - wait: 40 days
"""
    noted = [when for when, text in told(steps) if text.startswith("Too late")]
    assert noted == ["2026-04-02 10:00"]


def test_a_task_may_be_due_in_months_and_be_waited_for_so_long() -> None:
    steps = """\
  - task: look
    title: Look
    team: care
    due: 2 months
    warn: 1 month
    up to: 3 months
    otherwise:
      - send: a
"""
    assert told(steps)[0] == ("2026-06-02 10:00", "a")


def test_an_instance_that_runs_fast_counts_months_on_its_own_clock() -> None:
    began = datetime(2026, 3, 2, 9, tzinfo=UTC)
    wall = Wall(LocalTime(customer="Europe/Berlin"), ("", ""), Pace(began, 1000), began, lambda text, values: None)
    assert wall.after("1 month") == began + timedelta(hours=31 * 24 - 1) / 1000
