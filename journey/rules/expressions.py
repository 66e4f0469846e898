"""Rules about expressions: what cannot be read, what is no condition, which names may be used where."""

from collections.abc import Iterator

from journey import conditions
from journey.definition import Journey
from journey.places import Context
from journey.problems import Problem, did_you_mean
from journey.rules.sources import expressions, place_in, place_of, readable
from journey.steps.base import Use
from journey.yaml_tree import Path, Tree


def bad_expression(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """An expression that cannot be read."""
    for path, use in expressions(journey):
        yield from unreadable(tree, path, use)


def unreadable(tree: Tree, path: Path, use: Use) -> Iterator[Problem]:
    """Why one expression cannot be read."""
    try:
        conditions.compile(use.source)
    except conditions.ExpressionError as error:
        hint = error.hint or (_known(error.unknown, use.names) if error.unknown else "")
        yield Problem(place_in(tree, path, use.source, error.line, error.column), str(error), "bad-expression", hint)


def not_a_condition(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A condition that is not true or false."""
    for path, use in readable(journey):
        yield from no_condition(tree, path, use)


def no_condition(tree: Tree, path: Path, use: Use) -> Iterator[Problem]:
    """Where a condition is needed, one expression that is none."""
    if use.condition and not conditions.returns_boolean(use.source):
        hint = 'Write a comparison, for example event.plan == "pro".'
        message = "This is not a condition: it is not true or false."
        yield Problem(place_in(tree, path, use.source), message, "not-a-condition", hint)


def name_not_here(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A name that is not known at this moment, such as ``event`` in a branch."""
    for path, use in readable(journey):
        yield from unknown_names(tree, path, use)


def unknown_names(tree: Tree, path: Path, use: Use) -> Iterator[Problem]:
    """The names in one expression that are not known where it stands."""
    for mention in conditions.mentions(use.source):
        if mention.root not in use.names:
            place, hint = place_of(tree, path, use, mention), f"Known here: {', '.join(use.names)}."
            yield Problem(place, f'"{mention.root}" cannot be used here.', "name-not-here", hint)


def whole_customer(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """The customer as a whole: only the fields that are named are read."""
    for path, use in readable(journey):
        for mention in conditions.mentions(use.source):
            if mention.root == "customer" and not mention.field and mention.root in use.names:
                message = "The whole customer cannot be used here, only its fields."
                hint = "For example customer.plan, or has(customer.plan) to ask whether it is known."
                yield Problem(place_of(tree, path, use, mention), message, "whole-customer", hint)


def _known(word: str, names: tuple[str, ...]) -> str:
    hint = did_you_mean(word, names)
    return hint if hint.startswith("Did") else f"{hint} A text stands between quotation marks."
