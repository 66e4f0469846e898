"""Rules about populations: what they name has to be there, what they work out has to be readable."""

from collections.abc import Iterator, Mapping
from typing import Any

from journey import conditions
from journey.inputs import UNDECLARED
from journey.places import Context
from journey.population.model import Population
from journey.problems import Problem, did_you_mean
from journey.yaml_tree import Path, Tree


def unknown_moment(population: Population, tree: Tree, context: Context) -> Iterator[Problem]:
    """A behaviour follows a message or a team that does not exist."""
    teams = context.company.teams if context.company else None
    known = {"send": context.messages, "notify": teams, "start": context.journeys}
    for number, behaviour in enumerate(population.happens):
        kind, _, name = behaviour.when.partition(" ")
        names = known.get(kind)
        if name and names is not None and name not in names:
            word = {"send": "message", "notify": "team", "start": "journey"}[kind]
            place = tree.place(("happens", number, "when"))
            yield Problem(place, f'There is no {word} "{name}".', "unknown-moment", did_you_mean(name, names))


def unknown_event(population: Population, tree: Tree, context: Context) -> Iterator[Problem]:
    """An event comes that is not declared; without declared events any may come."""
    for number, behaviour in enumerate(population.happens) if context.events else ():
        for place, reaction in enumerate(behaviour.one_of):
            if reaction.event and reaction.event not in (*context.events, *UNDECLARED):
                at = tree.place(("happens", number, "one of", place, "event"))
                hint = did_you_mean(reaction.event, context.events)
                yield Problem(at, f'The event "{reaction.event}" is not declared.', "unknown-event", hint)


def bad_expression(population: Population, tree: Tree, context: Context) -> Iterator[Problem]:
    """A condition or a value after ``= `` that cannot be read."""
    for path, source in _expressions(population):
        try:
            conditions.compile(source)
        except conditions.ExpressionError as error:
            yield Problem(tree.place(path), str(error), "bad-expression", error.hint)


def _expressions(population: Population) -> Iterator[tuple[Path, str]]:
    for number, behaviour in enumerate(population.happens):
        if behaviour.if_ is not None:
            yield ("happens", number, "if"), behaviour.if_
        for place, reaction in enumerate(behaviour.one_of):
            for key in ("data", "customer", "value"):
                yield from _values(("happens", number, "one of", place, key), getattr(reaction, key))


def _values(path: Path, given: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for name, value in given.items():
        if isinstance(value, dict):
            yield from _values((*path, name), value)
        elif isinstance(value, str) and value.startswith("= "):
            yield (*path, name), value[2:]
