"""Rules about values that are written as they are."""

from collections.abc import Iterator

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem
from journey.steps.set import Set
from journey.yaml_tree import Tree


def yes_or_no(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """``yes`` and ``no`` are words in YAML 1.2, and a condition on them would quietly be false."""
    declared = context.customer.attributes if context.customer is not None and context.events else {}
    for step, path in placed_steps(journey):
        for target, value in step.set.items() if isinstance(step, Set) else ():
            if target.removeprefix("customer.") in declared:
                continue  # unfit-attribute tells it better
            if target.removeprefix("vars.") in journey.variables:
                continue  # its type says that it is a word
            if isinstance(value, str) and value.lower() in ("yes", "no", "on", "off"):
                message = f'This is the word "{value}".'
                hint = "For a value that is true or false in conditions, write true or false."
                yield Problem(tree.place((*path, "set", target)), message, "yes-or-no", hint, warning=True)
