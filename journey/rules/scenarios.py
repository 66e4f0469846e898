"""Rules about scenarios: what they name has to be there."""

from collections.abc import Iterator, Sequence

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
    """A scenario speaks of a mail to a team that does not exist."""
    teams = context.company.teams if context.company else {}
    for path, name in _named(scenarios, "notify") if context.company else ():
        if name not in teams:
            hint = did_you_mean(name, teams)
            yield Problem(tree.place(path), f'There is no team "{name}".', "unknown-team", hint)


def _named(scenarios: Scenarios, key: str) -> Iterator[tuple[Path, str]]:
    """The messages (``send``) or teams (``notify``) that scenarios speak of, each with its path."""
    for number, scenario in enumerate(scenarios.scenarios):
        here: Path = ("scenarios", number)
        if key == "send":
            yield from (((*here, "sends", position), name) for position, name in enumerate(scenario.sends or ()))
        parts: dict[str, Sequence[Given | Expectation]] = {"given": scenario.given, "expect": scenario.expect}
        for part, entries in parts.items():
            for position, entry in enumerate(entries):
                if getattr(entry, key) is not None:
                    yield (*here, part, position, key), getattr(entry, key)
