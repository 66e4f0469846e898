"""A new text suits the versions that people are still on, or it is not published."""

import pytest

from journey.load import check, load
from journey.rules.earlier import Earlier
from tests.journey.folders import folder, journey

OLD = """
  - send: a
  - id: pause
    wait: 1 day
  - send: b
"""
NEW = """
  - send: a
  - id: pause
    wait: {for: answered, up to: 1 day, into: answer}
    otherwise: [{finish: silent}]
  - send: b
"""
NEEDS = "---\nsubject: Hello\n---\nYou gave us {{ vars.answer.score }}.\n"
RIGHT = "---\nsubject: Hello\n---\nYou gave us {{ vars.answer.score | default: 'a lot' }}.\n"


def said(old: str, text: str, standing: dict[str, int], steps: str = NEW) -> list[str]:
    """What is said to those who would publish this text ``b``."""
    earlier = Earlier(journey(old), 3, standing)
    library, problems = check(folder(steps, b=text), in_use=[earlier])
    found = [problem.render() for problem in problems if not problem.warning]
    assert (library is None) == bool(found)
    return found


def test_a_text_that_asks_for_what_an_earlier_version_never_keeps_is_told_at_its_place() -> None:
    [told] = said(OLD, NEEDS, {"pause": 12})
    assert told == (
        'messages/b.md:4:16: Nothing keeps "vars.answer" in version 3 of story, which 12 customers are still on; their '
        'letter would be held. Write {{ vars.answer.score | default: "…" }}, or ask first: {% if vars.answer.score %}. '
        "[earlier-version]"
    )
    assert "which 1 customer is still on" in said(OLD, NEEDS, {"pause": 1})[0]


def test_nothing_is_told_where_nobody_can_get_that_text_any_more_or_it_can_do_without() -> None:
    assert said(OLD, NEEDS, {}) == []
    assert said(OLD + "  - id: later\n    wait: 1 day\n", NEEDS, {"later": 5}) == []
    assert said(OLD, RIGHT, {"pause": 12}) == []
    assert said(OLD.replace("send: b", "send: b\n    pin: true"), NEEDS, {"pause": 12}) == []


@pytest.mark.parametrize(
    "keeps",
    [
        "  - set: {vars.answer: {score: 7}}\n",
        "  - wait: {for: answered, up to: 1 day, into: answer}\n",
    ],
)
def test_a_version_that_keeps_it_may_get_the_text(keeps: str) -> None:
    assert said(keeps + OLD, NEEDS, {"pause": 12}) == []


def test_the_closing_steps_of_an_exit_may_be_reached_from_anywhere() -> None:
    old = journey("  - id: pause\n    wait: 1 day\n", "exit: [{on: left, as: gone, do: [{send: b}]}]\n")
    _, problems = check(folder(NEW, b=NEEDS), in_use=[Earlier(old, 1, {"pause": 2})])
    assert [problem.rule for problem in problems if not problem.warning] == ["earlier-version"]


def test_a_text_that_an_earlier_version_still_sends_may_not_be_deleted() -> None:
    files = folder("  - send: a\n  - wait: 1 day\n  - send: c\n")
    del files["messages/b.md"]
    old = Earlier(journey(OLD), 2, {"pause": 1_200})
    library, problems = check(files, "definitions/", in_use=[old])
    assert library is None
    [told] = [problem.render() for problem in problems if not problem.warning]
    assert told == (
        'definitions/messages/b.md:1:1: The text "b" is gone, and version 2 of story, which 1,200 customers are still '
        "on, sends it. Keep the file until they are through. [earlier-version]"
    )
    assert check(files, in_use=[Earlier(old.journey, 2, {"nowhere": 1})])[0] is not None


def test_the_version_that_is_published_again_is_no_earlier_one() -> None:
    files = folder(NEW, b=RIGHT)
    same = load(files).journeys["story"]
    assert check(files, in_use=[Earlier(same, 1, {"pause": 3})])[0] is not None
