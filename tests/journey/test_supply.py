"""What a journey can supply to a text at the step that sends it, followed along every path."""

from typing import Any

import pytest

from journey.load import check
from tests.journey.folders import folder

MAYBE = ["missing-in-text"]
NEEDS = "---\nsubject: Hello\n---\n{{ vars.answer.score }}\n"
WAIT = "  - wait: {for: x, up to: 1 day, into: answer}\n"


def told(steps: str, head: str = "", text: str = NEEDS) -> list[str]:
    """What is said about the text ``a`` in a journey."""
    others = "  - id: rest\n    wait: 1 day\n  - send: b\n  - send: c\n  - send: d\n"
    problems = check(folder(steps if "goto" in steps else steps + others, head, a=text))[1]
    assert all(problem.warning or problem.rule == "unset-variable" for problem in problems)
    return [problem.rule for problem in problems if problem.place.file == "messages/a.md"]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("  - send: a\n", ["unset-variable"]),
        ("  - send: a\n" + WAIT, ["unset-variable"]),
        (WAIT + "  - send: a\n", MAYBE),
        (WAIT + "    then: [{send: a}]\n", []),
        (WAIT + "    otherwise: [{send: a}]\n", MAYBE),
        (WAIT + "    otherwise: [{finish: silent}]\n  - send: a\n", []),
        (WAIT + "    otherwise: [{set: {vars.answer: {score: 0}}}]\n  - send: a\n", []),
        ("  - set: {vars.answer: {score: 1}}\n  - send: a\n", []),
        (
            "  - split: [{percent: 50, as: x, do: []}, {percent: 50, as: y, do: []}]\n    into: answer\n  - send: a\n",
            [],
        ),
        ("  - race: [{for: x, into: answer, do: [{send: a}]}, {for: y, do: []}]\n    up to: 1 day\n", []),
        (
            "  - race: [{for: x, into: answer, do: []}, {for: y, do: [{send: a}]}]\n    up to: 1 day\n",
            ["missing-in-text"],
        ),
        ("  - choose: [{if: has(vars.answer), do: [{send: a}]}, {else: []}]\n" + WAIT, ["unset-variable"]),
        (WAIT + "  - choose: [{if: has(vars.answer), do: [{send: a}]}, {else: []}]\n", []),
        (WAIT + "  - choose: [{if: vars.answer.score > 3, do: [{send: a}]}, {else: []}]\n", []),
        (
            WAIT + "  - choose: [{if: 'vars.answer.score > 3 || true', do: [{send: a}]}, {else: []}]\n",
            ["missing-in-text"],
        ),
        (WAIT + "  - choose: [{if: has(vars.answer), do: []}, {else: [{send: a}]}]\n", MAYBE),
        (
            "  - repeat: {times: 2}\n    do:\n      - send: a\n      - set: {vars.answer: {score: 1}}\n",
            ["missing-in-text"],
        ),
        ("  - id: up\n    wait: 1 day\n  - send: a\n" + WAIT + "  - goto: up\n", MAYBE),
    ],
)
def test_a_variable_is_kept_on_every_path_on_some_or_on_none(steps: str, says: list[str]) -> None:
    assert told(steps) == says


def test_closing_steps_follow_upon_anything() -> None:
    goal = "goal: {on: y, as: done, do: [{send: a}]}\n"
    assert told(WAIT, goal) == ["missing-in-text"]
    assert told("  - wait: 1 day\n", goal) == ["unset-variable"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ vars.answer.score | default: 'none' }}",
        "{% if vars.answer %}{{ vars.answer.score }}{% endif %}",
        "{% if vars.answer.score > 3 %}{{ vars.answer.score }}{% endif %}",
        "{% unless vars.answer %}x{% else %}{{ vars.answer.score }}{% endunless %}",
        "{% assign a = vars.answer %}{% if a.score %}{{ a.score }}{% endif %}",
        "{% case vars.answer.score %}{% when 1 %}{{ vars.answer.score }}{% endcase %}",
        "{% if vars.answer and vars.answer.score != nil %}{{ vars.answer.score }}{% endif %}",
    ],
)
def test_a_text_that_asks_first_can_do_without(text: str) -> None:
    assert told(WAIT + "  - send: a\n", text=f"---\nsubject: Hello\n---\n{text} x\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "{% if customer.name %}{{ vars.answer.score }}{% endif %}",
        "{% if vars.answer or customer.name %}{{ vars.answer.score }}{% endif %}",
        "{% if vars.answer %}x{% else %}{{ vars.answer.score }}{% endif %}",
        "{% for i in vars.answer.scores %}x{% endfor %}",
        "{% assign a = vars.answer | size %}",
        "{{ customer.name | default: vars.answer.name }}",
        "{% if vars.answer != 3 %}{{ vars.answer.score }}{% endif %}",
    ],
)
def test_a_text_that_asks_for_something_else_cannot(text: str) -> None:
    assert told(WAIT + "  - send: a\n", text=f"---\nsubject: Hello\n---\n{text} x\n") == ["missing-in-text"]


def test_what_the_start_has_asked_for_is_there_to_the_end() -> None:
    event = "event: began\ntitle: T\nfields: {product: {optional: true, fields: {name: optional text}}}\n"
    text = "---\nsubject: Hello\n---\n{{ start.product.name }}\n"

    def rules(start: str, head: str = "") -> list[str]:
        files = folder("  - send: a\n  - send: b\n  - send: c\n  - send: d\n", head, a=text)
        files["story.yaml"] = files["story.yaml"].replace("start: {on: began}", f"start: {start}")
        found: list[Any] = check(files | {"events/began.yaml": event})[1]
        return [problem.rule for problem in found if problem.place.file == "messages/a.md"]

    assert rules("{on: began}") == ["missing-in-text"]
    assert rules("{on: began, if: has(event.product)}") == ["missing-in-text"]
    assert rules("{on: began, if: has(event.product) && has(event.product.name)}") == []
    assert rules('{on: began, if: has(event.product) && event.product.name == "Lamp"}') == []


def test_a_layout_and_a_snippet_are_asked_like_the_text_itself() -> None:
    files = folder(
        "  - send: a\n  - send: b\n  - wait: 1 day\n  - send: c\n  - send: d\n",
        a="---\nsubject: x\n---\n{% render 's' %}\n",
    )
    files["messages/snippets/s.md"] = "{{ vars.answer }}\n"
    files["messages/layouts/default.html"] = "{{ content }}{{ vars.reply }}{{ unsubscribe_url }}\n"
    found = {(problem.place.file, problem.rule) for problem in check(files)[1] if not problem.warning}
    assert found == {("messages/snippets/s.md", "unset-variable"), ("messages/layouts/default.html", "unset-variable")}
