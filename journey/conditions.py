"""The expression language: CEL (https://cel.dev), compiled and judged in one place.

Names: ``event`` (the event being judged), ``start`` (data of the starting event), ``vars``, ``customer`` and ``now``.
A condition that cannot be judged (a field is missing, text is compared with a number) counts as false, and the
``Judgement`` says why. Nothing here raises at run time.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_math, ext_optional, ext_strings

from journey.expression_errors import ExpressionError, plain
from journey.expression_functions import declarations

__all__ = [
    "NAMES", "ExpressionError", "Judgement", "Mention", "compile", "fields", "judge", "mentions", "returns_boolean",
]  # fmt: skip

NAMES = ("customer", "event", "now", "start", "vars")
MAX_LENGTH = 2_000

_MAP = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
_TEXT = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\""
_MENTION = re.compile(
    rf"(?:{_TEXT}|//[^\n]*)|(?<![\w.])(?P<root>customer|event|now|start|vars)\b(?!\s*\()"
    rf"(?:\s*\.\s*\??\s*(?P<field>[A-Za-z_]\w*)\b(?!\s*\()|\s*\[\s*\??\s*(?P<quoted>{_TEXT})\s*\])?"
)


@dataclass(frozen=True)
class Judgement:
    """What an expression came to. ``problem`` is empty unless it could not be judged; then ``value`` is None."""

    value: Any
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Whether a condition is met; one that could not be judged is not."""
        return self.value is True


@lru_cache(maxsize=1)
def _environment() -> Any:
    variables = {name: cel.Type.TIMESTAMP if name == "now" else _MAP for name in NAMES}
    extensions = [ext_strings.ExtStrings(), ext_math.ExtMath(), ext_optional.ExtOptional(), ext_bindings.ExtBindings()]
    return cel.NewEnv(variables=variables, extensions=extensions, functions=declarations())


@lru_cache(maxsize=4096)
def compile(source: str) -> Any:
    """The compiled expression. Raises ExpressionError with a sentence and a position."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"The expression is longer than {MAX_LENGTH} characters.")
    try:
        return _environment().compile(source)
    except RuntimeError as error:
        raise plain(str(error), source) from None


def returns_boolean(source: str) -> bool:
    """Whether the expression can be a condition: its type is boolean, or known only when it runs."""
    return compile(source).return_type().name() in ("BOOL", "DYN")


def judge(source: str, facts: Mapping[str, Any], now: datetime) -> Judgement:
    """Evaluate an expression. ``facts`` maps the names to JSON objects; a missing name counts as empty."""
    data = {name: facts.get(name) or {} for name in NAMES if name != "now"}
    data["now"] = now
    try:
        value = compile(source).eval(data=data)
        if value.type() == cel.Type.ERROR:
            return Judgement(None, _say_missing(str(value.value()), source))
        return _found(value.plain_value())
    except (ExpressionError, RuntimeError, ValueError, TypeError, OverflowError) as error:
        return Judgement(None, f"it cannot be worked out ({error})")


@dataclass(frozen=True)
class Mention:
    """One use of a name in an expression: ``customer.plan`` or ``customer["plan"]``, and where; no field if the name is
    used as a whole."""

    root: str
    field: str
    index: int


@lru_cache(maxsize=4096)
def mentions(source: str) -> tuple[Mention, ...]:
    """Every use of a known name, in order."""
    return tuple(
        Mention(found["root"], found["field"] or (found["quoted"] or "")[1:-1], found.start())
        for found in _MENTION.finditer(source)
        if found["root"]
    )


@lru_cache(maxsize=8192)
def fields(source: str, name: str) -> tuple[str, ...]:
    """The fields of ``name`` that the expression mentions, in order: ``fields("customer.plan == 'x'", "customer")``."""
    return tuple(dict.fromkeys(use.field for use in mentions(source) if use.root == name and use.field))


def _found(value: Any) -> Judgement:
    if isinstance(value, float) and not math.isfinite(value):
        return Judgement(None, "it is no number (divided by zero?)")
    return Judgement(_json(value))


def _json(value: Any) -> Any:
    """CEL's value as JSON data with sorted keys (CEL's maps come in no fixed order)."""
    if isinstance(value, dict):
        return {str(key): _json(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def _say_missing(error: str, source: str) -> str:
    missing = re.search(r'Key not found in map : "?([^"]*)"?', error)
    if missing:
        name = missing.group(1)
        whole = re.search(rf"\b[A-Za-z_][\w.]*\.{re.escape(name)}\b", source)
        return f"{whole.group(0) if whole else name} is missing"
    overload = re.search(r"No matching overloads found : (.*)", error)
    if overload:
        return f"the kinds of its values do not fit together ({overload.group(1)})"
    index = re.search(r"Index error: index=(-?\d+) size=(\d+)", error)
    if index:
        return f"there is no entry {index.group(1)} in a list of {index.group(2)} (the first is 0)"
    return error.split(": ", 1)[-1]
