"""Whatever a customer is called, a letter keeps its shape: in Markdown, HTML, MJML, subject and attributes alike."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from journey import messages, templates
from journey.load import load
from journey.text_errors import TextProblem
from journey.texts import page
from tests import hostile
from tests.journey.folders import COMPANY

STORY = "journey: story\ntitle: T\nowner: a@example.org\nstart: {on: x}\n"
NAME = "{{ customer.name }}"
MARKDOWN = f"""---
subject: "Hello {NAME}"
preheader: For {NAME}
because: you are {NAME}
---
# Dear {NAME},

{NAME} bought **{NAME}**, see [{NAME}]({{{{ company.website }}}}/orders).

- {NAME}

1. {NAME}

> {NAME}

| a | b |
|---|---|
| {NAME} | x |

{{% assign name = customer.name %}}{{% if name contains "x" %}}{{{{ name }}}}{{% else %}}{{{{ name }}}}{{% endif %}}

{{% render 'who', who: customer.name %}}
"""
LAYOUT = f"""<html><head><title>{NAME}</title></head><body>
<p title="{NAME}" id='{NAME}'>{NAME}</p><!-- {NAME} --><table><tr><td>{NAME}</td></tr></table>
<img src="https://example.org/a.png" alt="{NAME}">
{{{{ content }}}}<h1>{{{{ subject }}}}</h1><p>{{{{ because }}}} {{{{ preheader }}}}</p>
{{% if unsubscribe_url %}}<a href="{{{{ unsubscribe_url }}}}">x</a>{{% endif %}}</body></html>
"""
MJML = f"""---
subject: "Hello {NAME}"
---
<mjml><mj-head><mj-title>{NAME}</mj-title></mj-head><mj-body><mj-section><mj-column>
<mj-text><p title="{NAME}">{NAME}</p></mj-text><mj-button href="https://example.org">{NAME}</mj-button>
<mj-image src="https://example.org/a.png" alt="{NAME}" /><mj-raw><p>{NAME}</p></mj-raw>
</mj-column></mj-section></mj-body></mjml>
"""
LINK = "---\nsubject: x\n---\nx\n"
LINKS = '<a href="{{ customer.name }}">x</a><img src="{{ customer.name }}" alt="">{{ content }}{{ unsubscribe_url }}'


def written(name: str) -> dict[str, messages.Rendered]:
    return {which: messages.render(message, facts(name)) for which, message in FOLDER.items()}


def facts(name: str) -> dict[str, Any]:
    return {"customer": {"name": name}, "company": {"website": "https://example.org"}, "start": {}, "vars": {}}


FOLDER = load(
    {
        "company.yaml": COMPANY,
        "story.yaml": f"{STORY}steps: [{{send: a}}, {{send: b}}, {{send: c}}]\n",
        "messages/a.md": MARKDOWN.replace("---\n#", "layout: letter\n---\n#"),
        "messages/b.md": MARKDOWN,
        "messages/c.mjml": MJML,
        "messages/layouts/letter.html": LAYOUT,
        "messages/snippets/who.md": "*{{ who }}*, {{ who | upcase | downcase }}",
    }
).messages


class Skeleton(HTMLParser):
    """The elements of a page with their attributes, and its words; the harmless name counts as ``NAME``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.words: list[str] = []
        self.comments = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_comment(self, data: str) -> None:
        self.comments += 1

    def handle_decl(self, decl: str) -> None:
        self.comments += 1

    def handle_pi(self, data: str) -> None:
        self.comments += 1

    def unknown_decl(self, data: str) -> None:
        self.comments += 1

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def named(tags: list[tuple[str, list[tuple[str, str | None]]]], name: str) -> list[Any]:
    """The same elements with another name in their attributes."""
    return [
        (tag, [(one, value.replace("NAME", name) if value else value) for one, value in attrs]) for tag, attrs in tags
    ]


PLAIN = written("NAME")
SOME = {key: value for key, value in hostile.EVERYTHING.items() if templates.one_line(value).strip()}
"""Nothing at all changes the shape of a letter, but harms nobody."""


def renamed(words: str, name: str) -> list[str]:
    """The words of the harmless letter with another name, also where it is written small."""
    small = name.upper().lower()
    return re.sub("NAME|name", lambda found: name if found.group(0) == "NAME" else small, words).split()


@pytest.mark.parametrize("name", SOME.values(), ids=SOME)
def test_a_letter_keeps_its_shape_whatever_a_customer_is_called(name: str) -> None:
    said = templates.one_line(templates.trimmed(name))
    for which, mail in written(name).items():
        seen, plain = Skeleton(mail.html), Skeleton(PLAIN[which].html)
        assert seen.tags == named(plain.tags, said), which
        assert seen.comments == plain.comments, which
        assert "".join(seen.words).split() == renamed("".join(plain.words), said), which
        assert mail.text.split() == renamed(PLAIN[which].text, said), which
        assert mail.subject == f"Hello {said}".strip() and len(mail.subject.splitlines()) == 1


def test_a_value_full_of_space_is_trimmed_in_no_time() -> None:
    assert templates.trimmed("\u202e \t a" + " " * 200_000 + "b\x00 \u2069") == "a" + " " * 200_000 + "b"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
@example("<b>\u0130</b>")
def test_and_whatever_letters_there_are(name: str) -> None:
    said = templates.one_line(templates.trimmed(name))
    assume(said)
    mail = messages.render(FOLDER["a"], facts(name))
    seen, plain = Skeleton(mail.html), Skeleton(PLAIN["a"].html)
    assert [tag for tag, _ in seen.tags] == [tag for tag, _ in plain.tags]
    assert seen.comments == plain.comments
    assert said in "".join(seen.words) and said.strip() in mail.subject


FIND = load(
    {
        "company.yaml": COMPANY,
        "story.yaml": f"{STORY}steps: [{{send: a}}]\n",
        "messages/a.md": LINK,
        "messages/layouts/default.html": LINKS,
    }
).messages["a"]


@pytest.mark.parametrize("name", hostile.EVERYTHING.values(), ids=hostile.EVERYTHING)
def test_a_link_made_of_a_value_leads_to_a_web_page_or_is_refused(name: str) -> None:
    said = templates.one_line(templates.trimmed(name))
    try:
        mail = messages.render(FIND, facts(name))
    except TextProblem as problem:
        assert "is not sent" in str(problem)
        return
    tags = {tag: dict(attrs) for tag, attrs in Skeleton(mail.html).tags}
    assert (tags["a"], tags["img"]["src"]) == ({"href": said}, said)
    scheme = re.match(r"[a-z][a-z0-9+.-]*:", said.lower())
    assert scheme is None or scheme.group(0) in page.ALLOWED


@pytest.mark.parametrize("address", hostile.ADDRESSES.values(), ids=hostile.ADDRESSES)
def test_an_address_that_no_link_may_have_is_refused(address: str) -> None:
    with pytest.raises(TextProblem, match="is not sent"):
        messages.render(FIND, facts(address))


@pytest.mark.parametrize("value", hostile.TEMPLATES.values(), ids=hostile.TEMPLATES)
def test_a_value_is_never_read_as_a_text(value: str) -> None:
    known = {"customer": {"name": value, "email": "secret@example.org"}, "x": "secret"}
    for source in ("{{ customer.name }}", "{% assign a = customer.name %}{{ a }}", "{{ customer.name | append: '' }}"):
        assert templates.render(source, known) == templates.one_line(value)
        assert "secret@" not in templates.render(source, known, mode="markdown")
