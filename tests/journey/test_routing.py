"""Which journeys an event starts, for which key, and when they may start again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journey.definition import Journey
from journey.load import load
from journey.routing import Former, Refusal, Wish, may_begin, wishes
from tests.journey.folders import folder

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def story(start: str, name: str = "story") -> Journey:
    files = folder("  - send: a\n")
    files[f"{name}.yaml"] = (
        files.pop("story.yaml").replace("start: {on: began}", f"start: {start}").replace(": story", f": {name}")
    )
    return load(files).journeys[name]


def asked(start: str, data: dict[str, Any], customer: dict[str, Any] | None = None, kind: str = "began") -> list[str]:
    found = wishes({"story": story(start)}, kind, data, customer or {}, NOW)
    return [f"starts for {one.key!r}" if isinstance(one, Wish) else one.reason for one in found]


def test_an_event_starts_every_journey_that_listens_to_it_in_the_order_of_their_names() -> None:
    journeys = {name: story("{on: began}", name) for name in ("zebra", "ant", "bee")}
    journeys["other"] = story("{on: something.else}", "other")
    found = wishes(journeys, "began", {}, {}, NOW)
    assert [one.journey.journey for one in found if isinstance(one, Wish)] == ["ant", "bee", "zebra"]


def test_an_event_that_nobody_listens_to_starts_nothing() -> None:
    assert asked("{on: began}", {}, kind="ended") == []


def test_a_condition_on_the_start_sees_the_event_and_the_customer() -> None:
    start = "{on: began, if: event.n > 3 && customer.plan == 'pro'}"
    assert asked(start, {"n": 4}, {"plan": "pro"}) == ["starts for ''"]
    assert asked(start, {"n": 4}, {"plan": "home"}) == [
        "its condition is not met (event.n > 3 && customer.plan == 'pro')"
    ]
    assert asked(start, {}, {"plan": "pro"})[0].endswith("'pro': event.n is missing)")


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ("o-1", "starts for 'o-1'"),
        (7, "starts for '7'"),
        ("", "its key cannot be read (event.order: it is empty)"),
        (None, "its key cannot be read (event.order: event.order is missing)"),
        ("x" * 200, f"starts for '{'x' * 200}'"),
        ("x" * 201, "its key is longer than 200 characters (event.order)"),
        ({"b": 1, "a": 2}, "starts for \"{'a': 2, 'b': 1}\""),
    ],
)
def test_the_key_says_what_the_journey_is_about(order: Any, answer: str) -> None:
    assert asked("{on: began, key: event.order}", {"order": order}) == [answer]


def test_without_the_field_of_its_key_a_journey_does_not_start() -> None:
    assert asked("{on: began, key: event.order}", {}) == [
        "its key cannot be read (event.order: event.order is missing)"
    ]


def test_one_journey_that_cannot_judge_the_event_does_not_keep_another_from_starting() -> None:
    journeys = {"a": story("{on: began, if: event.x.y > 1}", "a"), "b": story("{on: began}", "b")}
    found = wishes(journeys, "began", {"x": "text"}, {}, NOW)
    assert [type(one) for one in found] == [Refusal, Wish]


RUNNING = Former(running=True, ended_at=None)
ENDED = Former(running=False, ended_at=NOW - timedelta(days=10))


@pytest.mark.parametrize(
    ("again", "former", "reason"),
    [
        ("never", None, ""),
        ("never", ENDED, "it has already run for this customer and key, and never starts again"),
        ("always", ENDED, ""),
        ("always", RUNNING, "it is running already for this customer and key"),
        ("after 10 days", RUNNING, "it is running already for this customer and key"),
        ("after 10 days", ENDED, ""),
        (
            "after 10 days 1 second",
            ENDED,
            "it ran for this customer and key and starts again only after 10 days 1 second",
        ),
    ],
)
def test_whether_a_journey_may_begin_again(again: str, former: Former | None, reason: str) -> None:
    assert may_begin(story(f"{{on: began, again: {again}}}"), former, NOW) == reason


def test_at_a_faster_pace_it_may_begin_again_sooner() -> None:
    journey = story("{on: began, again: after 20 days}")
    assert may_begin(journey, ENDED, NOW)
    assert may_begin(journey, ENDED, NOW, pace=2.0) == ""
