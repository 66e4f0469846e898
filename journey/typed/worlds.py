"""Which truth values conditions can take: they are tried out in every world that matters.

A world gives each field that the conditions read one telling value: every constant it is compared with, a value between
and beyond, ``MISSING`` where it may be missing; and true or false to whatever cannot be looked into (a function, two
fields compared). What holds in no world can never hold. A field that is missing makes its part of the condition
unjudgeable, as it does at run time: ``a || b`` is true if either is, ``a && b`` is false if either is.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from journey.typed.infer import Reading
from journey.typed.kinds import Kind
from journey.typed.syntax import Call, Constant, ListOf, Node, Select, path, walk

MOST_WORLDS = 2_000
MISSING = object()
_ORDERED = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

World = Mapping[Any, Any]
Truth = bool | None
"""True, false, or None: it cannot be judged."""


@dataclass
class Field:
    """What is compared of one field: the constants, and whether it may be missing."""

    kind: Kind
    constants: list[Any] = field(default_factory=list)
    alone: bool = True
    """Whether it may be missing while the group around it is there."""

    @property
    def values(self) -> list[Any]:
        """Telling values: each constant, between them and beyond, as far as the declaration allows."""
        found = [MISSING] if self.kind.maybe else []
        if self.kind.family == "truth":
            return [*found, True, False]
        if self.kind.words:
            return [*found, *self.kind.words]
        numbers = sorted({value for value in self.constants if _is_number(value)})
        texts = [value for value in dict.fromkeys(self.constants) if isinstance(value, str)]
        if self.kind.family == "number" or (numbers and not texts):
            return [*found, *self._numbers(numbers)]
        truths = [True, False] if any(isinstance(value, bool) for value in self.constants) else []
        others = ["\x00 before them all", *(f"{text}\x00" for text in texts), "\U0010ffff after them all"]
        return [*found, *truths, *self._numbers(numbers), *texts, *others]

    def _numbers(self, numbers: list[Any]) -> list[Any]:
        between = [(low + high) / 2 for low, high in itertools.pairwise(numbers)]
        if self.kind.name == "whole":
            between = [number + 1 for number in numbers[:-1]]
        beyond = [numbers[0] - 1, numbers[-1] + 1] if numbers else [0]
        declared = self.kind.declared
        low = declared.at_least if declared and declared.at_least is not None else None
        high = declared.at_most if declared and declared.at_most is not None else None
        bounds = [bound for bound in (low, high) if bound is not None]
        every = sorted({*numbers, *between, *beyond, *bounds})
        return [n for n in every if (low is None or n >= low) and (high is None or n <= high)]


class Worlds:
    """The worlds of some conditions that are asked at the same moment, and what each condition comes to in each."""

    def __init__(self, conditions: Sequence[tuple[Node, Reading]]) -> None:
        self.conditions = conditions
        self.fields: dict[tuple[str, ...], Field] = {}
        self.opaque: dict[str, frozenset[tuple[str, ...]]] = {}
        self._keys: dict[int, str] = {}
        for node, reading in conditions:
            self._gather(node, reading)

    @cached_property
    def small_enough(self) -> bool:
        """Whether the worlds can be gone through."""
        count = 1
        for known in self.fields.values():
            count *= len(known.values)
        return count << len(self.opaque) <= MOST_WORLDS

    def __iter__(self) -> Iterator[World]:
        names = [*self.fields, *self.opaque]
        choices = [known.values for known in self.fields.values()] + [[True, False]] * len(self.opaque)
        nested = [(a, b) for a in self.fields for b in self.fields if len(a) < len(b) and b[: len(a)] == a]
        for values in itertools.product(*choices):
            world = dict(zip(names, values, strict=True))
            if all(self._fits(world[outer] is MISSING, world[inner] is MISSING, inner) for outer, inner in nested):
                yield world

    def _fits(self, outer: bool, inner: bool, path: tuple[str, ...]) -> bool:
        """Whether a group and a field in it can be missing (True) like this together."""
        return inner if outer else not inner or self.fields[path].alone

    def _gather(self, node: Node, reading: Reading) -> None:
        """Note what a condition compares; what cannot be looked into is kept whole."""
        match node:
            case Call(function="_&&_" | "_||_" | "!_" | "_?_:_"):
                for part in node.args:
                    self._gather(part, reading)
            case Call() if parts := _comparison(node):
                of, constants = parts
                self._note(of, reading).constants.extend(constants)
            case Select() if path(node):
                self._note(node, reading).constants.extend([] if node.tested else [True, False])
            case Constant():
                pass
            case _:
                self._keep_whole(node, reading)

    def _note(self, node: Node, reading: Reading) -> Field:
        kind, alone = reading.kinds[node.id], True
        if isinstance(node, Select):
            of = reading.kinds[node.of.id]
            own = (of.fields or {}).get(node.field, Kind("any", maybe=True))
            kind, alone = replace(own, maybe=own.maybe or of.maybe) if node.tested else kind, own.maybe
            if node.tested and of.maybe:
                self._note(node.of, reading)
        known = self.fields.setdefault(path(node), Field(kind, alone=alone))
        if kind.maybe and not known.kind.maybe:
            known.kind = replace(known.kind, maybe=True)
        return known

    def _keep_whole(self, node: Node, reading: Reading) -> None:
        reads = [
            part for part in walk(node) if isinstance(part, Select) and path(part) and reading.kinds[part.id].maybe
        ]
        for part in reads:
            self._note(part, reading)
        self.opaque[self._key(node)] = frozenset(path(part) for part in reads)

    def _key(self, node: Node) -> str:
        if id(node) not in self._keys:
            self._keys[id(node)] = _key(node)
        return self._keys[id(node)]

    def truth(self, node: Node, world: World, *, missing: Truth = None) -> Truth:
        """What a condition comes to in a world. ``missing``: what a part that reads a missing field comes to."""
        match node:
            case Constant():
                return node.value if isinstance(node.value, bool) else None
            case Call(function="!_" | "_&&_" | "_||_" | "_?_:_"):
                return self._combined(node, world, missing)
            case Select() if path(node):
                return self._asked(node, world, missing)
            case Call() if found := _comparison(node):
                value = world[path(found[0])]
                if value is MISSING:
                    return _not(missing) if node.function == "_!=_" else missing
                return _compared(node, found[1], value)
            case _:
                lacking = any(world[one] is MISSING for one in self.opaque[self._key(node)])
                return missing if lacking else bool(world[self._key(node)])

    def _combined(self, node: Call, world: World, missing: Truth) -> Truth:
        first, *others = (self.truth(part, world, missing=missing) for part in node.args)
        if node.function == "!_":
            return _not(first)
        if node.function == "_?_:_":
            return None if first is None else others[0 if first else 1]
        decisive = node.function == "_||_"
        if decisive in (first, *others):
            return decisive
        return None if None in (first, *others) else not decisive

    def _asked(self, node: Select, world: World, missing: Truth) -> Truth:
        if node.tested:
            return missing if world.get(path(node.of)) is MISSING else world[path(node)] is not MISSING
        value = world[path(node)]
        return value if isinstance(value, bool) else missing


def _comparison(node: Call) -> tuple[Node, list[Any]] | None:
    """The field and the constants of ``field == constant``, ``constant < field`` or ``field in [constants]``."""
    if node.function not in ("_==_", "_!=_", "@in", *_ORDERED):
        return None
    left, right = node.args
    if isinstance(left, Constant) and node.function != "@in":
        left, right = right, left
    if not (isinstance(left, Select) and path(left) and not left.tested):
        return None
    if isinstance(right, Constant) and node.function != "@in":
        return left, [right.value]
    if isinstance(right, ListOf) and node.function == "@in" and all(isinstance(one, Constant) for one in right.entries):
        return left, [one.value for one in right.entries if isinstance(one, Constant)]
    return None


def _compared(node: Call, constants: list[Any], value: Any) -> Truth:
    if node.function == "@in":
        return any(_same(value, constant) for constant in constants)
    if node.function in ("_==_", "_!=_"):
        return _same(value, constants[0]) == (node.function == "_==_")
    if constants[0] is None or _family(value) != _family(constants[0]):
        return None
    sign = _ORDERED[node.function]
    sign = _TURNED[sign] if isinstance(node.args[0], Constant) else sign
    low, high = (value, constants[0]) if sign in ("<", "<=") else (constants[0], value)
    below: bool = low < high or ("=" in sign and low == high)
    return below


def _same(value: Any, constant: Any) -> bool:
    return bool(value == constant and isinstance(value, bool) == isinstance(constant, bool))


def _family(value: Any) -> str:
    """What can be put in an order with it: false comes before true."""
    return "truth" if isinstance(value, bool) else "number" if _is_number(value) else "text"


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _key(node: Any) -> str:
    """A part as text, wherever it stands: the same text is the same question."""
    if isinstance(node, tuple):
        return f"({', '.join(_key(part) for part in node)})"
    if not isinstance(node, Node):
        return repr(node)
    inside = (_key(getattr(node, part.name)) for part in fields(node) if part.name not in ("id", "at"))
    return f"{type(node).__name__}({', '.join(inside)})"
