"""Work for people: told, reminded, escalated, done, overtaken, closed."""

from __future__ import annotations

from typing import Any

import pytest

from journey.commands import Cancel, Pause, Resume, Skip
from journey.definition import Journey
from journey.effects import CloseTask, NotifyTeam, OpenTask
from journey.inputs import CUSTOMER_CHANGED, TASK_COMPLETED
from journey.load import check, load
from journey.steps.task import Task
from journey.turn import Turn
from tests.journey.folders import COMPANY, folder, journey
from tests.journey.player import Player, after

TASK = """
  - task: call-customer
    team: care
    title: Call {{ customer.name }}
    text: The lamp of order {{ start.order_id }} is dark.
    form: {reached: yes/no, comment: optional text}
    due: 2 days
    warn: 4 hours
    escalate:
      - {after: 0 hours, to: care}
      - {after: 1 day, to: care}
    up to: 1 week
    into: result
    outcomes:
      - {as: helped, do: [{send: a}]}
      - {as: unreachable, do: [{send: b}]}
    overtaken by:
      - {for: paid, into: payment, do: [{send: c}]}
      - {until: customer.content, do: [{send: d}]}
    otherwise: [{finish: stalled}]
  - note: done
"""
GUIDED = """
  - task: call-customer
    team: care
    title: Call
    assign: ada
    skill: german
    playbook:
      check: ["Is {{ customer.name }} at home?"]
      say: We are sorry.
      replies: [a]
  - send: b
"""
UNDUE = "\n".join(line for line in TASK.split("\n") if "due" not in line and "warn" not in line and "after" not in line)
UNDUE = UNDUE.replace("    escalate:\n", "")
OFFICE = "calendar: office\ntitle: Office\ntime zone: UTC\nhours: {mon-fri: 9:00-17:00}\n"
SIMPLE = "  - {task: call, team: care, title: Call}\n  - send: a\n"


def playing(steps: str = TASK, head: str = "", **record: Any) -> Player:
    return Player(journey(steps, head), record=record)


def waiting(steps: str = TASK, head: str = "") -> Player:
    player = playing(steps, head)
    player.answer()
    return player


def closed(turn: Turn) -> tuple[str, str]:
    [write] = [write for write in turn.writes if isinstance(write, CloseTask)]
    assert write.opened.endswith("/0") and write.id != write.opened
    return write.state, write.reason


def test_a_task_is_opened_and_its_team_is_told() -> None:
    player = playing()
    [opened] = [write for turn in player.turns for write in turn.writes]
    assert isinstance(opened, OpenTask)
    assert (opened.task, opened.team, opened.due_at) == ("call-customer", "care", after("2 days"))
    assert (opened.outcomes, opened.awaited, set(opened.form)) == (
        ("helped", "unreachable"),
        True,
        {"reached", "comment"},
    )
    asked = player.state.asked
    assert isinstance(asked, NotifyTeam) and asked.task == opened.id
    assert asked.text.startswith("Call {{ customer.name }}\n\nDue in 2 days.\n\nThe lamp")


@pytest.mark.parametrize(("outcome", "sent"), [("helped", "a"), ("unreachable", "b")])
def test_its_outcome_decides_the_way(outcome: str, sent: str) -> None:
    player = waiting()
    answers = {"reached": True, "comment": "Thanks."}
    task = player.state.here["task"]
    player.event(TASK_COMPLETED, "1 day", task=task, outcome=outcome, answers=answers)

    assert player.sends == sent
    assert player.state.vars["result"] == {"reached": True, "comment": "Thanks.", "outcome": outcome}


def test_a_story_may_name_the_task_by_its_name() -> None:
    player = waiting()
    player.event(TASK_COMPLETED, "1 day", name="call-customer", outcome="helped")

    assert player.sends == "a"


@pytest.mark.parametrize(
    "said",
    [
        {"task": "call-customer/9/0", "outcome": "helped"},
        {"task": "call-customer/1/0", "outcome": "danced"},
        {"name": "other", "outcome": "helped"},
        {"outcome": "helped"},
    ],
)
def test_another_task_or_an_outcome_that_it_cannot_have_moves_nobody(said: dict[str, Any]) -> None:
    player = waiting()
    player.event(TASK_COMPLETED, "1 day", **said)

    assert player.state.step == "task-call-customer" and player.sends == ""


def test_a_task_without_outcomes_goes_on_whatever_it_came_to() -> None:
    player = waiting("  - {task: call, team: care, title: Call, up to: 1 week}\n  - send: a\n")
    player.event(TASK_COMPLETED, "1 day", name="call", outcome="whatever", answers="none")

    assert player.sends == "a"


def test_the_team_is_reminded_before_it_is_due_and_others_are_told_when_it_is_late() -> None:
    player = waiting()
    told = []
    for at in ("44 hours", "2 days", "3 days"):
        assert player.state.wake_at == after(at)
        player.wake(at)
        asked = player.state.asked
        assert isinstance(asked, NotifyTeam)
        told.append((asked.id, asked.text.split("\n")[0], asked.task))
        player.answer()
    assert told == [
        ("task-call-customer/1/2", "Due in 4 hours: Call {{ customer.name }}", ""),
        ("task-call-customer/1/3", "Late: Call {{ customer.name }}", ""),
        ("task-call-customer/1/4", "Late: Call {{ customer.name }}", ""),
    ]
    assert player.state.wake_at == after("1 week")


def test_an_answer_that_comes_while_somebody_is_told_counts() -> None:
    player = waiting()
    player.wake("44 hours")
    player.event(TASK_COMPLETED, "45 hours", name="call-customer", outcome="helped")
    player.answer("failed", reason="no such mailbox")

    assert player.sends == "a"
    assert any("The team care could not be told for sure" in reason for reason in player.reasons)


def test_a_team_that_could_not_be_told_finds_the_task_in_its_list() -> None:
    player = playing()
    player.answer("refused")

    assert player.state.wake_at == after("44 hours") and player.reasons[-1].endswith("stands in the list of tasks.")


def test_what_makes_it_needless_closes_it() -> None:
    player = waiting()
    turn = player.event("paid", "1 day", amount=3)
    assert closed(turn) == ("overtaken", "paid")
    assert player.sends == "c" and player.state.vars["payment"] == {"amount": 3}
    player = waiting()
    turn = player.event(CUSTOMER_CHANGED, "1 day", customer={"content": True})

    assert closed(turn) == ("overtaken", "customer.content") and player.sends == "d"


def test_a_task_that_is_needless_already_is_not_opened() -> None:
    player = playing(content=True)

    assert player.sends == "d" and not any(turn.writes for turn in player.turns)


def test_a_task_that_is_not_done_in_time_is_closed() -> None:
    player = waiting(UNDUE)
    turn = player.wake("1 week")

    assert closed(turn) == ("cancelled", "it was not done in time") and player.outcome == "stalled"


def test_nobody_is_told_after_the_journeys_own_wait_is_over() -> None:
    player = waiting(TASK.replace("up to: 1 week", "up to: 2 days"))
    player.wake("44 hours")
    player.answer()
    player.wake("2 days")

    assert player.outcome == "stalled"


@pytest.mark.parametrize("command", [Skip(at=after("1 day")), Cancel(at=after("1 day"))])
def test_a_task_is_closed_when_its_journey_is_taken_away_from_it(command: Any) -> None:
    assert closed(waiting().order(command)) == ("cancelled", "the journey went on without it")


def test_an_exit_closes_it_even_while_its_team_is_told() -> None:
    player = playing(head="exit: [{on: left, as: gone}]\n")
    turn = player.event("left", "1 hour")

    assert closed(turn)[0] == "cancelled" and turn.given_up == "task-call-customer/1/1"


def test_nothing_is_closed_twice() -> None:
    player = waiting()
    player.order(Pause(at=after("1 hour")))
    player.order(Skip(at=after("2 hours")))
    turn = player.order(Cancel(at=after("3 hours")))

    assert turn.writes == ()


def test_the_alarms_of_a_paused_journey_ring_when_it_goes_on() -> None:
    player = waiting()
    player.order(Pause(at=after("1 hour")))
    player.order(Resume(at=after("4 days")))

    assert isinstance(player.state.asked, NotifyTeam) and player.state.asked.id.endswith("/2")


def test_a_task_that_is_not_waited_for_is_opened_and_left_to_its_team() -> None:
    player = playing(SIMPLE)
    player.answer()
    assert player.sends == "a" and player.state.here == {}
    assert player.order(Cancel(at=after("1 day"))).writes == ()
    assert playing(SIMPLE).order(Cancel(at=after("1 day"))).writes == ()


def test_an_event_that_does_not_make_it_needless_moves_nobody() -> None:
    player = waiting("  - {task: call, team: care, title: Call, due: 1 day, up to: 1 week}\n", LEFT)
    player.event("left", "1 hour", all=False)

    assert player.state.wake_at == after("1 week")


LEFT = "exit: [{on: left, if: event.all, as: gone}]\n"


def test_a_faster_pace_makes_every_time_of_it_shorter() -> None:
    player = Player(journey(TASK), pace=24.0)
    player.answer()

    assert player.state.wake_at == after("110 minutes")


def test_business_time_is_counted_in_a_calendar() -> None:
    files = folder("  - {task: call, team: care, title: Call, due: 9 business hours}\n", "calendar: office\n")
    library, problems = check(files | {"calendars/office.yaml": OFFICE})
    assert library is not None, problems
    player = Player(library.journeys["story"])
    [opened] = [write for turn in player.turns for write in turn.writes]

    assert player.journey.spots["task-call"].step.calendars() == ("",)
    assert isinstance(opened, OpenTask) and opened.due_at == after("25 hours")  # Monday at nine; open until five


def test_a_picture_says_what_leads_where() -> None:
    step = journey(TASK).spots["task-call-customer"].step

    assert [step.label(name) for name, _ in step.blocks()] == [
        "helped", "unreachable", "paid", "customer.content", "not within 1 week",
    ]  # fmt: skip
    assert (step.words(), step.doing()) == ("☑ call-customer (care)", "waits for the task call-customer")
    assert step.makes() == ("result", "payment")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("warn: 1 hour", '"warn" needs up to: beside it'),
        ("up to: 1 day, warn: 1 hour", '"warn" needs due: beside it'),
        ("up to: 1 day, calendar: office", '"calendar" needs due: beside it'),
        ("overtaken by: [{for: paid, do: []}]", '"overtaken by" needs up to: beside it'),
        ("form: {n: numbr}", '"numbr" is not a type'),
        ("team: sales", 'There is no team "sales" in company.yaml'),
        ("up to: 1 day, due: 1 day, escalate: [{after: 1 day, to: boss}]", 'There is no team "boss"'),
    ],
)
def test_what_is_wrong_with_a_task_is_said(more: str, said: str) -> None:
    keys = {"team": "care"} if "team:" not in more else {}
    steps = f"  - {{task: call, title: Call, {''.join(f'{key}: {value}, ' for key, value in keys.items())}{more}}}\n"
    _, problems = check(folder(steps))

    assert said in next(problem.message for problem in problems if not problem.warning), problems


def test_what_a_task_keeps_is_known_to_the_checks() -> None:
    files = folder(TASK + "  - note: '{{ vars.result.reched }} {{ vars.failure }}'\n") | {
        "events/began.yaml": "event: began\ntitle: It began\nfields: {order_id: text}\n",
        "events/paid.yaml": "event: paid\ntitle: Paid\nfields: {}\n",
    }
    _, problems = check(files)
    said = {(problem.rule, problem.message) for problem in problems}

    assert any(rule == "unknown-field" and "reched" in message for rule, message in said), said


STAFF = (
    COMPANY
    + """  leads: {title: Leads, email: leads@example.org}
staff:
  ada: {name: Ada, email: ada@example.org, teams: [care], skills: [german]}
"""
)


def staffed(steps: str) -> Journey:
    return load(folder(steps) | {"company.yaml": STAFF}).journeys["story"]


def test_a_task_says_who_may_get_it_and_how_it_is_done_well() -> None:
    step = staffed(GUIDED).spots["task-call-customer"].step
    assert isinstance(step, Task)
    assert (step.people(), step.letters(), step.sends()) == (("ada",), ("a",), ())
    [opened] = [write for write in Player(staffed(GUIDED)).turn.writes if isinstance(write, OpenTask)]
    assert (opened.assign, opened.skill) == ("ada", "german")
    assert opened.playbook is not None and opened.playbook.replies == ("a",)
    simple = journey(SIMPLE).spots["task-call"].step
    assert isinstance(simple, Task) and simple.people() == ()


def test_a_reminder_goes_to_whoever_has_the_task_and_an_escalation_to_its_team() -> None:
    player = Player(staffed(TASK.replace("after: 0 hours, to: care", "after: 0 hours, to: leads")))
    player.answer()
    asked = []
    for moment in ("44 hours", "2 days"):
        player.wake(moment)
        assert isinstance(player.turn.ask, NotifyTeam)
        asked.append((player.turn.ask.team, player.turn.ask.about != ""))
        player.answer()
    assert asked == [("care", True), ("leads", False)]
