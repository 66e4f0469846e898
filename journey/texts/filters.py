"""What a text may do with a value: an allow-list of Liquid's filters, and our own for dates, times, money and numbers.

None of ours reads a clock: the same value gives the same words. No filter takes a missing value for 0 or for nothing,
and none makes much out of little (a text of gigabytes, a number of a million digits).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache, wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import babel.dates
import babel.numbers
from babel import Locale
from liquid import Environment
from liquid.context import RenderContext
from liquid.filter import with_context
from liquid.undefined import is_undefined

from journey.text_errors import TextProblem
from journey.texts import locales

KEPT = (
    "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "concat", "default", "divided_by",
    "downcase", "find", "find_index", "first", "floor", "has", "join", "last", "lstrip", "map", "minus", "modulo",
    "plus", "prepend", "reject", "remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last",
    "reverse", "round", "rstrip", "size", "slice", "sort", "sort_natural", "split", "squish", "strip", "sum", "times",
    "truncate", "truncatewords", "uniq", "upcase", "url_encode", "where",
)  # fmt: skip
"""Liquid's own filters that a text may use. Those that make or take away HTML are not among them: values are escaped
where they are put in, and a text that escapes them itself would show the signs of it."""

COUNTING = frozenset(
    {"abs", "at_least", "at_most", "ceil", "divided_by", "floor", "minus", "modulo", "plus", "round", "times"}
)
"""Filters that would take a missing value for 0."""

LONGEST = 256_000
"""Characters that a filter may take or give."""
LARGEST = 10**30
STYLES = ("short", "medium", "long", "full")
PARTS = {"day": "MMMMd", "month": "yMMMM", "weekday": "EEEE"}
READER = "the reader"
"""Under this name, which no text can write, a rendering carries its Reader."""


class Paragraphs(str):
    """Words of several lines that keep their lines where they are put in."""

    __slots__ = ()


@dataclass(frozen=True)
class Reader:
    """Whom a text is written for: how dates and numbers look, and in which time zone the clock is read."""

    conventions: Locale
    zone: str = "UTC"


def reader(facts: Mapping[str, Any], written: str = "") -> Reader:
    """The reader of a text in the language ``written`` (the company's without it), as the facts tell: the customer's
    own conventions and zone if there is a language to compare with, else the company's."""
    company, customer = facts.get("company") or {}, (facts.get("customer") or {}) if written else {}
    language = written or str(company.get("language") or locales.DEFAULT)
    zone = next((str(zone) for zone in (customer.get("time_zone"), company.get("time_zone")) if _zone(zone)), "UTC")
    return Reader(locales.conventions(language, str(customer.get("locale") or "")), zone)


@lru_cache(maxsize=512)
def _zone(name: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def install(environment: Environment) -> None:
    """Leave only the filters that a text may use, bounded, and add ours."""
    kept = {name: _bounded(name, environment.filters[name]) for name in KEPT}
    environment.filters.clear()
    environment.filters.update(kept)
    environment.filters.update(date=_date, time=_time, money=_money, number=_number, paragraphs=_paragraphs)


def _bounded(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(plain)
    def bounded(*values: Any, **more: Any) -> Any:
        for value in values:
            if name in COUNTING and is_undefined(value):
                str(value)  # this raises UndefinedError with the name of what is missing
            _measure(name, value)
        _measure(name, range(_length(name, values)))
        return _measure(name, plain(*values, **more))

    return bounded


def _length(name: str, values: tuple[Any, ...]) -> int:
    """How long what two filters will make of these values is at least; asked before they make it."""
    if any(is_undefined(value) for value in values):
        return 0
    if name.startswith("replace") and len(values) == 3:
        text, old, new = map(str, values)
        return len(text) + text.count(old) * len(new)
    if name == "join" and len(values) == 2 and isinstance(values[0], (list, tuple)):
        return len(values[0]) * len(str(values[1]))
    return 0


def _measure(name: str, value: Any) -> Any:
    too_long = isinstance(value, (str, list, tuple, range)) and len(value) > LONGEST
    too_large = isinstance(value, (int, float)) and abs(value) > LARGEST
    if too_long or too_large:
        raise TextProblem(f"The text cannot be written: {name} is given too much.")
    return value


def _date_of(value: Any) -> date | datetime:
    """A date or a moment from the way JSON writes it (ISO 8601)."""
    if is_undefined(value):
        str(value)
    if isinstance(value, date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise TextProblem(f'"{_short(value)}" is no date: one is written as 2027-03-31 or 2027-03-31T09:30:00Z.')


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def _there(value: date | datetime, zone: str) -> date | datetime:
    """A moment as the reader's clock shows it; a date, and a moment without a zone, stay as they are."""
    try:
        return value.astimezone(_zone(zone)) if isinstance(value, datetime) and value.tzinfo else value
    except OverflowError:
        return value


def _paragraphs(value: Any) -> str:
    """``paragraphs``: what a person wrote, with its paragraphs and lines; anything else is put in on one line."""
    if is_undefined(value):
        str(value)
    if not isinstance(value, str):
        raise TextProblem(f'paragraphs: "{_short(value)}" is no text.')
    return Paragraphs(_measure("paragraphs", value))


def _style(name: str, value: Any, known: tuple[str, ...]) -> str:
    if value in known:
        return str(value)
    raise TextProblem(f'{name}: "{_short(value)}" is no form of it. Known are {", ".join(known)}.')


def _reader(context: RenderContext) -> Reader:
    found = context.globals.get(READER)
    return found if isinstance(found, Reader) else Reader(locales.conventions(locales.DEFAULT))


@with_context
def _date(value: Any, form: Any = "long", *, context: RenderContext) -> str:
    """``date``, ``date: "short"``: the day as the reader writes it."""
    who = _reader(context)
    style = _style("date", form, (*STYLES, *PARTS))
    day = _there(_date_of(value), who.zone)
    if style == "weekday":
        return str(babel.dates.format_date(day, PARTS[style], locale=who.conventions))
    if style in PARTS:
        return str(babel.dates.format_skeleton(PARTS[style], _midnight(day), locale=who.conventions))
    return str(babel.dates.format_date(day, style, locale=who.conventions))


def _midnight(day: date | datetime) -> datetime:
    return datetime.combine(day.date() if isinstance(day, datetime) else day, time())


@with_context
def _time(value: Any, form: Any = "short", *, context: RenderContext) -> str:
    """``time``: the time of day as the reader's clock shows it."""
    who = _reader(context)
    style = _style("time", form, STYLES[:2])
    moment = _there(_date_of(value), who.zone)
    if not isinstance(moment, datetime):
        raise TextProblem(f'"{_short(value)}" has no time of day.')
    return str(babel.dates.format_time(moment.time(), style, locale=who.conventions))


def _number_of(value: Any) -> Decimal:
    if is_undefined(value):
        str(value)
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number) > LARGEST:
        raise TextProblem(f'"{_short(value)}" is no number.')
    return number


@with_context
def _money(value: Any, currency: Any = None, *, context: RenderContext) -> str:
    """``money: start.currency``: an amount with its currency, as the reader writes it. A value that has both in it (the
    type ``money`` of an event) needs no more."""
    if isinstance(value, Mapping) and currency is None and not is_undefined(value):
        value, currency = value.get("amount"), value.get("currency")
    if is_undefined(currency):
        str(currency)
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        raise TextProblem(
            'money: says its currency in three letters, for example money: "EUR" or money: start.currency.'
        )
    return str(babel.numbers.format_currency(_number_of(value), currency, locale=_reader(context).conventions))


@with_context
def _number(value: Any, decimals: Any = None, *, context: RenderContext) -> str:
    """``number``, ``number: 2``: a number as the reader writes it, with so many decimals if that is said."""
    number, conventions = _number_of(value), _reader(context).conventions
    if decimals is None:
        return str(babel.numbers.format_decimal(number, locale=conventions))
    if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 6:
        raise TextProblem("number: is followed by how many decimals, 0 to 6.")
    pattern = babel.numbers.parse_pattern(conventions.decimal_formats[None].pattern)
    pattern.frac_prec = (decimals, decimals)
    return str(pattern.apply(number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), conventions))
