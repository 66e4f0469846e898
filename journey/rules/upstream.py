"""Rules about upstream systems: every expression can be read, every event is declared, every rule can come to its
turn."""

from collections.abc import Iterator, Mapping
from typing import Any

from journey import identity, reserved
from journey.declared.fields import Fields
from journey.declared.source import FIRST_OF, Source
from journey.places import Context
from journey.problems import Problem, did_you_mean
from journey.rules import expressions
from journey.yaml_tree import Path, Tree

WHO = (*identity.KEYS.values(), "order_id")
"""One of these has to be said of a customer; ``order_id``: it is whoever bought that order."""
CUSTOMER = (*WHO, "name", "locale", "time_zone", "attributes")


def source_name(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """A source and its file are called otherwise."""
    file = tree.file.rpartition("sources/")[2]
    if source.source != file.removesuffix(".yaml").removesuffix(".yml"):
        message = f'The source is called "{source.source}" but its file "{file}".'
        yield Problem(tree.place(("source",)), message, "source-name", "Give both the same name.")


def bad_expression(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """An expression that cannot be read, is no condition, or names what is not there."""
    for use in source.uses():
        problems = list(expressions.unreadable(tree, use.path, use))
        yield from problems
        if not problems:
            yield from expressions.no_condition(tree, use.path, use)
            yield from expressions.unknown_names(tree, use.path, use)


def reserved_event(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """A rule makes an event that only Wayfare itself makes."""
    for number, rule in enumerate(source.events):
        if why_not := reserved.why_not(rule.type):
            hint = "Give what has happened on their side another type."
            yield Problem(tree.place(("events", number, "type")), why_not, "reserved-event", hint)


def unknown_event(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """A rule gives an event that is not declared."""
    for number, rule in enumerate(source.events):
        said = rule.type.startswith("= ") or bool(reserved.why_not(rule.type))
        if context.events and not said and rule.type not in context.events:
            hint = did_you_mean(rule.type, context.events) or f"Declare it in events/{rule.type}.yaml."
            place = tree.place(("events", number, "type"))
            yield Problem(place, f'There is no event "{rule.type}".', "unknown-event", hint)


def event_field_missing(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """A rule gives an event without a field that its declaration demands."""
    for number, rule in enumerate(source.events):
        event = context.events.get(rule.type)
        if event is not None and isinstance(rule.data, dict):
            for path in _left_out(event.fields, rule.data):
                place = tree.place(("events", number, "data", *path[:-1]), key=True)
                message = f'{rule.type} needs "{".".join(path)}", and this rule does not give it.'
                hint = f"Write {path[-1]}: here, or make it optional in events/{rule.type}.yaml."
                yield Problem(place, message, "event-field-missing", hint)


def _left_out(fields: Fields, data: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in fields.items():
        if name not in data:
            if not field.optional:
                yield (*before, name)
        elif field.fields is not None and isinstance(data[name], dict) and FIRST_OF not in data[name]:
            yield from _left_out(field.fields, data[name], (*before, name))


def unknown_customer_field(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """A customer is given something that no record has; everything else is an attribute."""
    for path, customer in _customers(source):
        for key in customer:
            if key not in CUSTOMER:
                hint = did_you_mean(key, CUSTOMER)
                hint = hint if hint.startswith("Did") else f"Write it below attributes: ({key}: …)."
                place = tree.place((*path, key), key=True)
                yield Problem(place, f'"{key}" is not known of a customer.', "unknown-customer-field", hint)


def _customers(source: Source) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield ("customer",), source.customer
    for number, rule in enumerate(source.events):
        yield ("events", number, "customer"), rule.customer


def about_nobody(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """A rule that does not say whom its events are about."""
    for number, rule in enumerate(source.events):
        if not any(key in WHO for key in (*source.customer, *rule.customer)):
            message = "This rule does not say whom its events are about."
            hint = f"Write customer: with {', '.join(WHO[:-1])} or {WHO[-1]}."
            yield Problem(tree.place(("events", number)), message, "about-nobody", hint)


def never_reached(source: Source, tree: Tree, context: Context) -> Iterator[Problem]:
    """A rule whose messages are all taken by an earlier rule, or ignored."""
    for number, rule in enumerate(source.events):
        earlier = [pattern for one in source.events[:number] if one.if_ is None for pattern in one.when]
        if all(any(_covers(pattern, name) for pattern in (*earlier, *source.ignore)) for name in rule.when):
            message = "This rule never comes to its turn."
            hint = "An earlier rule without if: takes all its messages, or they are ignored. Change the order."
            yield Problem(tree.place(("events", number)), message, "never-reached", hint)


def _covers(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == name
