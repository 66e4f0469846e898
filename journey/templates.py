"""Texts with gaps: Liquid, as marketers know it, with few tags, strict names and limits.

Two renderings of one source: plain (subjects, text parts, notes), and for Markdown with every value escaped, so that
a customer's name can never become a link, a heading or HTML.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, TextIO

import liquid
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, UndefinedError
from liquid.stringify import to_liquid_string
from liquid.undefined import is_undefined

from journey.text_errors import TextProblem, plain, position

__all__ = ["TextProblem", "Variable", "check", "known_filters", "one_line", "position", "render"]

TAGS = frozenset({"content", "output", "if", "unless", "case", "for", "break", "continue", "assign", "comment", "#"})

COUNTING = (
    "abs", "at_least", "at_most", "ceil", "divided_by", "floor", "minus", "modulo", "plus", "round", "times",
)  # fmt: skip
"""Filters that would take a missing value for 0."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of the text after them."""

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Variable:
    """One use of a variable in a text: ``customer.first_name`` at line 3, column 9."""

    path: str
    line: int
    column: int


class _PlainNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(one_line(to_liquid_string(self.expression.evaluate(context), False)))


class _MarkdownNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = one_line(to_liquid_string(self.expression.evaluate(context), False))
        return buffer.write(_PUNCTUATION.sub(r"\\\1", value))


class _Plain(Output):
    node_class = _PlainNode


class _Markdown(Output):
    node_class = _MarkdownNode


class _Environment(liquid.Environment):
    """Limits as class attributes, as the library wants them: a loop of 10^18 stops at once."""

    loop_iteration_limit = 10_000
    output_stream_limit = 256_000
    local_namespace_limit = 100_000
    context_depth_limit = 20


def one_line(text: str) -> str:
    """The text with line breaks, control characters and runs of space made one space each, and nothing that turns the
    direction of what follows."""
    return _SPACE.sub(" ", _TURNING.sub("", text))


@lru_cache(maxsize=2)
def _environment(markdown: bool) -> liquid.Environment:
    environment = _Environment(undefined=liquid.FalsyStrictUndefined, strict_filters=True)
    for name in [name for name in environment.tags if name not in TAGS and name != "illegal"]:
        del environment.tags[name]
    del environment.filters["date"]  # it reads the clock for 'now'
    for name in COUNTING:
        environment.filters[name] = _strict(environment.filters[name])
    environment.add_tag(_Markdown if markdown else _Plain)
    return environment


def _strict(counting: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, refusing what is missing as all others do."""

    @wraps(counting)
    def strict(*values: Any, **more: Any) -> Any:
        for value in values:
            if is_undefined(value):
                str(value)  # this raises UndefinedError with the name of what is missing
        return counting(*values, **more)

    return strict


@lru_cache(maxsize=512)
def _template(source: str, markdown: bool) -> liquid.BoundTemplate:
    try:
        return _environment(markdown).from_string(source)
    except LiquidError as error:
        index = getattr(error.token, "start_index", -1) if error.token else -1
        raise plain(source, index, lambda piece: _parses(piece, markdown)) from None


def _parses(source: str, markdown: bool) -> bool:
    try:
        _environment(markdown).from_string(source)
    except LiquidError:
        return False
    return True


def check(source: str) -> tuple[tuple[Variable, ...], tuple[Variable, ...]]:
    """The variables a text uses, in reading order, and the filters it names that do not exist. Raises TextProblem."""
    analysis = _template(source, False).analyze()
    found = []
    for uses in analysis.globals.values():
        for use in uses:
            path = ".".join(str(part) for part in use.segments if isinstance(part, (str, int)))
            found.append(Variable(path, *position(source, use.span.index)))
    unknown = tuple(
        Variable(name, *position(source, use.index))
        for name, uses in analysis.filters.items()
        if name not in known_filters()
        for use in uses
    )
    return tuple(sorted(found, key=lambda use: (use.line, use.column))), unknown


def known_filters() -> tuple[str, ...]:
    """The names of the filters there are."""
    return tuple(sorted(_environment(False).filters))


def render(source: str, facts: Mapping[str, Any], *, markdown: bool = False) -> str:
    """The text with its gaps filled. Raises TextProblem when a value it needs is missing or a limit is passed."""
    template = _template(source, markdown)
    try:
        return template.render(**facts)
    except UndefinedError as error:
        raise TextProblem(_missing(source, error)) from None
    except LiquidError as error:
        raise TextProblem(f"The text cannot be written: {error.message}.") from None


def _missing(source: str, error: UndefinedError) -> str:
    index = getattr(error.token, "start_index", -1) if error.token else -1
    path = re.match(r"[\w.\[\]-]+", source[index:]) if index >= 0 else None
    return f"The text needs {path.group(0) if path else 'a value'}, which is missing."
