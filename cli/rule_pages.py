"""The pages of the rules, as they stand beside the rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from journey import rules
from journey.rules.page import Page, parse

FOLDER = Path(rules.__file__).parent / "pages"

BOOK = """# The rules of `wayfare check`

Every mistake and every warning has a code, and here is what each of them means, with a wrong and a right example. The
examples are executed by the tests. In the terminal: `wayfare explain`, `wayfare explain unknown-message`.

This page is written by `wayfare explain --all > docs/rules.md`.

"""


@cache
def pages() -> dict[str, Page]:
    """Every page by its code."""
    return {path.stem: parse(text(path.stem)) for path in sorted(FOLDER.glob("*.md"))}


def text(code: str) -> str:
    """A page as it is written."""
    return (FOLDER / f"{code}.md").read_text(encoding="utf-8")


def book() -> str:
    """All pages in one: docs/rules.md."""
    contents = [f"- [`{code}`](#{code}) {page.title}" for code, page in pages().items()]
    return BOOK + "\n".join(contents) + "\n\n" + "\n".join(f"#{text(code)}" for code in pages())
