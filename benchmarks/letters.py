"""What writing a letter costs: each part of it by itself, beside the library calls alone, in one run.

.venv/bin/python -m benchmarks.letters
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from statistics import median

import css_inline
import liquid
from markdown_it import MarkdownIt

from activities import letter
from journey import messages, samples, templates
from journey.load import load
from journey.messages import Message, Rendered
from journey.texts import filters, markdown, page, plain
from store.definition_files import read_folder

ROUNDS, EACH = 7, 60
NAME = "welcome"


def main() -> None:
    """Print a table: CPU milliseconds of one letter, the median of some rounds."""
    files, _ = read_folder(Path(__file__).parents[1] / "definitions")
    library = load(files)
    text, facts = library.messages[NAME], samples.best(library)[NAME].facts
    mail = messages.render(text, facts, unsubscribe_url="https://northlight.example/u/1")
    rows: dict[str, Callable[[], object]] = {
        "**the letter, from facts to bytes**": lambda: composed(messages.render(text, facts)),
        "its text and page": lambda: messages.render(text, facts),
        **parts(text, facts),
        "its bytes, parsed again and compared": lambda: composed(mail),
        "**the libraries alone: Liquid, Markdown, css-inline, email**": lambda: bare(text, facts),
    }
    print("| part | CPU ms | least to most |\n| --- | ---: | ---: |")
    for name, work in rows.items():
        figures = sorted(milliseconds(work) for _ in range(ROUNDS))
        print(f"| {name} | {median(figures):.2f} | {figures[0]:.2f} to {figures[-1]:.2f} |")
    print(f"\nThe page has {len(mail.html):,} characters, the plain text {len(mail.text):,}.")


def parts(text: Message, facts: dict[str, object]) -> dict[str, Callable[[], object]]:
    """The parts of a rendering."""
    known = {**facts, "subject": "s", "preheader": "p", "because": "b", "language": "en", "direction": "ltr"}
    reader = filters.reader(facts, "en")
    written = templates.render(text.body, known, mode="markdown", reader=reader)
    layout = page.sound(text.page or page.PLAIN)
    snippets = tuple(sorted(text.page_snippets.items()))
    known |= {"content": templates.Ready(page.PLACE), "unsubscribe_url": None}

    def framed() -> str:
        return templates.render(layout, known, mode="html", snippets=snippets, reader=reader)

    frame, content = framed(), markdown.to_html(written)
    return {
        "· Liquid of the letter": lambda: templates.render(text.body, known, mode="markdown", reader=reader),
        "· Markdown to HTML": lambda: markdown.to_html(written),
        "· Liquid of the layout": framed,
        "· the plain text": lambda: plain.of_page(frame, markdown.to_text(written)),
        "· links looked at, style put in": lambda: page.finished(frame, content),
    }


def composed(mail: Rendered) -> bytes:
    """The bytes of a letter; nothing of it is kept from the last one."""
    letter._line.cache_clear()
    return letter.compose(
        sender="Northlight Lamps <hello@northlight.example>",
        recipient_name="Grete Hermann",
        recipient="grete@example.org",
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id="<key@northlight.example>",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        reply_to="help@northlight.example",
        language=mail.locale,
    )


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_INLINER = css_inline.CSSInliner(keep_at_rules=True)
_ENVIRONMENT = liquid.Environment()


def bare(text: Message, facts: dict[str, object]) -> bytes:
    """What the libraries take for a letter like it, without anything of ours."""
    words = _ENVIRONMENT.from_string(text.body).render(**facts)
    html = _INLINER.inline(text.page.replace("{{ content }}", str(_MARKDOWN.render(words))))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hello@northlight.example", "grete@example.org", text.name
    mail.set_content(words)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def milliseconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    work()
    begun = time.process_time()
    for _ in range(EACH):
        work()
    return (time.process_time() - begun) / EACH * 1_000


if __name__ == "__main__":
    main()
