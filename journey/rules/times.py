"""Rules about lengths of time."""

from collections.abc import Iterator
from datetime import timedelta

from journey import durations
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem
from journey.steps.wait import Wait, WaitFor
from journey.yaml_tree import Tree

LONG = timedelta(days=400)


def long_wait(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A wait of more than 400 days is odd."""
    for step, path in placed_steps(journey):
        if isinstance(step, Wait):
            for_event = isinstance(step.wait, WaitFor)
            text = step.wait.up_to if isinstance(step.wait, WaitFor) else step.wait
            if durations.parse(text) > LONG:
                place = tree.place((*path, "wait", "up to") if for_event else (*path, "wait"))
                yield Problem(place, f"{text} is a very long wait.", "long-wait", "Is it meant?", warning=True)


def zero_wait(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A wait of no time is odd."""
    for step, path in placed_steps(journey):
        if isinstance(step, Wait):
            text = step.wait.up_to if isinstance(step.wait, WaitFor) else step.wait
            if not durations.parse(text):
                place = tree.place((*path, "wait"))
                yield Problem(place, "This wait takes no time.", "zero-wait", "Give it a length.")
