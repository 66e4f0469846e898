"""The rules about expressions and texts: what cannot be read, which names are known, which variables were ever kept."""

from collections.abc import Callable, Iterable, Iterator

from journey import conditions, messages, templates
from journey.definition import Journey
from journey.messages import Message
from journey.places import Context, placed_steps
from journey.problems import Place, Problem, did_you_mean
from journey.steps import Step
from journey.steps.base import Use
from journey.steps.note import Note
from journey.steps.notify import Notify
from journey.steps.send import Send
from journey.yaml_tree import Path, Tree

_AT_START = ("event", "customer", "now")
_RUNNING = ("event", "start", "vars", "customer", "now")


def expressions(journey: Journey) -> Iterator[tuple[Path, Use]]:
    """Every expression of a journey, with its path in the file."""
    if journey.start.if_:
        yield ("start", "if"), Use((), journey.start.if_, _AT_START)
    if journey.start.key:
        yield ("start", "key"), Use((), journey.start.key, _AT_START, condition=False)
    for number, watch in enumerate(journey.exit):
        if watch.if_:
            yield ("exit", number, "if"), Use((), watch.if_, _RUNNING)
    if journey.goal and journey.goal.if_:
        yield ("goal", "if"), Use((), journey.goal.if_, _RUNNING)
    for step, path in placed_steps(journey):
        for use in step.uses():
            yield (*path, *use.path), use


def bad_expression(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """An expression that cannot be read, uses a name that is not there, or is no condition."""
    for path, use in expressions(journey):
        try:
            conditions.compile(use.source)
        except conditions.ExpressionError as error:
            hint = error.hint or (_known(error.unknown, use.names) if error.unknown else "")
            yield Problem(_inside(tree, path, use.source, error.line, error.column), str(error), "bad-expression", hint)
            continue
        if use.condition and not conditions.returns_boolean(use.source):
            hint = 'Write a comparison, for example event.plan == "pro".'
            message = "This is not a condition: it is not true or false."
            yield Problem(_inside(tree, path, use.source), message, "not-a-condition", hint)
        yield from _names(tree, path, use)


def _known(word: str, names: tuple[str, ...]) -> str:
    hint = did_you_mean(word, names)
    return hint if hint.startswith("Did") else f"{hint} A text stands between quotation marks."


def _names(tree: Tree, path: Path, use: Use) -> Iterator[Problem]:
    for mention in conditions.mentions(use.source):
        place = _mentioned(tree, path, use, mention)
        if mention.root not in use.names:
            hint = f"Known here: {', '.join(use.names)}."
            yield Problem(place, f'"{mention.root}" cannot be used here.', "name-not-here", hint)
        elif mention.root == "customer" and not mention.field:
            message = "The whole customer cannot be used here, only its fields."
            hint = "For example customer.plan, or has(customer.plan) to ask whether it is known."
            yield Problem(place, message, "whole-customer", hint)


def _mentioned(tree: Tree, path: Path, use: Use, mention: conditions.Mention) -> Place:
    return _inside(tree, path, use.source, *templates.position(use.source, mention.index))


def _inside(tree: Tree, path: Path, source: str, line: int = 1, column: int = 1) -> Place:
    """Where a line and column of an expression stand; what is before it in the value (``= ``) is skipped."""
    value = tree.value(path)
    whole = value if isinstance(value, str) and value.endswith(source) else source
    return tree.inside(path, whole, line, column + (len(whole) - len(source) if line == 1 else 0))


def texts(step: Step) -> Iterator[tuple[Path, str]]:
    """The Liquid texts inside a step."""
    if isinstance(step, Note):
        yield ("note",), step.note
    if isinstance(step, Notify):
        yield ("text",), step.text


def bad_text(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A note's or a staff mail's text that cannot be read or uses unknown names."""
    for step, path in placed_steps(journey):
        for inner, text in texts(step):
            yield from messages.check_text(text, _locator(tree, (*path, *inner), text))


def _locator(tree: Tree, path: Path, text: str) -> Callable[[int, int], Place]:
    """Where a line and column of this text stand."""
    return lambda line, column: tree.inside(path, text, line, column)


def kept(journey: Journey) -> frozenset[str]:
    """The variables that some step of a journey keeps (``set`` or ``into``)."""
    return frozenset(name for step, _ in placed_steps(journey) for name in step.makes())


def unset_variable(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """``vars.answer`` is used, but nothing in this journey keeps it."""
    known = kept(journey)
    for path, use in expressions(journey):
        for mention in conditions.mentions(use.source) if "vars" in use.names else ():
            if mention.root == "vars" and mention.field and mention.field not in known:
                yield _unset(_mentioned(tree, path, use, mention), mention.field, known)
    for step, path in placed_steps(journey):
        for inner, text in texts(step):
            used = [variable for variable in _variables(text) if variable.path not in known]
            at = _locator(tree, (*path, *inner), text)
            yield from (_unset(at(variable.line, variable.column), variable.path, known) for variable in used)
        for key, name in step.messages() if isinstance(step, Send) else ():
            if name in context.texts:
                yield from _unset_in_message(context, context.texts[name], known, tree.place((*path, key)))


def _unset(place: Place, name: str, known: frozenset[str]) -> Problem:
    message = f'Nothing in this journey keeps "vars.{name}".'
    return Problem(place, message, "unset-variable", _keep(name, known))


def _keep(name: str, known: frozenset[str]) -> str:
    hint = did_you_mean(f"vars.{name}", {f"vars.{one}" for one in known})
    return hint or f"Keep it before, with set: or into: {name}."


def _unset_in_message(context: Context, text: Message, known: frozenset[str], place: Place) -> Iterator[Problem]:
    """A sent text uses what this journey never keeps; only a warning if another journey that sends it does."""
    written = {variable.path: variable.line + text.body_line - 1 for variable in reversed(_variables(text.body))}
    for name in {variable.path: 0 for part in (text.subject, text.preheader) for variable in _variables(part)}:
        written[name] = 2
    for name, line in sorted(written.items()):
        if name not in known:
            message = f'The text "{text.name}" uses vars.{name} (line {line}), which nothing in this journey keeps.'
            meant = name in context.kept.get(text.name, frozenset())
            yield Problem(place, message, "unset-variable", _keep(name, known), warning=meant)


def _variables(text: str) -> list[templates.Variable]:
    """The uses of ``vars.<name>`` in a text, each with the bare name; nothing if it cannot be read."""
    try:
        used, _ = templates.check(text)
    except templates.TextProblem:
        return []
    names = [(use.path.split("."), use) for use in used]
    return [
        templates.Variable(path[1], use.line, use.column) for path, use in names if path[0] == "vars" and len(path) > 1
    ]


def unused_messages(journeys: Iterable[Journey], files: dict[str, str]) -> Iterator[Problem]:
    """Texts that no journey sends; ``files`` maps their names to their files."""
    sends = [step for journey in journeys for step, _ in placed_steps(journey) if isinstance(step, Send)]
    sent = {name for step in sends for _, name in step.messages()}
    for name, file in sorted(files.items()):
        if name not in sent:
            hint = "Delete it when no customer who is under way can still get it."
            yield Problem(Place(file), "No journey sends this text.", "message-unused", hint, warning=True)
