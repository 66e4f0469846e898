"""Who a customer is: by which names they are known, when two records are one person, and which value holds.

Rule 1: the shop's own id is stronger than an e-mail address, that than a phone number, that than an anonymous id.
Rule 2: the strongest known name of an event says who it is; a weaker one counts if nobody else's stronger name
stands against it. So a family that shares an address stays a family.
Rule 3: records are joined by themselves only if at most one of them has an id of the shop's.
Rule 4: a record is a set of things said, each with its moment, and the latest holds. So it does not matter in which
order records learn something or are joined.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

KINDS = ("id", "email", "phone", "anonymous")
"""The kinds of names, the strongest first."""

KEYS = {"id": "id", "email": "email", "phone": "phone", "anonymous": "anonymous_id"}
"""Under which key of an event's customer each kind of name stands."""

DIGITS = 6
"""A number of fewer digits, or of one digit repeated, is no telephone's."""


def names(given: Mapping[str, Any]) -> dict[str, str]:
    """By what an event's customer can be found: kind to value, the strongest first."""
    found = {kind: name(kind, given.get(key)) for kind, key in KEYS.items()}
    return {kind: value for kind, value in found.items() if value}


def name(kind: str, value: Any) -> str:
    """A name as it is compared: addresses in small letters, phone numbers as digits; '' if it is none."""
    text = value.strip() if isinstance(value, str) else ""
    if kind == "email":
        return text.lower()
    if kind == "phone":
        return _digits(text)
    return text


def _digits(text: str) -> str:
    """``+49 (30) 123-456`` and ``0049 30 123456`` are the same: +4930123456."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < DIGITS or len(set(digits)) == 1:
        return ""
    if text.startswith("+") or digits.startswith("00"):
        return f"+{digits.removeprefix('00')}"
    return digits


@dataclass(frozen=True)
class Known:
    """A record that is known by some name: all its names by kind, and since when it is there."""

    customer_id: str
    since: datetime
    names: Mapping[str, frozenset[str]]

    @property
    def age(self) -> tuple[datetime, str]:
        """What the elder of two has less of."""
        return self.since, self.customer_id


@dataclass(frozen=True)
class Verdict:
    """Who it is (None: nobody yet), and which records turn out to be the same person."""

    customer_id: str | None
    same: tuple[str, ...] = ()


def who(given: Mapping[str, str], found: Mapping[str, Known]) -> Verdict:
    """Whom an event's names mean; ``found`` maps the kinds that are known to the record behind them."""
    mine: list[Known] = []
    for kind in KINDS:
        record = found.get(kind)
        if record is None or record in mine or not _fits(given, kind, record):
            continue
        if all(_one_person(record, other) for other in mine):
            mine.append(record)
    if not mine:
        return Verdict(None)
    survivor = min(mine, key=lambda record: (not record.names.get("id"), record.age))
    return Verdict(survivor.customer_id, tuple(record.customer_id for record in mine if record is not survivor))


def _fits(given: Mapping[str, str], kind: str, record: Known) -> bool:
    """Whether no stronger name of the event stands against the record that a weaker one has found."""
    stronger = KINDS[: KINDS.index(kind)]
    return all(
        not record.names.get(other) or given[other] in record.names[other] for other in stronger if other in given
    )


def _one_person(one: Known, other: Known) -> bool:
    return not (one.names.get("id") and other.names.get("id"))


# What is said of a customer

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When a value was said whose moment nobody wrote down."""

STILL_TRUE_AFTER = timedelta(days=1)
"""A value that is said again moves its moment only after so long: most events say nothing new, and would all write."""


@dataclass(frozen=True)
class Said:
    """A value of the record and when it was said."""

    value: Any
    at: datetime

    @property
    def weight(self) -> tuple[datetime, str]:
        """Of two, the heavier one holds: the later, and of one moment always the same one."""
        return self.at, json.dumps(self.value, sort_keys=True, default=str)


Sayings = Mapping[str, Said]
"""A record: the name of each value to what was said last."""


def news(known: Sayings, said: Sayings) -> dict[str, Said]:
    """What of ``said`` changes the record."""
    return {name: one for name, one in said.items() if _is_news(known.get(name), one)}


def _is_news(known: Said | None, one: Said) -> bool:
    if known is None:
        return True
    if known.value == one.value and type(known.value) is type(one.value):
        return one.at >= known.at + STILL_TRUE_AFTER
    return one.at >= known.at


def joined(one: Sayings, other: Sayings) -> dict[str, Said]:
    """Two records as one."""
    both = {**one, **other}
    return {
        name: max(one[name], other[name], key=lambda said: said.weight) if name in one and name in other else both[name]
        for name in both
    }


def parted(now: Sayings, before: Sayings, others: Sayings) -> dict[str, Said]:
    """The record without what another one brought in when it was joined: what was there before, and what came since."""
    kept = {name: one for name, one in now.items() if others.get(name) != one or before.get(name) == one}
    back = {name: before[name] for name in now if name not in kept and name in before}
    return {**kept, **back}


def united(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """The tags of two records as one."""
    return sorted({*one, *other})


def separated(now: Sequence[str], before: Sequence[str], others: Sequence[str]) -> list[str]:
    """The tags without those that only another record brought in."""
    return sorted(set(now) - (set(others) - set(before)))
