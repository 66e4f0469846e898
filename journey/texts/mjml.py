"""MJML (https://documentation.mjml.io) to HTML, once, at publication; Liquid stays in it for later.

The library passes over elements that it does not know and says nothing; here each is looked at before.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from mjml import mjml2html

from journey.problems import Place, Problem, did_you_mean

KNOWN = frozenset(
    re.findall(
        r"\S+",
        """mjml mj-head mj-body mj-attributes mj-all mj-class mj-breakpoint mj-html-attributes mj-preview mj-style
        mj-title mj-button mj-column mj-divider mj-group mj-hero mj-image mj-navbar mj-navbar-link mj-raw mj-section
        mj-social mj-social-element mj-spacer mj-table mj-text mj-wrapper""",
    )
)
WORDS = frozenset(
    re.findall(
        r"\S+",
        "mj-text mj-button mj-table mj-raw mj-title mj-preview mj-style mj-navbar-link mj-social-element",
    )
)
"""Elements that hold words; all others hold only elements."""
_REFUSED = {
    "mj-include": "Write a snippet, and {% render %} it.",
    "mj-font": "Mail programs do not fetch fonts, and fetching them tells others who reads. Name a common one.",
    "mj-accordion": "Most mail programs cannot open it. Write the text in full.",
    "mj-carousel": "Most mail programs cannot turn it. Show the pictures one below the other.",
}
_GAP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def whole(source: str) -> bool:
    """Whether this is a whole MJML document, and not parts for a layout."""
    return bool(re.search(r"<mjml\b", source))


def check(source: str, place: Place) -> list[Problem]:
    """Elements that are unknown, refused, not closed or in the wrong order; ``place`` is where the source
    begins: the start of a line."""
    reading = _Reading(place)
    reading.feed(_GAP.sub(_blank, source))
    reading.close()
    return reading.problems + list(reading.unclosed())


def _blank(gap: re.Match[str]) -> str:
    """A gap of Liquid as signs that mean nothing, so that what it says is not taken for elements."""
    sign = "%" if gap.group(0).startswith("{%") else "x"
    return re.sub(r"[^\n]", sign, gap.group(0))


def compiled(source: str) -> str:
    """The HTML of a whole document that ``check`` has nothing against. Raises ValueError if the library has."""
    return str(mjml2html(source, fonts={}, disable_comments=False))


class _Reading(HTMLParser):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self.problems: list[Problem] = []
        self._place = place
        self._open: list[tuple[str, Place]] = []

    def _here(self) -> Place:
        line, column = self.getpos()
        return Place(self._place.file, self._place.line + line - 1, column + 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag.startswith("mj"):
            self._open.append((tag, self._here()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = self._open[-1][0] if self._open else ""
        if tag.startswith("mj") and tag in _REFUSED:
            self._say(f"<{tag}> is not sent.", _REFUSED[tag])
        elif tag.startswith("mj") and tag not in KNOWN and not inside.startswith(tuple(_REFUSED)):
            hint = did_you_mean(tag, KNOWN)
            self._say(f"MJML has no <{tag}>.", hint if hint.startswith("Did") else "")
        elif not tag.startswith("mj") and inside not in WORDS and inside in KNOWN:
            self._say(f"<{tag}> cannot stand in <{inside}>.", "HTML stands inside <mj-text> or <mj-raw>.")

    def handle_endtag(self, tag: str) -> None:
        if not tag.startswith("mj"):
            return
        if not any(name == tag for name, _ in self._open):
            self._say(f"</{tag}> closes nothing.", "Remove it.")
            return
        while self._open[-1][0] != tag:
            name, place = self._open.pop()
            self.problems.append(_unclosed(name, place))
        self._open.pop()

    def handle_data(self, data: str) -> None:
        inside = self._open[-1][0] if self._open else ""
        if data.strip() and inside in KNOWN - WORDS:
            if not data.strip("% \n\t"):
                hint = "Put it into <mj-raw>…</mj-raw>."
                self._say(f"A tag of Liquid cannot stand in <{inside}> by itself.", hint)
            elif data.strip() != "x" * len("{{ content }}"):
                self._say(f"Words cannot stand in <{inside}>.", "Put them into <mj-text>…</mj-text>.")

    def unclosed(self) -> Iterator[Problem]:
        """The elements that are still open at the end."""
        for name, place in self._open:
            yield _unclosed(name, place)

    def _say(self, message: str, hint: str) -> None:
        self.problems.append(Problem(self._here(), message, "mjml", hint))


def _unclosed(name: str, place: Place) -> Problem:
    return Problem(place, f"<{name}> is opened here and never closed.", "mjml", f"Write </{name}> where it ends.")
