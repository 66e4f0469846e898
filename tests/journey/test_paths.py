"""Race, split, repeat, goto and closing steps: which way a customer goes, played by the simulator."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journey import durations
from journey.definition import Journey
from journey.life import Coming
from journey.load import check, load
from journey.simulator import simulate
from journey.steps.split import bucket

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
COMPANY = "company: Example\nmail from: Example <hello@example.org>\n"
HEAD = "journey: example\ntitle: An example\nowner: a@example.org\nstart: {on: began}\n"
TEXTS = {f"messages/{name}.md": f"---\nsubject: {name}\n---\nHello.\n" for name in ("a", "b", "c", "d")}


def files(steps: str) -> dict[str, str]:
    return {"company.yaml": COMPANY, "example.yaml": HEAD + steps, **TEXTS}


def journey(steps: str) -> Journey:
    return load(files(steps)).journeys["example"]


def rules(steps: str) -> list[str]:
    return [problem.rule for problem in check(files(steps))[1] if problem.rule != "message-unused"]


def played(
    steps: str, events: list[tuple[str, str]] | None = None, record: dict[str, Any] | None = None
) -> list[tuple[str, str]]:
    """What a customer sees: (when, what) of messages, notes, changes and the end."""
    coming = [Coming(durations.parse(after), kind, {"type": kind}) for after, kind in events or []]
    trace = simulate(journey(steps), BEGAN, {"order": "o-1"}, record or {"id": "c-1"}, coming)
    kinds = ("send", "notify", "note", "set", "finish")
    return [(durations.say(line.after), f"{line.kind} {line.text}") for line in trace.lines if line.kind in kinds]


RACE = """steps:
  - race:
      - for: accepted
        into: answer
        do:
          - send: a
      - for: rejected
        do:
          - send: b
          - finish: reopened
    up to: 5 days
    otherwise:
      - send: c
  - send: d
"""


def test_the_first_event_of_a_race_decides_the_way() -> None:
    assert played(RACE, [("1 day", "rejected"), ("2 days", "accepted")]) == [
        ("1 day", "send b"),
        ("1 day", "finish reopened"),
    ]
    assert played(RACE, [("1 day", "accepted"), ("2 days", "rejected")])[0] == ("1 day", "send a")


def test_a_race_that_nobody_enters_goes_on_after_its_maximum() -> None:
    assert played(RACE) == [("5 days", "send c"), ("5 days", "send d"), ("5 days", "finish completed")]


def test_an_event_at_the_deadline_of_a_race_still_wins() -> None:
    assert played(RACE, [("5 days", "accepted")])[0] == ("5 days", "send a")


def test_repeat_does_its_steps_with_pauses_between_and_none_at_the_ends() -> None:
    steps = "steps:\n  - repeat: {times: 3, every: 1 week}\n    do:\n      - send: a\n  - send: b\n"
    assert played(steps) == [
        ("0 seconds", "send a"),
        ("7 days", "send a"),
        ("14 days", "send a"),
        ("14 days", "send b"),
        ("14 days", "finish completed"),
    ]


def test_repeat_asks_its_condition_before_each_round_with_the_customer_read_anew() -> None:
    steps = """steps:
  - repeat:
      times: 5
      every: 1 week
      until: has(customer.done) && customer.done
    do:
      - send: a
      - choose:
          - if: customer.tags.exists(tag, tag == "once")
            do:
              - set: {customer.done: true}
          - else:
              - set: {add tags: [once]}
  - send: b
"""
    sent = [(when, what) for when, what in played(steps) if what.startswith("send")]
    assert sent == [("0 seconds", "send a"), ("7 days", "send a"), ("14 days", "send b")]


def test_repetitions_inside_repetitions_count_by_themselves() -> None:
    steps = """steps:
  - repeat: {times: 2}
    do:
      - repeat: {times: 2, every: 1 day}
        do:
          - send: a
"""
    assert [when for when, what in played(steps) if what == "send a"] == [
        "0 seconds",
        "1 day",
        "1 day",
        "2 days",
    ]


def test_goto_leads_back_through_a_wait() -> None:
    steps = """steps:
  - id: again
    send: a
  - wait:
      for: done
      up to: 1 week
    otherwise:
      - goto: again
  - send: b
"""
    assert played(steps, [("10 days", "done")]) == [
        ("0 seconds", "send a"),
        ("7 days", "send a"),
        ("10 days", "send b"),
        ("10 days", "finish completed"),
    ]


def test_a_jump_out_of_a_repetition_begins_it_anew_when_it_is_reached_again() -> None:
    steps = """steps:
  - id: top
    wait: {for: never.comes, up to: 1 day}
  - repeat: {times: 3}
    do:
      - send: a
      - wait: {for: leave, up to: 1 day, since: journey}
        then:
          - goto: top
  - send: b
"""
    sent = [(when, what) for when, what in played(steps, [("2 days", "leave")]) if what.startswith("send")]
    assert sent == [
        ("1 day", "send a"),
        ("3 days", "send a"),
        ("4 days", "send a"),
        ("5 days", "send a"),
        ("6 days", "send b"),
    ]


SPLIT = """steps:
  - split:
      - {percent: 30, as: left, do: [{send: a}]}
      - {percent: 60, as: right, do: [{send: b}]}
      - {percent: 10, as: holdout, do: []}
    experiment: first-words
    into: arm
  - note: "{{ vars.arm }}"
"""


def test_a_split_gives_each_customer_the_same_way_every_time() -> None:
    for number in range(20):
        record = {"id": f"c-{number}"}
        assert played(SPLIT, record=record) == played(SPLIT, record=record)


def test_a_split_follows_its_shares() -> None:
    count: Counter[str] = Counter()
    for number in range(2_000):
        place = bucket("first-words", f"c-{number}")
        count["left" if place < 30 else "right" if place < 90 else "holdout"] += 1
    assert 520 < count["left"] < 680
    assert 1_120 < count["right"] < 1_280
    assert 140 < count["holdout"] < 260


def test_two_experiments_deal_independently() -> None:
    same = sum((bucket("one", f"c-{n}") < 50) == (bucket("two", f"c-{n}") < 50) for n in range(2_000))
    assert 900 < same < 1_100


CLOSING = """exit:
  - on: complaint.opened
    as: complaint
    do:
      - set: {customer.mark: false}
      - note: Ended by a complaint.
goal:
  on: setup.completed
  as: activated
  do:
    - send: c
steps:
  - send: a
  - wait: 10 days
  - send: b
"""


def test_an_exit_does_its_closing_steps_and_then_ends_with_its_outcome() -> None:
    assert played(CLOSING, [("3 days", "complaint.opened")]) == [
        ("0 seconds", "send a"),
        ("3 days", "set customer.mark = false"),
        ("3 days", "note Ended by a complaint."),
        ("3 days", "finish complaint"),
    ]


def test_a_goal_does_its_closing_steps_too() -> None:
    seen = played(CLOSING, [("3 days", "setup.completed")])
    assert seen[-2:] == [("3 days", "send c"), ("3 days", "finish activated")]


def test_an_event_during_closing_steps_changes_nothing() -> None:
    from journey import machine
    from journey.inputs import EffectDone, Entry, Event, EventReceived

    example = journey(CLOSING)

    def event(kind: str) -> EventReceived:
        return EventReceived(event=Event(type=kind, at=BEGAN + timedelta(days=1)), at=BEGAN + timedelta(days=1))

    state = machine.start(example, Entry(event=Event(type="began", at=BEGAN)), BEGAN).state
    turn = machine.advance(example, state, event("setup.completed"))  # while the first message is on its way
    assert turn.ask is not None
    assert turn.ask.kind == "send"
    assert turn.state.closing is not None
    late = machine.advance(example, turn.state, EffectDone(effect=state.asked.id if state.asked else "", at=BEGAN))
    assert late.ignored
    other = machine.advance(example, turn.state, event("complaint.opened"))
    assert other.state.ended is None
    done = machine.advance(example, other.state, EffectDone(effect=turn.ask.id, outcome="accepted", at=BEGAN))
    assert done.state.ended is not None
    assert done.state.ended.outcome == "activated"


@pytest.mark.parametrize(
    ("steps", "rule"),
    [
        ("steps:\n  - goto: nowhere\n", "unknown-step"),
        ("steps:\n  - id: x\n    send: a\n  - goto: x\n", "endless-loop"),
        ("steps:\n  - finish: x\n  - send: a\n", "unreachable-step"),
        (
            "steps:\n  - choose: [{if: now == now, do: [{finish: x}]}, {else: [{finish: y}]}]\n  - send: a\n",
            "unreachable-step",
        ),
        ("goal: {on: x, as: y, do: [{wait: 1 day}]}\nsteps:\n  - send: a\n", "closing-waits"),
        ("steps:\n  - repeat: {times: 2}\n    do: [{send: nope}]\n", "unknown-message"),
        ("steps:\n  - split: [{percent: 50, as: a, do: []}, {percent: 40, as: b, do: []}]\n", "split-form"),
        ("steps:\n  - race: [{for: x, do: []}, {for: y, do: []}]\n", "missing-key"),
    ],
)  # fmt: skip
def test_a_wrong_path_is_found(steps: str, rule: str) -> None:
    assert rule in rules(steps)


def test_a_step_that_only_a_jump_reaches_is_reachable() -> None:
    steps = "steps:\n  - goto: later\n  - id: b\n    finish: b\n  - id: later\n    send: a\n  - goto: b\n"
    assert rules(steps) == []
