"""What a text asks for: every value it names, whether it can do without it, and the snippets it renders.

A value can be done without where it is only asked about (``{% if customer.phone %}``), where words stand in for it
(``| default: "…"``), and inside a question that it passed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from liquid import Node
from liquid.ast import BlockNode, ConditionalBlockNode
from liquid.builtin.expressions import (
    FilteredExpression,
    Literal,
    LoopExpression,
    Path,
)
from liquid.builtin.expressions.logical import (
    BooleanExpression,
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import Blank, Empty, Nil, RangeLiteral
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.render_tag import RenderNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression
from liquid.template import BoundTemplate

Names = tuple[str, ...]
"""A value by its names: ``("start", "product", "name")``; an entry of a list is ``"[]"``."""

ENTRY = "[]"
MAX_RENDERINGS = 500
"""Snippets within snippets that are looked into."""
_SHOWS_PRESENCE = (EqExpression, GtExpression, GeExpression, LtExpression, LeExpression, ContainsExpression)
_NOTHING = (Nil, Blank, Empty)


@dataclass(frozen=True)
class Use:
    """One value that a text names, where (an index into its source, or into that of a snippet), whether it has to be
    there, and what is known to be there at this place because it was asked for."""

    names: Names
    index: int
    snippet: str
    needed: bool
    known: frozenset[Names]
    filter: str = ""
    """The filter that it goes through first."""

    @property
    def path(self) -> str:
        """As it is written: ``start.product.name``."""
        return ".".join(self.names).replace(f".{ENTRY}", "")


@dataclass(frozen=True)
class Rendering:
    """One ``{% render %}``: of which snippet, and where."""

    name: str
    index: int
    snippet: str


@dataclass(frozen=True)
class Findings:
    """All that a text asks for, in reading order; ``circle`` is the first snippet that ends up in itself, if any."""

    uses: tuple[Use, ...]
    renderings: tuple[Rendering, ...]
    circle: Rendering | None = None


def find(template: BoundTemplate, snippets: Mapping[str, BoundTemplate]) -> Findings:
    """What a text and the snippets it renders ask for."""
    reading = _Reading(snippets)
    reading.read(template.nodes, _Here())
    return Findings(tuple(reading.uses), tuple(reading.renderings), reading.circle)


@dataclass(frozen=True)
class _Here:
    """Where the reading stands: the names the text gave itself (None: their value is its own), and what is known."""

    names: Mapping[str, Names | None] = field(default_factory=dict)
    known: frozenset[Names] = frozenset()
    snippets: tuple[str, ...] = ()

    @property
    def snippet(self) -> str:
        return self.snippets[-1] if self.snippets else ""


class _Reading:
    def __init__(self, snippets: Mapping[str, BoundTemplate]) -> None:
        self.uses: list[Use] = []
        self.renderings: list[Rendering] = []
        self.circle: Rendering | None = None
        self._snippets = snippets

    def read(self, nodes: Iterable[Node], here: _Here) -> _Here:
        """Nodes that follow each other: what one assigns, the next ones know."""
        for node in nodes:
            here = self._node(node, here)
        return here

    def _node(self, node: Node, here: _Here) -> _Here:
        match node:
            case AssignNode():
                return self._assign(node, here)
            case IfNode() | UnlessNode():
                return self._question(node, here)
            case CaseNode():
                return self._case(node, here)
            case ForNode():
                return self._loop(node, here)
            case RenderNode():
                self._render(node, here)
            case BlockNode():
                return self.read(node.nodes, here)
            case _:
                for expression in node.expressions():
                    self._ask(expression, here, needed=True)
        return here

    def _assign(self, node: AssignNode, here: _Here) -> _Here:
        """A name for a value is that value; whatever a filter makes of it is the text's own."""
        value = node.expression
        plain = isinstance(value, FilteredExpression) and not value.filters
        self._ask(value, here, needed=not plain)
        source = _names(value.left, here) if plain and isinstance(value, FilteredExpression) else None
        return replace(here, names={**here.names, str(node.name): source})

    def _question(self, node: IfNode | UnlessNode, here: _Here) -> _Here:
        self._ask(node.condition, here, needed=False)
        shown = _shown(node.condition, here)
        positive = isinstance(node, IfNode)
        after = [self._branch(node.consequence, here, shown if positive else frozenset())]
        for alternative in node.alternatives:
            assert isinstance(alternative, ConditionalBlockNode)
            self._ask(alternative.expression, here, needed=False)
            after.append(self._branch(alternative.block, here, _shown(alternative.expression, here)))
        if node.default:
            alone = frozenset() if positive or node.alternatives else shown
            after.append(self._branch(node.default, here, alone))
        return _joined(here, after if node.default else [*after, here])

    def _branch(self, block: Node, here: _Here, shown: frozenset[Names]) -> _Here:
        return self._node(block, replace(here, known=here.known | shown))

    def _case(self, node: CaseNode, here: _Here) -> _Here:
        after = []
        for block in node.blocks:
            shown = frozenset[Names]()
            if isinstance(block, MultiExpressionBlockNode):
                for expression in (block.expression.left, *block.expression.expressions):
                    self._ask(expression, here, needed=False)
                named = _names(block.expression.left, here)
                shown = frozenset({named} if named else ())
            after.append(self._branch(getattr(block, "block", block), here, shown))
        return _joined(here, [*after, here])

    def _loop(self, node: ForNode, here: _Here) -> _Here:
        loop = node.expression
        assert isinstance(loop, LoopExpression)
        for expression in loop.children():
            self._ask(expression, here, needed=True)
        whole = _names(loop.iterable, here)
        names = {**here.names, str(loop.identifier): (*whole, ENTRY) if whole else None, "forloop": None}
        after = [self._node(node.block, replace(here, names=names))]
        after.append(self._node(node.default, here) if node.default else here)
        return _joined(here, after)

    def _render(self, node: RenderNode, here: _Here) -> None:
        if not isinstance(node.name, Literal):
            return
        rendering = Rendering(str(node.name.value), node.name.token.start_index, here.snippet)
        self.renderings.append(rendering)
        for expression in node.expressions():
            self._ask(expression, here, needed=False)
        if rendering.name in here.snippets:
            self.circle = self.circle or rendering
        elif rendering.name in self._snippets and len(self.renderings) <= MAX_RENDERINGS:
            given = {str(argument.name): _names(argument.value, here) for argument in node.args}
            if node.var is not None:
                whole = _names(node.var, here)
                name = str(node.alias or rendering.name)
                given[name] = (*whole, ENTRY) if whole and node.loop else whole
            inside = _Here(given, here.known, (*here.snippets, rendering.name))
            self.read(self._snippets[rendering.name].nodes, inside)

    def _ask(self, expression: Expression, here: _Here, *, needed: bool) -> None:
        """Note the values in an expression; with a default they need not be there, but the last resort must."""
        if isinstance(expression, Path):
            self._note(expression, here, needed=needed)
        elif isinstance(expression, FilteredExpression):
            self._filtered(expression, here, needed=needed)
        else:
            inner = needed and isinstance(expression, RangeLiteral)
            for child in expression.children():
                self._ask(child, here, needed=inner)

    def _filtered(self, expression: FilteredExpression, here: _Here, *, needed: bool) -> None:
        filters = expression.filters or []
        stands_in = [one.name == "default" for one in filters]
        through = next((one.name for one in filters if one.name != "default"), "")
        if isinstance(expression.left, Path):
            self._note(expression.left, here, needed=needed and not any(stands_in[:1]), through=through)
        else:
            self._ask(expression.left, here, needed=needed and not any(stands_in[:1]))
        for number, one in enumerate(filters):
            last_resort = not stands_in[number] or not any(stands_in[number + 1 : number + 2])
            for argument in one.args:
                self._ask(argument.value, here, needed=needed and last_resort)

    def _note(self, path: Path, here: _Here, *, needed: bool, through: str = "") -> None:
        for segment in path.path:
            if isinstance(segment, Path):
                self._note(segment, here, needed=needed)
        names = _names(path, here)
        if names:
            self.uses.append(Use(names, path.token.start_index, here.snippet, needed, here.known, through))


def _names(expression: Any, here: _Here) -> Names | None:
    """The value an expression is, by its names; None if it is none of the facts (or nobody can say)."""
    if isinstance(expression, FilteredExpression):
        return None if expression.filters else _names(expression.left, here)
    if not isinstance(expression, Path):
        return None
    first, rest = expression.path[0], expression.path[1:]
    if not isinstance(first, str):
        return None
    if first in here.names:
        start = here.names[first]
        if start is None:
            return None
    else:
        start = (first,)
    return (*start, *_plain(rest))


def _plain(segments: Iterable[Any]) -> Iterator[str]:
    """The names up to the first that only the data knows; numbers are entries of lists."""
    for segment in segments:
        if isinstance(segment, int):
            yield ENTRY
        elif isinstance(segment, str):
            yield segment
        else:
            return


def _shown(condition: Any, here: _Here) -> frozenset[Names]:
    """What must be there for a condition to be met."""
    if isinstance(condition, BooleanExpression):
        return _shown(condition.expression, here)
    if isinstance(condition, LogicalAndExpression):
        return _shown(condition.left, here) | _shown(condition.right, here)
    compared = isinstance(condition, _SHOWS_PRESENCE) and not _is_nothing(condition)
    denied = isinstance(condition, NeExpression) and _is_nothing(condition)
    asked = [condition.left, condition.right] if compared or denied else [condition]
    return frozenset(names for names in (_names(one, here) for one in asked) if names)


def _is_nothing(comparison: Any) -> bool:
    return isinstance(comparison.left, _NOTHING) or isinstance(comparison.right, _NOTHING)


def _joined(before: _Here, after: list[_Here]) -> _Here:
    """After branches: a name that means one thing after this one and another after that one is the text's own."""
    names = {name for here in after for name in here.names}
    meanings = {name: {here.names.get(name) for here in after} for name in names}
    return replace(before, names={name: kept.pop() if len(kept) == 1 else None for name, kept in meanings.items()})
