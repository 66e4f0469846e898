"""What a scenario says about the world: messages refused, teams that cannot be told, a mail server that is away."""

import pytest

from journey.load import check, load
from journey.rehearsal import Result, play, rehearse
from tests.journey.folders import COMPANY, folder

STORY = """  - send: a
  - wait: 1 day
  - notify: care
    text: Please call.
  - send: b
"""


def told(given: str, expect: str, events: str = "[]", steps: str = STORY, company: str = COMPANY) -> Result:
    files = folder(steps) | {"company.yaml": company}
    files["scenarios/story.yaml"] = (
        f"journey: story\nscenarios:\n  - name: one\n    given: {given}\n    events: {events}\n    expect:\n{expect}"
    )
    library = load(files)
    return rehearse(library, "story", library.scenarios["story"].scenarios[0])


def test_a_message_may_be_refused_and_the_journey_goes_on() -> None:
    result = told(
        "[{send: a, outcome: refused, reason: mailbox full}]",
        """      - {at: 0 days, send: a, outcome: refused}
      - {at: 1 day, notify: care}
      - {at: 1 day, send: b}
      - {at: 1 day, finish: completed}
""",
    )
    assert result.passed, result.render()


def test_a_message_that_was_refused_is_not_a_message_that_was_sent() -> None:
    result = told("[{send: a, outcome: refused}]", "      - {at: 0 days, send: a}\n")
    assert ("0 seconds: send a", "0 seconds: send a (refused)", False) in [row[:3] for row in result.rows]


def test_mail_that_is_asked_for_while_the_server_is_away_goes_out_when_it_is_back() -> None:
    result = told(
        "[{mail: away, from: 12 hours, until: 3 days}]",
        """      - {at: 0 days, send: a}
      - {at: 3 days, notify: care}
      - {at: 3 days, send: b}
      - {at: 3 days, finish: completed}
""",
    )
    assert result.passed, result.render()


def test_two_outages_one_after_the_other_hold_mail_until_the_end_of_the_second() -> None:
    result = told(
        "[{mail: away, from: 2 hours, until: 2 days}, {mail: away, until: 2 hours}]",
        """      - {at: 2 days, send: a}
      - {at: 3 days, notify: care}
      - {at: 3 days, send: b}
      - {at: 3 days, finish: completed}
""",
    )
    assert result.passed, result.render()


def test_an_exit_gives_up_a_message_that_is_held() -> None:
    steps = STORY.replace("  - send: b", "  - send: b\n") + "exit:\n  - {on: left, as: gone}\n"
    result = told(
        "[{mail: away, until: 3 days}]",
        "      - {at: 1 day, finish: gone}\n",
        "[{after: 1 day, type: left}]",
        steps,
    )
    assert result.passed, result.render()


def test_a_message_that_would_be_out_of_date_when_the_server_is_back_is_replaced() -> None:
    result = told(
        "[{mail: away, until: 3 days}]",
        """      - {at: 1 day, send: a, outcome: expired}
      - {at: 3 days, send: b}
      - {at: 3 days, finish: completed}
""",
        steps="  - send: a\n    stale_after: 1 day\n    when_stale: send b\n",
    )
    assert result.passed, result.render()


def test_several_answers_for_the_same_thing_are_used_in_turn_and_the_last_one_stays() -> None:
    result = told(
        "[{send: a, outcome: failed}, {send: a, outcome: accepted, after: 1 hour}]",
        """      - {at: 0 days, send: a, outcome: failed}
      - {at: 1 hour, send: a}
      - {at: 2 hours, send: a}
      - {at: 2 hours, finish: completed}
""",
        steps="  - send: a\n  - send: a\n  - send: a\n",
    )
    assert result.passed, result.render()


def test_the_reason_that_a_scenario_gives_is_on_record() -> None:
    files = folder("  - send: a\n")
    files["scenarios/story.yaml"] = """journey: story
scenarios:
  - name: one
    given: [{send: a, outcome: refused, reason: mailbox full}]
    expect: [{at: 0 days, finish: completed}]
"""
    library = load(files)
    lines = play(library, "story", library.scenarios["story"].scenarios[0]).lines
    assert any("mailbox full" in line.text for line in lines if line.kind == "why")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{mail: away}", "until when the mail server is away"),
        ("{send: a}", "say how it goes"),
        ("{task: call, ends as: done}", "only another journey that has started can end"),
        ("{start: other, ends as: done, outcome: refused}", "only another journey that has started can end"),
        ("{outcome: refused}", "names exactly one of mail, send, notify"),
        ("{send: a, notify: care, outcome: refused}", "names exactly one of mail, send, notify"),
    ],
)
def test_what_is_said_about_the_world_is_checked(given: str, said: str) -> None:
    files = folder(STORY)
    files["scenarios/story.yaml"] = (
        f"journey: story\nscenarios:\n  - name: one\n    given: [{given}]\n    expect: [{{at: 0 days, send: a}}]\n"
    )
    _, problems = check(files)
    assert said in " ".join(problem.message.lower() for problem in problems)


TASK = """  - task: call
    team: care
    title: Call the customer
    form: {reached: yes/no}
    up to: 2 days
    into: talk
    outcomes:
      - {as: helped, do: [{send: a}]}
      - {as: unreachable, do: [{send: b}]}
    otherwise: [{finish: nobody-called}]
  - note: "Reached: {{ vars.talk.reached | default: 'nobody knows' }}."
"""


def test_somebody_does_a_task_as_the_scenario_says() -> None:
    result = told(
        "[{task: call, after: 1 day, outcome: helped, value: {reached: true}}]",
        """      - {at: 0 days, task: call, team: care}
      - {at: 1 day, send: a}
      - {at: 1 day, note: 'Reached: true.'}
      - {at: 1 day, finish: completed}
""",
        steps=TASK,
    )
    assert result.passed, result.render()


def test_a_task_that_nobody_does_runs_out() -> None:
    expect = "      - {at: 0 days, task: call}\n      - {at: 2 days, finish: nobody-called}\n"
    result = told("[]", expect, steps=TASK)
    assert result.passed, result.render()


def test_a_task_that_another_team_gets_is_not_the_one_that_was_expected() -> None:
    steps = TASK + "  - {notify: sales, text: Well done.}\n"
    company = COMPANY + "  sales: {title: Sales, email: sales@example.org}\n"
    result = told("[]", "      - {at: 0 days, task: call, team: sales}\n", steps=steps, company=company)
    assert ("0 seconds: task call for sales", "0 seconds: task call for care", False) in [r[:3] for r in result.rows]


def test_a_task_whose_text_cannot_be_written_is_not_as_expected() -> None:
    steps = TASK.replace("Call the customer", "Call {{ customer.name }}")
    result = told("[]", "      - {at: 0 days, task: call}\n      - {at: 2 days, finish: nobody-called}\n", steps=steps)
    assert not result.passed and "The text needs customer.name" in result.render()


def test_tasks_of_the_same_name_are_done_one_after_the_other() -> None:
    result = told(
        "[{task: call, after: 1 hour, outcome: again}, {task: call, after: 2 hours, outcome: done}]",
        """      - {at: 0 days, task: call}
      - {at: 1 hour, task: call}
      - {at: 3 hours, send: a}
      - {at: 3 hours, finish: completed}
""",
        steps="""  - id: call
    task: call
    team: care
    title: Call
    up to: 2 days
    outcomes:
      - {as: again, do: [{goto: call}]}
      - {as: done, do: [{send: a}]}
""",
    )
    assert result.passed, result.render()


def test_a_task_that_is_not_waited_for_changes_nothing_when_it_is_done() -> None:
    result = told(
        "[{task: call, outcome: done}]",
        "      - {at: 0 days, task: call}\n      - {at: 0 days, finish: completed}\n",
        steps="  - {task: call, team: care, title: Call}\n",
    )
    assert result.passed, result.render()


OTHER = """  - start: other
    up to: 2 weeks
    into: other
    outcomes: [{as: settled, do: [{send: a}]}]
    otherwise: [{finish: still-open}]
    on_failure: [{finish: not-started}]
  - finish: settled
"""


def other(given: str, expect: str) -> Result:
    """The story that starts the journey ``other`` and waits for its end."""
    files = folder(OTHER) | {"other.yaml": folder("  - send: a\n")["story.yaml"].replace("story", "other")}
    files["scenarios/story.yaml"] = (
        f"journey: story\nscenarios:\n  - name: one\n    given: {given}\n    expect:\n{expect}"
    )
    library = load(files)
    return rehearse(library, "story", library.scenarios["story"].scenarios[0])


def test_another_journey_ends_as_the_scenario_says_so_long_after_it_began() -> None:
    result = other(
        "[{start: other, ends as: settled, after: 1 week}]",
        """      - {at: 0 days, start: other}
      - {at: 7 days, send: a}
      - {at: 7 days, finish: settled}
""",
    )
    assert result.passed, result.render()


def test_another_journey_of_which_nothing_is_said_begins_and_does_not_end() -> None:
    result = other("[]", "      - {at: 0 days, start: other}\n      - {at: 14 days, finish: still-open}\n")
    assert result.passed, result.render()


def test_another_journey_may_not_begin() -> None:
    result = other(
        "[{start: other, outcome: refused, reason: it is running}]",
        "      - {at: 0 days, start: other, outcome: refused}\n      - {at: 0 days, finish: not-started}\n",
    )
    assert result.passed, result.render()


def test_what_a_call_answers_is_kept_as_the_scenario_says() -> None:
    result = told(
        "[{call: ticket, value: {status: 201, body: {id: 9}}}]",
        """      - {at: 0 days, call: ticket}
      - {at: 0 days, note: Ticket 9}
      - {at: 0 days, finish: completed}
""",
        steps="  - {call: ticket, url: 'https://desk.example.org/', into: ticket}\n"
        "  - note: Ticket {{ vars.ticket.body.id }}\n",
    )
    assert result.passed, result.render()


def test_a_team_stands_only_beside_a_task() -> None:
    files = folder(STORY)
    head = "journey: story\nscenarios:\n  - name: one\n    expect:\n"
    files["scenarios/story.yaml"] = f"{head}      - {{at: 0 days, send: a, team: care}}\n"
    [problem] = [problem for problem in check(files)[1] if problem.rule == "scenario-form"]
    assert '"team" says who gets a task' in problem.message


def test_the_team_of_a_task_has_to_be_there() -> None:
    files = folder(TASK)
    head = "journey: story\nscenarios:\n  - name: one\n    expect:\n"
    files["scenarios/story.yaml"] = f"{head}      - {{at: 0 days, task: call, team: caer}}\n"
    [problem] = [problem for problem in check(files)[1] if problem.rule == "unknown-team"]
    assert 'Did you mean "care"?' in problem.hint
