"""Where past customers would stand: the past is lived through in a moment, and nothing of it is done again."""

from datetime import datetime, timedelta
from typing import Any

from journey.definition import Journey
from journey.enrolment import Known, Place, place
from journey.inputs import Entry, Event
from tests.journey.player import BEGAN, after

STEPS: list[dict[str, Any]] = [
    {"send": "welcome", "id": "welcome"},
    {"wait": "2 days", "id": "pause"},
    {"send": "guide", "id": "guide"},
    {
        "wait": {"for": "setup.completed", "up to": "5 days", "into": "setup"},
        "id": "answer",
        "then": [{"send": "bravo", "id": "bravo"}, {"wait": "30 days", "id": "rest"}],
        "otherwise": [{"task": "call", "team": "care", "title": "Call", "id": "call", "up to": "60 days"}],
    },
]
GOAL = {"on": "account.closed", "as": "gone"}


def stands(now: datetime, *events: tuple[str, str], record: dict[str, Any] | None = None, **frame: Any) -> Place:
    """Where somebody stands at this moment who did these things."""
    said = {"journey": "onboarding", "title": "Onboarding", "owner": "a@example.org", "start": {"on": "bought"}}
    journey = Journey.model_validate(said | {"exit": [GOAL], "steps": STEPS} | frame)
    entry = Entry(event=Event(type="bought", data={"order_id": "o-1"}, at=BEGAN), who="c-1")
    heard = [Event(type=kind, data={"said": when}, at=after(when)) for kind, when in events]
    found = place(journey, entry, Known(record or {}, heard), now)
    assert found is not None
    return found


def test_somebody_stands_at_the_step_of_their_date_with_the_deadline_of_then() -> None:
    early, late = stands(after("1 day")), stands(after("3 days"))
    assert (early.state.step, early.state.alarm_at, early.passed) == ("pause", after("2 days"), ("welcome",))
    assert (late.state.step, late.state.alarm_at, late.passed) == ("answer", after("7 days"), ("welcome", "guide"))
    assert late.doing == "waits for setup.completed"


def test_what_they_did_since_is_heard_at_its_moment() -> None:
    place_ = stands(after("10 days"), ("setup.completed", "4 days"))
    assert (place_.state.step, place_.state.alarm_at) == ("rest", after("34 days"))
    assert place_.passed == ("welcome", "guide", "bravo") and place_.state.vars["setup"] == {"said": "4 days"}
    assert stands(after("10 days"), ("account.closed", "4 days")).state.ended is not None


def test_what_comes_later_than_now_or_before_the_date_is_not_heard() -> None:
    future = stands(after("3 days"), ("setup.completed", "4 days"))
    assert future.state.step == "answer"
    before = stands(after("3 days"), ("account.closed", "0 seconds"))
    assert before.state.ended is None


def test_an_event_at_the_deadline_wins_against_it_as_it_would_have_then() -> None:
    assert stands(after("8 days"), ("setup.completed", "7 days")).state.step == "rest"


def test_the_task_that_the_journey_waits_for_is_to_be_opened_and_no_other() -> None:
    waiting = stands(after("8 days"))
    assert waiting.task is not None and (waiting.task.task, waiting.state.step) == ("call", "call")
    assert stands(after("3 days")).task is None


def test_conditions_see_the_customer_as_they_are_today() -> None:
    steps = [
        {
            "choose": [{"if": 'customer.plan == "pro"', "do": [{"wait": "90 days", "id": "long"}]}, {"else": []}],
            "id": "which",
        },
        {"wait": "80 days", "id": "short"},
    ]
    assert stands(after("1 day"), steps=steps, record={"attributes": {"plan": "pro"}}).state.step == "long"
    assert stands(after("1 day"), steps=steps, record={"attributes": {"plan": "home"}}).state.step == "short"


def test_a_life_that_never_comes_to_the_present_is_given_up() -> None:
    journey = Journey.model_validate(
        {
            "journey": "ticking",
            "title": "Ticking",
            "owner": "a@example.org",
            "start": {"on": "bought"},
            "steps": [{"wait": "1 second", "id": "tick"}, {"goto": "tick", "id": "again"}],
        }
    )
    entry = Entry(event=Event(type="bought", data={}, at=BEGAN), who="c-1")
    assert place(journey, entry, Known({}, []), BEGAN + timedelta(days=30)) is None


def test_living_through_the_past_changes_nothing_that_was_given() -> None:
    record = {"attributes": {"plan": "home"}, "tags": []}
    steps = [{"set": {"customer.plan": "pro"}, "id": "set"}, {"wait": "9 days", "id": "rest"}]
    assert stands(after("1 day"), steps=steps, record=record).state.step == "rest"
    assert record == {"attributes": {"plan": "home"}, "tags": []}
