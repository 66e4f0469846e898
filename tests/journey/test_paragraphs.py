"""What a colleague writes into a form reaches the customer with its paragraphs, and nothing in it becomes mark-up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey import templates
from journey.text_errors import TextProblem
from journey.texts import filters, markdown
from journey.texts.plain import of_page

REPLY = "Dear Grete,\r\n\r\nwe are sorry.\nThe lamp is *yours*.\n\n\n\n1. Keep it\n    2. Throw <b>it</b>\n\n"
QUOTED = "Our answer:\n\n> {{ vars.text | paragraphs }}\n\nGoodbye."


def in_markdown(source: str, text: str) -> str:
    return templates.render(source, {"vars": {"text": text}}, mode="markdown")


def test_the_html_keeps_paragraphs_and_lines_inside_the_quotation() -> None:
    assert markdown.to_html(in_markdown(QUOTED, REPLY)) == (
        "<p>Our answer:</p>\n<blockquote>\n<p>Dear Grete,</p>\n"
        "<p>we are sorry.<br />\nThe lamp is *yours*.</p>\n"
        "<p>1. Keep it<br />\n2. Throw &lt;b&gt;it&lt;/b&gt;</p>\n</blockquote>\n<p>Goodbye.</p>\n"
    )


def test_the_plain_text_keeps_them_too() -> None:
    assert markdown.to_text(in_markdown(QUOTED, REPLY)) == (
        "Our answer:\n\n> Dear Grete,\n>\n> we are sorry.\n> The lamp is *yours*.\n>\n> 1. Keep it\n"
        "> 2. Throw <b>it</b>\n\nGoodbye.\n"
    )


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("{{ vars.text | paragraphs }}", "<p>a<br />\nb</p>\n<p>c</p>\n"),
        ("- {{ vars.text | paragraphs }}", "<ul>\n<li>\n<p>a<br />\nb</p>\n<p>c</p>\n</li>\n</ul>\n"),
        ("He said: {{ vars.text | paragraphs }}", "<p>He said: a<br />\nb</p>\n<p>c</p>\n"),
    ],
)
def test_they_are_kept_wherever_the_value_stands(source: str, html: str) -> None:
    assert markdown.to_html(in_markdown(source, "a\nb\n\nc")) == html


def test_in_a_layout_lines_are_broken_and_in_a_note_they_stay_lines() -> None:
    facts = {"vars": {"text": "a & b\n\nc"}}
    assert templates.render("{{ vars.text | paragraphs }}", facts, mode="html") == "a &amp; b<br>\n<br>\nc"
    assert templates.render("{{ vars.text | paragraphs }}", facts) == "a & b\n\nc"


def test_a_value_without_the_filter_stays_on_one_line() -> None:
    assert in_markdown("{{ vars.text }}", "a\nb") == "a b"


@pytest.mark.parametrize("value", [3, ["a"], {"a": 1}])
def test_what_is_no_text_is_told(value: object) -> None:
    with pytest.raises(TextProblem, match="is no text"):
        templates.render("{{ vars.text | paragraphs }}", {"vars": {"text": value}})


def test_a_missing_value_is_told_and_a_book_is_refused() -> None:
    with pytest.raises(TextProblem, match=r"needs vars\.text"):
        templates.render("{{ vars.text | paragraphs }}", {"vars": {}})
    with pytest.raises(TextProblem, match="given too much"):
        templates.render("{{ vars.text | paragraphs }}", {"vars": {"text": "x" * (filters.LONGEST + 1)}})


@given(st.text(alphabet=" \n\r\t>#*_-+=[]()<>`~|\\!&;:1.ab\u2028\u202e\x00\u00a0", max_size=60))
def test_whatever_is_written_comes_to_no_other_element_than_the_quotation(text: str) -> None:
    html = markdown.to_html(in_markdown(QUOTED, f"first\n{text}\nlast"))
    seen = of_page(html)
    bare = html
    for tag in ("<p>", "</p>", "<br />", "<blockquote>", "</blockquote>"):
        bare = bare.replace(tag, "")
    assert "<" not in bare and html.count("<blockquote>") == 1
    assert "first" in seen and "last" in seen and seen.rstrip().endswith("Goodbye.")
