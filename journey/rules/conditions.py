"""Rules about what conditions can come to: never, always, and by accident."""

from collections.abc import Iterator

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem
from journey.rules.sources import Read, reads
from journey.steps.choose import Choose
from journey.typed import possible
from journey.typed.kinds import Kind
from journey.typed.syntax import Select, path, walk
from journey.yaml_tree import Tree


def _conditions(journey: Journey, context: Context) -> Iterator[Read]:
    """The conditions that make sense in themselves; the others are told already."""
    for read in reads(journey, context):
        if read.use.condition and read.reading.kind.family in ("truth", "any") and not read.reading.findings:
            yield read


def impossible_condition(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A condition that can never be met."""
    for read in _conditions(journey, context):
        if read.verdict.never:
            message, hint = "This condition can never be met.", _asked_too_deep(read) or _TWICE
            yield Problem(read.place(tree, 0), message, "impossible-condition", hint, warning=not context.events)


_TWICE = "Look at what it says of one field in two places."


def _asked_too_deep(read: Read) -> str:
    """``!has(a.b.c)`` cannot be judged where b is missing, and is false where it is there."""
    for node in walk(read.node):
        if isinstance(node, Select) and node.tested and read.reading.kinds[node.of.id].maybe:
            outer = ".".join(path(node.of))
            return f"Where {outer} is missing, nobody can look inside it. Ask for it first: has({outer})."
    return ""


def always_true(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A condition that is always met."""
    for read in _conditions(journey, context):
        if read.verdict.always:
            hint = "Leave it out, or write what was meant."
            yield Problem(read.place(tree, 0), "This condition is always met.", "always-true", hint, warning=True)


def missing_turns(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A condition that reads as true when a field is missing, and is false."""
    for read in _conditions(journey, context) if context.events else ():
        if field := read.verdict.turned_by:
            message = f"Where {field} is missing, this condition is not met, although it reads as if it were."
            hint = f"Say what is meant: has({field}) && …, or !has({field}) || …"
            yield Problem(read.place(tree, 0), message, "missing-turns", hint, warning=True)


_WITHOUT_IT: dict[tuple[str | int, ...], str] = {
    ("start", "key"): "such an event does not start the journey",
    ("with",): "the other journey begins without it",
    ("url",): "the call fails",
    ("headers",): "the call fails",
    ("body",): "the call fails",
    ("key",): "the budget without a key counts",
}
"""What follows from a missing value, by the key under which a step reads it."""


def missing_value(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A key or a value is worked out of a field that may be missing. For a date the author has said what follows."""
    for read in reads(journey, context) if context.events else ():
        where = read.use.path[:1]
        if where == ("wait",):
            continue
        asked = {path(node) for node in walk(read.node) if isinstance(node, Select) and node.tested}
        for node in walk(read.node) if not read.use.condition else ():
            field = ".".join(path(node)) if isinstance(node, Select) and not node.tested else ""
            kind = read.reading.kinds[node.id]
            if field and kind.maybe and path(node) not in asked:
                at_start = read.path == ("start", "key")
                then = _WITHOUT_IT.get(read.path if at_start else where, "nothing is set")
                hint = f"Ask for it: if: has({field})." if at_start else f"Write what to take then: {_or(field, kind)}."
                message = f"{field} may be missing; then {then}."
                yield Problem(read.place(tree, read.reading.start(node)), message, "missing-value", hint, warning=True)
                break


def _or(field: str, kind: Kind) -> str:
    other = {"text": '"…"', "number": "0", "truth": "false", "list": "[]"}.get(kind.family, "…")
    return f"{field.replace('.', '.?')}.orValue({other})"


def branch_never_taken(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A branch whose turn never comes, because those before it take everything that it would take."""
    found = {read.path: read for read in _conditions(journey, context)}
    for step, where in placed_steps(journey):
        if not isinstance(step, Choose):
            continue
        branches = [found.get((*where, *use.path)) for use in step.uses()]
        readable = [(read.node, read.reading) for read in branches if read is not None]
        for number in possible.never_taken(readable) if len(readable) == len(branches) > 1 else ():
            read = branches[number]
            if read is not None and not read.verdict.never:
                message = "This branch is never taken: those before it take everything that it would take."
                hint = "Put the special case before the general one."
                yield Problem(read.place(tree, 0), message, "branch-never-taken", hint, warning=not context.events)
