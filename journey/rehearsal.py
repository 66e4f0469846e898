"""Scenarios run in virtual time: what was expected beside what was seen.

Every text is written as well, with the facts of the moment: a message that would have to be held fails the scenario.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from journey import durations, messages, simulator, templates
from journey.answers import World
from journey.customer import CONTACT
from journey.library import Library
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


def play(library: Library, name: str, scenario: Scenario) -> simulator.Trace:
    """Run one scenario of a journey, with its texts written."""
    journey = library.journeys[name]
    events = [
        simulator.Coming(durations.parse(event.after), event.type, event.data, event.customer)
        for event in scenario.events
    ]
    world = World(scenario.given)
    trace = simulator.simulate(journey, BEGAN, scenario.start, record_of(scenario.customer), events, world)
    return simulator.Trace([_written(library, name, line) for line in trace.lines], trace.state, trace.ways)


def rehearse(library: Library, name: str, scenario: Scenario) -> Result:
    """Run one scenario and compare every message, note, change and the end, in order."""
    seen = [line for line in play(library, name, scenario).lines if line.kind in KINDS]
    wanted = [_expected(expected) for expected in scenario.expect]
    found = [_best(expected, line) for line, expected in _beside(seen, scenario.expect)]
    rows: list[tuple[str, str, bool]] = []
    matcher = difflib.SequenceMatcher(None, wanted, found, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        for left, right in _pairs(wanted[a:b], found[c:d]):
            rows.append((left or "(nothing)", right or "(nothing)", left == right))
    return Result(name, scenario.name, tuple(rows))


def _written(library: Library, name: str, line: simulator.Line) -> simulator.Line:
    """The line with its text written; what cannot be written says so in its place."""
    if line.facts is None:
        return line
    facts = {
        **line.facts,
        "company": {
            "name": library.company.company,
            "website": library.company.website,
            "reply_to": library.company.reply_to,
        },
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
        return simulator.Line(line.after, line.kind, said, line.until)
    return simulator.Line(line.after, line.kind, written if line.kind == "note" else line.text, line.until)


def _beside(
    seen: list[simulator.Line], expected: tuple[Expectation, ...]
) -> list[tuple[simulator.Line, tuple[Expectation, ...]]]:
    """Each line with the expectations of its kind and time: it is compared with the one it fits."""
    return [(line, tuple(e for e in expected if e.kind == line.kind and e.offset == line.after)) for line in seen]


def _best(expected: tuple[Expectation, ...], line: simulator.Line) -> str:
    for one in expected:
        if _equal(one, line):
            return _expected(one)
    return f"{durations.say(line.after)}: {line.kind} {line.text}"


def _expected(expected: Expectation) -> str:
    return f"{durations.say(expected.offset)}: {expected.kind} {_value(expected)}"


def _pairs(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    longest = max(len(left), len(right))
    return list(zip(left + [""] * (longest - len(left)), right + [""] * (longest - len(right)), strict=True))


def _value(expected: Expectation) -> str:
    value = str(getattr(expected, expected.kind))
    return f"{value} ({expected.outcome})" if expected.outcome else value


def _equal(expected: Expectation, seen: simulator.Line) -> bool:
    """Whether a line is what was expected: a note may be given by its beginning, a change without its value."""
    wanted = _value(expected)
    if expected.kind == "note":
        return seen.text.startswith(wanted)
    if expected.kind == "set":
        changes = seen.text.split("; ")
        names = [change.split(" = ")[0] for change in changes]
        return all(part.strip() in names or part.strip() in changes for part in wanted.split(","))
    return wanted == seen.text
