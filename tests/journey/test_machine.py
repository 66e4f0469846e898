"""What each step does, what effects are called, and what does not fit. Who wins at a deadline: test_deadlines."""

from datetime import timedelta
from typing import Any

import pytest

from journey import work
from journey.effects import AddNote, NotifyTeam, ReadCustomer, SendMessage, UpdateCustomer
from tests.journey.folders import journey
from tests.journey.player import BEGAN, Player, after

WAIT = """  - wait: {for: answered, up to: 2 days}
    then:
      - send: a
    otherwise:
      - send: b
"""
EXIT = "exit:\n  - {on: refunded, if: event.order == start.order, as: refunded}\n  - {on: cancelled, as: cancelled}\n"


def play(steps: str, head: str = "", **more: Any) -> Player:
    return Player(journey(steps, head), **more)


# --- send, notify, note, finish


def test_a_send_asks_for_the_message_and_holds_its_place_until_the_answer() -> None:
    player = play("  - send: a\n  - note: done\n")
    assert player.turn.ask == SendMessage(id="send-a/1/0", message="a")
    assert player.state.wake_at is None
    turn = player.answer("accepted")
    assert turn.writes == (AddNote(id="note/1/0", text="done"),)
    assert player.outcome == "completed"


@pytest.mark.parametrize("outcome", ["accepted", "refused", "failed", "suppressed", "unknown", "something new"])
def test_the_journey_goes_on_whatever_became_of_a_message(outcome: str) -> None:
    player = play("  - send: a\n  - finish: over\n")
    player.answer(outcome, reason="mailbox full")
    assert player.outcome == "over"


def test_why_a_message_did_not_go_is_on_record() -> None:
    player = play("  - send: a\n")
    player.answer("refused", reason="mailbox full")
    assert any("refused" in reason and "mailbox full" in reason for reason in player.reasons)


def test_a_notify_asks_for_the_teams_mail_with_its_text_and_the_variables_of_the_moment() -> None:
    player = play("  - set: {vars.tries: 1}\n  - notify: care\n    text: Call {{ customer.name }}.\n")
    assert player.turn.ask == NotifyTeam(
        id="notify-care/1/0", team="care", text="Call {{ customer.name }}.", vars={"tries": 1}
    )
    player.answer("failed", reason="no such host")
    assert any("could not be told" in reason and "no such host" in reason for reason in player.reasons)
    assert player.outcome == "completed"


def test_falling_off_the_end_is_the_outcome_completed() -> None:
    player = play("  - note: only this\n")
    assert player.state.ended is not None
    assert (player.outcome, player.state.ended.at) == ("completed", BEGAN)
    assert "The journey came to its end" in player.state.ended.why


def test_a_finish_inside_a_block_ends_the_whole_journey() -> None:
    player = play(WAIT.replace("send: b", "finish: silent") + "  - send: c\n")
    player.wake("2 days")
    assert player.outcome == "silent"


# --- wait for a length of time


def test_a_wait_rests_for_its_length_and_no_shorter() -> None:
    player = play("  - wait: 1 day 12 hours\n  - send: a\n")
    assert player.state.wake_at == after("36 hours")
    before = player.state
    assert player.wake("35 hours").ignored == "it is not time yet"
    assert player.state is before
    player.wake("36 hours")
    assert player.sends == "a"


def test_a_wake_up_that_comes_late_is_as_good() -> None:
    player = play("  - wait: 1 day\n  - wait: 1 day\n")
    player.wake("10 days")
    assert player.state.wake_at == after("11 days")


def test_at_a_faster_pace_waits_are_shorter() -> None:
    player = play("  - wait: 1 day\n", pace=8640.0)
    assert player.state.wake_at == BEGAN + timedelta(seconds=10)


def test_an_event_does_not_end_a_wait_of_a_fixed_time() -> None:
    player = play("  - wait: 1 day\n" + WAIT)
    player.event("answered", "1 hour")
    assert player.state.wake_at == after("1 day")


# --- wait for an event


def test_the_event_ends_the_wait_and_then_is_done() -> None:
    player = play(WAIT + "  - send: c\n")
    player.event("answered", "1 day")
    assert player.sends == "a"
    player.answer()
    assert player.sends == "c"


def test_without_the_event_otherwise_is_done_at_the_deadline() -> None:
    player = play(WAIT + "  - send: c\n")
    assert player.wake("2 days").ask == SendMessage(id="send-b/1/0", message="b")
    player.answer()
    assert player.sends == "c"


def test_then_and_otherwise_may_be_left_out() -> None:
    steps = "  - wait: {for: answered, up to: 2 days}\n  - send: c\n"
    came, missed = play(steps), play(steps)
    came.event("answered", "1 day")
    missed.wake("2 days")
    assert came.sends == missed.sends == "c"


def test_into_keeps_the_events_data() -> None:
    steps = "  - wait: {for: answered, up to: 2 days, into: answer}\n  - choose:\n      - if: vars.answer.score > 7\n"
    player = play(steps + "        do:\n          - send: a\n      - else:\n          - send: b\n")
    player.event("answered", "1 day", score=9, words=["very", {"good": True}])
    assert player.state.vars == {"answer": {"score": 9, "words": ["very", {"good": True}]}}
    assert player.sends == "a"


def test_only_an_event_that_meets_the_condition_counts() -> None:
    player = play(WAIT.replace("answered,", "answered, if: event.order == start.order,"), order="o-1")
    turn = player.event("answered", "1 hour", order="o-2")
    assert player.state.wake_at == after("2 days")
    assert turn.decisions[0].text == "answered came: event.order == start.order is not met."
    assert turn.decisions[0].values == {"event.order": "o-2", "start.order": "o-1"}
    assert turn.decisions[0].result is False
    player.event("answered", "2 hours", order="o-1")
    assert player.sends == "a"


def test_a_condition_on_an_event_sees_the_customer_as_it_was_then() -> None:
    player = play(WAIT.replace("answered,", "answered, if: customer.vip,"), record={"vip": True})
    player.event("answered", "1 hour", customer={"vip": False})
    assert player.sends == ""
    player.event("answered", "2 hours", customer={"vip": True})
    assert player.sends == "a"


# --- choose and set


def choose(*branches: str) -> str:
    named = zip(branches, "abc", strict=False)
    lines = "".join(f"      - if: {source}\n        do:\n          - send: {name}\n" for source, name in named)
    return f"  - choose:\n{lines}      - else:\n          - send: d\n"


def test_the_first_branch_whose_condition_is_met_is_taken() -> None:
    assert play(choose("start.n > 5", "start.n > 3", "start.n > 1"), n=4).sends == "b"
    assert play(choose("start.n > 5", "start.n > 3", "start.n > 1"), n=9).sends == "a"


def test_else_is_taken_when_no_condition_is_met() -> None:
    player = play(choose("start.n > 5"), n=1)
    assert player.sends == "d"
    assert player.reasons[-2:] == ["start.n > 5 is not met.", "No condition is met: else is taken."]


def test_a_missing_field_makes_a_condition_false_with_the_reason() -> None:
    player = play(choose("start.n > 5", "customer.plan == 'pro'", "start.x.y > 1"), x={})
    assert player.sends == "d"
    assert [reason.split(": ", 1)[1] for reason in player.reasons if "is not met" in reason] == [
        "start.n is missing.",
        "customer.plan is missing.",
        "start.x.y is missing.",
    ]


@pytest.mark.parametrize(("value", "sent"), [("9", "d"), (True, "d"), (None, "d"), ([], "d"), (9.0, "a"), (2**70, "d")])
def test_a_value_of_the_wrong_kind_makes_a_condition_false(value: Any, sent: str) -> None:
    assert play(choose("start.n > 5"), n=value).sends == sent


def test_a_choose_reads_only_the_fields_of_the_customer_that_it_names() -> None:
    steps = choose("customer.plan == 'pro'", "customer[\"city\"] == 'Ulm'", "has(customer.vip)")
    player = play(steps, record={"city": "Ulm", "name": "Grete"})
    assert player.turns[0].ask == ReadCustomer(id="choose/1/99", fields=("plan", "city", "vip"))
    assert player.sends == "b"


def test_an_empty_branch_goes_on_after_the_choose() -> None:
    player = play("  - choose:\n      - if: start.n > 5\n        do: []\n      - else: []\n  - send: c\n", n=9)
    assert player.sends == "c"


def test_set_takes_values_as_written_and_works_out_those_that_begin_with_an_equals_sign() -> None:
    steps = """  - set:
      customer.plan: pro
      customer.product: = start.product.name
      customer.big: "= start.n > 3 && customer.orders > 1"
      vars.list: [1, {a: b}]
      vars.formula: "=start.n"
      add tags: [vip, new]
      remove tags: [old]
  - set: {vars.n: = size(vars.list) + 1}
"""
    player = play(steps, record={"orders": 2}, product={"name": "Lamp"}, n=4)
    (write,) = [write for turn in player.turns for write in turn.writes]
    assert write == UpdateCustomer(
        id="set/1/0",
        attributes={"plan": "pro", "product": "Lamp", "big": True},
        add_tags=("vip", "new"),
        remove_tags=("old",),
    )
    assert player.state.vars == {"list": [1, {"a": "b"}], "formula": "=start.n", "n": 3}


def test_a_set_of_variables_only_writes_nothing_to_the_customer() -> None:
    player = play("  - set: {vars.a: 1}\n  - set: {vars.a: = vars.a + 1}\n")
    assert [turn.writes for turn in player.turns] == [()]
    assert player.state.vars == {"a": 2}


@pytest.mark.parametrize(
    "formula", ["start.missing", "1.0 / 0.0", "0.0 / 0.0", "1 / 0", "start.n + 'a'", "9223372036854775807 + start.n"]
)
def test_a_value_that_cannot_be_worked_out_is_left_empty_with_the_reason(formula: str) -> None:
    player = play(f'  - set: {{vars.a: "= {formula}"}}\n', n=1)
    assert player.state.vars == {"a": None}
    assert any(reason.startswith("vars.a is left empty: ") for reason in player.reasons)
    assert type(player.state).model_validate_json(player.state.model_dump_json()) == player.state


def test_what_was_set_is_kept_although_the_desk_is_shared_by_many_steps() -> None:
    player = play("  - set: {vars.a: 1}\n  - send: a\n  - set: {vars.a: 2}\n  - send: b\n")
    assert isinstance(player.state.asked, SendMessage)
    assert player.state.asked.vars == {"a": 1}
    player.answer()
    assert isinstance(player.state.asked, SendMessage)
    assert player.state.asked.vars == {"a": 2}
    assert player.turns[0].ask == SendMessage(id="send-a/1/0", message="a", vars={"a": 1})


# --- ids, ends and what does not fit


def test_the_id_of_an_effect_is_step_visit_and_ordinal() -> None:
    player = play("  - repeat: {times: 2}\n    do:\n      - send: a\n      - id: mine\n        note: x\n")
    player.answer()
    player.answer()
    asks = [turn.ask.id for turn in player.turns if turn.ask]
    writes = [write.id for turn in player.turns for write in turn.writes]
    assert (asks, writes) == (["send-a/1/0", "send-a/2/0"], ["mine/1/0", "mine/2/0"])


def test_the_same_inputs_give_the_same_ids_in_another_run() -> None:
    def run() -> list[str]:
        steps = "  - send: a\n" + choose("customer.x") + "  - notify: care\n    text: x\n  - set: {customer.a: 1}\n"
        player = play(steps)
        while player.state.asked:
            player.answer()
        return [effect.id for turn in player.turns for effect in (*turn.writes, *([turn.ask] if turn.ask else []))]

    assert run() == run() == ["send-a/1/0", "choose/1/99", "send-d/1/0", "notify-care/1/0", "set/1/0"]


def test_decisions_have_ids_of_their_own_over_all_turns() -> None:
    player = play(WAIT.replace("send: a", "note: a") + WAIT, EXIT, order="o")
    player.event("refunded", "1 hour", order="x")
    player.event("answered", "2 hours")
    player.event("cancelled", "3 hours")
    ids = [decision.id for turn in player.turns for decision in turn.decisions]
    assert ids == ["1.0", "2.0", "3.0", "4.0"]


def test_an_instance_that_has_ended_ignores_everything() -> None:
    player = play("  - wait: 1 day\n" + WAIT, EXIT)
    player.event("cancelled", "1 hour")
    ended = player.state
    assert player.event("answered", "2 hours").ignored == "the journey has ended"
    assert player.event("cancelled", "2 hours").ignored == "the journey has ended"
    assert player.wake("9 days").ignored == "the journey has ended"
    assert player.answer(effect="send-a/1/0").ignored == "the journey has ended"
    assert player.state is ended


@pytest.mark.parametrize("effect", ["send-b/1/0", "send-a/2/0", "send-a/1/1", "", "nothing"])
def test_an_answer_to_what_was_not_asked_changes_nothing_and_says_so(effect: str) -> None:
    player = play("  - send: a\n")
    before = player.state
    turn = player.answer(effect=effect or "?")
    assert turn.ignored == f"nobody waits for the answer to {effect or '?'}"
    assert (turn.state, turn.ask, turn.writes, turn.decisions) == (before, None, (), ())


def test_an_answer_that_comes_twice_counts_once() -> None:
    player = play("  - send: a\n  - send: b\n")
    player.answer()
    turn = player.answer(effect="send-a/1/0")
    assert turn.ignored and player.sends == "b"


def test_an_event_that_the_journey_does_not_listen_to_changes_nothing() -> None:
    player = play(WAIT, EXIT)
    before = player.state
    assert player.event("weather.changed", "1 hour").ignored == "this journey does not listen to weather.changed"
    assert player.state is before


def test_a_wake_up_while_a_message_is_in_flight_changes_nothing() -> None:
    player = play("  - send: a\n")
    assert player.wake("99 days").ignored == "it is not time yet"


def test_time_never_runs_backwards() -> None:
    player = play("  - send: a\n  - wait: 1 day\n")
    player.event("nothing", "5 hours")
    player.answer(at="5 hours")
    player.event("cancelled", "1 hour")
    assert player.state.wake_at == after("29 hours")
    assert player.state.now == after("5 hours")


def test_what_an_instance_does_is_told_in_a_few_words() -> None:
    story = journey("  - wait: 1 day\n" + choose("customer.x") + "  - notify: care\n    text: x\n" + WAIT, EXIT)
    player = Player(story)
    told = [work.doing(story, player.state)]
    player.wake("1 day")
    told += [work.doing(story, turn.state) for turn in player.turns[-2:]]
    player.answer()
    told.append(work.doing(story, player.state))
    player.answer()
    told.append(work.doing(story, player.state))
    player.event("cancelled", "2 days")
    told.append(work.doing(story, player.state))
    assert told == [
        "waits 1 day",
        "reads the customer record",
        "sends d",
        "tells care",
        "waits for answered",
        "ended: cancelled",
    ]


def test_a_null_in_an_event_counts_as_missing() -> None:
    branches = "      - if: has(vars.answer.a.b)\n        do: [{finish: there}]\n      - else: [{finish: missing}]\n"
    asked = f"  - choose:\n{branches}"
    player = play("  - wait: {for: x, up to: 1 day, into: answer}\n" + asked)
    player.event("x", "1 hour", a={"b": None, "c": [None, {"d": None}]}, e=None)
    assert player.outcome == "missing"
    assert player.state.vars == {"answer": {"a": {"c": [None, {}]}}}
