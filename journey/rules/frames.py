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


def goal_never_reached(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """An exit takes every event that could be the goal: exits are asked first."""
    for number, watch in enumerate(journey.exit):
        if journey.goal is not None and watch.on == journey.goal.on and watch.if_ in (None, journey.goal.if_):
            message = f"The goal is never reached: every {watch.on} that could reach it ends the journey here."
            yield Problem(tree.place(("exit", number, "on")), message, "goal-never-reached", "Add an if: to the exit.")


def same_outcome(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """An exit gives the same outcome as the goal, so nobody can tell success from failure."""
    for number, watch in enumerate(journey.exit):
        if journey.goal is not None and watch.as_ == journey.goal.as_:
            message = f'The goal has the outcome "{watch.as_}", too: nobody can tell the two apart.'
            hint = "Give the exit another word."
            yield Problem(tree.place(("exit", number, "as")), message, "same-outcome", hint, warning=True)
