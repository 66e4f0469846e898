"""Steps that ask for what may fail: tried again, and what is done when it has failed for good."""

from __future__ import annotations

import pytest

from journey.commands import Skip
from tests.journey.folders import journey
from tests.journey.player import Player, after

RETRY = """
  - send: a
    retry: {times: 2, pause: 1 hour, doubling: true}
    on_failure: [{send: b}]
  - send: c
"""


def playing(steps: str = RETRY, head: str = "") -> Player:
    return Player(journey(steps, head))


def test_what_fails_is_tried_again_after_a_pause_with_an_identity_of_its_own() -> None:
    player = playing()
    player.answer("refused", reason="mailbox full")
    assert player.state.wake_at == after("1 hour")
    assert player.reasons[-1].endswith("(mailbox full); it is tried again in 1 hour (1 of 2).")
    player.wake("1 hour")
    assert player.state.asked is not None and player.state.asked.id == "send-a/1/100"
    player.answer("failed")
    assert player.state.wake_at == after("3 hours")
    player.wake("3 hours")
    player.answer()

    assert player.sends == "c" and "failure" not in player.state.vars


def test_what_has_failed_for_good_leads_into_on_failure_and_says_what_failed() -> None:
    player = playing()
    for at in ("1 hour", "3 hours", ""):
        player.answer("refused", reason="mailbox full")
        if at:
            player.wake(at)
    assert player.sends == "b"
    assert player.state.vars == {"failure": {"kind": "refused", "reason": "mailbox full", "step": "send-a"}}
    player.answer()

    assert player.sends == "c"


def test_only_the_kinds_of_failure_that_may_pass_are_tried_again() -> None:
    player = playing()
    player.answer("suppressed", reason="no consent")

    assert player.sends == "b"


def test_the_author_may_name_the_kinds_that_are_tried_again() -> None:
    player = playing("  - send: a\n    retry: {times: 1, pause: 1 hour, on: [suppressed]}\n  - send: c\n")
    player.answer("suppressed")
    assert player.state.wake_at == after("1 hour")
    player.wake("1 hour")
    player.answer("refused")

    assert player.sends == "c" and player.reasons[-1].endswith("; the journey goes on.")


def test_pauses_of_the_same_length_stay_the_same_and_none_is_longer_than_ten_years() -> None:
    player = playing("  - send: a\n    retry: {times: 3, pause: 1 hour}\n")
    for hours in (1, 2, 3):
        player.answer("failed")
        assert player.state.wake_at == after(f"{hours} hours")
        player.wake(f"{hours} hours")
    step = journey("  - send: a\n    retry: {times: 100, pause: 100 days, doubling: true}\n").spots["send-a"].step

    assert step.retry.length(99).days == 3660  # type: ignore[attr-defined]  # a Send


def test_an_event_during_the_pause_before_a_new_try_counts_for_the_wait_that_follows() -> None:
    steps = "  - send: a\n    retry: {times: 1, pause: 1 day}\n  - wait: {for: paid, up to: 1 week}\n  - send: b\n"
    player = playing(steps)
    player.answer("failed")
    player.event("paid", "1 hour")
    player.wake("1 day")
    player.answer()

    assert player.sends == "b"


def test_the_customer_is_read_anew_before_a_new_try() -> None:
    steps = "  - {call: x, url: 'https://e.example/{{ customer.n }}', retry: {times: 1, pause: 1 hour}}\n"
    player = Player(journey(steps), record={"n": 1})
    player.answer("busy")
    player.record["n"] = 2
    player.wake("1 hour")

    assert getattr(player.state.asked, "url", "") == "https://e.example/2"


def test_an_exit_ends_it_in_the_pause_before_a_new_try() -> None:
    player = playing(head="exit: [{on: left, as: gone}]\n")
    player.answer("failed")
    player.event("left", "10 minutes")

    assert player.outcome == "gone"


def test_a_step_that_pauses_before_a_new_try_can_be_skipped() -> None:
    player = playing()
    player.answer("failed")
    player.order(Skip(at=after("10 minutes")))

    assert player.sends == "c" and player.state.here == {}


def test_a_second_visit_begins_to_count_tries_anew() -> None:
    steps = "  - repeat: {times: 2}\n    do: [{send: a, retry: {times: 1, pause: 1 hour}}]\n"
    player = playing(steps)
    player.answer("failed")
    player.wake("1 hour")
    player.answer("failed")
    player.answer("failed")

    assert player.state.wake_at == after("2 hours")


@pytest.mark.parametrize("outcome", ["refused", "failed", "suppressed"])
def test_a_team_that_cannot_be_told_leads_into_on_failure(outcome: str) -> None:
    player = playing("  - notify: care\n    text: Please call.\n    on_failure: [{send: b}]\n  - send: c\n")
    player.answer(outcome)

    assert player.sends == "b" and player.state.vars["failure"]["kind"] == outcome


def test_a_mail_of_which_nobody_can_say_whether_it_went_has_not_failed() -> None:
    player = playing("  - notify: care\n    text: Please call.\n    on_failure: [{send: b}]\n  - send: c\n")
    player.answer("unknown")

    assert player.sends == "c"
