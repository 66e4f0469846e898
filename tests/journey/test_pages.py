"""A letter's two parts: the page with its style inside, and the plain text that says the same."""

import pytest

from journey.text_errors import TextProblem
from journey.texts import markdown, page, plain

LETTER = """# Hi

Dear *you*,
see **this** and [that](https://example.org/that).

[Register your lamp](https://example.org/register)

1. one
2. two
   - inside

> said

| a | b |
|---|---|
| 1 | 2 |

![A lamp on a desk](https://example.org/lamp.png)

<https://example.org/>, [https://example.org/x](https://example.org/x), [a@example.org](mailto:a@example.org)
"""


def test_the_plain_text_of_markdown_is_what_a_person_would_type() -> None:
    assert markdown.to_text(LETTER) == (
        "# Hi\n\nDear *you*,\nsee this and that: https://example.org/that.\n\n"
        "Register your lamp: https://example.org/register\n\n1. one\n2. two\n   - inside\n\n> said\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\nA lamp on a desk\n\n"
        "<https://example.org/>, https://example.org/x, mailto:a@example.org\n"
    )


def test_the_plain_text_of_a_page_says_what_the_page_says() -> None:
    text = plain.of_page(markdown.to_html(LETTER))
    assert text == (
        "Hi\n\nDear you, see this and that: https://example.org/that.\n\n"
        "Register your lamp: https://example.org/register\n\n1. one\n2. two\n  - inside\n\nsaid\n\na  b\n1  2\n\n"
        "A lamp on a desk\n\nhttps://example.org/, https://example.org/x, a@example.org\n"
    )


def test_what_is_not_shown_is_not_read() -> None:
    hidden = (
        "<head><title>T</title><style>p{}</style></head><body><div style='display: none'>x<p>y<br></div>"
        "<p>seen</p><script>z</script><p aria-hidden=true>w</p><!-- c -->"
        "<img src='i.png'><img src='i.png' alt='A'></body>"
    )
    assert plain.of_page(hidden) == "seen\n\nA\n"


def test_the_text_of_a_letter_stands_where_its_page_has_the_place_for_it() -> None:
    framed = f"<div>Northlight</div><main>{page.PLACE}</main><hr><p>Why <a href='https://x.example/u'>stop</a></p>"
    assert plain.of_page(framed, "Dear\nyou\n") == (
        "Northlight\n\nDear\nyou\n\n--------------------\n\nWhy stop: https://x.example/u\n"
    )


def test_a_paragraph_that_is_nothing_but_a_link_can_be_made_a_button() -> None:
    assert '<p class="action"><a href="https://example.org/register">' in markdown.to_html(LETTER)
    assert markdown.to_html(LETTER).count('class="action"') == 1
    assert "action" not in markdown.to_html("[a](https://a.example) and [b](https://b.example)")


def test_each_style_is_written_into_the_elements_it_is_meant_for_and_dark_mode_stays_a_rule() -> None:
    layout = page.sound(
        "<style>p { color: #111 } .action a { color: #222 }"
        " @media (prefers-color-scheme: dark) { p { color: #eee } }</style>{{ content }}"
    )
    html = page.finished(layout.replace("{{ content }}", page.PLACE), markdown.to_html(LETTER))
    assert '<a href="https://example.org/register" style="color: #222;">Register your lamp</a>' in html
    assert "@media (prefers-color-scheme: dark)" in html and html.count("<style>") == 1
    assert page.PLACE not in html


@pytest.mark.parametrize("layout", ["{{ content }}", "<html><body>{{ content }}</body></html>", page.PLAIN])
def test_a_layout_gets_what_every_page_needs(layout: str) -> None:
    sound = page.sound(layout)
    for part in (
        '<html lang="{{ language }}" dir="{{ direction }}"',
        "<title>{{ subject }}</title>",
        '<meta name="color-scheme" content="light dark">',
        '<meta name="viewport"',
        "{{ preheader }}",
        "{{ content }}",
    ):
        assert sound.count(part) == 1, part
    assert page.sound(sound) == sound
    assert page.finished(sound, "").startswith('<!DOCTYPE html><html lang="{{ language }}"')
    assert '<head><meta charset="utf-8">' in page.finished(sound, "")


def test_what_a_layout_says_itself_is_left_as_it_is() -> None:
    sound = page.sound(
        '<html lang="nl" dir="ltr"><head><title>T</title></head><body>{{ preheader }}{{ content }}</body></html>'
    )
    assert '<html lang="nl" dir="ltr">' in sound and "{{ subject }}" not in sound and sound.count("preheader") == 1


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "JaVaScRiPt:alert(1)",
        "java&Tab;script:alert(1)", "jav&#97;script:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
        "\x01javascript:x", "blob:x", "ftp://x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ['<a href="{}">', '<img src="{}">', '<td background="{}">'])
def test_a_link_that_is_no_web_page_no_mail_address_and_no_telephone_is_not_sent(address: str, place: str) -> None:
    with pytest.raises(TextProblem, match="is not sent"):
        page.finished(place.format(address), "")


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example",
        "HTTP://a.example",
        "mailto:a@b.example",
        "tel:+4930",
        "#top",
        "/a:b",
        "?a:b",
        "//a.example/b",
    ],
)
def test_a_link_to_a_web_page_a_mail_address_or_a_telephone_is_sent(address: str) -> None:
    assert page.finished(f'<a href="{address}">', "")
