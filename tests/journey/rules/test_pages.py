"""Every rule has a page; the wrong example on it gives exactly that rule, the right one has nothing wrong."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import journey
from journey.load import check
from journey.problems import render_all
from journey.rules.page import Page, parse
from tests.journey.golden import compare

SAID = Path(__file__).parent / "said"
PAGES = Path(journey.__file__).parent / "rules" / "pages"
WITHOUT_EXAMPLE = {
    "duplicate-journey", "earlier-version", "file-too-large", "no-company", "no-folder", "not-a-file", "text-too-long",
    "too-many-files", "too-many-values",
}  # fmt: skip
"""Too long to show, or not a matter of what a file says; tests/journey/err and test_checks show them."""

FRAME = """journey: example
title: An example
owner: you@example.org
"""
START = "start: {on: purchase.completed}\n"
STEPS = "steps:\n  - wait: 1 day\n"
BASE = {
    "company.yaml": """company: Example
mail from: Example <hello@example.org>
calendar: office
teams:
  care-team: {title: Care, email: care@example.org}
staff:
  ada: {name: Ada Lovelace, email: ada@example.org, teams: [care-team], skills: [german]}
""",
    "customer.yaml": """attributes:
  plan: {one of: [home, pro, enterprise]}
  open_complaint: yes/no
tags: {vip: People look after this customer.}
""",
    "calendars/office.yaml": """calendar: office
title: The office
time zone: Europe/Berlin
hours: {mon-fri: "9:00-17:00"}
""",
    "events/purchase.completed.yaml": """event: purchase.completed
title: A purchase
fields:
  order_id: text
  amount: optional amount
  product: {fields: {sku: text, name: text, needs_setup: optional yes/no}}
""",
    "events/purchase.refunded.yaml": "event: purchase.refunded\ntitle: A refund\nfields: {order_id: text}\n",
    "events/setup.completed.yaml": "event: setup.completed\ntitle: It works\nfields: {order_id: text}\n",
    "events/survey.answered.yaml": """event: survey.answered
title: An answer
fields: {order_id: text, score: optional whole number, comment: optional text}
""",
    "messages/welcome.md": "---\nsubject: Welcome\n---\nWelcome.\n",
    "messages/setup-guide.md": "---\nsubject: Your guide\n---\nHere it is.\n",
}


def folder(files: dict[str, str]) -> dict[str, str]:
    """The example in a folder in which everything else is in order."""
    fragment = files.get("", "")
    own = {name: text for name, text in files.items() if name}
    if fragment:
        start, steps = (
            "" if f"\n{key}" in f"\n{fragment}" else text for key, text in (("start:", START), ("steps:", STEPS))
        )
        frame = "".join(
            line for line in FRAME.splitlines(keepends=True) if f"\n{line.split(':')[0]}:" not in f"\n{fragment}"
        )
        own["example.yaml"] = frame + start + fragment + steps
    silent = any("/" not in name and name.endswith(".yaml") and name not in BASE for name in own)
    letters = (
        []
        if silent
        else [name for name in own if re.fullmatch(r"messages/[\w-]+\.(md|mjml)", name) and name not in BASE]
    )
    sent = {
        f"sends-{name}.yaml": sender(f"sends-{name}", name) for name in {re.split(r"[/.]", one)[1] for one in letters}
    }
    for name in own:
        if short := re.fullmatch(r"messages/([\w-]+)\.(sms|push|inbox)\.md", name):
            text, channel = short.groups()
            sent[f"sends-{text}.yaml"] = sender(f"sends-{text}", f"{text}\n    channels: {channel}")
    return {**BASE, "sender.yaml": sender("sender", "welcome", "setup-guide"), **sent, **own}


def sender(called: str, *texts: str) -> str:
    """A journey that sends these."""
    steps = "".join(f"  - send: {text}\n  - wait: 1 day\n" for text in texts)
    return (
        f"journey: {called}\ntitle: Sends\nowner: you@example.org\nstart: {{on: purchase.completed}}\nsteps:\n{steps}"
    )


def pages() -> list[Page]:
    return [parse(path.read_text()) for path in sorted(PAGES.glob("*.md"))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.code)
def test_the_wrong_example_gives_exactly_its_rule(page: Page) -> None:
    assert bool(page.wrong) == (page.code not in WITHOUT_EXAMPLE)
    if page.wrong:
        files = folder(page.wrong)
        problems = check(files)[1]
        assert {problem.rule for problem in problems} == {page.code}, render_all(problems, files)


@pytest.mark.parametrize("page", [page for page in pages() if page.wrong], ids=lambda page: page.code)
def test_what_is_said_of_the_wrong_example_is_what_was_read_aloud(page: Page) -> None:
    files = folder(page.wrong)
    compare(page.code, render_all(check(files)[1], files) + "\n", SAID)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.code)
def test_the_right_example_has_nothing_to_complain_of(page: Page) -> None:
    files = folder(page.right)
    assert render_all(check(files)[1], files) == ""


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.code)
def test_a_page_says_whether_its_rule_only_warns(page: Page) -> None:
    problems = check(folder(page.wrong))[1] if page.wrong else []
    assert all(problem.warning for problem in problems) == ("This is a warning." in page.why) or not problems


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    room = Path(journey.__file__).parent
    sources = [path.read_text() for path in (*room.rglob("*.py"), room.parent / "store/definition_files.py")]
    known = {page.code for page in pages()}
    assert {code for source in sources for code in codes(source)} - known == {"layout"}  # that one is of wayfare fmt
    assert {code for code in known if not any(f'"{code}"' in source for source in sources)} == set()
    assert len(known) >= 40


def codes(source: str) -> Iterator[str]:
    """The codes that a file of journey/ gives its problems."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        place = {"Problem": 2, "_refuse": 2, "_Unread": 2, "Found": 0, "Finding": 0}.get(name)
        given = call.args[place : place + 1] if place is not None else []
        given += [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
        yield from (str(one.value) for one in given if isinstance(one, ast.Constant))
