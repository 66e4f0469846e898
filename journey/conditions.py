"""The expression language: CEL (https://cel.dev), compiled and judged in one place.

Names: ``event`` (the event being judged), ``start`` (data of the starting event), ``vars``, ``customer`` and ``now``.
A condition that cannot be judged (a field is missing, text is compared with a number) counts as false, and the
``Judgement`` says why. Nothing here raises at run time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_math, ext_optional, ext_strings

NAMES = ("customer", "event", "now", "start", "vars")
MAX_LENGTH = 2_000

_MAP = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
_STRINGS = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_FIELD = re.compile(r"\b(customer|event|start|vars)\s*\.\s*\??\s*([A-Za-z_]\w*)")
_ROOT = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\b(?!\s*\()")
_POSITION = re.compile(r"<input>:(\d+):(\d+): (.*)")


class ExpressionError(ValueError):
    """An expression that cannot be compiled; ``line`` and ``column`` count from 1 inside the expression."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line, self.column = line, column


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
    return cel.NewEnv(variables=variables, extensions=extensions)


@lru_cache(maxsize=4096)
def compile(source: str) -> Any:
    """The compiled expression. Raises ExpressionError with a sentence and a position."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"The expression is longer than {MAX_LENGTH} characters.")
    try:
        return _environment().compile(source)
    except RuntimeError as error:
        raise _plain(str(error)) from None


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
        return Judgement(_json(value.plain_value()))
    except (ExpressionError, RuntimeError, ValueError, TypeError, OverflowError) as error:
        return Judgement(None, f"it cannot be worked out ({error})")


def fields(source: str, name: str) -> tuple[str, ...]:
    """The fields of ``name`` that the expression mentions, in order: ``fields("customer.plan == 'x'", "customer")``."""
    found = [field for root, field in _FIELD.findall(_STRINGS.sub("''", source)) if root == name]
    return tuple(dict.fromkeys(found))


def roots(source: str) -> tuple[str, ...]:
    """Which of the known names the expression uses, in order."""
    words = _ROOT.findall(_STRINGS.sub("''", source))
    return tuple(dict.fromkeys(word for word in words if word in NAMES))


def _json(value: Any) -> Any:
    """CEL's value as JSON data with sorted keys (CEL's maps come in no fixed order)."""
    if isinstance(value, dict):
        return {str(key): _json(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def _say_missing(error: str, source: str) -> str:
    missing = re.search(r'Key not found in map : "([^"]*)"', error)
    if missing:
        name = missing.group(1)
        whole = re.search(rf"\b[A-Za-z_][\w.]*\.{re.escape(name)}\b", source)
        return f"{whole.group(0) if whole else name} is missing"
    overload = re.search(r"No matching overloads found : (.*)", error)
    if overload:
        return f"the kinds of its values do not fit together ({overload.group(1)})"
    return error.split(": ", 1)[-1]


def _plain(error: str) -> ExpressionError:
    found = _POSITION.search(error)
    if found is None:
        return ExpressionError(error)
    line, column, text = int(found.group(1)), int(found.group(2)), found.group(3).removesuffix(" [INVALID_ARGUMENT]")
    undeclared = re.search(r"undeclared reference to '([^']*)'", text)
    if undeclared:
        return ExpressionError(f'"{undeclared.group(1)}" is not known here.', line, column)
    if "token recognition error at: '= " in text or "token recognition error at: '='" in text:
        return ExpressionError('A single = cannot be read. Write == to compare.', line, column)
    if text.startswith("Syntax error"):
        detail = text.split(": ", 1)[-1].split(" expecting", 1)[0]
        detail = detail.replace("mismatched input '<EOF>'", "it ends too early")
        return ExpressionError(f"The expression cannot be read: {detail}.", line, column)
    overload = re.search(r"found no matching overload for '([^']*)' applied to '([^']*)'", text)
    if overload:
        operator = overload.group(1).strip("_").replace("_", " ")
        return ExpressionError(f"{operator} cannot be used with {overload.group(2)}.", line, column)
    return ExpressionError(text, line, column)
