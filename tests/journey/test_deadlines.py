"""Who wins: an event against a deadline, an exit against everything; and which events count for which wait."""

from typing import Any

from journey.load import check
from tests.journey.folders import folder, journey
from tests.journey.player import Player, after

WAIT = """  - wait: {for: answered, up to: 2 days}
    then:
      - send: a
    otherwise:
      - send: b
"""


def play(steps: str, head: str = "", **more: Any) -> Player:
    return Player(journey(steps, head), **more)


# --- the event against the deadline


def test_an_event_accepted_exactly_at_the_deadline_wins() -> None:
    player = play(WAIT)
    player.event("answered", "2 days")
    assert player.sends == "a"


def test_an_event_accepted_before_the_deadline_wins_even_if_it_is_applied_later() -> None:
    player = play(WAIT)
    player.event("answered", "1 day", applied="5 days")
    assert player.sends == "a"
    assert player.state.now == after("5 days")


def test_an_event_accepted_after_the_deadline_finds_it_past_in_whichever_order_the_two_arrive() -> None:
    late = play(WAIT + "  - wait: {for: answered, up to: 1 day}\n")
    late.event("answered", "49 hours")
    in_order = play(WAIT + "  - wait: {for: answered, up to: 1 day}\n")
    in_order.wake("49 hours")
    in_order.event("answered", "49 hours")
    assert late.sends == in_order.sends == "b"
    assert late.state.model_copy(update={"turns": 0}) == in_order.state.model_copy(update={"turns": 0})


def test_a_wake_up_after_the_event_has_won_changes_nothing() -> None:
    player = play(WAIT)
    player.event("answered", "2 days")
    before = player.state
    assert player.wake("2 days").ignored == "it is not time yet"
    assert player.state == before


def test_the_event_that_found_the_deadline_past_counts_for_the_next_wait() -> None:
    player = play(WAIT.replace("send: b", "note: too late") + "  - wait: {for: answered, up to: 1 day}\n  - send: c\n")
    player.event("answered", "49 hours")
    assert player.sends == "c"


def test_an_event_long_after_the_deadline_passes_only_the_deadline_that_was_due() -> None:
    player = play("  - wait: 1 day\n  - wait: 1 day\n" + WAIT)
    player.event("answered", "30 days")
    assert player.state.step == "wait-1-day-2"
    assert player.state.wake_at == after("31 days")


# --- what counts for a wait


def test_an_event_during_a_send_counts_for_the_wait_that_follows() -> None:
    player = play("  - send: a\n" + WAIT.replace("send: a", "send: c"))
    assert player.event("answered", "1 minute").ask is None
    assert player.sends == "a"
    player.answer(at="1 hour")
    assert player.sends == "c"


def test_an_event_during_a_send_is_used_by_one_wait_only() -> None:
    player = play("  - send: a\n" + "  - wait: {for: answered, up to: 1 day}\n" * 2 + "  - send: c\n")
    player.event("answered", "1 minute")
    player.answer(at="1 hour")
    assert player.state.step == "wait-for-answered-2"
    assert player.state.mailbox == ()


def test_two_events_during_a_send_serve_two_waits_in_their_order() -> None:
    player = play("  - send: a\n" + "".join(f"  - wait: {{for: answered, up to: 1 day, into: x{n}}}\n" for n in (1, 2)))
    player.event("answered", "1 minute", n=1)
    player.event("answered", "2 minutes", n=2)
    player.answer(at="1 hour")
    assert player.state.vars == {"x1": {"n": 1}, "x2": {"n": 2}}


def test_an_event_of_an_earlier_rest_does_not_count_for_a_wait_since_step() -> None:
    player = play("  - wait: 1 day\n" + WAIT)
    player.event("answered", "1 hour")
    player.wake("1 day")
    assert player.state.wake_at == after("3 days")


def test_an_event_of_an_earlier_rest_counts_for_a_wait_since_journey() -> None:
    player = play("  - wait: 1 day\n" + WAIT.replace("up to", "since: journey, up to"))
    player.event("answered", "1 hour")
    player.wake("1 day")
    assert player.sends == "a"


def test_a_kept_event_that_does_not_meet_the_condition_is_passed_over() -> None:
    steps = WAIT.replace("answered,", "answered, since: journey, if: event.score > 7, into: answer,")
    player = play("  - wait: 1 day\n" + steps)
    player.event("answered", "1 hour", score=3)
    player.event("answered", "2 hours", score=8)
    player.wake("1 day")
    assert player.state.vars == {"answer": {"score": 8}}


def test_an_event_whose_stamp_is_before_the_last_move_counts_from_when_it_comes() -> None:
    """A clock is behind, or the event was on its way over a deadline: in flight or at rest, it is not lost."""
    steps = WAIT.replace("send: b", "send: d") + "  - wait: {for: answered, up to: 1 day}\n    then:\n      - send: c\n"
    at_rest, in_flight = play(steps), play(steps)
    for player in (at_rest, in_flight):
        player.wake("2 days")
    at_rest.answer(at="49 hours")
    at_rest.event("answered", "47 hours", applied="50 hours")
    in_flight.event("answered", "47 hours", applied="49 hours")
    in_flight.answer(at="50 hours")
    assert at_rest.sends == in_flight.sends == "c"


def test_an_event_that_no_step_waits_for_is_not_kept() -> None:
    player = play("  - send: a\n" + WAIT, "exit:\n  - {on: refunded, if: event.whole, as: refunded}\n")
    player.event("refunded", "1 minute", whole=False)
    assert player.state.mailbox == ()


def test_the_mailbox_keeps_the_newest_events_when_it_overflows() -> None:
    player = play("  - send: a\n" + WAIT)
    for number in range(250):
        player.event("answered", f"{number} seconds", number=number)
    assert [event.data["number"] for event in player.state.mailbox] == list(range(50, 250))


# --- exit and goal

EXIT = "exit:\n  - {on: refunded, if: event.order == start.order, as: refunded}\n  - {on: cancelled, as: cancelled}\n"
GOAL = "goal: {on: activated, as: success}\n"


def test_an_exit_interrupts_a_wait_at_once() -> None:
    player = play("  - wait: 10 days\n  - send: a\n", EXIT, order="o-1")
    player.event("refunded", "1 day", order="o-1")
    assert player.state.ended is not None
    assert (player.outcome, player.state.ended.at) == ("refunded", after("1 day"))
    assert player.state.wake_at is None
    assert player.reasons[-2:] == [
        'refunded ends the journey as "refunded": event.order == start.order is met.',
        'refunded came (exit). It ends as "refunded".',
    ]


def test_an_exit_interrupts_a_send_in_flight_and_its_answer_is_ignored() -> None:
    player = play("  - send: a\n  - send: b\n", EXIT)
    player.event("cancelled", "1 minute")
    assert (player.outcome, player.state.asked) == ("cancelled", None)
    before = player.state
    assert player.answer(effect="send-a/1/0").ignored == "the journey has ended"
    assert player.state is before


def test_the_goal_ends_the_journey_with_its_own_reason() -> None:
    player = play("  - wait: 10 days\n", EXIT + GOAL)
    player.event("activated", "1 day")
    assert player.outcome == "success"
    assert player.reasons[-1] == 'activated came (goal). It ends as "success".'


def test_an_exit_whose_condition_is_not_met_lets_the_journey_go_on() -> None:
    player = play("  - wait: 10 days\n", EXIT, order="o-1")
    player.event("refunded", "1 day", order="o-2")
    player.event("refunded", "1 day")
    assert player.state.wake_at == after("10 days")
    assert player.reasons[-1].endswith("event.order is missing.")


def test_an_exit_is_asked_before_the_wait_that_wants_the_same_event() -> None:
    player = play(WAIT.replace("answered", "cancelled").replace("send: a", "note: It came."), EXIT)
    turn = player.event("cancelled", "1 day")
    assert (player.outcome, turn.writes) == ("cancelled", ())
    assert player.reasons[1:] == ['cancelled came (exit). It ends as "cancelled".']


def test_an_event_that_is_no_exit_after_all_is_still_heard_by_the_wait() -> None:
    player = play(WAIT.replace("answered", "refunded"), EXIT, order="o-1")
    player.event("refunded", "1 day", order="o-2")
    assert player.sends == "a"


def test_exits_are_asked_in_the_order_they_are_written_and_the_goal_last() -> None:
    exits = "".join(f"  - {{on: x, if: 'size(\"a\") == 1', as: {name}}}\n" for name in ("first", "second"))
    head = f"exit:\n{exits}goal: {{on: x, as: goal}}\n"
    player = play("  - wait: 1 day\n", head)
    player.event("x", "1 hour")
    assert player.outcome == "first"


def test_an_exit_accepted_after_a_deadline_still_finds_the_step_after_it_begun() -> None:
    player = play("  - wait: 1 day\n  - note: a day has passed\n  - wait: 1 day\n", EXIT)
    turn = player.event("cancelled", "30 hours")
    assert [write.id for write in turn.writes] == ["note/1/0"]
    assert player.outcome == "cancelled"


def test_an_exit_that_comes_when_the_deadline_has_ended_the_journey_changes_nothing_more() -> None:
    player = play("  - wait: 1 day\n", EXIT)
    player.event("cancelled", "30 hours")
    assert player.outcome == "completed"


def test_an_event_that_was_accepted_later_than_now_passes_only_the_deadline_that_was_due() -> None:
    player = Player(journey("  - wait: 1 day\n  - wait: 1 hour\n  - wait: {for: came, up to: 1 day}\n"))
    player.event("came", "3 days", applied="1 day")

    assert player.state.step == "wait-1-hour" and player.state.wake_at == after("25 hours")


def test_how_far_a_wait_looks_back_is_no_business_time() -> None:
    steps = "  - wait: {for: paid, up to: 2 days, since: 2 business days}\n"
    said = [problem.message for problem in check(folder(steps))[1] if not problem.warning]
    assert said == ["Business time is not counted here; write for example 2 days or 36 hours."]
