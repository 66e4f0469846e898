"""Rules about variables: what is read has to be kept before."""

from collections.abc import Iterator

from journey import conditions
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Place, Problem, did_you_mean
from journey.rules.sources import expressions, kept, locator, place_of, variables
from journey.yaml_tree import Tree


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
