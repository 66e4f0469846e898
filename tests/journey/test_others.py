"""Budgets, calls to other systems, and other journeys."""

from __future__ import annotations

from typing import Any

import pytest

from journey.effects import CallService, StartJourney, TakeFrom
from journey.inputs import JOURNEY_ENDED
from journey.load import check
from journey.work import doing
from tests.journey.folders import folder, journey
from tests.journey.player import Player, after

# throttle

THROTTLE = """
  - throttle: reminders
    at most: 2
    per: 1 week
    key: start.order_id
    otherwise: [{finish: enough}]
  - send: a
"""


def playing(
    steps: str, head: str = "", pace: float = 1.0, record: dict[str, Any] | None = None, **start: Any
) -> Player:
    return Player(journey(steps, head), pace=pace, record=record, **start)


def test_a_throttle_takes_from_the_budget_of_its_name_and_key() -> None:
    player = playing(THROTTLE, order_id=7)
    assert player.state.asked == TakeFrom(
        id="throttle-reminders/1/0", budget="reminders", key="7", at_most=2, per=604_800.0
    )
    assert doing(player.journey, player.state) == "takes from reminders"
    player.answer()

    assert player.sends == "a"


def test_a_budget_that_is_used_up_leads_to_otherwise() -> None:
    player = playing(THROTTLE, order_id=7)
    player.answer("full")

    assert player.outcome == "enough" and "reminders is used up: 2 in 1 week." in player.reasons


@pytest.mark.parametrize(("key", "start"), [("start.order_id", {}), ("null", {}), ("", {})])
def test_without_a_key_that_can_be_read_one_budget_counts(key: str, start: dict[str, Any]) -> None:
    player = playing(THROTTLE.replace("    key: start.order_id\n", f"    key: {key!r}\n" if key else ""), pace=2.0)
    asked = player.state.asked

    assert isinstance(asked, TakeFrom) and (asked.key, asked.per) == ("", 302_400.0)


# call

CALL = """
  - call: open-ticket
    url: https://desk.example.org/tickets/{{ start.order_id }}?by={{ customer.name }}
    headers: {X-Who: = customer.name, Authorization: secret desk}
    body: {order: = start.order_id, lines: [1, = start.n], text: as it is}
    into: ticket
    retry: {times: 1, pause: 1 minute}
    on_failure: [{send: b}]
  - send: a
"""


def test_a_call_is_put_together_of_what_is_known_and_made_safe_for_an_address() -> None:
    player = playing(CALL, record={"name": "Grete & Söhne"}, order_id="o/1", n=2)

    assert player.state.asked == CallService(
        id="call-open-ticket/1/0",
        name="open-ticket",
        method="POST",
        url="https://desk.example.org/tickets/o%2F1?by=Grete%20%26%20S%C3%B6hne",
        headers={"X-Who": "Grete & Söhne", "Authorization": "secret desk"},
        body={"order": "o/1", "lines": [1, 2], "text": "as it is"},
        key="call-open-ticket/1",
        timeout=5.0,
    )
    assert doing(player.journey, player.state) == "calls open-ticket"


def test_its_answer_is_kept() -> None:
    player = playing(CALL, record={"name": "Grete"}, order_id="o-1", n=2)
    player.answer(status=201, body={"id": 9})

    assert player.sends == "a" and player.state.vars == {"ticket": {"status": 201, "body": {"id": 9}}}
    assert "The call open-ticket was answered (201)." in player.reasons


def test_the_author_says_how_long_one_try_may_take() -> None:
    player = playing("  - {call: x, url: 'https://e.example/', timeout: 1 minute}\n")

    assert getattr(player.state.asked, "timeout", 0) == 60.0


def test_an_answer_that_nobody_wants_to_keep_is_not_kept() -> None:
    player = playing("  - {call: x, url: 'https://e.example/'}\n  - send: a\n")
    player.answer()

    assert player.sends == "a" and player.state.vars == {}
    assert "The call x was answered (well)." in player.reasons


def test_a_failure_that_may_pass_is_tried_again_with_the_same_key() -> None:
    player = playing(CALL, record={"name": "Grete"}, order_id="o-1", n=2)
    player.answer("busy", reason="it answers 503", status=503)
    player.wake("1 minute")
    asked = player.state.asked
    assert isinstance(asked, CallService) and (asked.id, asked.key) == ("call-open-ticket/1/100", "call-open-ticket/1")
    player.answer("refused", reason="it answers 404", status=404)

    assert player.sends == "b"
    assert player.state.vars["failure"] == {"kind": "refused", "reason": "it answers 404", "step": "call-open-ticket"}


@pytest.mark.parametrize(
    ("start", "problem"),
    [
        ({"order_id": "o-1"}, "start.n: start.n is missing"),
        ({"n": 1}, "start.order_id: start.order_id is missing"),
        ({"n": 1, "order_id": ""}, "start.order_id: it is empty"),
    ],
)
def test_a_call_of_which_a_value_is_missing_is_not_made(start: dict[str, Any], problem: str) -> None:
    player = playing(CALL, record={"name": "Grete"}, **start)

    assert player.sends == "b"
    assert player.state.vars["failure"]["kind"] == "incomplete" and problem in player.state.vars["failure"]["reason"]


def test_truth_in_an_address_is_written_as_authors_write_it() -> None:
    player = playing("  - {call: x, url: 'https://e.example/?a={{ start.a }}&b={{ 1 == 2 }}'}\n", a=True)
    asked = player.state.asked

    assert isinstance(asked, CallService) and asked.url.endswith("?a=true&b=false") and asked.method == "GET"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("url: ftp://example.org/x", "is not an address"),
        ("url: 'https://{{ start.host }}/x'", "is not an address"),
        ("url: 'https://user@example.org/'", "is not an address"),
        ("url: 'https://example.org/a b'", "is not an address"),
        ("url: 'https://e.example', headers: {'a b': c}", "is not the name of a header"),
        ('url: "https://e.example", headers: {a: "b\\nc"}', "a header is one line"),
        ("url: 'https://e.example', timeout: 2 minutes", "one try may take up to 1 minute"),
        ("url: 'https://e.example', timeout: 0 seconds", "one try may take up to 1 minute"),
        ("url: 'https://e.example', method: GET, body: 1", "a GET has no body"),
        (
            "url: 'https://e.example', retry: {times: 1, pause: 1 day, on: [mood]}",
            '"mood" is not a way in which this can fail',
        ),
    ],
)
def test_what_is_wrong_with_a_call_is_said(more: str, said: str) -> None:
    _, problems = check(folder(f"  - {{call: x, {more}}}\n"))

    assert said.lower() in problems[0].message.lower(), problems


# start

START = """
  - start: complaint
    with: {complaint_id: = start.order_id, text: = vars.nothing, kind: lamp}
    up to: 4 weeks
    into: settlement
    ends with this: true
    outcomes: [{as: resolved, do: [{send: a}]}]
    otherwise: [{send: b}]
    on_failure: [{send: c}]
  - send: d
"""


def starting(steps: str = START) -> Player:
    files = folder("  - set: {vars.nothing: null}\n" + steps)
    library, problems = check(files)
    assert library is not None, problems
    return Player(library.journeys["story"], order_id="o-1")


@pytest.fixture(autouse=True)
def another_journey(monkeypatch: pytest.MonkeyPatch) -> None:
    import tests.journey.folders as folders

    real = folders.folder

    def with_another(steps: str, head: str = "", **messages: str) -> dict[str, str]:
        complaint = (
            "journey: complaint\ntitle: Another\nowner: tests@example.org\nstart: {on: opened}\nsteps:\n  - send: a\n"
        )
        return real(steps, head, **messages) | {"complaint.yaml": complaint}

    monkeypatch.setattr(folders, "folder", with_another)
    monkeypatch.setitem(globals(), "folder", with_another)


def test_another_journey_is_started_with_its_data() -> None:
    player = starting()

    assert player.state.asked == StartJourney(
        id="start-complaint/1/0",
        journey="complaint",
        data={"complaint_id": "o-1", "kind": "lamp"},
        awaited=True,
        bound=True,
    )
    assert doing(player.journey, player.state) == "starts complaint"


def test_a_value_that_cannot_be_worked_out_is_left_out_with_the_reason() -> None:
    player = starting("  - {start: complaint, with: {n: = start.nothing}}\n")

    assert getattr(player.state.asked, "data", None) == {}
    assert "A value is left empty: start.nothing: start.nothing is missing." in player.reasons


@pytest.mark.parametrize(("outcome", "sent"), [("resolved", "a"), ("escalated", "d")])
def test_its_end_decides_the_way(outcome: str, sent: str) -> None:
    player = starting()
    player.answer(instance="i-1")
    player.event(JOURNEY_ENDED, "1 day", instance="i-2", journey="complaint", outcome="resolved")
    player.event(JOURNEY_ENDED, "1 day", journey="onboarding", outcome="resolved")
    assert player.sends == ""
    player.event(JOURNEY_ENDED, "2 days", instance="i-1", journey="complaint", outcome=outcome)

    assert player.sends == sent and player.state.vars["settlement"] == {"outcome": outcome}


def test_a_story_may_tell_of_the_end_without_naming_the_instance() -> None:
    player = starting()
    player.answer(instance="i-1")
    player.event(JOURNEY_ENDED, "2 days", journey="complaint", outcome="resolved")

    assert player.sends == "a"


def test_an_end_of_which_nothing_is_kept_goes_on() -> None:
    player = starting("  - {start: complaint, up to: 1 day}\n  - send: d\n")
    player.answer(instance="i-1")
    player.event(JOURNEY_ENDED, "1 hour", instance="i-1", journey="complaint", outcome="resolved")

    assert player.sends == "d" and player.state.vars == {"nothing": None}


def test_an_end_that_does_not_come_in_time_leads_to_otherwise() -> None:
    player = starting()
    player.answer(instance="i-1")
    assert player.journey.spots["start-complaint"].step.doing() == "waits for the end of complaint"
    player.wake("4 weeks")

    assert player.sends == "b"


def test_a_journey_that_may_not_start_is_a_failure() -> None:
    player = starting()
    player.answer("refused", reason="it is running already for this customer and key")

    assert player.sends == "c" and "complaint did not start (it is running already" in player.reasons[-1]


def test_before_it_is_tried_again_no_end_is_heard() -> None:
    player = starting(START.replace("up to", "retry: {times: 1, pause: 1 day}\n    up to"))
    player.answer("refused")
    player.event(JOURNEY_ENDED, "1 hour", journey="complaint", outcome="resolved")

    assert player.state.wake_at == after("1 day")


def test_without_a_wait_the_journey_goes_on_at_once() -> None:
    player = starting("  - start: complaint\n  - send: a\n")
    player.answer(instance="i-1")

    assert player.sends == "a"
    assert not player.journey.spots["start-complaint"].step.hears()


@pytest.mark.parametrize("key", ["into: x", "outcomes: [{as: a, do: []}]", "otherwise: [{send: a}]"])
def test_who_waits_for_an_end_says_how_long(key: str) -> None:
    _, problems = check(folder(f"  - {{start: complaint, {key}}}\n"))

    assert "needs up to: beside it" in problems[0].message
    assert [problem.rule for problem in problems] == ["bad-value"]


def test_a_journey_that_is_not_there_is_a_mistake() -> None:
    _, problems = check(folder("  - start: complain\n"))

    assert [(problem.rule, problem.hint) for problem in problems if not problem.warning] == [
        ("unknown-journey", 'Did you mean "complaint"?')
    ]


def test_pictures_say_what_leads_where() -> None:
    journeys = check(folder("  - set: {vars.nothing: null}\n" + START + CALL + THROTTLE))[0]
    assert journeys is not None
    spots = journeys.journeys["story"].spots
    labels = {
        step_id: [spots[step_id].step.label(name) for name, _ in spots[step_id].step.blocks()]
        for step_id in ("start-complaint", "call-open-ticket", "throttle-reminders")
    }

    assert labels == {
        "start-complaint": ["resolved", "not within 4 weeks", "it failed"],
        "call-open-ticket": ["it failed"],
        "throttle-reminders": ["used up"],
    }
    assert [spots[step_id].step.words() for step_id in labels] == [
        "▸ complaint",
        "⇄ open-ticket",
        "at most 2 reminders per 1 week",
    ]
