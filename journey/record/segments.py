"""Segments (``definitions/segments/<name>.yaml``): a condition on the customer; whoever meets it is in.

A condition may depend on the day (``customer.days_since_purchase > 90``). ``turns`` says when it may come to something
else without anything having happened, so that nobody has to ask about everybody every day.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from journey import conditions
from journey.model import Frozen
from journey.record import habits, loyalty
from journey.record.words import Expression, Name

DAY = timedelta(days=1)


class Segment(Frozen):
    """A group of customers."""

    segment: Annotated[Name, Field(description="the segment's name: the file's name without .yaml")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="who is in it, in a few words")]
    if_: Annotated[Expression, Field(alias="if", description="a condition on the customer")]


def members(segments: Iterable[Segment], facts: Mapping[str, Any], now: datetime) -> list[str]:
    """The segments that a customer is in, by what conditions see of them; sorted."""
    known = {"customer": facts}
    return sorted(one.segment for one in segments if conditions.judge(one.if_, known, now).holds)


def due(segments: Iterable[Segment], record: Mapping[str, Any], now: datetime) -> datetime | None:
    """When to ask again although nothing has happened: the first moment at which one of the conditions may turn."""
    moments = (moment for one in segments for moment in turns(one.if_, record) if moment > now)
    return min(moments, default=None)


def turns(condition: str, record: Mapping[str, Any]) -> Iterator[datetime]:
    """The moments at which a condition may come to something else by itself.

    ``record`` holds ``derived``, ``birth_date``, ``loyalty`` (the programme) and ``read_at`` (now)."""
    numbers = [float(number) for number in _NUMBER.findall(condition)]
    for field in conditions.fields(condition, "customer"):
        if field in _TURNS:
            yield from _TURNS[field](record, numbers, condition)
    if any(mention.root == "now" for mention in conditions.mentions(condition)):
        yield from _midnights(record, numbers, condition)
        yield from (moment for text in _MOMENT.findall(condition) if (moment := _moment(text)) is not None)


_NUMBER = re.compile(r"(?<![\w.\"'-])\d+(?:\.\d+)?(?![\w.]*[\"'])")
_MOMENT = re.compile(r"timestamp\(\s*[\"']([^\"']+)[\"']\s*\)")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _days_since_purchase(record: Mapping[str, Any], numbers: list[float], condition: str) -> Iterator[datetime]:
    last = (record.get("derived") or {}).get("last_purchase")
    if not last:
        return
    start = datetime.fromisoformat(last)
    if _worked_with(condition, "days_since_purchase"):
        yield from _every(start, DAY)
    for number in numbers:
        if number < 10_000:
            yield start + math.floor(number) * DAY
            yield start + (math.floor(number) + 1) * DAY


def _age(record: Mapping[str, Any], numbers: list[float], condition: str) -> Iterator[datetime]:
    try:
        born = date.fromisoformat(str(record.get("birth_date")))
    except ValueError:
        return
    named = {math.floor(number) + more for number in numbers for more in (0, 1)}
    years = range(130) if _worked_with(condition, "age") else sorted(named)
    for year in years:
        if 0 <= year < 130:
            yield _birthday(born, year)


def _birthday(born: date, years: int) -> datetime:
    leap = (born.month, born.day) == (2, 29)
    month, day = (3, 1) if leap and not _is_leap(born.year + years) else (born.month, born.day)
    return datetime(born.year + years, month, day, tzinfo=UTC)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _worked_with(condition: str, field: str) -> bool:
    """Whether a field is not only compared with a number: then it may turn with every step it takes."""
    name, compared = rf"customer\.{field}\b", r"(?:==|!=|<=|>=|<|>)"
    plain = rf"{name}\s*{compared}\s*\d|\d\s*{compared}\s*{name}(?!\s*[-+*/%])"
    uses = re.findall(name, re.sub(rf"has\(\s*{name}\s*\)", "", condition))
    return len(uses) > len(re.findall(plain, condition))


def _every(start: datetime, step: timedelta, most: int = 3_700) -> Iterator[datetime]:
    return (start + number * step for number in range(1, most))


def _midnights(record: Mapping[str, Any], numbers: list[float], condition: str) -> Iterator[datetime]:
    """Every midnight from the day on which the record was read."""
    read_at: datetime = record["read_at"]
    return _every(read_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0), DAY, 3)


def _from_habits(field: str) -> Any:
    return lambda record, numbers, condition: iter(habits.turns(record.get("derived") or {}, field))


def _from_loyalty(record: Mapping[str, Any], numbers: list[float], condition: str) -> Iterator[datetime]:
    return iter(loyalty.turns(record.get("derived") or {}, record.get("loyalty")))


_TURNS: dict[str, Any] = {
    "days_since_purchase": _days_since_purchase,
    "age": _age,
    "churn_risk": _from_habits("churn_risk"),
    "orders_last_year": _from_habits("orders_last_year"),
    "products": _midnights,
    "recommended": _midnights,
    "points": _from_loyalty,
    "tier": _from_loyalty,
    "points_to_next_tier": _from_loyalty,
}
"""The fields that change by themselves, each with the moments at which a condition on it may turn."""
