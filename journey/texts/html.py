"""HTML that authors write (layouts and snippets): what mail cannot have, and where no value may be put in.

Values are escaped, which makes them harmless between elements and inside quoted attributes. Nowhere else.
"""

import re
from html.parser import HTMLParser

from journey.problems import Place, Problem
from journey.text_errors import position

_GAP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SIGN = "\ue000"
"""Stands in for a value while the HTML is read."""
_NEVER = frozenset(
    {
        "applet", "audio", "base", "button", "canvas", "embed", "form", "frame", "frameset", "iframe", "input",
        "link", "math", "object", "script", "select", "svg", "textarea", "video",
    }
)  # fmt: skip
_MJML_VALUES = ("href", "src", "alt", "title", "name")
"""All other attributes of MJML become styles."""
_UNQUOTED = re.compile(rf"([\w:-]+)\s*=\s*(?![\"'\s])[^\s>]*{_SIGN}")


def check(source: str, place: Place) -> list[Problem]:
    """Every problem of one piece of HTML, which begins at a place."""
    reading = _Reading(place)
    seen = _GAP.sub(_stand_in, source)
    reading.feed(seen)
    reading.close()
    for found in re.finditer(rf"</?{_SIGN}", seen):
        line, column = position(seen, found.start())
        message = "A value cannot stand as a name in HTML."
        where = Place(place.file, place.line + line - 1, column)
        reading.problems.append(Problem(where, message, "value-place", _PLACES))
    return reading.problems


_PLACES = "Put values between elements, or into quoted attributes."


def _stand_in(gap: re.Match[str]) -> str:
    sign = _SIGN if gap.group(0).startswith("{{") else " "
    return re.sub(r"[^\n]", sign, gap.group(0))


class _Reading(HTMLParser):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self.problems: list[Problem] = []
        self._place = place
        self._style = False

    def _say(self, message: str, rule: str, hint: str) -> None:
        line, column = self.getpos()
        where = Place(self._place.file, self._place.line + line - 1, column + 1)
        self.problems.append(Problem(where, message, rule, hint))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        if tag in _NEVER:
            self._say(f"<{tag}> is not sent: mail programs take it out.", "html-not-sent", "Remove it.")
        if _SIGN in tag or any(_SIGN in name for name, _ in attrs):
            self._misplaced("as a name in HTML")
        if found := _UNQUOTED.search(self.get_starttag_text() or ""):
            self._misplaced("without quotation marks", f'Write {found.group(1).lower()}="{{{{ … }}}}".')
        for name, value in attrs:
            if name.startswith("on"):
                self._say(f"{name} is not sent: mail runs no programs.", "html-not-sent", "Remove it.")
            elif _SIGN in (value or "") and (name == "style" or (tag.startswith("mj-") and name not in _MJML_VALUES)):
                self._misplaced("in a style")
        if tag in ("mj-image", "img"):
            self._image(dict(attrs))

    def _image(self, said: dict[str, str | None]) -> None:
        if "alt" not in said:
            hint = 'Write alt="…", or alt="" for one that only decorates.'
            self._say("This image has no words for those who do not see it.", "image-alt", hint)
        if not re.match(rf"https?://|{_SIGN}|cid:", (said.get("src") or "").strip()):
            hint = "Write its whole address: https://…"
            self._say("This image cannot be found from a mail.", "image-address", hint)

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if self._style and _SIGN in data:
            self._misplaced("in a style")

    def _misplaced(self, where: str, hint: str = _PLACES) -> None:
        self._say(f"A value cannot stand {where}.", "value-place", hint)
