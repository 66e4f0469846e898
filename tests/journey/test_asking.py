"""A question to the customer, several events as one list, and those who get nothing for comparison."""

from __future__ import annotations

from typing import Any

import pytest

from journey import machine
from journey.inputs import Event, EventReceived
from tests.journey.folders import journey
from tests.journey.player import Player, after

ASK = """
  - ask: a
    up to: 1 week
    into: answer
    then: [{send: b}]
    otherwise: [{send: c}]
"""


def playing(steps: str = ASK, head: str = "", **start: Any) -> Player:
    return Player(journey(steps, head), **start)


# ask


def test_a_question_is_sent_and_then_its_answer_is_waited_for() -> None:
    player = playing()
    assert player.sends == "a" and player.state.asked is not None
    assert player.state.asked.question == "survey.answered"  # type: ignore[union-attr]  # a SendMessage
    player.answer(at="1 hour")

    assert player.state.wake_at is not None and player.state.wake_at - after("1 hour") == after("1 week") - after("")
    assert player.journey.spots["ask-a"].step.doing() == "waits for the answer to a"


def test_an_answer_is_kept_and_leads_into_then() -> None:
    player = playing()
    player.answer()
    player.event("survey.answered", "1 day", score=9)

    assert player.sends == "b" and player.state.vars == {"answer": {"score": 9}}


@pytest.mark.parametrize(("named", "wins"), [("m-1", True), ("m-2", False), ("ask-a/1/0", False)])
def test_an_answer_that_names_another_question_is_passed_over(named: str, wins: bool) -> None:
    player = playing()
    player.answer(message="m-1")
    player.event("survey.answered", "1 day", score=9, ask=named)

    assert (player.sends == "b") is wins
    assert player.state.vars == ({"answer": {"score": 9}} if wins else {})


def test_where_the_mail_room_names_nothing_the_effect_is_the_questions_name() -> None:
    player = playing()
    player.answer()
    player.event("survey.answered", "1 day", ask="ask-a/1/0")

    assert player.sends == "b"


def test_an_answer_that_nobody_wants_to_keep_is_not_kept() -> None:
    player = playing("  - {ask: a, up to: 1 week, then: [{send: b}]}\n")
    player.answer()
    player.event("survey.answered", "1 day", score=9)

    assert player.sends == "b" and player.state.vars == {}


def test_no_answer_in_time_leads_to_otherwise() -> None:
    player = playing()
    player.answer()
    player.wake("1 week")

    assert player.sends == "c" and "The question a was not answered within 1 week." in player.reasons


@pytest.mark.parametrize("outcome", ["refused", "failed", "suppressed", "expired"])
def test_a_question_that_could_not_be_asked_is_not_waited_for(outcome: str) -> None:
    player = playing()
    player.answer(outcome)

    assert player.sends == "c"


def test_a_question_of_which_nobody_knows_whether_it_went_is_waited_for() -> None:
    player = playing()
    player.answer("unknown")
    player.event("survey.answered", "1 day")

    assert player.sends == "b"


def test_an_answer_in_the_pause_before_a_new_try_is_none_to_this_question() -> None:
    player = playing(ASK.replace("up to", "retry: {times: 1, pause: 1 day}\n    up to"))
    player.answer("failed")
    player.event("survey.answered", "1 hour")
    assert player.sends == ""
    player.wake("1 day")

    assert player.sends == "a"


def test_an_answer_may_be_another_event_and_have_to_meet_a_condition() -> None:
    player = playing(
        ASK.replace("up to", "for: wrote\n    if: event.order_id == start.order_id\n    up to"), order_id="o-1"
    )
    player.answer()
    player.event("wrote", "1 day", order_id="o-2")
    assert player.sends == ""
    player.event("wrote", "2 days", order_id="o-1")

    assert player.sends == "b"


# collect

COLLECT = "  - collect: paid\n    up to: 1 hour\n    into: payments\n  - send: a\n"


def test_events_become_one_list_until_the_time_is_over() -> None:
    player = playing(COLLECT)
    player.event("paid", "10 minutes", n=1)
    player.event("paid", "1 hour", n=2)
    player.wake("1 hour")

    assert player.sends == "a" and player.state.vars == {"payments": [{"n": 1}, {"n": 2}]}
    assert "2 paid were collected." in player.reasons


def test_nothing_collected_is_an_empty_list() -> None:
    player = playing(COLLECT)
    player.wake("1 hour")

    assert player.state.vars == {"payments": []} and "No paid were collected." in player.reasons


def test_the_event_that_started_the_journey_is_the_first_of_its_kind() -> None:
    steps = "  - repeat: {times: 2}\n    do:\n      - collect: began\n        up to: 1 hour\n        into: all\n"
    player = playing(steps, n=1)
    assert player.state.vars == {"all": [{"n": 1}]}
    player.wake("1 hour")

    assert player.state.vars == {"all": []}


def test_it_closes_when_none_came_for_a_while_and_at_its_end_at_the_latest() -> None:
    player = playing(COLLECT.replace("up to", "quiet: 20 minutes\n    up to"))
    assert player.state.wake_at == after("20 minutes")
    for minutes, wakes in ((10, 30), (25, 45), (44, 60)):
        player.event("paid", f"{minutes} minutes", n=minutes)
        assert player.state.wake_at == after(f"{wakes} minutes")
    player.event("paid", "2 hours", n=0)

    assert player.sends == "a" and len(player.state.vars["payments"]) == 3


def test_it_closes_when_there_are_enough() -> None:
    player = playing(COLLECT.replace("up to", "at most: 2\n    up to"))
    player.event("paid", "1 minute")
    player.event("other", "2 minutes")
    player.event("paid", "3 minutes")
    assert player.sends == "a"
    player = playing(COLLECT.replace("paid", "began").replace("up to", "at most: 1\n    up to"), n=1)

    assert player.sends == "a" and "1 began was collected." in player.reasons


def test_another_event_is_not_collected() -> None:
    player = playing(COLLECT, "exit: [{on: left, if: event.all, as: gone}]\n")
    player.event("left", "1 minute", all=False)

    assert player.state.vars == {"payments": []} and player.state.wake_at == after("1 hour")


def test_only_what_meets_the_condition_is_collected() -> None:
    player = playing(COLLECT.replace("up to", "if: event.n > 1\n    up to"))
    player.event("paid", "1 minute", n=1)
    player.event("paid", "2 minutes", n=2)

    assert player.state.vars == {"payments": [{"n": 2}]}


def test_one_of_whom_nothing_is_kept_goes_on_collecting_until_its_wait_is_over() -> None:
    story = journey(COLLECT)
    state = Player(story).state.model_copy(update={"here": {}, "vars": {}})
    event = Event(type="paid", data={"n": 1}, at=after("1 minute"))
    state = machine.advance(story, state, EventReceived(event=event, at=event.at)).state

    assert state.vars == {"payments": [{"n": 1}]} and state.wake_at == after("1 hour")


def test_what_came_while_a_message_went_out_is_collected_too_and_keeps_it_open() -> None:
    player = playing("  - send: b\n" + COLLECT.replace("up to", "quiet: 20 minutes\n    up to"))
    player.event("paid", "5 minutes", n=1)
    player.answer(at="40 minutes")

    assert player.state.vars == {"payments": [{"n": 1}]} and player.state.wake_at == after("60 minutes")


# holdout

HOLDOUT = """
  - split:
      - {holdout: 100, up to: 30 days}
      - {percent: 0, as: all, do: [{send: a}]}
    into: arm
  - send: b
"""


def test_a_holdout_gets_nothing_and_is_watched_for_the_goal() -> None:
    player = playing(HOLDOUT, "goal: {on: paid, as: won}\n")
    assert (player.sends, player.state.vars) == ("", {"arm": "holdout"})
    assert player.state.wake_at == after("30 days")
    assert player.journey.spots["split"].step.doing().startswith("is held out")
    player.event("paid", "3 days")

    assert player.outcome == "won"


def test_the_others_go_on_and_need_not_be_told_apart() -> None:
    shares = HOLDOUT.replace("holdout: 100", "holdout: 0").replace("percent: 0", "percent: 100")
    player = playing(shares.replace("    into: arm\n", ""))

    assert (player.sends, player.state.vars) == ("a", {})


def test_a_holdout_that_does_not_reach_the_goal_ends_as_one() -> None:
    player = playing(HOLDOUT)
    player.wake("30 days")

    assert player.outcome == "holdout"
