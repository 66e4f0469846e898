"""What one provider can take: a rate on average, a little at once, and a schedule for a new sender."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from journey.metering import Full, Meter, take
from journey.policies import Rate, WarmUp

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def rate(**given: Any) -> Rate:
    return Rate.model_validate({key.replace("_", " "): value for key, value in given.items()})


def sent(limit: Rate, start: datetime, seconds: int, meter: Meter | None = None) -> int:
    """How many go when somebody asks a hundred times a second, for so long."""
    meter, count = meter or Meter(), 0
    for tick in range(seconds * 100):
        taken = take(meter, limit, start + timedelta(seconds=tick / 100))
        if isinstance(taken, Meter):
            meter, count = taken, count + 1
    return count


@pytest.mark.parametrize(("text", "seconds", "count"), [("5 per second", 10, 54), ("30 per minute", 60, 30)])
def test_on_average_no_more_go_than_the_provider_takes(text: str, seconds: int, count: int) -> None:
    assert sent(rate(at_most=text), AT, seconds) == count


def test_when_nothing_is_left_it_is_said_when_there_is_again() -> None:
    limit = rate(at_most="1 per minute")
    meter = take(Meter(), limit, AT)
    assert isinstance(meter, Meter)
    full = take(meter, limit, AT + timedelta(seconds=15))
    assert full == Full("the provider takes 1 per minute", AT + timedelta(seconds=60))
    assert isinstance(take(meter, limit, AT + timedelta(seconds=60)), Meter)


def test_a_long_silence_saves_nothing_up() -> None:
    meter = take(Meter(), rate(at_most="2 per second"), AT)
    assert isinstance(meter, Meter)
    assert sent(rate(at_most="2 per second"), AT + timedelta(days=1), 1, meter) == 3


def test_a_new_sender_begins_with_few_a_day_and_has_no_limit_after_the_schedule() -> None:
    schedule = rate(warm_up={"begins": "2026-12-01", "per day": [3, 5]})
    meter, counts = Meter(), []
    for day in range(3):
        count = 0
        for second in range(10):
            taken = take(meter, schedule, AT + timedelta(days=day, seconds=second))
            if isinstance(taken, Meter):
                meter, count = taken, count + 1
            else:
                assert taken.until == datetime(2026, 12, 2 + day, tzinfo=UTC)
        counts.append(count)
    assert counts == [3, 5, 10]


def test_before_the_schedule_begins_its_first_day_counts() -> None:
    warm = WarmUp.model_validate({"begins": "2026-12-01", "per day": [3, 5]})
    assert [warm.limit(date(2026, 11, 30)), warm.limit(date(2026, 12, 2)), warm.limit(date(2026, 12, 3))] == [
        3,
        5,
        None,
    ]


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limit = rate(at_most="1 per second")
    meter = take(Meter(), limit, AT)
    assert isinstance(meter, Meter)
    assert isinstance(take(meter, limit, AT - timedelta(hours=1)), Full)
