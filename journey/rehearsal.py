"""Scenarios run in virtual time: what was expected beside what was seen.

Every text is written as well, with the facts of the moment: a message that would have to be held fails the scenario.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from journey import comparison, durations, messages, simulator, templates
from journey.answers import World
from journey.comparison import Row
from journey.customer import FIELDS
from journey.definition import Journey
from journey.library import Library
from journey.life import Coming
from journey.scenarios import Scenario
from journey.time import local, zones
from journey.time.wall import TimesInForce

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Result:
    """One scenario's outcome: its rows (expected beside seen) and what was played."""

    journey: str
    scenario: str
    rows: tuple[Row, ...]
    trace: simulator.Trace

    @property
    def passed(self) -> bool:
        """Whether everything that was expected was seen, and nothing more."""
        return all(row.equal for row in self.rows)

    def render(self) -> str:
        """Expected and seen side by side, the first difference marked, and the reasons on record before it."""
        because = "".join(f"\n  · {reason}" for reason in comparison.reasons(self.rows, self.trace))
        return comparison.render(self.rows) + (f"\n  Just before the first difference:{because}" if because else "")


def record_of(customer: Mapping[str, Any]) -> dict[str, Any]:
    """A customer as scenarios write it (attributes beside contact fields) as a record."""
    attributes = {name: value for name, value in customer.items() if name not in (*FIELDS, "attributes")}
    record = {name: value for name, value in customer.items() if name in FIELDS}
    return {**record, "attributes": {**attributes, **dict(customer.get("attributes") or {})}}


def play(library: Library, name: str, scenario: Scenario, at: datetime | None = None) -> simulator.Trace:
    """Run one scenario of a journey, with its texts written; from another moment on, if one is given."""
    moment = at or begins(library, name, scenario)[0]
    seen = trace(library.journeys[name], scenario, library.times, moment)
    return simulator.Trace([_written(library, name, line) for line in seen.lines], seen.state, seen.ways)


def begins(library: Library, name: str, scenario: Scenario) -> tuple[datetime, str]:
    """When a scenario begins, and the name of the zone that counts: the customer's, the journey's or the company's."""
    zone = record_of(scenario.customer).get("time_zone")
    chosen = zones.choose(str(zone or ""), library.journeys[name].time_zone or "", library.company.time_zone).zone
    if scenario.begins is None:
        return BEGAN, chosen.key
    at = datetime.fromisoformat(scenario.begins)
    return local.moment(at.date(), at.time(), chosen), chosen.key


def trace(journey: Journey, scenario: Scenario, times: TimesInForce, at: datetime = BEGAN) -> simulator.Trace:
    """Run one scenario of a journey; its texts are not written."""
    events = [Coming(durations.parse(event.after), event.type, event.data, event.customer) for event in scenario.events]
    world = World(scenario.given)
    record = record_of(scenario.customer)
    return simulator.simulate(journey, at, scenario.start, record, events, world, times, world.follows)


def rehearse(library: Library, name: str, scenario: Scenario) -> Result:
    """Run one scenario and compare."""
    seen = play(library, name, scenario)
    return Result(name, scenario.name, comparison.compare(scenario, seen), seen)


def _written(library: Library, name: str, line: simulator.Line) -> simulator.Line:
    """The line with its text written; what cannot be written says so in its place."""
    if line.facts is None:
        return line
    facts = {
        **line.facts,
        "company": library.company.facts,
        "journey": {"name": name, "title": library.journeys[name].title},
    }
    try:
        if line.kind == "send":
            messages.render(library.messages[line.name], facts)
            return line
        written = templates.render(line.source, facts)
    except templates.TextProblem as problem:
        # A note is expected by its beginning, so what stands in its place must not begin as the note does.
        said = str(problem) if line.kind == "note" else f"{line.text}: {problem}"
        return replace(line, text=said)
    return replace(line, text=written) if line.kind == "note" else line
