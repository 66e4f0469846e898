"""Rules about what holds for all journeys together: what it names has to be there."""

from collections.abc import Iterator

from journey.channels import CHANNELS
from journey.places import Context
from journey.policies import Policies
from journey.problems import Problem, did_you_mean
from journey.yaml_tree import Path, Tree


def unknown_journey(policies: Policies, tree: Tree, context: Context) -> Iterator[Problem]:
    """An order, a precedence or a release names a journey that does not exist."""
    for path, name in _journeys(policies):
        if name not in context.journeys:
            hint = did_you_mean(name, context.journeys)
            yield Problem(tree.place(path), f'There is no journey "{name}".', "unknown-journey", hint)


def unknown_message(policies: Policies, tree: Tree, context: Context) -> Iterator[Problem]:
    """A release names a message that does not exist."""
    for number, name in enumerate(policies.release.messages):
        if name not in context.messages:
            hint = did_you_mean(name, context.messages)
            place = tree.place(("release", "messages", number))
            yield Problem(place, f'There is no message "{name}".', "unknown-message", hint)


def unknown_channel(policies: Policies, tree: Tree, context: Context) -> Iterator[Problem]:
    """A limit is written for a channel that there is not."""
    for name in policies.providers:
        if name not in CHANNELS:
            hint = did_you_mean(name, CHANNELS)
            yield Problem(
                tree.place(("providers", name), key=True), f'"{name}" is no channel.', "unknown-channel", hint
            )


def precedence_against_order(policies: Policies, tree: Tree, context: Context) -> Iterator[Problem]:
    """A journey gives way to one that the order puts behind it."""
    for number, rule in enumerate(policies.precedence):
        for place, name in enumerate(rule.journeys):
            if name in policies.order and policies.rank(name) < policies.rank(rule.while_):
                message = f'"{name}" gives way to "{rule.while_}", but the order puts it first.'
                at = tree.place(("precedence", number, "journeys", place))
                hint = "Change the one or the other."
                yield Problem(at, message, "precedence-against-order", hint)


def _journeys(policies: Policies) -> Iterator[tuple[Path, str]]:
    for number, name in enumerate(policies.order):
        yield ("order", number), name
    for number, rule in enumerate(policies.precedence):
        yield ("precedence", number, "while"), rule.while_
        for place, name in enumerate(rule.journeys):
            yield ("precedence", number, "journeys", place), name
    for number, name in enumerate(policies.release.journeys):
        yield ("release", "journeys", number), name
