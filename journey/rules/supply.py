"""Rules about what message texts ask for: whether the journey can supply it at the step that sends them.

Followed along every path: what is certainly kept when a step is reached, and what may have been. A condition that a
path has passed counts, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from journey import conditions, flow
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Place, Problem, did_you_mean
from journey.rules.sources import kept, names
from journey.steps import Step
from journey.steps.choose import Choose
from journey.texts.asking import Asked
from journey.texts.uses import ENTRY, Names
from journey.typed.names import Names as Declared
from journey.typed.names import Unknown
from journey.typed.syntax import Call, Constant, Node, Select, path, tree
from journey.yaml_tree import Tree

ALWAYS = frozenset({("customer", "email")})
"""Without an address there is no letter."""
FILTERS = {
    "date": (("date", "moment", "time"), "a date"),
    "time": (("moment", "time"), "a point in time"),
    "money": (("amount", "money", "whole", "fraction", "number"), "an amount of money"),
    "number": (("whole", "fraction", "number", "amount"), "a number"),
}
"""What our filters can be used on."""


@dataclass(frozen=True)
class Supply:
    """What is there when a step is reached: for certain, and perhaps (variables only)."""

    certain: frozenset[Names]
    perhaps: frozenset[str]


def _there(journey: Journey, context: Context) -> dict[str, Supply]:
    key = f"supplies of {journey.journey}"
    if key not in context.memo:
        context.memo[key] = supplies(journey)
    found: dict[str, Supply] = context.memo[key]
    return found


def supplies(journey: Journey) -> dict[str, Supply]:
    """What is there at each step that can be reached. Closing steps follow upon anything."""
    every, begun = kept(journey), ALWAYS | _at_start(journey)
    found = {journey.first: Supply(begun, frozenset())}
    found |= {watch.do[0].id: Supply(begun, every) for watch in journey.watches if watch.do}
    changed = list(found)
    while changed:
        step_id = changed.pop()
        spot, here = journey.spots[step_id], found[step_id]
        for block, target in flow.ways(spot):
            passed = {("vars", name) for name in spot.step.certain(block)} | _shown_by(spot.step, block)
            new = Supply(here.certain | passed, here.perhaps | frozenset(spot.step.makes()))
            old = found.get(target)
            joined = new if old is None else Supply(old.certain & new.certain, old.perhaps | new.perhaps)
            if target in journey.spots and joined != old:
                found[target] = joined
                changed.append(target)
    return found


def _at_start(journey: Journey) -> frozenset[Names]:
    """What the condition of the start has asked for."""
    shown = _shown(journey.start.if_) if journey.start.if_ else frozenset()
    return frozenset(("start", *rest) for root, *rest in shown if root == "event")


def _shown_by(step: Step, block: str) -> frozenset[Names]:
    if not isinstance(step, Choose) or not block.startswith("choose/"):
        return frozenset()
    branch = step.choose[int(block.split("/")[1])]
    return _shown(branch.if_) if branch.if_ is not None else frozenset()


def _shown(source: str) -> frozenset[Names]:
    """The fields that must be there for a condition to be met."""
    try:
        return frozenset(_asked(tree(source)))
    except conditions.ExpressionError:
        return frozenset()


def _asked(node: Node) -> Iterator[Names]:
    match node:
        case Call(function="_&&_"):
            for part in node.args:
                yield from _asked(part)
        case Call(function="_==_" | "_<_" | "_<=_" | "_>_" | "_>=_" | "@in"):
            for part in node.args:
                if not isinstance(part, Constant):
                    yield from _asked(part)
        case Select() if path(node):
            yield tuple(path(node))
        case _:
            pass


def _sent(journey: Journey, tree: Tree, context: Context) -> Iterator[tuple[str, Place, list[Asked]]]:
    """Each step that sends a message, where it is named, and what the message asks for in all its languages."""
    askings = context.askings
    for step, where in placed_steps(journey) if askings else ():
        for key, name in step.messages():
            asked = [
                one
                for wording in (askings.texts.wordings.get(name, {}).values() if askings else ())
                for asking in (askings.of(wording) if askings else ())
                for one in asking.values
            ]
            yield step.id, tree.place((*where, key)), asked


def _at(journey: Journey, place: Place) -> str:
    return f"the journey {journey.journey} sends this text ({place.file}:{place.line})"


def unset_in_text(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A message uses a variable that nothing keeps before the step that sends it; the code is ``unset-variable``."""
    there, every = _there(journey, context), kept(journey)
    for step_id, place, asked in _sent(journey, tree, context):
        for one in asked:
            name = one.use.names[1] if one.use.names[0] == "vars" and len(one.use.names) > 1 else ""
            if not name or step_id not in there or name in there[step_id].perhaps:
                continue
            if not one.use.needed and any(name in others for others in context.kept.values()):
                continue  # the text asks first, and some journey has an answer
            before = " before that" if name in every else ""
            message = f'Nothing{before} keeps "vars.{name}", and {_at(journey, place)}.'
            hint = did_you_mean(f"vars.{name}", {f"vars.{known}" for known in every - {name}})
            if before or not hint.startswith("Did"):
                hint = f"Keep it before, with set: or into: {name}, or ask first: {{% if vars.{name} %}}."
            yield Problem(one.place, message, "unset-variable", hint)


def unknown_in_text(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A message uses a field that is not declared; the code is ``unknown-field``."""
    known = names(journey, context)
    for _, place, asked in _sent(journey, tree, context) if context.events else ():
        for one in asked:
            found = known.find(*one.use.names)
            if isinstance(found, Unknown) and not _told_otherwise(one, found):
                said = found.message[:-1].replace(f".{ENTRY}", "")
                yield Problem(one.place, f"{said}, and {_at(journey, place)}.", "unknown-field", found.hint)


def _told_otherwise(asked: Asked, found: Unknown) -> bool:
    return (found.name.count(".") == 1 and asked.use.names[0] == "vars") or found.name.endswith(ENTRY)


def missing_in_text(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A message cannot do without a value that may be missing when it is sent: it would be held."""
    known, there = names(journey, context), _there(journey, context)
    for step_id, place, asked in _sent(journey, tree, context):
        for one in asked:
            if one.use.needed and step_id in there and _may_be_missing(one, known, there[step_id]):
                field = one.use.path
                message = f"{field} may be missing when {_at(journey, place)}; then the letter is held."
                hint = f'Write {{{{ {field} | default: "…" }}}}, or ask first: {{% if {field} %}}.'
                yield Problem(one.place, message, "missing-in-text", hint, warning=True)


def _may_be_missing(asked: Asked, known: Declared, there: Supply) -> bool:
    """Whether any part on the way to the value may not be there."""
    whole = asked.use.names
    given = asked.use.known | there.certain
    for length in range(2, len(whole) + 1):
        part = whole[:length]
        if any(one[:length] == part for one in given):
            continue
        if part[0] == "vars" and length == 2:
            return part[1] in there.perhaps  # what is never kept is told otherwise
        found = known.find(*part)
        if isinstance(found, Unknown):
            return False
        own = known.find(*part[:-1])
        outer_maybe = not isinstance(own, Unknown) and own.maybe
        if found.maybe and not (outer_maybe and not _own_maybe(known, part)):
            return True
    return False


def _own_maybe(known: Declared, part: Names) -> bool:
    """Whether a field may be missing while the group around it is there."""
    outer = known.find(*part[:-1])
    if isinstance(outer, Unknown) or not outer.fields or part[-1] not in outer.fields:
        return False
    return outer.fields[part[-1]].maybe


def wrong_filter(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A message writes a value as a date, a time, money or a number that is declared as something else."""
    known = names(journey, context)
    for _, place, asked in _sent(journey, tree, context) if context.events else ():
        for one in asked:
            fits, what = FILTERS.get(one.use.filter, ((), ""))
            found = known.find(*one.use.names)
            if fits and not isinstance(found, Unknown) and found.name not in (*fits, "any", "optional"):
                message = f"{one.use.path} is {found.title}, and {one.use.filter} is for {what}."
                hint = f"T{_at(journey, place)[1:]}: leave out | {one.use.filter}, or declare it as {what}."
                yield Problem(one.place, message, "wrong-filter", hint)
