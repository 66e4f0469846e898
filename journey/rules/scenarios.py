"""Rules about scenarios: what they name has to be there."""

from collections.abc import Iterator, Sequence
from typing import Any

from journey.inputs import UNDECLARED
from journey.places import Context
from journey.problems import Problem, did_you_mean
from journey.scenarios import Expectation, Given, Scenarios
from journey.yaml_tree import Path, Tree


def unknown_journey(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """Scenarios of a journey that does not exist."""
    if scenarios.journey not in context.journeys:
        hint = did_you_mean(scenarios.journey, context.journeys)
        message = f'There is no journey "{scenarios.journey}".'
        yield Problem(tree.place(("journey",)), message, "unknown-journey", hint)


def unknown_message(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """A scenario speaks of a text that does not exist."""
    for path, name in _named(scenarios, "send"):
        if name not in context.messages:
            hint = did_you_mean(name, context.messages)
            yield Problem(tree.place(path), f'There is no message "{name}".', "unknown-message", hint)


def unknown_team(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """A scenario speaks of a mail or a task for a team that does not exist."""
    teams = context.company.teams if context.company else {}
    named = (*_named(scenarios, "notify"), *_named(scenarios, "team"))
    for path, name in named if context.company else ():
        if name not in teams:
            hint = did_you_mean(name, teams)
            yield Problem(tree.place(path), f'There is no team "{name}".', "unknown-team", hint)


def _named(scenarios: Scenarios, key: str) -> Iterator[tuple[Path, str]]:
    """The messages (``send``) or teams (``notify``, ``team``) that scenarios speak of, each with its path."""
    for number, scenario in enumerate(scenarios.scenarios):
        here: Path = ("scenarios", number)
        if key == "send":
            yield from (((*here, "sends", position), name) for position, name in enumerate(scenario.sends or ()))
        parts: dict[str, Sequence[Given | Expectation]] = {"given": scenario.given, "expect": scenario.expect}
        for part, entries in parts.items():
            for position, entry in enumerate(entries):
                if getattr(entry, key, None) is not None:
                    yield (*here, part, position, key), getattr(entry, key)


def unknown_event(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """An event of a scenario is not declared, although others are."""
    for number, scenario in enumerate(scenarios.scenarios if context.events else ()):
        for position, happening in enumerate(scenario.events):
            if happening.type not in context.events and happening.type not in UNDECLARED:
                hint = did_you_mean(happening.type, context.events) or f"Declare it in events/{happening.type}.yaml."
                place = tree.place(("scenarios", number, "events", position, "type"))
                yield Problem(place, f'There is no event "{happening.type}".', "unknown-event", hint)


def scenario_data(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """The data of an event, or the customer, in a scenario is not what is declared."""
    start = context.starts.get(scenarios.journey, "")
    for number, scenario in enumerate(scenarios.scenarios if context.events else ()):
        here: Path = ("scenarios", number)
        yield from _unfit(tree, (*here, "start"), start, scenario.start, context)
        for position, happening in enumerate(scenario.events):
            yield from _unfit(tree, (*here, "events", position, "data"), happening.type, happening.data, context)


def _unfit(tree: Tree, path: Path, event: str, data: dict[str, Any], context: Context) -> Iterator[Problem]:
    declared = context.events.get(event)
    for violation in declared.check(data) if declared is not None else ():
        inside = [int(part) if part.isdigit() else part for part in violation.pointer.split("/")[1:]]
        message = f'"{".".join(map(str, inside))}" of {event} {violation.what.removeprefix("It ")}'
        hint = violation.remedy.replace("Send ", "Write ", 1)
        yield Problem(tree.place((*path, *inside)), message, "scenario-data", hint)
