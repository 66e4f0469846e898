"""What every kind of step says of itself: for pictures, pages, rules and paths. One journey has them all."""

from __future__ import annotations

from typing import ClassVar

import pytest

from journey import flow
from journey.definition import Journey
from journey.inputs import EffectDone, Event
from journey.load import check
from journey.state import Aside, State
from journey.steps import STEPS, Step
from journey.steps.send import Send
from journey.turn import Desk, Next
from tests.journey.folders import DECLARED, folder, journey
from tests.journey.player import after

STEPS_OF_ALL_KINDS = """
  - {id: send, send: a, retry: {times: 1, pause: 1 hour}, on_failure: [{id: send-failed, note: x}]}
  - {id: ask, ask: b, for: wrote, up to: 1 week, into: answer, then: [{id: answered, note: x}], otherwise: []}
  - {id: wait, wait: 2 days}
  - id: wait-for
    wait: {for: paid, if: event.n > 1, up to: 1 week, since: 2 days, into: payment}
    then: [{id: came, note: x}]
    otherwise: []
  - id: wait-until
    wait: {until: customer.plan == "pro", up to: 1 week}
  - id: wait-date
    wait: {date: 3 days before start.ends_on, at: 9:00}
    on_past: go on
    on_invalid: [{id: no-date, note: x}]
  - {id: wait-window, wait: {window: mon-fri 9:00-17:00}}
  - id: race
    race: [{for: paid, into: first, do: []}, {until: customer.vip, do: [{id: vip, note: x}]}]
    up to: 1 day
    since: journey
  - {id: collect, collect: paid, if: event.n > 0, up to: 1 hour, quiet: 10 minutes, into: payments}
  - id: choose
    choose: [{if: vars.payments.size() > 1, do: []}, {else: [{id: few, note: x}]}]
  - id: split
    split: [{percent: 90, as: short, do: []}, {holdout: 10, up to: 30 days}]
    experiment: words
    into: arm
  - {id: repeat, repeat: {times: 2, every: 1 day, until: customer.vip}, do: [{id: again, note: x}]}
  - {id: repeat-at-once, repeat: {times: 2}, do: [{id: twice, note: x}]}
  - {id: set, set: {customer.plan: pro, vars.n: = start.n, add tags: [vip]}}
  - {id: note, note: "{{ customer.name }}"}
  - {id: notify, notify: care, text: Please call., on_failure: []}
  - id: task
    task: call
    team: care
    title: Call
    form: {reached: yes/no}
    due: 1 day
    escalate: [{after: 1 hour, to: care}]
    up to: 1 week
    into: talk
    outcomes: [{as: helped, do: []}]
    overtaken by: [{for: paid, into: late, do: []}]
  - id: call
    call: desk
    url: https://desk.example/{{ start.n }}
    body: {who: = customer.name}
    into: ticket
    on_failure: []
  - id: start
    start: other
    with: {n: = customer.n}
    up to: 1 week
    into: result
    outcomes: [{as: won, do: []}]
    on_failure: []
  - {id: throttle, throttle: mail, at most: 1, per: 1 day, key: customer.id, otherwise: [{id: enough, note: x}]}
  - id: clock
    clock: {start: answer, kind: internal, due: 8 hours}
    warn: [{at: 75%, do: [{id: warned, note: x}]}]
    breach: [{id: breached, note: x}]
  - {id: clock-pause, clock: {pause: answer, reason: a question, if: event.n > 1, until: wrote, up to: 2 days}}
  - {id: clock-resume, clock: {resume: answer}}
  - {id: clock-stop, clock: {stop: answer}}
  - choose: [{if: start.n > 1, do: [{id: goto, goto: wait}]}, {else: []}]
    id: last
  - {id: finish, finish: over}
"""
OTHER = "journey: other\ntitle: Another\nowner: tests@example.org\nstart: {on: other}\nsteps:\n  - send: a\n"


@pytest.fixture(scope="module")
def museum() -> Journey:
    library, problems = check(folder(STEPS_OF_ALL_KINDS) | {"other.yaml": OTHER})
    assert library is not None, [str(problem) for problem in problems if not problem.warning]
    return library.journeys["story"]


def test_all_kinds_are_there(museum: Journey) -> None:
    assert {spot.step.kind for spot in museum.spots.values()} == set(STEPS)


def test_pictures_have_words_for_every_step_and_every_way(museum: Journey) -> None:
    words = {step_id: spot.step.words() for step_id, spot in museum.spots.items()}
    assert all(words.values())
    assert [words[name] for name in ("send", "ask", "collect", "split", "repeat", "throttle", "goto", "note")] == [
        "✉ a", "✉ b?", "collect paid", "split words", "repeat up to 2 times, every 1 day", "at most 1 mail per 1 day",
        "↺ wait", "note: [name]",
    ]  # fmt: skip
    labels = {
        step_id: [spot.step.label(block) for block, _ in spot.step.blocks()]
        for step_id, spot in museum.spots.items()
        if any(True for _ in spot.step.blocks())
    }
    assert labels == {
        "send": ["it failed"],
        "ask": ["it was answered", "not within 1 week"],
        "wait-for": ["it came", "not within 1 week"],
        "wait-until": ["it is so", "not within 1 week"],
        "wait-date": ["it is past", "there is no date"],
        "race": ["paid", "customer.vip", "not within 1 day"],
        "choose": ["vars.payments.size() > 1", "else"],
        "split": ["90 % short"],
        "repeat": ["each round"],
        "repeat-at-once": ["each round"],
        "notify": ["it failed"],
        "task": ["helped", "paid", "not within 1 week"],
        "call": ["it failed"],
        "start": ["won", "not within 1 week", "it failed"],
        "throttle": ["used up"],
        "clock": ["at 75%", "breach"],
        "last": ["start.n > 1", "else"],
    }


def test_pages_have_words_for_who_rests_at_a_step(museum: Journey) -> None:
    said = {step_id: spot.step.doing() for step_id, spot in museum.spots.items() if spot.step.may_rest()}

    assert said == {
        "send": "stands",
        "ask": "waits for the answer to b",
        "wait": "waits 2 days",
        "wait-for": "waits for paid",
        "wait-until": 'waits until customer.plan == "pro"',
        "wait-date": "waits until 3 days before start.ends_on at 9:00",
        "wait-window": "waits for mon-fri 9:00-17:00",
        "race": "waits for paid or customer.vip",
        "collect": "collects paid",
        "split": "is held out: gets nothing, and is watched for the goal",
        "repeat": "waits for the next round",
        "task": "waits for the task call",
        "start": "waits for the end of other",
    }


def test_nothing_follows_a_jump_or_an_end(museum: Journey) -> None:
    assert {step_id for step_id, spot in museum.spots.items() if spot.step.ends()} == {"goto", "finish"}


def test_a_way_back_is_endless_unless_time_passes_on_it_for_certain(museum: Journey) -> None:
    sure = {step_id for step_id, spot in museum.spots.items() if spot.step.must_rest()}
    assert sure == {"wait", "wait-for", "collect", "task"}
    assert list(flow.endless(museum)) == []


def test_what_a_step_hears_keeps_and_waits_for(museum: Journey) -> None:
    spots = museum.spots
    assert museum.hears == ("customer.changed", "journey.ended", "paid", "task.completed", "wrote")
    assert {step_id for step_id in spots if spots[step_id].step.keeps()} == {"wait-for", "race"}
    assert {name: event for step_id in spots for name, event in spots[step_id].step.takes()} == {
        "answer": "wrote", "payment": "paid", "first": "paid", "late": "paid",
    }  # fmt: skip
    events = {(step_id, *path) for step_id in spots for path, _ in spots[step_id].step.events()}
    assert events == {
        ("ask", "for"), ("wait-for", "wait", "for"), ("race", "race", 0, "for"), ("collect", "collect"),
        ("task", "overtaken by", 0, "for"), ("clock-pause", "clock", "until"),
    }  # fmt: skip


def test_what_a_step_reads_of_the_customer(museum: Journey) -> None:
    assert {step_id: needs.fields for step_id, needs in museum.needs.items() if needs.fields} == {
        "wait-until": ("plan",), "race": ("vip",), "repeat": ("vip",), "call": ("name",), "start": ("n",),
        "throttle": ("id",),
    }  # fmt: skip


def test_what_a_step_keeps_and_where_that_is_certain(museum: Journey) -> None:
    made = {step_id: spot.step.makes() for step_id, spot in museum.spots.items() if spot.step.makes()}
    assert made == {
        "send": ("failure",), "ask": ("answer",), "wait-for": ("payment",), "race": ("first",),
        "collect": ("payments",), "split": ("arm",), "set": ("n",), "notify": ("failure",), "task": ("talk", "late"),
        "call": ("failure", "ticket"), "start": ("failure", "result"),
    }  # fmt: skip
    certain = {
        (step_id, block): museum.spots[step_id].step.certain(block)
        for step_id in made
        for block in ("", *(name for name, _ in museum.spots[step_id].step.blocks()))
    }
    assert {where: names for where, names in certain.items() if names} == {
        ("send", "on_failure"): ("failure",), ("ask", ""): ("answer",), ("ask", "then"): ("answer",),
        ("wait-for", ""): ("payment",), ("wait-for", "then"): ("payment",), ("race", "race/0/do"): ("first",),
        ("collect", ""): ("payments",), ("split", ""): ("arm",), ("split", "split/0/do"): ("arm",), ("set", ""): ("n",),
        ("notify", "on_failure"): ("failure",), ("task", ""): ("talk",), ("task", "outcomes/0/do"): ("talk",),
        ("task", "overtaken by/0/do"): ("late",), ("call", ""): ("ticket",), ("call", "on_failure"): ("failure",),
        ("start", ""): ("result",), ("start", "outcomes/0/do"): ("result",), ("start", "on_failure"): ("failure",),
    }  # fmt: skip
    shapes = {name: sorted(fields) for spot in museum.spots.values() for name, fields in spot.step.shapes().items()}
    assert shapes == {
        "failure": ["kind", "reason", "step"], "talk": ["outcome", "reached"], "result": ["outcome"],
    }  # fmt: skip


def test_the_lengths_that_begin_at_a_step(museum: Journey) -> None:
    lengths = {(step_id, *path): text for step_id, spot in museum.spots.items() for path, text in spot.step.lengths()}

    assert lengths == {
        ("ask", "up to"): "1 week", ("wait", "wait"): "2 days", ("wait-for", "wait", "up to"): "1 week",
        ("wait-until", "wait", "up to"): "1 week", ("race", "up to"): "1 day", ("collect", "up to"): "1 hour",
        ("collect", "quiet"): "10 minutes", ("split", "split", 1, "up to"): "30 days",
        ("repeat", "repeat", "every"): "1 day", ("task", "due"): "1 day", ("task", "up to"): "1 week",
        ("start", "up to"): "1 week", ("clock", "clock", "due"): "8 hours",
        ("clock-pause", "clock", "up to"): "2 days",
    }  # fmt: skip


def test_traces_have_a_title_for_every_step(museum: Journey) -> None:
    titles = {step_id: spot.step.title() for step_id, spot in museum.spots.items()}

    assert [titles[name] for name in ("send", "choose", "start", "task", "call", "finish", "goto", "note")] == [
        "send a", "choose", "start other", "task call", "call desk", "finish over", "goto wait", "note",
    ]  # fmt: skip
    assert titles["race"] == "wait for paid or customer.vip" and titles["collect"] == "collect paid"


class Plain(Step):
    """A kind that takes every default."""

    kind: ClassVar[str] = "plain"
    plain: str = ""


def test_the_defaults_suit_a_step_that_does_one_thing_and_goes_on(museum: Journey) -> None:
    step, state = Plain(id="plain", plain="one"), State(started_at=after(""), now=after(""), moved_at=after(""))
    desk = Desk(museum, state, after("1 hour"))
    event = Event(type="paid", at=after("1 hour"))

    assert (step.title(), step.label("do"), step.doing(), step.uid) == ("plain one", "do", "stands", "plain")
    assert step.answered(desk, EffectDone(effect="x", at=after(""))) == Next() == step.woke(desk)
    aside = Aside(at=after(""), step="plain", what="do")
    assert step.aside(desk, aside) == Next() and not step.reads_for(aside) and step.listens() == ()
    assert step.heard(desk, event) is None and step.counts(event, desk)
    assert (step.goes_on(), step.may_rest(), step.must_rest(), step.loops(), step.ends()) == (True, *[False] * 4)
    assert (step.reads(), step.calendars(), step.hears(), step.keeps(), step.makes()) == ((),) * 5
    assert Send(id="send", send="a").rested(desk) == Next()
    assert [*step.blocks(), *step.uses(), *step.texts()] == [] and step.shapes() == {}


@pytest.mark.parametrize(
    ("arms", "said"),
    [
        ("{percent: 50, as: a, do: []}, {as: b, do: []}", "an arm is written as percent:"),
        ("{percent: 50, as: a, do: []}, {percent: 50, holdout: 50, as: b, do: []}", "an arm is written as percent:"),
        ("{percent: 50, as: a, do: []}, {holdout: 50, as: b, up to: 1 day}", 'a holdout gets nothing and has no "as"'),
        ("{percent: 50, as: a, do: []}, {holdout: 50}", "say how long the holdout is watched for the goal"),
        ("{percent: 50, as: a, do: []}, {percent: 50, as: b, do: [], up to: 1 day}", '"up to" belongs to a holdout'),
        ("{percent: 50, as: a, do: []}, {percent: 50, do: []}", '"as" is missing here'),
        ("{percent: 50, as: a, do: []}, {percent: 50, as: b}", '"do" is missing here'),
        ("{percent: 50, as: a, do: []}, {percent: 40, as: b, do: []}", "the shares add up to 90 percent"),
    ],
)
def test_what_is_wrong_with_an_arm_is_said(arms: str, said: str) -> None:
    _, problems = check(folder(f"  - split: [{arms}]\n"))

    assert said.lower() in problems[0].message.lower(), problems


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        ("{up to: 1 day}", "say what is waited for"),
        ("{for: paid, until: vars.x, up to: 1 day}", "say what is waited for"),
        ("{until: customer.vip, if: event.n > 1, up to: 1 day}", '"if" belongs to for: an event'),
        ("{until: customer.vip, into: x, up to: 1 day}", '"into" belongs to for: an event'),
        ("{for: paid, up to: 1 day, since: yesterday}", '"yesterday" is not possible here'),
    ],
)
def test_what_is_wrong_with_a_wait_for_something_is_said(wait: str, said: str) -> None:
    _, problems = check(folder(f"  - wait: {wait}\n"))

    assert said.lower() in problems[0].message.lower(), problems


def test_a_variable_that_does_not_begin_as_declared_is_a_mistake() -> None:
    _, problems = check(folder("  - send: a\n", "variables: {n: {type: whole number, default: many}}\n"))

    assert problems[0].message == "The default does not fit: it is not a whole number."


@pytest.mark.parametrize("event", ["task.completed", "journey.ended", "survey.answered"])
def test_a_story_may_let_happen_what_comes_from_wayfare_itself_without_a_declaration(event: str) -> None:
    files = {path: text for path, text in {**folder("  - send: a\n"), **DECLARED}.items() if event not in path}
    files["scenarios/story.yaml"] = (
        f"journey: story\nscenarios: [{{name: one, events: [{{after: 1 day, type: {event}}}]}}]\n"
    )
    assert not [one for one in check(files)[1] if one.place.file.startswith("scenarios/")]


def test_the_way_past_the_blocks_of_a_step_has_words_for_its_picture() -> None:
    steps = """  - clock: {start: c, kind: internal, due: 1 day}
    breach: [{note: late}]
  - send: a
    on_failure: [{note: failed}]
  - task: call
    team: care
    title: Call
    up to: 1 day
    outcomes: [{as: done, do: [{note: done}]}]
  - wait: {for: paid, up to: 1 day}
  - {wait: {date: start.day, at: "9:00"}, on_past: go on, on_invalid: go on}
  - {start: story, with: {n: "= 1"}, up to: 1 day, id: other}
  - clock: {stop: c}
"""
    said = {name: spot.step.past() for name, spot in journey(steps).spots.items()}
    wanted = {"send-a": "it went", "task-call": "it is done", "other": "it has ended", "wait-date": "on that day"}
    assert {**said, **wanted, "wait-for-paid": "otherwise", "clock-start-c": "at once"} == said
