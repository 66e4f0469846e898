"""What the page about texts shows is loaded, checked and rendered."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from journey import messages, templates
from journey.library import Library
from journey.load import check
from journey.messages import Rendered
from journey.texts import filters

PAGE = (Path(__file__).parents[2] / "docs/messages.md").read_text()
FILES = dict(re.findall(r"^`(messages/[^`]+)`:\n\n```\w+\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
OUTCOMES = re.findall(
    r"`(\w+)`(?: for a customer who reads `([\w-]+)`)?, as plain\s+text:\n\n```text\n(.*?)^```",
    PAGE,
    re.DOTALL | re.MULTILINE,
)
ROWS = re.findall(r"^\| `\{\{ (.+?) \}\}` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
TOLD = {("missing-translation", f"messages/{name}") for name in ("news.mjml", "receipt.md")}
"""As the page says: some letters of its journey are there in German, and these are not."""
COMPANY = """company: Northlight Lamps
mail from: Northlight Lamps <hello@northlight.example>
website: https://northlight.example
time zone: Europe/Berlin
"""
FACTS: dict[str, Any] = {
    "customer": {"name": "Grete Hermann", "first_name": "Grete", "email": "grete@example.org"},
    "start": {
        "order_id": "o-1",
        "product": {"name": "Lamp <Heron>"},
        "arrives": "2027-03-31",
        "ordered_at": "2027-03-31T23:30:00Z",
        "amount": "1049.50",
        "currency": "EUR",
        "price": {"amount": "19.00", "currency": "USD"},
        "weight": 1234.5,
    },
    "vars": {},
}


@cache
def library() -> Library:
    story = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]
    found, problems = check({"company.yaml": COMPANY, "story.yaml": story, **FILES})
    assert found is not None, problems
    assert {(problem.rule, problem.place.file) for problem in problems} == TOLD
    return found


def written(name: str, locale: str) -> Rendered:
    facts = {**FACTS, "customer": FACTS["customer"] | {"locale": locale}, "company": library().company.facts}
    text = library().messages[name]
    return messages.render(
        text, facts, unsubscribe_url="https://northlight.example/u/1" if text.kind == "lifecycle" else ""
    )


def test_every_file_on_the_page_is_part_of_one_folder_without_a_mistake() -> None:
    assert len(FILES) == 9 and library().messages.keys() == {"welcome", "receipt", "news"}


@pytest.mark.parametrize(("name", "locale", "text"), OUTCOMES)
def test_what_is_shown_as_the_outcome_is_what_comes_out(name: str, locale: str, text: str) -> None:
    assert written(name, locale).text == text


def test_the_page_shows_an_outcome_of_each_message_and_of_a_translation() -> None:
    assert [(name, locale) for name, locale, _ in OUTCOMES] == [
        ("welcome", ""),
        ("welcome", "de-AT"),
        ("news", ""),
        ("receipt", ""),
    ]


@pytest.mark.parametrize(("gap", "english", "german"), ROWS)
def test_dates_times_money_and_numbers_look_as_the_table_says(gap: str, english: str, german: str) -> None:
    facts = {**FACTS, "company": library().company.facts}
    source = "{{ " + gap.replace("\\|", "|") + " }}"
    said = [templates.render(source, facts, reader=filters.reader(facts, language)) for language in ("en", "de")]
    assert said == [english, german]


def test_the_table_shows_every_filter_and_form_of_ours() -> None:
    shown = " ".join(gap for gap, _, _ in ROWS)
    for name in ("date", "time", "money", "number"):
        assert f"| {name}" in shown.replace("\\", "")
    assert all(f'"{form}"' in shown for form in (*filters.PARTS, "short", "full"))


def test_the_head_lines_of_the_page_are_all_there_are() -> None:
    from journey.texts.head import KEYS

    table = PAGE.partition("| line | what it is |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(KEYS)


def test_the_verbs_on_the_page_are_understood() -> None:
    from cli.preview import preview

    options = set(re.findall(r"--([\w-]+)", PAGE.partition("## Looking at them")[2].partition("##")[0]))
    assert {option.replace("-", "_") for option in options} <= set(preview.__annotations__)
