"""Where the expressions and texts of a journey stand, for the rules about them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from journey import conditions, templates
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Place
from journey.steps.base import Use
from journey.typed.infer import Reading
from journey.typed.names import Declared, Names
from journey.typed.names import names as typed_names
from journey.typed.possible import Verdict, look
from journey.typed.syntax import Node, tree
from journey.yaml_tree import Path, Tree

_AT_START = ("event", "customer", "now")
_RUNNING = ("event", "start", "vars", "customer", "now")


def readable(journey: Journey) -> Iterator[tuple[Path, Use]]:
    """The expressions that can be read; what is wrong with the others is told by ``bad-expression``."""
    for path, use in expressions(journey):
        try:
            conditions.compile(use.source)
        except conditions.ExpressionError:
            continue
        yield path, use


@dataclass(frozen=True)
class Read:
    """An expression that was read: its path in the file, its tree, and what its kinds say."""

    path: Path
    use: Use
    node: Node
    reading: Reading

    @cached_property
    def verdict(self) -> Verdict:
        """What the worlds say of it."""
        return look((self.node, self.reading))

    def place(self, tree: Tree, index: int) -> Place:
        """Where a character of the expression stands in the file."""
        return place_in(tree, self.path, self.use.source, *templates.position(self.use.source, index))


def declared(context: Context) -> Declared:
    """What is declared, as kinds."""
    if "declared" not in context.memo:
        context.memo["declared"] = Declared.of(context.events, context.customer)
    found: Declared = context.memo["declared"]
    return found


def names(journey: Journey, context: Context) -> Names:
    """What the names of a journey hold, by the declarations."""
    key = f"names of {journey.journey}"
    if key not in context.memo:
        steps = tuple(step for step, _ in placed_steps(journey))
        context.memo[key] = typed_names(journey, declared(context), steps)
    found: Names = context.memo[key]
    return found


def reads(journey: Journey, context: Context) -> list[Read]:
    """Every readable expression of a journey with its kinds."""
    key = f"reads of {journey.journey}"
    if key not in context.memo:
        known = names(journey, context)
        trees = ((path, use, tree(use.source)) for path, use in readable(journey))
        context.memo[key] = [
            Read(path, use, node, Reading(node, use.source, known.at(use))) for path, use, node in trees
        ]
    found: list[Read] = context.memo[key]
    return found


def _read(path: Path, use: Use, known: Names) -> Read:
    node = tree(use.source)
    return Read(path, use, node, Reading(node, use.source, known.at(use)))


def expressions(journey: Journey) -> Iterator[tuple[Path, Use]]:
    """Every expression of a journey, with its path in the file."""
    if journey.start.if_:
        yield ("start", "if"), Use((), journey.start.if_, _AT_START, event=journey.start.on)
    if journey.start.key:
        yield ("start", "key"), Use((), journey.start.key, _AT_START, condition=False, event=journey.start.on)
    for number, watch in enumerate(journey.exit):
        if watch.if_:
            yield ("exit", number, "if"), Use((), watch.if_, _RUNNING, event=watch.on)
    if journey.goal and journey.goal.if_:
        yield ("goal", "if"), Use((), journey.goal.if_, _RUNNING, event=journey.goal.on)
    for step, path in placed_steps(journey):
        for use in step.uses():
            yield (*path, *use.path), use


def place_of(tree: Tree, path: Path, use: Use, mention: conditions.Mention) -> Place:
    """Where one use of a name in an expression stands."""
    return place_in(tree, path, use.source, *templates.position(use.source, mention.index))


def place_in(tree: Tree, path: Path, source: str, line: int = 1, column: int = 1) -> Place:
    """Where a line and column of an expression stand; what is before it in the value (``= ``) is skipped."""
    value = tree.value(path)
    whole = value if isinstance(value, str) and value.endswith(source) else source
    return tree.inside(path, whole, line, column + (len(whole) - len(source) if line == 1 else 0))


def locator(tree: Tree, path: Path, text: str) -> Callable[[int, int], Place]:
    """Where a line and column of this text stand."""
    return lambda line, column: tree.inside(path, text, line, column)


def kept(journey: Journey) -> frozenset[str]:
    """The variables that a journey declares or that some step of it keeps (``set`` or ``into``)."""
    return frozenset(journey.variables) | frozenset(name for step, _ in placed_steps(journey) for name in step.makes())


def variables(text: str) -> list[templates.Variable]:
    """The uses of ``vars.<name>`` in a text, each with the bare name; nothing if it cannot be read."""
    try:
        used, _ = templates.check(text)
    except templates.TextProblem:
        return []
    names = [(use.path.split("."), use) for use in used]
    return [
        templates.Variable(path[1], use.line, use.column) for path, use in names if path[0] == "vars" and len(path) > 1
    ]
