"""Scenarios run in virtual time: what was expected beside what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from journey import durations, simulator
from journey.customer import CONTACT
from journey.definition import Journey
from journey.scenarios import KINDS, Expectation, Scenario

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Result:
    """One scenario's outcome: its rows (expected, seen, equal) and whether all were equal."""

    journey: str
    scenario: str
    rows: tuple[tuple[str, str, bool], ...]

    @property
    def passed(self) -> bool:
        """Whether everything that was expected was seen, and nothing more."""
        return all(equal for _, _, equal in self.rows)

    def render(self) -> str:
        """Expected and seen side by side; the lines that differ are marked."""
        width = max([len("expected"), *(len(expected) for expected, _, _ in self.rows)])
        lines = [f"  {'expected':<{width}}   seen"]
        lines += [f"{' ' if equal else '≠'} {expected:<{width}}   {seen}" for expected, seen, equal in self.rows]
        return "\n".join(lines)


def record_of(customer: Mapping[str, Any]) -> dict[str, Any]:
    """A customer as scenarios write it (attributes beside contact fields) as a record."""
    fields = (*CONTACT, "tags", "orders")
    attributes = {name: value for name, value in customer.items() if name not in (*fields, "attributes")}
    record = {name: value for name, value in customer.items() if name in fields}
    return {**record, "attributes": {**attributes, **dict(customer.get("attributes") or {})}}


def trace(journey: Journey, scenario: Scenario) -> simulator.Trace:
    """Run one scenario."""
    events = [
        simulator.Coming(durations.parse(event.after), event.type, event.data, event.customer)
        for event in scenario.events
    ]
    return simulator.simulate(journey, BEGAN, scenario.start, record_of(scenario.customer), events)


def rehearse(journey: Journey, scenario: Scenario) -> Result:
    """Run one scenario and compare every message, note, change and the end, in order."""
    seen = [line for line in trace(journey, scenario).lines if line.kind in KINDS]
    rows = tuple(_row(expected, line) for expected, line in zip_longest(scenario.expect, seen))
    return Result(journey.journey, scenario.name, rows)


def _row(expected: Expectation | None, seen: simulator.Line | None) -> tuple[str, str, bool]:
    wanted = f"{durations.say(expected.offset)}: {expected.kind} {_value(expected)}" if expected else "(nothing)"
    found = f"{durations.say(seen.after)}: {seen.kind} {seen.text}" if seen else "(nothing)"
    return wanted, found, expected is not None and seen is not None and _equal(expected, seen)


def _value(expected: Expectation) -> str:
    return str(getattr(expected, expected.kind))


def _equal(expected: Expectation, seen: simulator.Line) -> bool:
    if expected.kind != seen.kind or expected.offset != seen.after:
        return False
    wanted = _value(expected)
    if expected.kind == "note":
        return seen.text.startswith(wanted)
    if expected.kind == "set":
        return all(part.strip() in seen.text.split(", ") for part in wanted.split(","))
    return wanted == seen.text
