"""Texts with gaps: Liquid, as marketers know it, with few tags, strict names and limits.

Two renderings of one source: plain (subjects, text parts, notes), and for Markdown with every value escaped, so that
a customer's name can never become a link, a heading or HTML.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Literal, TextIO

import liquid
from liquid import CachingDictLoader
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, TemplateNotFoundError, UndefinedError
from liquid.stringify import to_liquid_string

from journey.text_errors import TextProblem, plain, position
from journey.texts import filters

__all__ = [
    "Placed", "Ready", "TextProblem", "Variable", "check", "known_filters", "one_line", "parsed", "position", "render",
    "trimmed",
]  # fmt: skip

TAGS = frozenset(
    {"content", "output", "if", "unless", "case", "for", "break", "continue", "assign", "comment", "#", "render"}
)

Mode = Literal["plain", "markdown", "html"]
"""What a rendering becomes, and so how values are put in: as they are, escaped for Markdown, escaped for HTML."""

Snippets = tuple[tuple[str, str], ...]
"""Names and sources of the snippets that a text may ``{% render %}``."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\ue0a7]")
"""Characters that turn the direction of the text after them, and the sign of our own for a scale."""

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINE_ENDS = re.compile("\r\n?|[\n\v\f\x85\u2028\u2029]")
_BEGINNING = re.compile(r"[ >]*(?:(?:[-*+]|\d{1,9}[.)]) +)?[ >]*")
"""Of a line, before its first word: marks of quotations and of an item."""
_ENDS = "".join(letter for letter in map(chr, range(0x3001)) if _SPACE.match(letter) or _TURNING.match(letter))


class Ready(str):
    """HTML of our own making, put in as it is."""

    __slots__ = ()


class Placed(str):
    """A sign of our own in a Markdown text, put in as it is."""

    __slots__ = ()


@dataclass(frozen=True)
class Variable:
    """One use of a variable in a text: ``customer.first_name`` at line 3, column 9, perhaps inside a snippet."""

    path: str
    line: int
    column: int
    snippet: str = ""


class _PlainNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        return buffer.write("\n".join(_lines(value)) if isinstance(value, filters.Paragraphs) else _words(value))


class _MarkdownNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if isinstance(value, filters.Paragraphs):
            return buffer.write(_in_markdown(_lines(value), self.token.source, self.token.start_index))
        if isinstance(value, Placed):
            return buffer.write(value)
        return buffer.write(_PUNCTUATION.sub(r"\\\1", _words(value)))


class _HtmlNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if isinstance(value, filters.Paragraphs):
            return buffer.write("<br>\n".join(map(escape, _lines(value))))
        return buffer.write(value if isinstance(value, Ready) else escape(_words(value)))


class _Plain(Output):
    node_class = _PlainNode


class _Markdown(Output):
    node_class = _MarkdownNode


class _Html(Output):
    node_class = _HtmlNode


_OUTPUT = {"plain": _Plain, "markdown": _Markdown, "html": _Html}


class _Environment(liquid.Environment):
    """Limits as class attributes, as the library wants them: a loop of 10^18 stops at once."""

    loop_iteration_limit = 10_000
    output_stream_limit = filters.LONGEST
    local_namespace_limit = 100_000
    context_depth_limit = 20


def _words(value: Any) -> str:
    return one_line(to_liquid_string(value, False))


def _lines(text: str) -> list[str]:
    """The lines that a person wrote, each as harmless as ``one_line`` makes it, with one empty line between
    paragraphs."""
    lines = [one_line(line).strip() for line in _LINE_ENDS.split(text)]
    return [
        line
        for number, line in enumerate(lines)
        if line or (any(lines[:number]) and any(lines[number:]) and lines[number - 1])
    ]


def _in_markdown(lines: list[str], source: str, index: int) -> str:
    """Lines as Markdown, each escaped and on its own; in a quotation or an item, if the value begins there."""
    before = source[source.rfind("\n", 0, index) + 1 : index]
    begins = _BEGINNING.fullmatch(before)
    indent = re.sub(r"[^>\s]", " ", before) if begins else ""
    escaped = [_PUNCTUATION.sub(r"\\\1", line) for line in lines]
    broken = [
        f"{line}  " if line and following else line for line, following in zip(escaped, [*escaped[1:], ""], strict=True)
    ]
    return f"\n{indent}".join(broken)


def one_line(text: str) -> str:
    """The text with line breaks, control characters and runs of space made one space each, and nothing that turns the
    direction of what follows."""
    return _SPACE.sub(" ", _TURNING.sub("", text))


def trimmed(text: str) -> str:
    """The text without what ``one_line`` makes a space of at its two ends."""
    return text.strip(_ENDS)


@lru_cache(maxsize=256)
def _environment(mode: Mode, snippets: Snippets) -> liquid.Environment:
    environment = _Environment(
        undefined=liquid.FalsyStrictUndefined, strict_filters=True, loader=CachingDictLoader(dict(snippets))
    )
    for name in [name for name in environment.tags if name not in TAGS and name != "illegal"]:
        del environment.tags[name]
    filters.install(environment)
    environment.add_tag(_OUTPUT[mode])
    return environment


@lru_cache(maxsize=512)
def _template(source: str, mode: Mode, snippets: Snippets = ()) -> liquid.BoundTemplate:
    try:
        return _environment(mode, snippets).from_string(source)
    except LiquidError as error:
        index = getattr(error.token, "start_index", -1) if error.token else -1
        raise plain(source, index, _parses) from None


def _parses(source: str) -> bool:
    try:
        _environment("plain", ()).from_string(source)
    except LiquidError:
        return False
    return True


def parsed(source: str) -> liquid.BoundTemplate:
    """The text as a syntax tree. Raises TextProblem."""
    return _template(source, "plain")


@lru_cache(maxsize=1024)
def check(source: str, snippets: Mapping[str, str] | None = None) -> tuple[tuple[Variable, ...], tuple[Variable, ...]]:
    """The variables a text uses, in reading order, and the filters it names that do not exist; with ``snippets`` those
    of the snippets it renders, too. Raises TextProblem."""
    return _checked(source, None if snippets is None else tuple(sorted(snippets.items())))


@lru_cache(maxsize=2_000)
def _checked(source: str, known: Snippets | None) -> tuple[tuple[Variable, ...], tuple[Variable, ...]]:
    snippets = dict(known or ())
    analysis = _template(source, "plain", known or ()).analyze(include_partials=known is not None)

    def placed(name: str, index: int, snippet: str) -> Variable:
        return Variable(name, *position(snippets.get(snippet, source), index), snippet)

    found = []
    for uses in analysis.globals.values():
        for use in uses:
            path = ".".join(str(part) for part in use.segments if isinstance(part, (str, int)))
            found.append(placed(path, use.span.index, use.span.template_name))
    unknown = tuple(
        placed(name, use.index, use.template_name)
        for name, uses in analysis.filters.items()
        if name not in known_filters()
        for use in uses
    )
    return tuple(sorted(found, key=lambda use: (use.snippet, use.line, use.column))), unknown


def known_filters() -> tuple[str, ...]:
    """The names of the filters there are."""
    return tuple(sorted(_environment("plain", ()).filters))


def render(
    source: str,
    facts: Mapping[str, Any],
    *,
    mode: Mode = "plain",
    snippets: Snippets = (),
    reader: filters.Reader | None = None,
) -> str:
    """The text with its gaps filled. Raises TextProblem when a value it needs is missing or a limit is passed. Without
    a ``reader`` dates and numbers look as the company writes them."""
    template = _template(source, mode, snippets)
    try:
        return template.render({**facts, filters.READER: reader or filters.reader(facts)})
    except UndefinedError as error:
        raise TextProblem(_missing(error)) from None
    except TemplateNotFoundError as error:
        raise TextProblem(f'There is no snippet "{error.message}".') from None
    except LiquidError as error:
        raise TextProblem(f"The text cannot be written: {error.message}.") from None


def _missing(error: UndefinedError) -> str:
    """The name of what is missing, as it is written where it is needed (which may be in a snippet)."""
    path = re.match(r"[\w.\[\]-]+", error.token.source[error.token.start_index :]) if error.token else None
    return f"The text needs {path.group(0) if path else 'a value'}, which is missing."
