"""How pages say times, names and values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from console import words

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=0.4), "now"),
        (timedelta(seconds=17), "in 17 seconds"),
        (timedelta(seconds=89), "in 89 seconds"),
        (timedelta(seconds=100), "in 2 minutes"),
        (timedelta(minutes=89), "in 89 minutes"),
        (timedelta(hours=2), "in 2 hours"),
        (timedelta(hours=35), "in 35 hours"),
        (timedelta(days=2, seconds=-20), "in 2 days"),
        (timedelta(days=21), "in 21 days"),
        (timedelta(days=90), "in 3 months"),
        (timedelta(days=1000), "in 3 years"),
        (-timedelta(seconds=1), "1 second ago"),
        (-timedelta(hours=3), "3 hours ago"),
        (-timedelta(days=5), "5 days ago"),
    ],
)
def test_a_moment_is_said_as_its_distance_in_the_unit_that_fits(away: timedelta, said: str) -> None:
    assert words.relative(NOW + away, NOW) == said


def test_exact_times_name_their_zone_wherever_they_came_from() -> None:
    berlin = datetime(2026, 3, 4, 1, 5, 6, tzinfo=timezone(timedelta(hours=1)))
    assert words.exact(berlin) == "4 Mar 2026, 00:05 UTC"
    assert words.in_full(berlin) == "Wednesday, 4 March 2026, 00:05:06 UTC"
    assert words.machine(berlin) == "2026-03-04T00:05:06Z"


@pytest.mark.parametrize(
    ("row", "called"),
    [
        ({"name": "Grete Hermann", "email": "grete@example.org"}, "Grete Hermann"),
        ({"name": " \u00a0", "email": "grete@example.org"}, "grete@example.org"),
        ({"name": None, "email": None, "external_id": "c-1"}, "c-1"),
        ({"name": None, "email": None, "external_id": None, "customer_id": "abc"}, "customer abc"),
        ({"name": "x" * 10_000}, "x" * 79 + "…"),
    ],
)
def test_customers_are_called_by_the_best_that_is_known(row: dict[str, object], called: str) -> None:
    assert words.who(row) == called


def test_the_second_line_never_repeats_the_first() -> None:
    assert words.also({"name": "Grete", "email": "g@example.org", "external_id": "c-1"}) == "g@example.org"
    assert words.also({"name": "", "email": "g@example.org", "external_id": "c-1"}) == "c-1"
    assert words.also({"name": "", "email": "", "external_id": "c-1"}) == "no address"


@pytest.mark.parametrize(
    ("value", "said"),
    [("pro", "pro"), (True, "yes"), (False, "no"), (None, "nothing"), (7, "7"), ({"é": [1]}, '{"é": [1]}')],
)
def test_values_are_said_without_jargon(value: object, said: str) -> None:
    assert words.plain(value) == said


def test_counting_knows_one_from_many() -> None:
    assert [words.counted(n, "journey") for n in (0, 1, 2_000)] == ["0 journeys", "1 journey", "2,000 journeys"]


def test_a_pace_is_said_as_the_length_of_a_day() -> None:
    assert words.day_takes(8_640) == "10 seconds"
