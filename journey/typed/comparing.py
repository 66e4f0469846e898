"""Operators: which kinds fit together, what comes out, and what to write instead when they do not fit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from journey.problems import did_you_mean
from journey.typed.kinds import ANY, FRACTION, LENGTH, NUMBER, TEXT, TIME, TRUTH, WHOLE, Kind, join, of_value
from journey.typed.syntax import Call, Constant, ListOf, Node, path


class Found(NamedTuple):
    """Something wrong: the code of its rule, the part it is about (None: the operator), the sentences."""

    rule: str
    at: Node | None
    message: str
    hint: str = ""


Answer = tuple[Kind, list[Found]]


@dataclass(frozen=True)
class Operation:
    """An operator with the kinds of what it stands between."""

    node: Call
    kinds: tuple[Kind, ...]

    @property
    def sides(self) -> tuple[tuple[Node, Kind], ...]:
        """What it stands between, each part with its kind."""
        return tuple(zip(self.node.args, self.kinds, strict=True))


def said(node: Node) -> str:
    """A part in an author's words: ``event.score``, ``"9"``, ``3``."""
    if isinstance(node, Constant):
        if isinstance(node.value, bool) or node.value is None:
            return {True: "true", False: "false", None: "null"}[node.value]
        return f'"{node.value}"' if isinstance(node.value, str) else f"{node.value}"
    if isinstance(node, Call) and not node.function.startswith(("_", "@", "!", "-")):
        return f"{node.function}(…)"
    return ".".join(path(node)) or "this value"


def _equal(operation: Operation) -> Answer:
    (left, one), (right, other) = operation.sides
    if one.name == "nothing" or other.name == "nothing":
        asked = path(right if one.name == "nothing" else left)
        hint = (
            f"Write {'!' if operation.node.function == '_==_' else ''}has({'.'.join(asked)})." if len(asked) > 1 else ""
        )
        return TRUTH, [Found("wrong-kinds", None, "A null counts as missing, so nothing is ever equal to null.", hint)]
    return TRUTH, _misfit(left, one, right, other) or _unknown_word(left, one, right) or _unknown_word(
        right, other, left
    )


def _ordered(operation: Operation) -> Answer:
    (left, one), (right, other) = operation.sides
    found = _misfit(left, one, right, other)
    for part, kind in operation.sides:
        if not found and kind.family in ("list", "group", "nothing"):
            found = [Found("wrong-kinds", part, f"{said(part)} is {kind.title}: it has no order.")]
    if not found and "amount" in (one.name, other.name):
        part = left if one.name == "amount" else right
        hint = f"Write amount({said(part)}) and a number beside it."
        found = [Found("wrong-kinds", part, f"{said(part)} is an amount of money as text: it has no order.", hint)]
    if not found and "moment" in (one.name, other.name):
        part = left if one.name == "moment" else right
        hint = f"Write timestamp({said(part)})."
        found = [Found("wrong-kinds", part, f"{said(part)} is a point in time as text: it has no order.", hint)]
    return TRUTH, found


def _misfit(left: Node, one: Kind, right: Node, other: Kind) -> list[Found]:
    """Two kinds that can never be equal, and have no order."""
    known = {one.family, other.family}
    if len(known) == 1 or "any" in known or "optional" in known:
        return []
    message = f"{said(left)} is {one.title}, and {said(right)} is {other.title}: they cannot be compared."
    return [Found("wrong-kinds", left, message, _instead(left, one, right, other) or _instead(right, other, left, one))]


def _instead(left: Node, one: Kind, right: Node, other: Kind) -> str:
    """What to write on the left side, or on the right; nothing if this side gives no idea."""
    written = right.value if isinstance(right, Constant) else None
    if one.family == "number" and isinstance(written, str) and re.fullmatch(r"-?\d+(\.\d+)?", written):
        return f"Write {written} without quotation marks."
    if one.name == "truth" and isinstance(written, str):
        return "Write true or false, without quotation marks."
    if one.name in ("text", "words", "currency") and written is not None and not isinstance(written, str):
        return f'Write "{said(right)}", between quotation marks.'
    if one.name == "amount" and other.family == "number":
        return f"Write amount({said(left)})."
    if other.family == "time" and one.name in ("date", "moment"):
        return f"Write {'date' if one.name == 'date' else 'timestamp'}({said(left)})."
    if one.name == "time" and isinstance(written, str):
        return 'Write for example date("2027-03-31").'
    return "Write for example days(3)." if one.name == "length" and other.family == "number" else ""


def _unknown_word(left: Node, kind: Kind, right: Node, whose: str = "") -> list[Found]:
    """A field with a few possible texts is compared with another text."""
    if not kind.words or not isinstance(right, Constant) or right.value in kind.words:
        return []
    hint = did_you_mean(str(right.value), kind.words) or f"Possible are {', '.join(kind.words[:12])}, …"
    return [
        Found(
            "unknown-value",
            right,
            f"{whose}{said(left)} is never {said(right)}.",
            hint.replace("Known here: ", "Possible are "),
        )
    ]


def _contained(operation: Operation) -> Answer:
    (left, one), (right, other) = operation.sides
    if isinstance(right, ListOf):
        entries = [entry for entry in right.entries if isinstance(entry, Constant)]
        checked = (_misfit(left, one, e, of_value(e.value)) or _unknown_word(left, one, e) for e in entries)
        return TRUTH, [found for wrong in checked for found in wrong]
    if other.family == "list":
        entry = other.entry or ANY
        fits = entry.family in (one.family, "any") or one.family in ("any", "optional")
        message = f"{said(left)} is {one.title}, and an entry of {said(right)} is {entry.title}."
        unknown = _unknown_word(right, entry, left, "An entry of ")
        return TRUTH, unknown if fits else [Found("wrong-kinds", left, message)]
    if other.family in ("group", "any", "optional"):
        named = other.family != "group" or one.family in ("text", "any", "optional")
        message = f"{said(right)} is a group of fields: only a text can be the name of one."
        return TRUTH, [] if named else [Found("wrong-kinds", left, message)]
    hint = f"Write {said(right)}.contains({said(left)})." if other.family == "text" else ""
    return TRUTH, [Found("wrong-kinds", right, f"{said(right)} is {other.title}, not a list.", hint)]


def _logical(operation: Operation) -> Answer:
    wrong = [side for side in operation.sides if side[1].family not in ("truth", "any", "optional")]
    return TRUTH, [found for side in wrong for found in _no_truth(*side)]


def _no_truth(part: Node, kind: Kind) -> list[Found]:
    example = {"text": '== "…"', "number": "> 0"}.get(kind.family)
    hint = f"Compare it, for example {said(part)} {example}." if example and path(part) else ""
    return [Found("wrong-kinds", part, f"{said(part)} is {kind.title}: it is not true or false.", hint)]


def _chosen(operation: Operation) -> Answer:
    condition, *branches = operation.sides
    found = [] if condition[1].family in ("truth", "any", "optional") else _no_truth(*condition)
    return join([kind for _, kind in branches]), found + mixed(branches, "The two sides of : have to be of one kind")


def mixed(parts: Sequence[tuple[Node, Kind]], rule: str) -> list[Found]:
    """Values that stand for each other and are of several kinds."""
    known = [(node, kind) for node, kind in parts if kind.family != "any"]
    for node, kind in known[1:]:
        first, other = known[0][1].family, kind.family
        if other != first:
            message = f"{rule}; {said(known[0][0])} is {known[0][1].title}, and {said(node)} is {kind.title}."
            return [Found("wrong-kinds", node, message)]
    return []


_SUMS: dict[tuple[str, str, str], Kind] = {
    ("+", "text", "text"): TEXT, ("+", "time", "length"): TIME, ("+", "length", "time"): TIME,
    ("+", "length", "length"): LENGTH, ("-", "time", "time"): LENGTH, ("-", "time", "length"): TIME,
    ("-", "length", "length"): LENGTH,
}  # fmt: skip
_VERBS = {
    "+": "add {1} to {0}",
    "-": "take {1} from {0}",
    "*": "multiply {0} by {1}",
    "/": "divide {0} by {1}",
    "%": "divide {0} by {1}",
}


def _reckoned(operation: Operation) -> Answer:
    (left, one), (right, other) = operation.sides
    sign = operation.node.function.strip("_")
    if one.family in ("any", "optional") or other.family in ("any", "optional"):
        return ANY, []
    if (one.family, other.family) == ("number", "number"):
        return _numbers(left, one, right, other)
    if (one.family, other.family) == ("list", "list") and sign == "+":
        return join([one, other]), []
    if kind := _SUMS.get((sign, one.family, other.family)):
        return kind, []
    what = _VERBS.get(sign, "reckon with {0} and {1}").format(
        f"{said(left)} ({one.title})", f"{said(right)} ({other.title})"
    )
    return ANY, [Found("wrong-kinds", left, f"Nobody can {what}.", _sum_hint(one, other))]


def _sum_hint(one: Kind, other: Kind) -> str:
    if one.family == "time" and other.family == "number":
        return "Write a length of time, for example days(3)."
    if "amount" in (one.name, other.name):
        return "Write amount(…) around the amount of money."
    if "date" in (one.name, other.name):
        return "Write date(…) around the date."
    return "Write string(…) around the number." if {one.family, other.family} == {"text", "number"} else ""


def _numbers(left: Node, one: Kind, right: Node, other: Kind) -> Answer:
    """CEL keeps numbers with and without a fraction apart; a number from outside may be either."""
    for node, kind, beside in ((left, one, other), (right, other, one)):
        if kind.name == "number" or (kind.name == "whole" and beside.name == "fraction"):
            message = f"{said(node)} may be a number without a fraction, and is reckoned with one that has it."
            if kind.name == "number":
                message = f"{said(node)} may come with or without a fraction, and the two cannot be mixed."
            hint = f"Write double({said(node)})." if not isinstance(node, Constant) else f"Write {node.value}.0."
            return FRACTION, [Found("wrong-kinds", node, message, hint)]
    return (WHOLE if one.name == "whole" else FRACTION), []


def _negative(operation: Operation) -> Answer:
    [(part, kind)] = operation.sides
    if kind.family in ("number", "length", "any", "optional"):
        return kind, []
    return NUMBER, [Found("wrong-kinds", part, f"{said(part)} is {kind.title}: it has no negative.")]


def _entry(operation: Operation) -> Answer:
    (of, kind), (index, by) = operation.sides
    if kind.family == "list" and by.family in ("number", "any"):
        entry = kind.entry or ANY
        return (Kind("optional", entry=entry) if "?" in operation.node.function else entry), []
    if kind.family == "group" and by.family not in ("text", "any", "optional"):
        return ANY, [Found("wrong-kinds", index, "A field of a group is named, not numbered.")]
    if kind.family in ("group", "any", "optional"):
        return ANY, []
    if kind.family == "list":
        return ANY, [Found("wrong-kinds", index, "An entry of a list is named by its number; the first is 0.")]
    return ANY, [Found("wrong-kinds", of, f"{said(of)} is {kind.title}: it has no entries.")]


OPERATORS: dict[str, Callable[[Operation], Answer]] = {
    **dict.fromkeys(("_==_", "_!=_"), _equal),
    **dict.fromkeys(("_<_", "_<=_", "_>_", "_>=_"), _ordered),
    **dict.fromkeys(("_+_", "_-_", "_*_", "_/_", "_%_"), _reckoned),
    **dict.fromkeys(("_&&_", "_||_", "!_"), _logical),
    **dict.fromkeys(("_[_]", "_[?_]"), _entry),
    "@in": _contained,
    "_?_:_": _chosen,
    "-_": _negative,
}
"""Every operator, as CEL calls it."""
