"""What a scenario says about the world: messages refused, teams that cannot be told, a mail server that is away."""

import pytest

from journey.load import check, load
from journey.rehearsal import Result, play, rehearse
from tests.journey.folders import folder

STORY = """  - send: a
  - wait: 1 day
  - notify: care
    text: Please call.
  - send: b
"""


def told(given: str, expect: str, events: str = "[]", steps: str = STORY) -> Result:
    files = folder(steps)
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
