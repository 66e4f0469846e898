"""Whether data is what was declared: every violation with its JSON pointer, what is wrong and what to send."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from journey.declared.fields import TYPES, DeclaredField, Fields
from journey.problems import did_you_mean

AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,4})?\Z")
CURRENCY = re.compile(r"[A-Z]{3}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})\Z"
)
MONEY: tuple[str, ...] = ("amount", "currency")


class Violation(NamedTuple):
    """What does not fit: its JSON pointer (RFC 6901) in the data, what is wrong, and what to do."""

    pointer: str
    what: str
    remedy: str


def check(fields: Fields, data: Mapping[str, Any], *, closed: bool = False, at: str = "") -> Iterator[Violation]:
    """Every violation in a group of fields, in the order of the declaration; then what is not declared, if ``closed``.

    A null counts as missing.
    """
    for name, field in fields.items():
        value = data.get(name)
        if value is None:
            if not field.optional:
                yield Violation(f"{at}/{name}", "It is missing.", f"Send {_wanted(field)}.")
        else:
            yield from check_value(field, value, f"{at}/{name}")
    for name in data if closed else ():
        if name not in fields:
            hint = did_you_mean(name, fields)
            yield Violation(f"{at}/{_escaped(name)}", "It is not declared.", hint or "Leave it out.")


def check_value(field: DeclaredField, value: Any, at: str = "") -> Iterator[Violation]:
    """Every violation in one value that is there."""
    if field.fields is not None:
        yield from _group(field, field.fields, value, at)
    elif field.list_of is not None:
        yield from _list(field, field.list_of, value, at)
    elif field.one_of is not None:
        if value not in field.one_of:
            hint = did_you_mean(value, field.one_of) if isinstance(value, str) else ""
            yield Violation(at, "It is none of the declared texts.", hint or f"Send {_wanted(field)}.")
    elif field.type == "money":
        yield from _money(value, at)
    else:
        yield from _plain(field, field.type or "anything", value, at)


def _group(field: DeclaredField, fields: Fields, value: Any, at: str) -> Iterator[Violation]:
    if isinstance(value, Mapping):
        yield from check(fields, value, closed=field.closed, at=at)
    else:
        yield Violation(at, "It is not an object.", f"Send its fields: {', '.join(fields)}.")


def _list(field: DeclaredField, entry: DeclaredField, value: Any, at: str) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield Violation(at, "It is not a list.", f"Send {_wanted(field)}.")
        return
    for number, item in enumerate(value):
        yield from check_value(entry, item, f"{at}/{number}")


def _plain(field: DeclaredField, kind: str, value: Any, at: str) -> Iterator[Violation]:
    if not _FITS[kind](value):
        yield Violation(at, f"It is not {_NAMES[kind]}.", f"Send {TYPES[kind]}.")
    elif field.at_least is not None and value < field.at_least:
        yield Violation(at, "It is too small.", f"Send a number of at least {field.at_least:g}.")
    elif field.at_most is not None and value > field.at_most:
        yield Violation(at, "It is too large.", f"Send a number of at most {field.at_most:g}.")


def _money(value: Any, at: str) -> Iterator[Violation]:
    if not isinstance(value, Mapping):
        yield Violation(at, "It is not money.", f"Send {TYPES['money']}.")
        return
    for name in MONEY:
        if not _FITS[name](value.get(name)):
            what = "It is missing." if value.get(name) is None else f"It is not {_NAMES[name]}."
            yield Violation(f"{at}/{name}", what, f"Send {TYPES[name].split(';')[0]}.")


def _wanted(field: DeclaredField) -> str:
    """``a text``, ``one of home, pro``, ``a list of …``: what belongs into the field."""
    if field.fields is not None:
        return f"an object with {', '.join(field.fields)}"
    if field.list_of is not None:
        return f"a list, each entry {_wanted(field.list_of)}"
    if field.one_of is not None:
        few = ", ".join(field.one_of[:12])
        return f"one of {few}{', …' if len(field.one_of) > 12 else ''}"
    return TYPES[field.type or "anything"]


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def is_day(value: Any) -> bool:
    """Whether this is a day of the calendar as text (RFC 3339 full-date)."""
    return isinstance(value, str) and _DAY.match(value) is not None and _reads(date.fromisoformat, value)


def is_moment(value: Any) -> bool:
    """Whether this is a point in time with its zone, as text (RFC 3339 date-time)."""
    if not isinstance(value, str) or not _MOMENT.match(value):
        return False
    return _reads(datetime.fromisoformat, re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", value.upper()))


def _reads(read: Callable[[str], Any], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


_FITS: dict[str, Callable[[Any], bool]] = {
    "text": _text,
    "number": _number,
    "whole number": lambda value: isinstance(value, int) and not isinstance(value, bool),  # 4.0 is reckoned otherwise
    "yes/no": lambda value: isinstance(value, bool),
    "date": is_day,
    "moment": is_moment,
    "amount": _matches(AMOUNT),
    "currency": _matches(CURRENCY),
    "anything": lambda value: True,
}
_NAMES = {
    "text": "a text",
    "number": "a number",
    "whole number": "a whole number",
    "yes/no": "true or false",
    "date": "a date",
    "moment": "a point in time",
    "amount": "an amount of money",
    "currency": "a currency",
    "anything": "a value",
}


def _escaped(name: str) -> str:
    """A key as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
