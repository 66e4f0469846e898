"""Rules about paths: what cannot be reached, what never ends."""

from collections.abc import Iterator

from journey import flow
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem
from journey.yaml_tree import Tree


def unreachable_step(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A step that no customer can reach; only the first of a row is told."""
    if len(journey.spots) < sum(1 for _ in placed_steps(journey)):
        return  # two steps have one id: nobody can say which is meant
    reachable = flow.reachable(journey)
    last_unreachable = False
    for step, path in placed_steps(journey):
        if step.id not in reachable and not last_unreachable:
            message = "This step can never be reached: the journey has always ended or gone elsewhere before it."
            yield Problem(tree.place(path), message, "unreachable-step", "Move it up or delete it.")
        last_unreachable = step.id not in reachable


def endless_loop(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A way back without a wait would never end."""
    endless = set(flow.endless(journey))
    for step, path in placed_steps(journey):
        if step.id in endless:
            hint = "Put a wait into the loop, or use repeat."
            message = "This leads back to itself without a wait, for ever."
            yield Problem(tree.place((*path, "goto")), message, "endless-loop", hint)


def closing_waits(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """Closing steps of an exit or goal are done at once; they cannot wait or jump."""
    closing = set(flow.closing_steps(journey))
    for step, path in placed_steps(journey):
        if step.id in closing and (step.may_rest() or step.goes_to()):
            message = f"A {step.kind} cannot stand in the closing steps of an exit or goal."
            hint = "Closing steps are done at once: send, notify, set, note, choose."
            yield Problem(tree.place(path), message, "closing-waits", hint)
