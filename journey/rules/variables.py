"""Rules about variables: what is read has to be kept before."""

from collections.abc import Iterator

from journey import conditions
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Place, Problem, did_you_mean
from journey.rules.sources import expressions, kept, locator, place_of, readable, variables
from journey.steps import Step
from journey.steps.trying import FAILURE
from journey.yaml_tree import Path, Tree


def unset_variable(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """``vars.answer`` is used, but nothing in this journey keeps it."""
    known = kept(journey)
    for path, use in expressions(journey):
        for mention in conditions.mentions(use.source) if "vars" in use.names else ():
            if mention.root == "vars" and mention.field and mention.field not in known:
                yield _unset(place_of(tree, path, use, mention), mention.field, known)
    for step, path in placed_steps(journey):
        for inner, text in step.texts():
            used = [variable for variable in variables(text) if variable.path not in known]
            at = locator(tree, (*path, *inner), text)
            yield from (_unset(at(variable.line, variable.column), variable.path, known) for variable in used)


def _unset(place: Place, name: str, known: frozenset[str]) -> Problem:
    message = f'Nothing in this journey keeps "vars.{name}".'
    return Problem(place, message, "unset-variable", _keep(name, known))


def _keep(name: str, known: frozenset[str]) -> str:
    hint = did_you_mean(f"vars.{name}", {f"vars.{one}" for one in known})
    return hint or f"Keep it before, with set: or into: {name}."


def unread_variable(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A variable is kept, and nothing ever reads it; nobody can tell while a text or an expression cannot be read."""
    unknown = any(name not in context.texts for step, _ in placed_steps(journey) for name in step.letters())
    if unknown or len(list(readable(journey))) < len(list(expressions(journey))):
        return
    mentioned = [mention for _, use in expressions(journey) for mention in conditions.mentions(use.source)]
    if any(mention.root == "vars" and not mention.field for mention in mentioned):
        return
    read = {mention.field for mention in mentioned if mention.root == "vars"}
    read |= {one.path for step, _ in placed_steps(journey) for _, text in step.texts() for one in variables(text)}
    read |= {name for step, _ in placed_steps(journey) for text in step.letters() for name in _in_letter(context, text)}
    for step, path in placed_steps(journey):
        for name in step.makes():
            if name not in read and name != FAILURE:  # it is kept for whoever wants it
                message, hint = f"Nothing in this journey reads vars.{name}.", "Leave it out, or use it."
                yield Problem(_kept_at(tree, path, step, name), message, "unread-variable", hint, warning=True)


def _in_letter(context: Context, name: str) -> Iterator[str]:
    """The variables that a message reads in any of its languages, its layout and snippets included."""
    if context.askings is not None:
        for wording in context.askings.texts.wordings.get(name, {}).values():
            for asking in context.askings.of(wording):
                used = (one.use.names for one in asking.values)
                yield from (names[1] for names in used if names[0] == "vars" and len(names) > 1)


def _kept_at(tree: Tree, path: Path, step: Step, name: str) -> Place:
    """Where a step says that it keeps a variable."""
    ways: list[Path] = [("set", f"vars.{name}"), (step.kind, "into"), ("into",)]
    listed = tree.value((*path, step.kind))
    if isinstance(listed, list):
        ways += [(step.kind, number, "into") for number, _ in enumerate(listed)]
    for way in ways:
        if tree.value((*path, *way)) is not None and (way[-1] != "into" or tree.value((*path, *way)) == name):
            return tree.place((*path, *way), key=way[0] == "set")
    return tree.place(path)
