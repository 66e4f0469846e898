"""Message texts: what a customer's own words cannot do to a mail, and what a text that cannot be written says."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from journey import messages, templates
from journey.messages import Message, Rendered
from journey.templates import TextProblem
from tests.journey.folders import shipped

EVERYWHERE = """---
subject: "Hello {{ customer.name }}"
preheader: For {{ customer.name }}
---
# Dear {{ customer.name }},

{{ customer.name }} bought **{{ customer.name }}**, see [{{ customer.name }}]({{ company.website }}/orders).

- {{ customer.name }}

> {{ customer.name }}

| a | b |
|---|---|
| {{ customer.name }} | x |

{% assign name = customer.name %}{% if name contains "x" %}{{ name }}{% else %}{{ name }}{% endif %}
"""


def message(text: str, name: str = "m") -> Message:
    found, problems = messages.parse(name, text, f"messages/{name}.md")
    assert problems == []
    assert found is not None
    return found


def written(text: str, **customer: Any) -> Rendered:
    facts = {"customer": customer, "company": {"website": "https://example.org"}, "start": {}, "vars": {}}
    return messages.render(message(text), facts)


class Skeleton(HTMLParser):
    """The tags and attributes of a page, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    "between", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00", "\x1b", "\t"]
)
def test_a_line_break_or_control_character_in_a_name_becomes_a_space(between: str) -> None:
    mail = written(EVERYWHERE, name=f"Grete{between}Bcc: evil@example.org")
    assert mail.subject == "Hello Grete Bcc: evil@example.org"
    assert "- Grete Bcc: evil@example.org\n" in mail.text
    assert len(mail.text.splitlines()) == len(written(EVERYWHERE, name="Grete").text.splitlines())


def test_characters_that_turn_the_direction_of_text_are_left_out_and_foreign_scripts_stay() -> None:
    assert written(EVERYWHERE, name="\u202eetarg\u2066!\u2069").subject == "Hello etarg!"
    for name in ("محمد", "שרה לוי", "李小龙", "Zoë Ñandú", "👩\u200d👩\u200d👧 Family", "e\u0301lan"):
        assert written(EVERYWHERE, name=name).subject == f"Hello {name}"
        assert f"- {name}\n" in written(EVERYWHERE, name=name).text


def test_a_name_of_ten_thousand_characters_is_written_in_one_line() -> None:
    mail = written(EVERYWHERE, name="x" * 10_000)
    assert len(mail.subject) == 10_006
    assert "\n" not in mail.subject


def test_values_that_are_no_text_are_written_as_what_they_are() -> None:
    text = "---\nsubject: x\n---\n{{ customer.name }}|"
    assert written(text, name=7).text == "7|\n"
    assert written(text, name=1.5).text == "1.5|\n"
    assert written(text, name=True).text == "true|\n"
    assert written(text, name=["a", "<b>"]).text == "a<b>|\n"
    assert "&lt;b&gt;" in written(text, name={"a": "<b>"}).html


def test_markdown_becomes_plain_text_as_a_person_would_type_it() -> None:
    mail = written(
        "---\nsubject: x\n---\n# Hi\n\n**Bold**, __strong__ and [a link](https://example.org/a_b_c).\n\n\n\n1. one\n"
    )
    assert mail.text == "# Hi\n\nBold, strong and a link: https://example.org/a_b_c.\n\n1. one\n"


def test_html_in_the_authors_text_stays_visible_text() -> None:
    assert "&lt;b&gt;" in written("---\nsubject: x\n---\n<b>bold</b>\n").html


def test_an_address_that_would_run_a_program_is_no_link() -> None:
    mail = written("---\nsubject: x\n---\n[press]({{ customer.url }})\n", url="javascript:alert(1)")
    assert "href" not in mail.html


@pytest.mark.parametrize(
    ("gap", "says"),
    [
        ("{{ customer.name }}", "The text needs customer.name, which is missing."),
        ("{{ start.product.name }}", "The text needs start.product.name, which is missing."),
        ("{{ vars.answer.score | times: 2 }}", "The text needs vars.answer.score, which is missing."),
        ("{{ 3 | plus: customer.points }}", "The text needs customer.points, which is missing."),
        ("{{ customer.points | round }}", "The text needs customer.points, which is missing."),
        ("x\n\n{{ customer['name'] }}", "The text needs customer"),
        ("{% for item in customer.items %}{{ item }}{% endfor %}", "The text needs customer.items, which is missing."),
    ],
)
def test_a_missing_value_holds_the_text_and_is_named(gap: str, says: str) -> None:
    with pytest.raises(TextProblem, match=re.escape(says)):
        written(f"---\nsubject: x\n---\n{gap}")
    with pytest.raises(TextProblem):
        written(f"---\nsubject: {gap.splitlines()[-1]}\n---\nx")


def test_a_default_or_a_question_before_stands_in_for_a_missing_value() -> None:
    head = "---\nsubject: Hello {{ customer.name | default: 'you' }}\n---\n"
    text = head + "{% if customer.name %}{{ customer.name }}{% endif %}x\n"
    assert (written(text).subject, written(text).text) == ("Hello you", "x\n")


@pytest.mark.parametrize(
    "endless",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..9000) %}{{ customer.name }}{% endfor %}",
        "{% assign x = 'xxxxxxxxxx' %}{% for i in (1..100) %}{% assign x = x | append: x %}{% endfor %}{{ x }}",
    ],
)
def test_a_text_without_end_is_stopped_and_says_so(endless: str) -> None:
    with pytest.raises(TextProblem, match="cannot be written"):
        written(f"---\nsubject: x\n---\n{endless}", name="x" * 1000)


@pytest.mark.parametrize(
    "odd",
    [
        "{{ 1 | divided_by: 0 }}", "{{ 'x' | times: 'abc' }}", "{{ 'a' | truncate: 'x' }}",
        "{{ customer.name | slice: 99 }}", "{{ 5 | modulo: 0 }}", "{{ '' | first }}", "{{ customer | sort: 'x' }}",
        "{{ 'x' | round: 'y' }}", "{{ nil | plus: 1 }}", "{{ customer.name | split: '' | join }}",
        "{{ 'a' | replace }}", "{{ (1..3) | sum: 'x' }}", "{{ '%' | url_encode: 1 }}",
    ],
)  # fmt: skip
def test_a_filter_on_the_wrong_kind_of_value_is_a_text_problem_at_most(odd: str) -> None:
    try:
        assert written(f"---\nsubject: x\n---\n{odd} x", name="Grete").text
    except TextProblem as problem:
        assert str(problem).startswith("The text cannot be written: ")


def test_there_is_no_clock_and_no_file_in_a_text() -> None:
    with pytest.raises(TextProblem, match='"now" is no date'):
        written("---\nsubject: x\n---\n{{ 'now' | date }}")
    for tag in (
        "include 'x'",
        "cycle 'a'",
        "increment x",
        "capture x",
        "tablerow x in y",
        "raw",
        "macro x",
        "echo x",
        "liquid x",
    ):
        with pytest.raises(TextProblem, match="is not a tag"):
            templates.check(f"{{% {tag} %}}")


def test_lines_of_windows_are_read_as_any_other() -> None:
    text = "---\r\nsubject: Hello\r\nclass: transactional\r\n---\r\nOne\r\n\r\nTwo\r\n"
    found = message(text)
    assert (found.subject, found.kind, found.body, found.body_line) == ("Hello", "transactional", "One\n\nTwo\n", 5)


def test_the_language_of_the_page_is_said() -> None:
    company = {"company": {"language": "de"}}
    assert '<html lang="de" dir="ltr">' in messages.render(message("---\nsubject: x\n---\nx"), company).html


# --- every shipped text

RICH: dict[str, Any] = {
    "id": "c-1", "email": "grete@example.org", "name": "Grete Hermann", "first_name": "Grete", "phone": "+49 421 1",
    "locale": "en",
    "time_zone": "Europe/Berlin", "tags": ["vip"], "orders": 3, "plan": "enterprise",
}  # fmt: skip
PRODUCT = {
    "sku": "P-1",
    "name": "Lamp <Heron>",
    "needs_setup": True,
    "mounting": "ceiling",
    "goes_with": {"name": "Shade"},
}
START: dict[str, Any] = {
    "order_id": "o-1", "complaint_id": "k-1", "text": "It *flickers*.", "product": PRODUCT,
    "successor": {"sku": "P-2", "name": "Orbit"},
    "ends_on": "2027-03-31", "amount": "49.00", "currency": "EUR",
}  # fmt: skip
ANSWER = {
    "score": 9, "comment": "Very **good**.", "text": "We are sorry.\nA new one is on its way.",
    "impact": "one-customer", "reason": "No such mailbox.", "outcome": "resolved",
}  # fmt: skip


def senders() -> list[tuple[str, str]]:
    """Which journey sends which text."""
    return sorted(
        {
            (name, effect.send)
            for name, journey in shipped().journeys.items()
            for effect in (spot.step for spot in journey.spots.values())
            if effect.kind == "send" and hasattr(effect, "send")
        }
    )


def facts(journey: str, customer: dict[str, Any]) -> dict[str, Any]:
    made = {name: ANSWER for spot in shipped().journeys[journey].spots.values() for name in spot.step.makes()}
    company = {
        "name": "Northlight Lamps",
        "website": "https://northlight.example",
        "reply_to": "help@northlight.example",
    }
    return {
        "customer": customer,
        "start": START,
        "vars": made,
        "company": company,
        "journey": {"name": journey, "title": shipped().journeys[journey].title},
    }


POOR: dict[str, Any] = {"id": "c-2", "tags": [], "orders": 0}


@pytest.mark.parametrize(("journey", "name"), senders())
@pytest.mark.parametrize("customer", [RICH, RICH | {"locale": "de-AT"}, POOR], ids=["rich", "rich-de", "poor"])
def test_every_shipped_text_can_be_written_for_a_customer_we_know_well_and_for_one_we_do_not(
    journey: str, name: str, customer: dict[str, Any]
) -> None:
    text = shipped().messages[name]
    mail = messages.render(text, facts(journey, customer), unsubscribe_url="https://northlight.example/u/1")
    assert mail.subject and mail.text.strip()
    for part in (mail.subject, mail.text, Skeleton(mail.html).words):
        assert not re.search(r"\{\{|\}\}|\{%|None|nil| ,|\bDear ?,|\bHello ?,", part), part
    assert "\\" not in mail.text
    assert "https://northlight.example/u/1" in mail.text and 'href="https://northlight.example/u/1"' in mail.html
    assert re.search(r"\n(You get this letter because|Sie bekommen diesen Brief, weil) \S", mail.text)
    assert (mail.locale == "de") == ("de" in text.translations and customer.get("locale") == "de-AT")
    assert "northlight.example/u/" not in messages.render(text, facts(journey, customer)).text


def test_every_letter_of_onboarding_is_there_in_german() -> None:
    onboarding = {name for journey, name in senders() if journey == "onboarding"}
    assert {name for name, text in shipped().messages.items() if "de" in text.translations} == onboarding


def test_every_shipped_note_and_staff_mail_can_be_written_for_both() -> None:
    for name, journey in shipped().journeys.items():
        for spot in journey.spots.values():
            text = getattr(spot.step, "text", "") or (spot.step.note if hasattr(spot.step, "note") else "")
            for customer in (RICH, {"id": "c-2", "email": "x@example.org", "phone": "1", "tags": [], "orders": 0}):
                assert "{{" not in templates.render(text, facts(name, customer))
