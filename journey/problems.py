"""A mistake in a definition: where it is, what is wrong, what to do, and how it is shown.

Rendering follows actionlint and rustc: ``file:line:col: sentence [rule-code]``, then the source line with a caret.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A position in a text file; ``line`` and ``column`` count from 1."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake. ``rule`` is a stable code; ``hint`` says what to do; warnings do not stop a publication."""

    place: Place
    message: str
    rule: str
    hint: str = ""
    warning: bool = False

    def render(self, source: str | None = None) -> str:
        """The problem as text; with ``source`` (the file's text) the line and a caret follow."""
        kind = "warning: " if self.warning else ""
        hint = f" {self.hint}" if self.hint else ""
        head = f"{self.place.file}:{self.place.line}:{self.place.column}: {kind}{self.message}{hint} [{self.rule}]"
        lines = source.splitlines() if source is not None else []
        if not 1 <= self.place.line <= len(lines):
            return head
        line = "".join(letter if letter.isprintable() else " " for letter in lines[self.place.line - 1])
        number = str(self.place.line)
        gutter = " " * len(number)
        start, width = max(0, self.place.column - 80), 160
        shown = line[start : start + width]
        return f"{head}\n {gutter} |\n {number} | {shown}\n {gutter} | {' ' * (self.place.column - 1 - start)}^"


class DefinitionError(Exception):
    """A definition cannot be used; its author must act. Carries every problem, in reading order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(problem.render() for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean "welcome"?`` when a known word is close, else the list of known words, else nothing."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{close[0]}"?'
    if 0 < len(choices) <= 20:
        return f"Known here: {', '.join(choices)}."
    return ""


def render_all(problems: Iterable[Problem], sources: Mapping[str, str]) -> str:
    """All problems with their source lines, in reading order, one blank line between them."""
    return "\n\n".join(problem.render(sources.get(problem.place.file)) for problem in sorted(problems))
