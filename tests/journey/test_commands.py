"""People steer an instance: paused, resumed, skipped, moved, cancelled, migrated, erased."""

from __future__ import annotations

from typing import Any

import pytest

from journey import machine
from journey.commands import Cancel, Command, Erase, Migrate, MoveTo, Pause, Resume, Skip
from journey.definition import Journey
from journey.effects import ReadCustomer
from journey.inputs import CommandReceived, EffectDone, Entry, Event, EventReceived, Input, WokeUp
from journey.work import doing, standing
from tests.journey.folders import journey
from tests.journey.player import Player, after
from tests.journey.time.test_waits import journey as timed

WAITS = """
  - wait: {for: paid, up to: 2 days, into: payment}
    then: [{send: a}]
    otherwise: [{send: b}]
  - wait: 1 day
  - send: c
"""


def playing(steps: str = WAITS, head: str = "", **start: Any) -> Player:
    return Player(journey(steps, head), **start)


def changed(steps: str) -> Journey:
    return journey(steps)


def to(new: Journey, at: str, **more: Any) -> Migrate:
    return Migrate(at=after(at), version=new.hash, plan=new.plan, **more)


# Pause and resume


def test_while_it_is_paused_no_deadline_passes_and_nothing_is_begun() -> None:
    player = playing()
    turn = player.order(Pause(at=after("1 day"), by="Ada", reason="she is on holiday"))

    assert turn.state.wake_at is None and turn.state.paused is not None
    assert player.reasons[-1] == "Paused by Ada: she is on holiday. It keeps its place until somebody resumes it."
    assert player.wake("3 days").ignored == "it is not time yet"
    assert doing(player.journey, player.state) == "is paused at wait-for-paid"
    assert standing(player.journey, player.state, 3).paused_at == after("1 day")


def test_a_deadline_that_passed_during_the_pause_takes_effect_when_it_goes_on() -> None:
    player = playing()
    player.order(Pause(at=after("1 day")))
    player.order(Resume(at=after("5 days"), by="Ada"))

    assert player.sends == "b" and "Resumed by Ada." in player.reasons


def test_a_deadline_that_is_still_to_come_is_kept() -> None:
    player = playing()
    player.order(Pause(at=after("6 hours")))

    assert player.order(Resume(at=after("1 day"))).state.wake_at == after("2 days")


def test_whoever_resumes_may_add_the_time_of_the_pause_to_the_wait() -> None:
    player = playing()
    player.order(Pause(at=after("1 day")))

    assert player.order(Resume(at=after("5 days"), waits="extend")).state.wake_at == after("6 days")


def test_an_event_during_the_pause_counts_when_it_goes_on_if_it_came_before_the_deadline() -> None:
    player = playing()
    player.order(Pause(at=after("1 day")))
    assert player.event("paid", "36 hours", amount=3).state.paused is not None
    player.order(Resume(at=after("5 days")))

    assert player.sends == "a" and player.state.vars == {"payment": {"amount": 3}}


def test_an_event_during_the_pause_but_after_the_deadline_finds_it_past() -> None:
    player = playing()
    player.order(Pause(at=after("1 day")))
    player.event("paid", "3 days")
    player.order(Resume(at=after("5 days")))

    assert player.sends == "b"


def test_an_exit_ends_a_paused_journey_at_once() -> None:
    player = playing(head="exit: [{on: left, as: gone}]\n")
    player.order(Pause(at=after("1 day")))
    player.event("left", "2 days")

    assert player.outcome == "gone" and player.state.paused is None


def test_the_closing_steps_of_an_exit_are_done_although_it_was_paused() -> None:
    player = playing(head="exit: [{on: left, as: gone, do: [{send: d}]}]\n")
    player.order(Pause(at=after("1 day")))
    player.event("left", "2 days")
    assert player.sends == "d"
    for command in (Pause(at=after("2 days")), Skip(at=after("2 days")), MoveTo(at=after("2 days"), to="send-c")):
        assert "closing steps are being done" in player.order(command).refused
    assert "closing steps are being done" in player.order(to(player.journey, "2 days")).refused
    player.answer()

    assert player.outcome == "gone"


def test_the_answer_of_a_message_that_was_under_way_is_kept_until_it_goes_on() -> None:
    player = playing("  - send: a\n  - send: b\n")
    player.order(Pause(at=after("1 hour")))
    player.answer("refused", reason="mailbox unknown")
    assert (player.sends, player.state.asked) == ("", None)
    player.order(Resume(at=after("1 day")))

    assert player.sends == "b"
    assert any("refused by the customer's mail server (mailbox unknown)" in reason for reason in player.reasons)


def test_a_message_that_is_still_under_way_when_it_goes_on_is_waited_for_and_not_asked_again() -> None:
    player = playing("  - send: a\n  - send: b\n")
    player.order(Pause(at=after("1 hour")))
    turn = player.order(Resume(at=after("2 hours")))
    assert turn.ask is None and player.sends == "a"
    player.answer()

    assert player.sends == "b"


def test_what_was_read_of_the_customer_before_a_pause_is_read_anew_after_it() -> None:
    story = journey("  - choose: [{if: customer.plan == 'pro', do: [{send: a}]}, {else: [{send: b}]}]\n")
    turn = machine.start(story, Entry(event=Event(type="began", at=after(""))), after(""))
    assert turn.ask is not None
    asked = turn.ask.id
    for happened in (
        CommandReceived(command=Pause(at=after("1 hour")), at=after("1 hour")),
        EffectDone(effect=asked, value={"plan": "free"}, at=after("2 hours")),
        CommandReceived(command=Resume(at=after("1 day")), at=after("1 day")),
    ):
        turn = machine.advance(story, turn.state, happened)

    assert isinstance(turn.ask, ReadCustomer) and turn.ask.id == "choose/2/99" != asked


def test_pausing_twice_and_resuming_what_runs_change_nothing() -> None:
    player = playing()
    before = player.state
    assert player.order(Resume(at=after("1 hour"))).refused == "it is not paused"
    assert player.state == before
    player.order(Pause(at=after("1 hour")))

    assert player.order(Pause(at=after("2 hours"))).refused == "it is paused already"


# Skip and move


def test_a_skipped_wait_leads_to_the_step_after_it_and_into_no_branch() -> None:
    player = playing()
    player.order(Skip(at=after("1 hour"), step="wait-for-paid", by="Ada"))

    assert player.state.step == "wait-1-day" and player.state.wake_at == after("1 hour") + (after("1 day") - after(""))
    assert "The step wait-for-paid is skipped by Ada." in player.reasons


def test_a_skipped_message_is_given_up() -> None:
    player = playing("  - send: a\n  - send: b\n")
    turn = player.order(Skip(at=after("1 hour")))

    assert (turn.given_up, player.sends) == ("send-a/1/0", "b")


def test_skipping_the_last_step_ends_the_journey() -> None:
    player = playing("  - wait: 1 day\n")
    player.order(Skip(at=after("1 hour")))

    assert player.outcome == "completed"


def test_skipping_the_pause_between_two_rounds_leaves_the_repetition() -> None:
    player = playing("  - repeat: {times: 3, every: 1 day}\n    do: [{send: a}]\n  - send: b\n")
    player.answer()
    assert player.state.step == "repeat"
    player.order(Skip(at=after("1 hour")))

    assert player.sends == "b" and player.state.rounds == {}


def test_a_command_for_a_step_that_it_has_left_by_now_changes_nothing() -> None:
    player = playing()
    before = player.state
    for command in (Skip(at=after("0 days"), step="send-c"), MoveTo(at=after("0 days"), to="send-c", step="send-c")):
        turn = player.order(command)
        assert turn.refused == turn.ignored == "it stands at wait-for-paid by now, not at send-c"
        assert turn.state == before


def test_a_command_after_a_deadline_finds_it_past_and_is_told_so() -> None:
    player = playing()
    turn = player.order(Skip(at=after("3 days"), step="wait-for-paid"))

    assert player.sends == "b" and not turn.ignored
    assert turn.refused == "it stands at send-b by now, not at wait-for-paid"


def test_a_command_after_the_deadline_that_ended_the_journey_finds_it_ended() -> None:
    player = playing("  - wait: 1 day\n")
    turn = player.order(Pause(at=after("2 days")))

    assert player.outcome == "completed" and turn.refused == "the journey has ended"
    assert player.order(Resume(at=after("3 days"))).ignored == "the journey has ended"


def test_moving_goes_on_with_another_step_and_counts_a_new_visit() -> None:
    player = playing("  - send: a\n  - wait: 1 day\n  - send: b\n")
    player.answer()
    turn = player.order(MoveTo(at=after("1 hour"), to="send-a", reason="it went to the old address"))

    assert turn.ask is not None and turn.ask.id == "send-a/2/0"
    assert "Moved from wait-1-day to send-a: it went to the old address." in player.reasons


@pytest.mark.parametrize("step", ["nowhere", "send-d"])
def test_nobody_is_moved_to_a_step_that_is_not_there_or_closes_the_journey(step: str) -> None:
    player = playing(head="exit: [{on: left, as: gone, do: [{send: d}]}]\n")

    assert player.order(MoveTo(at=after("1 hour"), to=step)).refused == f'there is no step "{step}" to go to'


def test_moving_and_skipping_while_it_is_paused_change_the_place_and_begin_nothing() -> None:
    player = playing()
    player.order(Pause(at=after("1 hour")))
    player.order(MoveTo(at=after("2 hours"), to="wait-1-day"))
    turn = player.order(Skip(at=after("3 hours")))
    assert (turn.ask, turn.state.step, turn.state.visits) == (None, "send-c", {"wait-for-paid": 1})
    player.order(Resume(at=after("4 hours")))

    assert player.sends == "c"


def test_skipping_the_last_step_while_it_is_paused_ends_the_journey() -> None:
    player = playing("  - wait: 1 day\n")
    player.order(Pause(at=after("1 hour")))
    player.order(Skip(at=after("2 hours")))

    assert player.outcome == "completed"


# Cancel and erase


@pytest.mark.parametrize("paused", [True, False])
def test_cancelling_ends_it_with_the_outcome_and_the_reason(paused: bool) -> None:
    player = playing()
    if paused:
        player.order(Pause(at=after("1 hour")))
    player.order(Cancel(at=after("2 hours"), outcome="wrong-customer", by="Ada", reason="entered twice"))

    assert player.outcome == "wrong-customer" and player.state.paused is None
    assert player.reasons[-1] == 'Cancelled by Ada: entered twice. It ends as "wrong-customer".'


def test_cancelling_during_closing_steps_ends_it_with_its_own_outcome() -> None:
    player = playing(head="exit: [{on: left, as: gone, do: [{send: d}]}]\n")
    player.event("left", "1 day")
    turn = player.order(Cancel(at=after("1 day")))

    assert (player.outcome, turn.given_up) == ("cancelled", "send-d/1/0")


def test_erasing_ends_it_and_forgets_what_was_said_of_the_customer() -> None:
    player = playing(head="goal: {on: won, as: won}\n", secret="hers")
    player.order(Pause(at=after("1 hour")))
    player.event("paid", "2 hours", secret="hers")
    player.order(Erase(at=after("3 hours"), reason="hers"))

    assert player.outcome == "erased"
    assert "hers" not in player.state.model_dump_json()


# Migrate


def test_a_migration_keeps_the_place_the_deadline_and_what_was_counted() -> None:
    player = playing()
    player.event("other", "1 hour")
    new = changed("  - send: d\n" + WAITS)
    turn = player.order(to(new, "1 day", by="Ada"))

    assert turn.plan == new.plan and player.state.wake_at == after("2 days")
    player.wake("2 days")
    assert player.sends == "b" and player.state.visits == {"wait-for-paid": 1, "send-b": 1}


def test_a_renamed_step_keeps_its_place_and_its_identity() -> None:
    player = playing("  - id: first\n    send: a\n  - id: pause\n    wait: 1 day\n  - goto: first\n")
    player.answer()
    new = changed("  - {id: hello, was: first, send: a}\n  - {id: rest, was: pause, wait: 1 day}\n  - goto: hello\n")
    player.order(to(new, "1 hour"))
    assert player.state.step == "rest"
    player.wake("1 day")

    assert player.state.asked is not None and player.state.asked.id == "first/2/0"


def test_a_map_says_where_those_go_whose_step_is_gone() -> None:
    player = playing()
    new = changed("  - wait: 3 days\n  - send: a\n")
    assert 'the step "wait-for-paid" is not in it' in player.order(to(new, "1 hour")).refused
    turn = player.order(to(new, "2 hours", map={"wait-for-paid": "wait-3-days"}))

    assert turn.state.wake_at == after("2 days") and turn.state.step == "wait-3-days"


def test_a_wait_may_be_restarted_by_a_migration() -> None:
    player = playing()
    new = changed("  - wait: 3 days\n  - send: a\n")
    turn = player.order(to(new, "1 day", map={"wait-for-paid": "wait-3-days"}, waits="restart"))

    assert turn.state.wake_at == after("4 days")


@pytest.mark.parametrize("paused", [True, False])
def test_one_who_is_put_at_a_step_of_another_kind_enters_it(paused: bool) -> None:
    player = playing()
    if paused:
        player.order(Pause(at=after("1 hour")))
    player.order(to(changed("  - send: a\n"), "2 hours", map={"wait-for-paid": "send-a"}))
    if paused:
        assert player.sends == ""
        player.order(Resume(at=after("3 hours")))

    assert player.sends == "a"


def test_a_migration_may_end_those_who_have_no_place_in_the_new_version() -> None:
    player = playing()
    turn = player.order(
        to(changed("  - send: a\n"), "1 hour", ends={"wait-for-paid": "closed"}, reason="the offer is over")
    )

    assert player.outcome == "closed" and turn.plan is None
    assert "no place for those at wait-for-paid: the offer is over." in player.reasons[-1]


def test_a_migration_that_does_not_fit_changes_nothing() -> None:
    player = playing("  - send: a\n  - wait: 1 day\n")
    assert "doing something at send-a" in player.order(to(player.journey, "1 hour")).refused
    player.answer()
    before = player.state
    other = Journey.model_validate({**player.journey.plan, "journey": "another"})
    wrong: list[tuple[Command, str]] = [
        (to(player.journey, "2 hours", from_version="0" * 64), "on another version than the one to migrate from"),
        (Migrate(at=after("2 hours"), version="0" * 64), "the new version cannot be read"),
        (to(other, "2 hours"), 'the new version is one of another journey, "another"'),
        (to(player.journey, "2 hours", map={"wait-1-day": "nowhere"}), 'the step "nowhere" is not in it'),
    ]
    for command, why in wrong:
        turn = player.order(command)
        assert why in turn.refused and turn.state == before and turn.plan is None


def test_a_message_that_went_out_before_a_migration_is_not_sent_again_after_it() -> None:
    player = playing("  - send: a\n  - wait: 1 day\n")
    player.answer()
    player.order(Pause(at=after("1 hour")))
    player.order(to(changed("  - send: a\n  - wait: 2 days\n"), "2 hours", map={"wait-1-day": "wait-2-days"}))
    player.order(Resume(at=after("3 hours")))
    player.wake("2 days")

    assert player.outcome == "completed" and player.state.visits["send-a"] == 1


# What is done beside the way

CLOCK = """
  - clock: {start: answer, kind: internal, due: 1 day}
    breach: [{send: a}]
  - wait: 1 week
  - clock: {stop: answer}
"""


def test_nobody_is_migrated_in_the_middle_of_something_beside_the_way() -> None:
    player = playing(CLOCK)
    player.wake("1 day")
    assert player.sends == "a" and player.state.beside is not None

    assert "beside" in player.order(to(player.journey, "1 day")).refused


def test_an_alarm_of_a_step_that_the_new_version_does_not_have_rings_for_nobody() -> None:
    player = playing(CLOCK)
    player.order(to(changed("  - wait: 1 week\n"), "1 hour"))
    turn = player.wake("1 day")

    assert turn.ask is None and turn.state.step == "wait-1-week"
    assert any("this version has no such step" in reason for reason in player.reasons)


def test_a_clock_that_was_about_to_go_on_when_the_journey_was_paused_goes_on_with_it() -> None:
    story = timed("""
  - clock: {start: answer, kind: internal, due: 8 business hours}
  - clock: {pause: answer, reason: a question, until: replied, up to: 5 business days}
  - wait: 1 week
  - clock: {stop: answer}
""")
    turn: Any = machine.start(story, Entry(event=Event(type="began", at=after(""))), after(""))

    def give(happened: Input) -> None:
        nonlocal turn
        turn = machine.advance(story, turn.state, happened)

    def read(at: str) -> None:
        while isinstance(turn.ask, ReadCustomer):
            give(EffectDone(effect=turn.ask.id, at=after(at)))

    read("")
    give(EventReceived(event=Event(type="replied", at=after("1 hour")), at=after("1 hour")))
    give(WokeUp(at=after("1 hour")))
    asked = turn.ask
    assert isinstance(asked, ReadCustomer) and turn.state.beside is not None
    give(CommandReceived(command=Pause(at=after("1 hour")), at=after("1 hour")))
    give(EffectDone(effect=asked.id, at=after("1 hour")))
    assert turn.state.clocks["answer"].hold is not None
    give(CommandReceived(command=Resume(at=after("2 hours")), at=after("2 hours")))
    read("2 hours")

    assert turn.state.clocks["answer"].hold is None and turn.state.wake_at == after("1 week")
