"""The frame round the steps: a goal with its time, variables with their defaults, the order of those that begin."""

from __future__ import annotations

from journey.conditions import Judgement
from journey.routing import Wish, wishes
from tests.journey.folders import journey
from tests.journey.player import BEGAN, Player, after

GOAL = "goal: {on: paid, as: won, within: 3 days}\n"
STEPS = "  - wait: {for: paid, up to: 2 weeks}\n    then: [{send: a}]\n"


def test_a_goal_that_comes_in_time_ends_the_journey() -> None:
    player = Player(journey(STEPS, GOAL))
    player.event("paid", "3 days")

    assert player.outcome == "won"


def test_a_goal_that_comes_too_late_is_an_event_like_others() -> None:
    player = Player(journey(STEPS, GOAL))
    player.event("paid", "4 days")

    assert player.sends == "a"
    assert "paid came, but not within 3 days of the start: the goal is missed." in player.reasons


def test_the_time_of_a_goal_is_shorter_at_a_faster_pace() -> None:
    player = Player(journey(STEPS, GOAL), pace=24.0)
    player.event("paid", "4 hours")

    assert player.sends == "a"


def test_a_variable_with_a_default_has_it_from_the_start() -> None:
    head = "variables: {reminders: {type: whole number, default: 2}, answer: optional text}\n"
    player = Player(journey("  - choose: [{if: vars.reminders == 2, do: [{send: a}]}, {else: []}]\n", head))

    assert player.sends == "a" and player.state.vars == {"reminders": 2}
    assert Judgement(player.state.vars["reminders"]).value == 2


def test_of_the_journeys_that_one_event_starts_the_most_important_begins_first() -> None:
    stories = {
        name: journey("  - send: a\n", f"priority: {priority}\n" if priority else "").model_copy(
            update={"journey": name}
        )
        for name, priority in (("b", 0), ("a", 0), ("z", 9), ("c", 1))
    }
    found = wishes(stories, "began", {}, {}, BEGAN)

    assert [wish.journey.journey for wish in found if isinstance(wish, Wish)] == ["z", "a", "b", "c"]
    assert after("") == BEGAN
