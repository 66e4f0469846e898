"""What an author may call in an expression besides CEL's own functions: lengths of time, days, amounts of money.

A value that does not fit raises ValueError with a sentence; the expression then counts as one that cannot be judged.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cel_expr_python import cel

from journey.declared.values import AMOUNT, is_day

LONGEST = timedelta(days=365_000)
_T = cel.Type
UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
"""Functions that give a length of time, each with its seconds: ``days(3)``."""


def declarations() -> list[Any]:
    """The functions as CEL wants them declared."""
    lengths = [_function(name, _length(seconds), ([_T.INT], [_T.DOUBLE])) for name, seconds in UNITS.items()]
    return [
        *lengths,
        _function("date", day, ([_T.STRING], [_T.STRING, _T.STRING]), _T.TIMESTAMP),
        # A number may be compared with 100 as with 100.5 only if its kind is left open.
        _function("amount", amount, ([_T.STRING], [_T.INT], [_T.DOUBLE], [_T.MAP, _T.STRING]), _T.DYN),
    ]


def _function(name: str, does: Callable[..., Any], takes: tuple[list[Any], ...], gives: Any = _T.DURATION) -> Any:
    overloads = [cel.Overload(f"{name}_{number}", gives, kinds, False, does) for number, kinds in enumerate(takes)]
    return cel.FunctionDecl(name, overloads)


def _length(seconds: int) -> Callable[[float], timedelta]:
    def length(count: float) -> timedelta:
        if abs(count) * seconds > LONGEST.total_seconds():
            raise ValueError("the length of time is longer than a thousand years")
        return timedelta(seconds=count * seconds)

    return length


def day(text: str, zone: str = "UTC") -> datetime:
    """The moment at which a day (``2027-03-31``) begins, in a time zone (IANA name)."""
    if not is_day(text):
        raise ValueError(f'"{text[:40]}" is not a day such as 2027-03-31')
    found = date.fromisoformat(text)
    return datetime(found.year, found.month, found.day, tzinfo=_zone(zone))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name != "UTC" else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{name[:40]}" is not a time zone') from None


def amount(value: str | float | Mapping[str, Any], currency: str = "") -> float:
    """An amount of money as a number: of ``"49.00"``, of a number, or of money in the currency that is expected."""
    if isinstance(value, Mapping):
        if value.get("currency") != currency:
            raise ValueError(f"the money is in {value.get('currency', 'no currency')}, not in {currency}")
        value = value.get("amount", "")
    if isinstance(value, str) and not AMOUNT.match(value):
        raise ValueError(f'"{value[:40]}" is not an amount of money such as 49.00')
    return float(str(value))
