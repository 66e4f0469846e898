"""A wait for a condition: judged at the step, at what is heard, and when the customer changes; and how far back events
count."""

from __future__ import annotations

import pytest

from journey import machine
from journey.commands import Pause, Resume
from journey.effects import ReadCustomer
from journey.inputs import CUSTOMER_CHANGED, EffectDone, Entry, Event, EventReceived
from tests.journey.folders import journey
from tests.journey.player import Player, after

UNTIL = """
  - wait: {until: customer.plan == "pro", up to: 5 days}
    then: [{send: a}]
    otherwise: [{send: b}]
"""


def playing(steps: str = UNTIL, head: str = "", **record: object) -> Player:
    return Player(journey(steps, head), record=dict(record))


def test_a_condition_that_holds_already_is_not_waited_for() -> None:
    player = playing(plan="pro")

    assert player.sends == "a" and 'customer.plan == "pro" is met.' in player.reasons


def test_a_change_of_the_customer_that_meets_the_condition_ends_the_wait() -> None:
    player = playing(plan="free")
    assert player.state.wake_at == after("5 days")
    player.event(CUSTOMER_CHANGED, "1 day", customer={"plan": "home"})
    assert player.sends == ""
    player.event(CUSTOMER_CHANGED, "2 days", customer={"plan": "pro"})

    assert player.sends == "a"
    assert player.reasons.count('customer.plan == "pro" is met.') == 1


def test_a_condition_that_is_not_met_in_time_leads_to_otherwise() -> None:
    player = playing()
    player.wake("5 days")

    assert player.sends == "b" and 'customer.plan == "pro" was not met within 5 days.' in player.reasons


def test_any_event_that_is_heard_and_says_how_the_customer_is_counts_too() -> None:
    player = playing(head="exit: [{on: paid, if: event.all, as: paid}]\n")
    player.event("paid", "1 day", all=False, customer={"plan": "pro"})

    assert player.sends == "a"


def test_an_event_that_does_not_say_how_the_customer_is_tells_a_condition_nothing() -> None:
    steps = '  - wait: {until: "!has(customer.plan)", up to: 5 days}\n    then: [{send: a}]\n'
    player = playing(steps, head="exit: [{on: paid, if: event.all, as: paid}]\n", plan="pro")
    player.event("paid", "1 day", all=False)
    assert player.sends == ""
    player.event(CUSTOMER_CHANGED, "2 days")

    assert player.sends == "a"


def test_a_condition_on_variables_needs_no_look_at_the_customer() -> None:
    player = playing("  - set: {vars.x: 1}\n  - wait: {until: vars.x == 1, up to: 1 day}\n  - send: a\n")

    assert player.sends == "a" and player.state.visits == {"set": 1, "wait-until": 1, "send-a": 1}


def test_what_the_customer_was_like_before_the_step_does_not_meet_its_condition() -> None:
    player = playing("  - send: c\n" + UNTIL, plan="free")
    player.event(CUSTOMER_CHANGED, "1 hour", customer={"plan": "pro"})
    player.answer(at="2 hours")

    assert player.sends == "" and player.state.mailbox == ()


def test_a_change_that_comes_while_the_customer_is_read_lets_it_be_read_anew() -> None:
    story = journey(UNTIL)
    turn = machine.start(story, Entry(event=Event(type="began", at=after(""))), after(""))
    changed = Event(type=CUSTOMER_CHANGED, at=after("1 second"), customer={"plan": "pro"})
    turn = machine.advance(story, turn.state, EventReceived(event=changed, at=after("1 second")))
    assert isinstance(turn.ask, ReadCustomer)
    assert (turn.given_up, turn.ask.id) == ("wait-until/1/99", "wait-until/2/99")
    late = EffectDone(effect="wait-until/1/99", value={"plan": "free"}, at=after("2 seconds"))

    assert "nobody waits" in machine.advance(story, turn.state, late).ignored


def test_a_change_during_a_pause_counts_when_it_goes_on() -> None:
    player = playing(plan="free")
    player.order(Pause(at=after("1 hour")))
    player.event(CUSTOMER_CHANGED, "1 day", customer={"plan": "pro"})
    player.order(Resume(at=after("2 days")))

    assert player.sends == "a"


RACE = """
  - race:
      - for: paid
        do: [{send: a}]
      - until: customer.plan == "pro"
        do: [{send: b}]
    up to: 1 week
    otherwise: [{send: c}]
"""


def test_a_condition_may_run_in_a_race() -> None:
    assert playing(RACE, plan="pro").sends == "b"
    player = playing(RACE)
    player.event(CUSTOMER_CHANGED, "1 day", customer={"plan": "pro"})
    assert player.sends == "b"
    player = playing(RACE)
    player.event("paid", "1 day")

    assert player.sends == "a"
    assert player.journey.spots["race"].step.title() == 'wait for paid or customer.plan == "pro"'


def test_a_race_takes_what_came_while_a_message_went_out_and_leaves_what_nobody_runs_for() -> None:
    player = playing("  - send: d\n" + RACE, head="exit: [{on: left, if: event.all, as: gone}]\n")
    player.event("paid", "1 hour")
    player.answer(at="2 hours")
    assert player.sends == "a"
    player = playing(RACE, head="exit: [{on: left, if: event.all, as: gone}]\n")
    player.event("left", "1 hour", all=False)

    assert player.state.wake_at == after("1 week")


def test_a_journey_says_which_fields_its_conditions_follow() -> None:
    steps = '  - wait: {until: customer.plan == "pro" && vars.x, up to: 1 day}\n' + RACE.replace("plan", "vip")
    story = journey("  - set: {vars.x: true}\n" + steps)

    assert story.follows == {"plan", "vip"}
    assert CUSTOMER_CHANGED in story.hears and story.reads_at_events == ("plan", "vip")
    assert journey("  - send: a\n").follows == frozenset()


@pytest.mark.parametrize(("since", "wins"), [("step", False), ("journey", True), ("3 days", True), ("1 hour", False)])
def test_since_says_how_far_back_events_count(since: str, wins: bool) -> None:
    steps = f"""
  - wait: {{for: other, up to: 2 days}}
  - wait: {{for: paid, up to: 1 week, since: {since}}}
    then: [{{send: a}}]
"""
    player = playing(steps)
    player.event("paid", "1 day")
    player.wake("2 days")

    assert (player.sends == "a") is wins


def test_looking_back_is_quicker_at_a_faster_pace() -> None:
    steps = "  - wait: 1 hour\n  - wait: {for: paid, up to: 10 days, since: 1 hour}\n    then: [{send: a}]\n"
    fast = Player(journey(steps), pace=60.0)
    fast.event("paid", "10 seconds")
    fast.wake("1 minute")
    assert fast.sends == "a"
    fast = Player(journey(steps), pace=120.0)
    fast.event("paid", "0 seconds")
    fast.wake("1 minute")

    assert fast.sends == ""
