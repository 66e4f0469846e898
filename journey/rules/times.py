"""Rules about lengths of time."""

from collections.abc import Iterator
from datetime import timedelta

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem
from journey.time import lengths
from journey.time.lengths import Length
from journey.yaml_tree import Tree

LONG, LONG_DAYS, LONG_MONTHS = timedelta(days=400), 250, 13


def _is_long(length: Length) -> bool:
    if length.days is not None:
        return length.days > LONG_DAYS
    if length.months is not None:
        return length.months > LONG_MONTHS
    return length.real is not None and length.real > LONG


def long_wait(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A wait of more than 400 days, 250 business days or 13 months is odd."""
    for step, path in placed_steps(journey):
        for inside, text in step.lengths():
            if _is_long(lengths.parse(text)):
                place = tree.place((*path, *inside))
                yield Problem(place, f"{text} is a very long wait.", "long-wait", "Is it meant?", warning=True)


def zero_wait(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A wait of no time is odd."""
    for step, path in placed_steps(journey):
        for inside, text in step.lengths():
            if lengths.parse(text).nothing:
                place = tree.place((*path, *inside))
                yield Problem(place, "This wait takes no time.", "zero-wait", "Give it a length.")
