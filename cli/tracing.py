"""A trace as lines for people, and which story to play."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from journey import durations, yaml_tree
from journey.definition import Journey
from journey.library import Library
from journey.problems import did_you_mean
from journey.scenarios import Happening, Scenario
from journey.simulator import Trace
from workers.mistakes import UserMistake

_SAY = {
    "event": "event",
    "send": "SEND",
    "notify": "NOTIFY",
    "note": "NOTE",
    "set": "SET",
    "task": "TASK",
    "call": "CALL",
    "start": "START",
    "throttle": "takes",
    "vars": "keeps",
    "clock": "CLOCK",
    "wait": "wait",
    "finish": "FINISH",
}


def chosen(library: Library, journey: Journey, name: str) -> Scenario:
    """The scenario by name, beginning of the name or number; the first without one; a bare start without scenarios."""
    stories = [
        scenario
        for scenarios in library.scenarios.values()
        if scenarios.journey == journey.journey
        for scenario in scenarios.scenarios
    ]
    if not name:
        return stories[0] if stories else Scenario(name="a customer of whom nothing more is known")
    if name.isdigit() and 0 < int(name) <= len(stories):
        return stories[int(name) - 1]
    for story in stories:
        if story.name.lower().startswith(name.lower()):
            return story
    hint = did_you_mean(name, [story.name for story in stories])
    raise UserMistake(f'The journey {journey.journey} has no scenario "{name}". {hint}')


def with_events(scenario: Scenario, given: list[str], journey: Journey) -> Scenario:
    """The same customer with these events: ``setup.completed after 3 days``. Their data is that of the start."""
    events = []
    for text in given:
        kind, word, after = text.partition(" after ")
        if not word:
            raise UserMistake(f"--event '{text}': write when it comes, for example 'setup.completed after 3 days'.")
        if kind.strip() not in journey.hears:
            hint = did_you_mean(kind.strip(), journey.hears)
            raise UserMistake(f"--event '{text}': this journey does not listen to {kind.strip()}. {hint}")
        try:
            durations.parse(after)
        except ValueError as error:
            raise UserMistake(f"--event '{text}': {error}. Write for example 'setup.completed after 3 days'.") from None
        events.append(Happening(after=after, type=kind.strip(), data=scenario.start))
    return scenario.model_copy(update={"events": tuple(events), "name": f"{scenario.name}, but {'; '.join(given)}"})


def with_values(scenario: Scenario, start: Sequence[str], having: Sequence[str]) -> Scenario:
    """The same story with other data of the start and other fields of the customer: ``product.name=Lamp``."""
    if not start and not having:
        return scenario
    changed = {
        "start": _with(scenario.start, "--start", start),
        "customer": _with(scenario.customer, "--having", having),
    }
    return scenario.model_copy(update={**changed, "name": f"{scenario.name}, but {', '.join((*start, *having))}"})


def _with(data: dict[str, Any], flag: str, given: Sequence[str]) -> dict[str, Any]:
    made = copy.deepcopy(data)
    for text in given:
        path, equals, written = text.partition("=")
        value, problems = yaml_tree.read(f"value: {written}\n", flag)
        if not equals or not path.strip() or problems:
            raise UserMistake(f"{flag} '{text}': write a name and a value, for example {flag} plan=enterprise.")
        *groups, last = path.strip().split(".")
        inner = made
        for group in groups:
            inner[group] = inner[group] if isinstance(inner.get(group), dict) else {}
            inner = inner[group]
        inner[last] = value.data["value"]
    return made


def lines(trace: Trace, *, quiet: bool = False) -> Iterator[str]:
    """The trace, one line each: how long after the start, what, and indented below it why."""
    last: timedelta | None = None
    for line in trace.lines:
        if line.kind == "why" and quiet:
            continue
        when = durations.say(line.after) if line.after != last else ""
        last = line.after
        if line.kind == "why":
            yield f"{when:>22}  · {line.text}"
            continue
        until = f" (until {durations.say(line.until)})" if line.until is not None else ""
        text = line.text.removeprefix("wait ") if line.kind == "wait" else line.text
        yield f"{when:>22}  {_SAY[line.kind]:<7} {text}{until}"
    if trace.state.ended is None:
        yield f"{'':>22}  It is still under way: nothing more can happen to it without an event."
