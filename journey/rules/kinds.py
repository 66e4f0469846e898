"""Rules about kinds: what is read is declared, and what is compared can be compared. Only where events are declared."""

from collections.abc import Iterator
from typing import Any

from journey.declared.fields import DeclaredField
from journey.declared.values import check_value
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem, did_you_mean
from journey.rules.sources import locator, names, reads
from journey.steps.set import Set
from journey.templates import TextProblem, check
from journey.typed.names import VARIABLES, Unknown
from journey.yaml_tree import Path, Tree


def unknown_event(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """An event that is not declared, although others are."""
    for path, event in _events(journey) if context.events else ():
        if event not in context.events:
            hint = did_you_mean(event, context.events) or f"Declare it in events/{event}.yaml."
            yield Problem(tree.place(path), f'There is no event "{event}".', "unknown-event", hint)


def _events(journey: Journey) -> Iterator[tuple[Path, str]]:
    yield ("start", "on"), journey.start.on
    yield from ((("exit", number, "on"), watch.on) for number, watch in enumerate(journey.exit))
    if journey.goal:
        yield ("goal", "on"), journey.goal.on
    for step, path in placed_steps(journey):
        yield from (((*path, *inner), event) for inner, event in step.events())


def unknown_field(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A field that is not declared, in an expression or in the text of a step."""
    yield from _found(journey, tree, context, "unknown-field")
    for step, path in placed_steps(journey) if context.events else ():
        for inner, text in step.texts():
            yield from _in_text(journey, tree, context, (*path, *inner), text)


def _in_text(journey: Journey, tree: Tree, context: Context, path: Path, text: str) -> Iterator[Problem]:
    try:
        used, _ = check(text)
    except TextProblem:
        return
    known, at = names(journey, context), locator(tree, path, text)
    for variable in used:
        found = known.find(*variable.path.split("."))
        unset = isinstance(found, Unknown) and found.origin == VARIABLES  # unset-variable tells that
        if isinstance(found, Unknown) and not unset:
            yield Problem(at(variable.line, variable.column), found.message, "unknown-field", found.hint)


def wrong_kinds(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """Kinds of values that do not fit together: a text compared with a number, a text asked as true or false."""
    yield from _found(journey, tree, context, "wrong-kinds")


def unknown_value(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A field is compared with a text that it never is."""
    yield from _found(journey, tree, context, "unknown-value")


def _found(journey: Journey, tree: Tree, context: Context, rule: str) -> Iterator[Problem]:
    for read in reads(journey, context) if context.events else ():
        for finding in read.reading.findings:
            if finding.rule == rule:
                yield Problem(read.place(tree, finding.at), finding.message, rule, finding.hint)


def bad_key(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """The key of a journey is no text and no number."""
    for read in reads(journey, context):
        kind = read.reading.kind
        if read.path == ("start", "key") and kind.family not in ("text", "number", "any"):
            hint = "Name a field that tells one run from another, for example event.order_id."
            yield Problem(read.place(tree, 0), f"A key is a text or a number; this is {kind.title}.", "bad-key", hint)


def unfit_attribute(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """An attribute is set to what its declaration does not allow, or is not declared at all."""
    if context.customer is None or not context.events:
        return
    declared = context.customer.attributes
    for place, target, value in _set(journey, "customer."):
        name = target.removeprefix("customer.")
        if name not in declared:
            hint = did_you_mean(name, declared) or "Declare it in customer.yaml."
            message = f'"{target}" is not declared for customers.'
            yield Problem(tree.place(place, key=True), message, "unfit-attribute", hint)
        else:
            yield from _unfit(tree, place, target, value, declared[name], "unfit-attribute")


def unfit_variable(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A variable is set to what its declaration at the head of the journey does not allow."""
    for place, target, value in _set(journey, "vars."):
        declared = journey.variables.get(target.removeprefix("vars."))
        if declared is not None:
            yield from _unfit(tree, place, target, value, declared, "unfit-variable")


def _set(journey: Journey, root: str) -> Iterator[tuple[Path, str, Any]]:
    """What is set to a value as written, each with its path."""
    for step, path in placed_steps(journey):
        for target, value in step.set.items() if isinstance(step, Set) else ():
            if target.startswith(root) and not (isinstance(value, str) and value.startswith("= ")):
                yield (*path, "set", target), target, value


def _unfit(tree: Tree, place: Path, target: str, value: Any, declared: DeclaredField, rule: str) -> Iterator[Problem]:
    for wrong in check_value(declared, value):
        message = f"{target} is declared otherwise: {wrong.what[0].lower()}{wrong.what[1:]}"
        yield Problem(tree.place(place), message, rule, wrong.remedy.replace("Send", "Write", 1))


def unknown_tag(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A tag that customer.yaml does not list, although it lists others."""
    tags = context.customer.tags if context.customer and context.events else {}
    for step, path in placed_steps(journey) if tags else ():
        for key in ("add tags", "remove tags") if isinstance(step, Set) else ():
            for number, tag in enumerate(step.set.get(key, ()) if isinstance(step, Set) else ()):
                if tag not in tags:
                    hint = did_you_mean(tag, tags) or "Say in customer.yaml what it means."
                    place = tree.place((*path, "set", key, number))
                    yield Problem(place, f'There is no tag "{tag}".', "unknown-tag", hint)
