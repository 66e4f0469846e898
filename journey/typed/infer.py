"""What an expression comes to, kind by kind, and every place where kinds do not fit.

``Reading`` reads one expression with the names of its place in the journey. What CEL itself refuses (``"a" > 1``) never
comes here: the expression is compiled before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from journey.problems import did_you_mean
from journey.typed import comparing, functions
from journey.typed.comparing import said
from journey.typed.kinds import ANY, LIST, TIME, TRUTH, Kind, join, of_value
from journey.typed.syntax import Call, Constant, Each, Group, ListOf, Name, Node, Select, path


@dataclass(frozen=True)
class Finding:
    """Something wrong in an expression: the code of its rule, the index of the character, the sentences."""

    rule: str
    at: int
    message: str
    hint: str = ""


class Reading:
    """One expression, read: the kind of every part (``kinds``, by the part's id) and what was found."""

    def __init__(self, node: Node, source: str, names: Mapping[str, Kind]) -> None:
        self.source = source
        self.names: dict[str, Kind] = {"now": TIME, **names}
        self.kinds: dict[int, Kind] = {}
        self.findings: list[Finding] = []
        self.kind = self.read(node)

    def read(self, node: Node) -> Kind:
        """The kind of a part, noted."""
        kind = self._kind(node)
        self.kinds[node.id] = kind
        return kind

    def _kind(self, node: Node) -> Kind:
        match node:
            case Constant():
                return of_value(node.value)
            case Name():
                return self.names.get(node.name, ANY)
            case Select():
                return self._select(node)
            case ListOf():
                return self._list(node)
            case Group():
                return self._group(node)
            case Each():
                return self._each(node)
            case Call():
                return self._call(node)
            case _:
                return ANY

    def _select(self, node: Select) -> Kind:
        of = self.read(node.of)
        if of.name == "optional":
            of = of.entry or ANY
        found = self._field(node, of)
        if node.tested:
            return TRUTH
        if node.optional or self.kinds[node.of.id].name == "optional":
            return Kind("optional", entry=found)
        return found.perhaps if of.maybe else found

    def _field(self, node: Select, of: Kind) -> Kind:
        if of.fields is not None:
            if node.field in of.fields:
                return of.fields[node.field]
            if path(node)[:1] != ("vars",) or len(path(node)) > 2:  # nothing keeps it: unset-variable tells that
                self.findings.append(self._unknown(node, of))
            return ANY
        if of.family not in ("group", "any"):
            hint = "" if of.name != "list" else "Name an entry ([0] is the first), or ask with exists."
            self._find("wrong-kinds", self._field_at(node), f"{said(node.of)} is {of.title}: it has no fields.", hint)
        return ANY

    def _unknown(self, node: Select, of: Kind) -> Finding:
        where = f" for {of.origin}" if of.origin else ""
        whole = ".".join(path(node)) or node.field
        hint = did_you_mean(node.field, of.fields or ())
        return Finding("unknown-field", self._field_at(node), f'"{whole}" is not declared{where}.', hint)

    def _list(self, node: ListOf) -> Kind:
        kinds = [self.read(entry) for entry in node.entries]
        parts = list(zip(node.entries, kinds, strict=True))
        for found in comparing.mixed(parts, "The entries of a list have to be of one kind"):
            self._find(found.rule, self.start(found.at or node), found.message, found.hint)
        return replace(LIST, entry=join(kinds)) if kinds else LIST

    def _group(self, node: Group) -> Kind:
        kinds = [self.read(entry) for entry in node.entries]
        keys = node.entries[::2]
        fields = {
            str(key.value): kind for key, kind in zip(keys, kinds[1::2], strict=True) if isinstance(key, Constant)
        }
        return Kind("group", fields=fields if len(fields) == len(keys) else None)

    def _each(self, node: Each) -> Kind:
        over = self.read(node.list)
        if over.family not in ("list", "group", "any"):
            self._find("wrong-kinds", node.list.at, f"{said(node.list)} is {over.title}, not a list.")
        kept = dict(self.names)
        first = self.read(node.first)
        grows = isinstance(node.first, ListOf)
        self.names[node.entry] = over.entry or ANY if over.name == "list" else ANY
        self.names[node.result_name] = LIST if grows else first
        for part in (node.going_on, node.step):
            stepped = self.read(part)
        result = self.read(node.result)
        self.names = kept
        return stepped if grows and stepped.name == "list" else result

    def _call(self, node: Call) -> Kind:
        kinds = [self.read(part) for part in node.args]
        if node.function in comparing.OPERATORS:
            kind, found = comparing.OPERATORS[node.function](comparing.Operation(node, tuple(kinds)))
            for one in found:
                self._find(one.rule, node.at if one.at is None else self.start(one.at), one.message, one.hint)
            return kind
        if node.function in ("orValue", "value", "hasValue", "or"):
            return self._optional(node.function, kinds)
        self._takes(node, kinds)
        return functions.gives(node.function)

    def _optional(self, function: str, kinds: list[Kind]) -> Kind:
        inner = kinds[0].entry or ANY if kinds[0].name == "optional" else ANY
        if function == "hasValue":
            return TRUTH
        return replace(inner, maybe=False) if function in ("orValue", "value") else kinds[0]

    def _takes(self, node: Call, kinds: list[Kind]) -> None:
        for part, kind, families in zip(node.args, kinds, functions.takes(node.function, len(kinds)), strict=False):
            if kind.family not in (*families, "any", "optional"):
                message = f"{node.function} does not work on {said(part)}, which is {kind.title}."
                self._find("wrong-kinds", self.start(part), message, _HINTS.get((node.function, kind.name), ""))

    def _find(self, rule: str, at: int, message: str, hint: str = "") -> None:
        said_well = f"This{message[4:]}" if message.startswith("this ") else message
        finding = Finding(rule, at, said_well, hint)
        if finding not in self.findings:
            self.findings.append(finding)

    def start(self, node: Node) -> int:
        """The index of the first character of a part."""
        match node:
            case Select():
                return self.start(node.of)
            case Call() if node.member or node.function in _INFIX:
                return min(node.at, self.start(node.args[0]))
            case _:
                return node.at

    def _field_at(self, node: Select) -> int:
        return self._end(node) - len(node.field)

    def _end(self, node: Node) -> int:
        """The index behind a name or a field."""
        if isinstance(node, Select):
            found = self.source.find(node.field, self._end(node.of))
            return found + len(node.field) if found >= 0 else node.at
        return node.at + (len(node.name) if isinstance(node, Name) else 1)


_INFIX = (
    "_==_",
    "_!=_",
    "_<_",
    "_<=_",
    "_>_",
    "_>=_",
    "_+_",
    "_-_",
    "_*_",
    "_/_",
    "_%_",
    "_&&_",
    "_||_",
    "@in",
    "_?_:_",
    "_[_]",
)
_HINTS = {
    ("getFullYear", "date"): "Write for example date(…).getFullYear().",
    ("size", "whole"): "A number can be compared as it is.",
    ("size", "number"): "A number can be compared as it is.",
}
