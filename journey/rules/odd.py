"""Rules about what works, and is odd: it says more than it does."""

from collections.abc import Iterator
from typing import Any

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem
from journey.steps import Step
from journey.steps.choose import Choose
from journey.steps.repeat import Repeat
from journey.steps.split import Split
from journey.yaml_tree import Tree


def same_branches(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """Two branches of a ``choose`` do the same."""
    for step, path in placed_steps(journey):
        first: dict[str, int] = {}
        for number, branch in enumerate(step.choose if isinstance(step, Choose) else ()):
            does = repr(_bare(branch.steps))
            if branch.steps and does in first:
                message = f"This branch does the same as branch {first[does] + 1}."
                hint = "Make one of the two, with || between their conditions."
                key = "do" if branch.else_ is None else "else"
                yield Problem(tree.place((*path, "choose", number, key)), message, "same-branches", hint, warning=True)
            first.setdefault(does, number)


def _bare(steps: tuple[Step, ...]) -> Any:
    """What steps do, without what they are called."""
    return [_without_ids(step.model_dump(mode="json", by_alias=True)) for step in steps]


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(inner) for key, inner in value.items() if key not in ("id", "was")}
    return [_without_ids(inner) for inner in value] if isinstance(value, list) else value


def choose_without_choice(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``choose`` that has nothing but ``else``."""
    for step, path in placed_steps(journey):
        if isinstance(step, Choose) and len(step.choose) == 1:
            message, hint = "There is nothing to choose from here.", "Write the steps without choose."
            yield Problem(tree.place(path), message, "choose-without-choice", hint, warning=True)


def repeat_once(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``repeat`` of one round."""
    for step, path in placed_steps(journey):
        if isinstance(step, Repeat) and step.repeat.times == 1:
            message, hint = "One round is no repetition.", "Write the steps without repeat."
            yield Problem(tree.place((*path, "repeat", "times")), message, "repeat-once", hint, warning=True)


def empty_arm(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """An arm of a ``split`` that nobody falls into."""
    for step, path in placed_steps(journey):
        for number, arm in enumerate(step.split if isinstance(step, Split) else ()):
            if not arm.share:
                message, hint = f'Nobody falls into "{arm.name}".', "Give it a share, or leave it out."
                yield Problem(tree.place((*path, "split", number)), message, "empty-arm", hint, warning=True)
