"""Rules about the frame of a journey: its ids, what begins it and what ends it."""

from collections.abc import Iterator

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Place, Problem
from journey.yaml_tree import Tree


def duplicate_step_id(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """Two steps have the same id."""
    first: dict[str, Place] = {}
    for step, path in placed_steps(journey):
        place = tree.place((*path, "id"))
        if step.id in first:
            message = f'Another step is already called "{step.id}" (line {first[step.id].line}).'
            yield Problem(place, message, "duplicate-step-id", "Give each step its own id.")
        first.setdefault(step.id, place)


def start_is_exit(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """The same event starts and ends a journey without a condition that tells them apart."""
    for number, watch in enumerate(journey.exit):
        if watch.on == journey.start.on and watch.if_ is None:
            message = f"{watch.on} both starts and ends this journey."
            hint = "Add an if: that tells them apart."
            yield Problem(tree.place(("exit", number, "on")), message, "start-is-exit", hint)
