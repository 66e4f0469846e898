"""Segments: who is in, and when that may change by itself. Loyalty: points and tiers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import customer
from journey.record.habits import Bought, habits
from journey.record.loyalty import Booking, Earning, Loyalty, account, points_for, standing
from journey.record.loyalty import turns as loyalty_turns
from journey.record.rules import NONE, Rules
from journey.record.segments import Segment, due, members

NOW = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME = Loyalty.model_validate(
    {
        "currency": "EUR",
        "points per unit": 2,
        "first purchase": 50,
        "bonus": [{"product": "lamp", "points": 10}],
        "expire": "100 days",
        "tier window": "30 days",
        "tiers": [{"tier": "silver", "from": 100}, {"tier": "gold", "from": 300}],
    }
)


def segment(condition: str, name: str = "some") -> Segment:
    return Segment.model_validate({"segment": name, "title": name, "if": condition})


def is_in(condition: str, record: dict[str, Any], at: datetime, rules: Rules = NONE) -> bool:
    return bool(members([segment(condition)], customer.facts(record, rules, at), at))


def bought(*days_ago: float) -> dict[str, Any]:
    return habits([Bought(NOW - days * DAY, Decimal(10), "EUR") for days in days_ago])


def test_a_customer_is_in_every_segment_whose_condition_is_met_and_a_gap_is_no() -> None:
    segments = [segment('customer.plan == "pro"', "b"), segment("customer.orders > 0", "a"), segment("customer.x", "c")]

    assert members(segments, {"plan": "pro", "orders": 1}, NOW) == ["a", "b"]
    assert members(segments, {"orders": 0}, NOW) == []


def test_a_condition_that_does_not_depend_on_the_day_is_never_due() -> None:
    assert due([segment("customer.orders > 3")], {"derived": bought(10), "read_at": NOW}, NOW) is None


CONDITIONS = [
    "customer.days_since_purchase > 90",
    "customer.days_since_purchase >= 30 && customer.days_since_purchase < 60",
    "45 <= customer.days_since_purchase",
    "customer.days_since_purchase == 7 || customer.days_since_purchase == 200",
    "has(customer.days_since_purchase) && customer.days_since_purchase * 2 > 100",
    "customer.days_since_purchase % 10 == 3",
    'customer.churn_risk == "medium"',
    'customer.churn_risk in ["high"]',
    "customer.orders_last_year >= 2",
    "customer.age >= 18",
    "customer.age > 65 || customer.age < 18",
    "customer.age % 10 == 0",
    "customer.points > 100",
    'has(customer.tier) && customer.tier == "silver"',
    'now > timestamp("2027-02-01T00:00:00Z")',
    "now.getDayOfWeek() == 1",
]


@pytest.mark.parametrize("condition", CONDITIONS)
@settings(max_examples=12, deadline=None)
@given(days=st.lists(st.integers(0, 700), max_size=4), born=st.dates(date(1930, 1, 1), date(2026, 1, 1)))
def test_between_now_and_the_moment_it_is_due_no_condition_turns(condition: str, days: list[int], born: Any) -> None:
    rules = Rules(loyalty=PROGRAMME)
    earnings = [Earning(NOW - one * DAY, Decimal(40), "EUR", {}) for one in days]
    derived = bought(*days) | account(PROGRAMME, earnings, [])
    record = {"birth_date": born.isoformat(), "derived": derived}
    until = due([segment(condition)], {**record, "loyalty": PROGRAMME, "read_at": NOW}, NOW) or NOW + 800 * DAY
    before = is_in(condition, record, NOW, rules)
    first = NOW.replace(hour=0, minute=0) + DAY
    moments = [NOW + number * DAY for number in range(1, 30)] + [first + number * DAY for number in range(30)]
    moments += [NOW + number * 13 * DAY for number in range(1, 60)] + [until - timedelta(seconds=1)]

    for moment in moments:
        if NOW <= moment < until:
            assert is_in(condition, record, moment, rules) == before, moment


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ("customer.days_since_purchase > 90", 81),
        ("customer.days_since_purchase >= 90", 80),
        ("customer.orders_last_year >= 1", 355),
    ],
)
def test_it_is_asked_again_at_the_very_moment_and_not_every_day(condition: str, days: int) -> None:
    record = {"derived": bought(10), "read_at": NOW}
    moment = due([segment(condition)], record, NOW)

    assert moment is not None and abs(moment - (NOW + days * DAY)) <= DAY
    assert is_in(condition, record, moment - timedelta(seconds=1)) != is_in(condition, record, moment + DAY)


# Loyalty


def earning(days_ago: float, paid: str = "100.00", currency: str = "EUR", **kept: int) -> Earning:
    return Earning(NOW - days_ago * DAY, Decimal(paid), currency, kept)


def seen(earnings: list[Earning], bookings: list[Booking] | None = None, at: datetime = NOW) -> dict[str, Any]:
    return standing(PROGRAMME, account(PROGRAMME, earnings, bookings or []), at)


def test_a_purchase_earns_by_whole_units_with_extras() -> None:
    assert points_for(PROGRAMME, earning(0, "10.99", lamp=2), first=False) == 21 + 20
    assert points_for(PROGRAMME, earning(0, "10.00"), first=True) == 20 + 50
    assert points_for(PROGRAMME, earning(0, "10.00", "CHF", lamp=1), first=False) == 10
    assert points_for(PROGRAMME, earning(0, "-5.00"), first=True) == 0


def test_what_was_refunded_earned_nothing() -> None:
    assert seen([earning(1, "100.00")])["points"] == 250
    assert seen([earning(1, "40.00")])["points"] == 130, "a part of it came back"
    assert seen([])["points"] == 0


def test_the_oldest_points_are_spent_first_and_never_below_nothing() -> None:
    earnings = [earning(90, "100.00"), earning(10, "50.00")]

    assert seen(earnings, [Booking(NOW - 5 * DAY, -260)])["points"] == 90
    assert seen(earnings, [Booking(NOW - 5 * DAY, -260)], NOW + 20 * DAY)["points"] == 90, "what expires is spent"
    assert seen(earnings, [Booking(NOW - 5 * DAY, -9_999)])["points"] == 0
    assert seen(earnings, [Booking(NOW - 50 * DAY, -300)])["points"] == 100, "what was not there yet was not spent"
    assert seen([], [Booking(NOW - DAY, 30), Booking(NOW, -10)])["points"] == 20


def test_points_expire_at_their_moment() -> None:
    earnings = [earning(0, "100.00")]
    last = NOW + 100 * DAY

    assert seen(earnings, at=last - timedelta(seconds=1))["points"] == 250
    assert seen(earnings, at=last)["points"] == 0
    assert last in loyalty_turns(account(PROGRAMME, earnings, []), PROGRAMME)


def test_a_tier_counts_what_was_earned_in_its_window_whatever_was_spent() -> None:
    earnings = [earning(20, "60.00"), earning(1, "40.00")]

    assert seen(earnings, [Booking(NOW, -100)]) == {"points": 150, "tier": "silver", "points_to_next_tier": 50}
    later = seen(earnings, at=NOW + 15 * DAY)
    assert "tier" not in later and later["points_to_next_tier"] == 20
    assert seen([earning(1, "200.00")])["tier"] == "gold" and "points_to_next_tier" not in seen([earning(1, "200.00")])


def test_without_a_programme_there_are_no_points() -> None:
    assert account(None, [earning(1)], []) == {} and standing(None, {}, NOW) == {}
    assert customer.facts({"derived": {}}, Rules(), NOW)["points"] == 0


def test_hundreds_of_purchases_are_kept_in_little_room() -> None:
    kept = account(PROGRAMME, [earning(number / 10) for number in range(900)], [])

    assert len(kept["lots"]) == len(kept["earned"]) == 201
    assert sum(points for _, points in kept["lots"]) == 900 * 200 + 50
