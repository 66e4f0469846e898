"""What comes next, in the words of a journey's author."""

from __future__ import annotations

import pytest

from console import steps
from journey.definition import Journey
from tests.console.town import library

RACE = Journey.model_validate(
    {
        "journey": "race",
        "title": "A race",
        "owner": "a@example.org",
        "start": {"on": "a.b"},
        "steps": [
            {
                "race": [{"for": "a.c", "do": [{"finish": "yes"}]}, {"for": "a.d", "do": []}],
                "up to": "1 day",
                "id": "first",
            },
            {"note": "later", "id": "later"},
        ],
    }
)


@pytest.mark.parametrize(
    ("journey", "step", "ways"),
    [
        ("onboarding", "wait-2-days", [("then", "choose")]),
        ("complaint", "wait-for-complaint.answered", [
            ("when it comes", "send complaint-answered"), ("if not", "finish overdue"),
        ]),
        ("check-in", "no-such-step", []),
    ],
)  # fmt: skip
def test_the_ways_on_from_a_wait(journey: str, step: str, ways: list[tuple[str, str]]) -> None:
    assert steps.upcoming(library().journeys[journey], step) == ways


def test_the_ways_on_from_a_race() -> None:
    assert steps.upcoming(RACE, "first") == [("when one comes", "finish yes or note"), ("if not", "note")]
    assert steps.upcoming(RACE, "later") == [("then", "the end")]


def test_a_place_counts_steps_in_reading_order() -> None:
    journey = library().journeys["onboarding"]
    assert steps.place(journey, "wait-2-days") == f"step 2 of {len(journey.spots)}"
    assert steps.place(journey, None) == steps.place(journey, "gone") == ""
