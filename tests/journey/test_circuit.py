"""When the way to a provider closes, when one message may try, and when it opens again."""

from datetime import UTC, datetime, timedelta

from journey import circuit
from journey.circuit import Circuit, answered, drained, failed

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_one_message_without_even_a_greeting_closes_the_way() -> None:
    away = failed(Circuit(), "a", "unreachable", "connection refused", AT)
    assert (away.state, away.reason, away.since, away.try_at) == ("away", "connection refused", AT, after(2))
    assert away.closed


def test_a_fault_of_ours_stops_it_at_once_and_is_tried_seldom() -> None:
    stopped = failed(Circuit(), "a", "ours", "535 wrong password", AT)
    assert (stopped.state, stopped.try_at) == ("stopped", after(15))


def test_in_the_middle_of_a_conversation_it_takes_several_messages_in_a_row() -> None:
    """A message that makes the server break off, again and again, is alone with that."""
    lane = Circuit()
    for _ in range(10):
        lane = failed(lane, "poison", "broke off", "closed", AT)
    assert not lane.closed
    lane = failed(lane, "b", "broke off", "closed", AT)
    assert not lane.closed
    assert failed(lane, "c", "broke off", "closed", AT).state == "away"
    assert not failed(answered(lane, AT), "c", "broke off", "closed", AT).closed, "one that went between starts anew"


def test_while_it_is_closed_the_tries_become_ever_more_seldom_and_since_stays() -> None:
    lane = failed(Circuit(), "a", "unreachable", "refused", AT)
    pauses = []
    for number in range(1, 9):
        lane = failed(lane, "b", "unreachable", "refused", after(number))
        assert lane.try_at is not None
        pauses.append((lane.try_at - after(number)).total_seconds())
    assert pauses == [4, 8, 16, 32, 60, 60, 60, 60] and lane.since == AT
    wrong = failed(lane, "b", "ours", "535", after(99))
    assert (wrong.state, wrong.since) == ("stopped", after(99))


def test_the_first_answer_opens_it_and_what_was_held_goes_first() -> None:
    lane = failed(Circuit(), "a", "unreachable", "refused", AT)
    open_again = answered(lane, after(60))
    assert (open_again.state, open_again.since, open_again.closed) == ("draining", after(60), False)
    assert drained(open_again, after(90)) == Circuit("open", "", after(90))
    assert drained(lane, after(90)) is lane, "a closed one does not open because nothing is held"


def test_it_closes_again_while_it_drains() -> None:
    lane = answered(failed(Circuit(), "a", "unreachable", "refused", AT), after(60))
    assert failed(lane, "b", "unreachable", "refused", after(61)) == Circuit(
        "away", "refused", after(61), 0, after(61) + circuit.FIRST
    )
