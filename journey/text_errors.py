"""What Liquid says about a broken text, in plain words and at the right place."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from journey.expression_errors import CURLY
from journey.problems import did_you_mean

TAGS = ("if", "unless", "case", "for", "assign", "comment", "break", "continue", "render")
"""The tags an author may write."""

_BLOCKS = ("if", "unless", "case", "for", "comment")
_BETWEEN = {"else": ("if", "unless", "case", "for"), "elsif": ("if", "unless"), "when": ("case",)}
_OPENING = re.compile(r"\{\{|\{%")
_SIGNS = {
    "=": ("A single = does not compare.", "Write == to compare."),
    "&": ("& is not read here.", "Write and."),
    "|": ("|| is not read here.", "Write or; a single | comes before a filter."),
    "'": ("A quotation mark is opened here and never closed.", "Text stands between two of them."),
    '"': ("A quotation mark is opened here and never closed.", "Text stands between two of them."),
}


class TextProblem(ValueError):
    """A text that cannot be written for this customer, or cannot be read at all; ``line``/``column`` count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.line, self.column, self.hint = line, column, hint


@dataclass(frozen=True)
class _Gap:
    """``{{ name }}`` or ``{% tag … %}`` as written, and where; not closed if its other half is missing."""

    source: str
    index: int
    closed: bool

    @property
    def tag(self) -> str:
        """The tag's name; nothing for a plain gap."""
        found = re.match(r"\{%-?\s*(\w+)", self.source)
        return found.group(1) if found else ""


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column (from 1) of an index into a text."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def plain(source: str, index: int, parses: Callable[[str], bool]) -> TextProblem:
    """Why ``source`` cannot be read. ``index`` is where the reader stopped (-1 if it does not say); ``parses`` tells
    whether a piece of text can be read alone."""
    gaps = list(_gaps(source))
    found = _unclosed(source, gaps) or _unmatched(source, gaps) or _at(source, index)
    return found or _incomplete(source, gaps, parses)


def _gaps(source: str) -> Iterator[_Gap]:
    for opening in _OPENING.finditer(source):
        start = opening.start()
        end = source.find("}}" if opening.group(0) == "{{" else "%}", start)
        following = _OPENING.search(source, start + 2)
        closed = end >= 0 and (following is None or end < following.start())
        yield _Gap(source[start : end + 2] if closed else source[start : start + 2], start, closed)


def _unclosed(source: str, gaps: list[_Gap]) -> TextProblem | None:
    for gap in gaps:
        if not gap.closed:
            other = "}}" if gap.source == "{{" else "%}"
            hint = f"Write {other} where it ends."
            return TextProblem(f"{gap.source} is opened here and never closed.", *position(source, gap.index), hint)
    return None


def _unmatched(source: str, gaps: list[_Gap]) -> TextProblem | None:
    """A tag that does not exist, a block that is not closed, an end without a beginning."""
    open_blocks: list[_Gap] = []
    for gap in gaps:
        place = position(source, gap.index)
        innermost = open_blocks[-1].tag if open_blocks else ""
        if gap.tag in _BLOCKS:
            open_blocks.append(gap)
        elif gap.tag.removeprefix("end") in _BLOCKS and gap.tag.startswith("end"):
            if innermost != gap.tag.removeprefix("end"):
                hint = f"First write {{% end{innermost} %}} for {{% {innermost} %}}." if innermost else "Remove it."
                return TextProblem(f"This {{% {gap.tag} %}} closes nothing.", *place, hint)
            open_blocks.pop()
        elif gap.tag in _BETWEEN and innermost not in _BETWEEN[gap.tag]:
            return TextProblem(f"There is nothing open that {{% {gap.tag} %}} could belong to.", *place)
        elif gap.tag and gap.tag not in (*TAGS, *_BETWEEN):
            joined = re.match(r"\{%-?\s*end\s+(\w+)", gap.source)
            hint = f"Write end{joined.group(1)} in one word." if joined else _other_tag(gap.tag)
            return TextProblem(f'"{gap.tag}" is not a tag here.', *place, hint)
    if open_blocks:
        tag, place = open_blocks[-1].tag, position(source, open_blocks[-1].index)
        return TextProblem(f"{{% {tag} %}} is opened here and never closed.", *place, f"Write {{% end{tag} %}}.")
    return None


def _other_tag(tag: str) -> str:
    return "Write render." if tag == "include" else did_you_mean(tag, TAGS)


def _at(source: str, index: int) -> TextProblem | None:
    """The character or word where the reader stopped."""
    rest = source[index:] if 0 <= index < len(source) else ""
    if not rest:
        return None
    place = position(source, index)
    if rest[0] in CURLY:
        return TextProblem("Curly quotation marks are not read here.", *place, 'Write straight ones: "…".')
    if re.match(r"(['\"])[^'\"\n{}]*\1", rest):
        message = "A text in quotation marks is not expected here."
        return TextProblem(message, *place, 'Perhaps a : is missing, as in default: "there".')
    known = _SIGNS.get(rest[0])
    if known and not re.match(r"=[=>]", rest):
        return TextProblem(known[0], *place, known[1])
    tag = re.match(r"(\w+)\s*-?%\}", rest)
    if tag and tag.group(1) in (*_BLOCKS, *_BETWEEN):
        return TextProblem(f"Something is missing after {tag.group(1)}.", *place)
    if not source[index:].split("%}")[0].strip("{}%- \n\t"):
        return TextProblem("There is nothing in this gap.", *place, "For example {% if customer.phone %}.")
    word = re.match(r"\w+|[^\w\s]+", rest)
    hint = "A gap holds one name, for example {{ customer.first_name }}."
    return TextProblem(f"{word.group(0) if word else rest[0]} is not expected here.", *place, hint)


def _incomplete(source: str, gaps: list[_Gap], parses: Callable[[str], bool]) -> TextProblem:
    """The reader only knows that something is missing: the gap that cannot be read alone."""
    for gap in gaps:
        ending = f"{{% end{gap.tag} %}}" if gap.tag in _BLOCKS else ""
        if gap.tag in _BETWEEN or gap.tag.startswith("end") or parses(gap.source + ending):
            continue
        place = position(source, gap.index)
        if not gap.source.strip("{}%- \n\t"):
            return TextProblem("There is nothing in this gap.", *place, "For example {{ customer.first_name }}.")
        return TextProblem("Something is missing in this gap.", *place)
    return TextProblem("The text cannot be read.")
