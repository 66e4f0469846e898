"""An expression as a tree: what CEL has parsed, read from its serialised form (``cel.expr.CheckedExpr``).

The library gives no tree, but it serialises one; the messages are described here as far as they are needed
(https://github.com/google/cel-spec/tree/master/proto/cel/expr).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from journey import conditions

_TEXT, _INT32, _INT64, _UINT64, _DOUBLE, _BOOL, _BYTES, _MESSAGE = 9, 5, 3, 4, 1, 8, 12, 11
_FIELDS: dict[str, tuple[tuple[str, int, int, str], ...]] = {
    "Ident": (("name", 1, _TEXT, ""),),
    "Select": (("operand", 1, _MESSAGE, "Expr"), ("field", 2, _TEXT, ""), ("test_only", 3, _BOOL, "")),
    "Call": (("target", 1, _MESSAGE, "Expr"), ("function", 2, _TEXT, ""), ("args", 3, _MESSAGE, "Expr*")),
    "List": (("elements", 1, _MESSAGE, "Expr*"),),
    "Entry": (("map_key", 3, _MESSAGE, "Expr"), ("value", 4, _MESSAGE, "Expr")),
    "Struct": (("entries", 2, _MESSAGE, "Entry*"),),
    "Each": (
        ("iter_var", 1, _TEXT, ""),
        ("iter_range", 2, _MESSAGE, "Expr"),
        ("accu_var", 3, _TEXT, ""),
        ("accu_init", 4, _MESSAGE, "Expr"),
        ("loop_condition", 5, _MESSAGE, "Expr"),
        ("loop_step", 6, _MESSAGE, "Expr"),
        ("result", 7, _MESSAGE, "Expr"),
    ),
    "Constant": (
        ("null", 1, _INT32, ""),
        ("bool", 2, _BOOL, ""),
        ("int", 3, _INT64, ""),
        ("uint", 4, _UINT64, ""),
        ("double", 5, _DOUBLE, ""),
        ("string", 6, _TEXT, ""),
        ("bytes", 7, _BYTES, ""),
    ),
    "Expr": (
        ("id", 2, _INT64, ""),
        ("constant", 3, _MESSAGE, "Constant"),
        ("ident", 4, _MESSAGE, "Ident"),
        ("select", 5, _MESSAGE, "Select"),
        ("call", 6, _MESSAGE, "Call"),
        ("list", 7, _MESSAGE, "List"),
        ("struct", 8, _MESSAGE, "Struct"),
        ("each", 9, _MESSAGE, "Each"),
    ),
    "Position": (("key", 1, _INT64, ""), ("value", 2, _INT32, "")),
    "Source": (("positions", 4, _MESSAGE, "Position*"),),
    "Checked": (("expr", 4, _MESSAGE, "Expr"), ("source", 5, _MESSAGE, "Source")),
    "Any": (("type_url", 1, _TEXT, ""), ("value", 2, _BYTES, "")),
}
"""The messages: name, number, wire type, and the message inside (``*``: many)."""


@dataclass(frozen=True)
class Node:
    """One part of an expression; ``at`` is the index of the character it is told by."""

    id: int
    at: int


@dataclass(frozen=True)
class Constant(Node):
    """A value as written: text, number, true, false or null."""

    value: Any


@dataclass(frozen=True)
class Name(Node):
    """A name: ``event``, ``customer``, or the name of an entry inside ``exists``, ``all``, ``map`` …"""

    name: str

    @property
    def path(self) -> tuple[str, ...]:
        """The name alone."""
        return (self.name,)


@dataclass(frozen=True)
class Select(Node):
    """A field: ``of.field``; ``tested`` inside ``has(…)``, ``optional`` for ``of.?field``."""

    of: Node
    field: str
    tested: bool = False
    optional: bool = False

    @cached_property
    def path(self) -> tuple[str, ...]:
        """See ``path``."""
        before = () if self.optional else path(self.of)
        return (*before, self.field) if before else ()


@dataclass(frozen=True)
class Call(Node):
    """A function or an operator (``_==_``); ``args`` begin with the value before the dot, if there is one."""

    function: str
    args: tuple[Node, ...]
    member: bool = False


@dataclass(frozen=True)
class ListOf(Node):
    """A list as written."""

    entries: tuple[Node, ...]


@dataclass(frozen=True)
class Group(Node):
    """A group of fields as written: keys and values in turn."""

    entries: tuple[Node, ...]


@dataclass(frozen=True)
class Each(Node):
    """What ``exists``, ``all``, ``map``, ``filter`` and ``cel.bind`` are made of: a loop over a list."""

    entry: str
    list: Node
    result_name: str
    first: Node
    going_on: Node
    step: Node
    result: Node


@lru_cache(maxsize=4096)
def tree(source: str) -> Node:
    """The tree of an expression. Raises ExpressionError if it cannot be read."""
    packed = _message("Any").FromString(conditions.compile(source).serialize())
    checked = _message("Checked").FromString(packed.value)
    return _node(checked.expr, {one.key: one.value for one in checked.source.positions})


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, in reading order as far as CEL keeps it."""
    yield node
    for inner in inside(node):
        yield from walk(inner)


def inside(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    match node:
        case Select():
            return (node.of,)
        case Call():
            return node.args
        case ListOf() | Group():
            return node.entries
        case Each():
            return (node.list, node.first, node.going_on, node.step, node.result)
        case _:
            return ()


def path(node: Node) -> tuple[str, ...]:
    """``("customer", "plan")`` for ``customer.plan`` and ``customer["plan"]``; nothing for anything else."""
    return node.path if isinstance(node, (Select, Name)) else ()


def _node(expr: Any, positions: dict[int, int]) -> Node:
    kind = next((name for name, *_ in _FIELDS["Expr"][1:] if expr.HasField(name)), "constant")
    where = (expr.id, positions.get(expr.id, 0))

    def read(inner: Any) -> Node:
        return _node(inner, positions)

    match kind:
        case "ident":
            return Name(*where, expr.ident.name.removeprefix("."))
        case "select":
            return Select(*where, read(expr.select.operand), expr.select.field, tested=expr.select.test_only)
        case "call":
            return _call(where, expr.call, read)
        case "list":
            return ListOf(*where, tuple(read(one) for one in expr.list.elements))
        case "struct":
            return Group(*where, tuple(read(part) for one in expr.struct.entries for part in (one.map_key, one.value)))
        case "each":
            each = expr.each
            parts = (read(part) for part in (each.accu_init, each.loop_condition, each.loop_step, each.result))
            return Each(*where, each.iter_var, read(each.iter_range), each.accu_var, *parts)
        case _:
            return Constant(*where, _constant(expr.constant))


def _call(where: tuple[int, int], call: Any, read: Any) -> Node:
    member = call.HasField("target")
    args = tuple(read(one) for one in ([call.target] if member else []) + list(call.args))
    if call.function in ("_?._", "_[_]", "_[?_]") and isinstance(args[1], Constant) and isinstance(args[1].value, str):
        return Select(*where, args[0], args[1].value, optional="?" in call.function)
    return Call(*where, call.function, args, member=member)


def _constant(constant: Any) -> Any:
    for name in ("bool", "int", "uint", "double", "string", "bytes"):
        if constant.HasField(name):
            return getattr(constant, name)
    return None


@lru_cache(maxsize=32)
def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"wayfare.{name}"))


@lru_cache(maxsize=1)
def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="wayfare.proto", package="wayfare", syntax="proto2")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field, number, kind, inside_it in fields:
            label = 3 if inside_it.endswith("*") else 1
            added = message.field.add(name=field, number=number, label=label, type=kind)
            if inside_it:
                added.type_name = f".wayfare.{inside_it.removesuffix('*')}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
