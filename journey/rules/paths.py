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
        if step.id in closing and (step.may_rest() or step.goes_to() or step.beside()):
            kind = f"{step.kind} that waits for its time" if step.beside() else step.kind
            message = f"A {kind} cannot stand in the closing steps of an exit or goal."
            hint = "Closing steps are done at once: send, notify, set, note, choose."
            yield Problem(tree.place(path), message, "closing-waits", hint)


AT_ONCE = 3
"""How many messages may go out without time between them before it is odd."""


def same_message_twice(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """The same message is sent twice, with no time between."""
    before = flow.preceding(journey)
    for step, path in placed_steps(journey):
        for name in step.sends():
            earlier = [other for other in flow.at_once_before(journey, before, step.id) if name in other.sends()]
            if earlier:
                message = f'"{name}" was sent by {earlier[0].id} a moment before.'
                hint = "Put a wait between, or send it once."
                yield Problem(tree.place(path), message, "same-message-twice", hint, warning=True)
                break


def many_messages(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """More than a few messages go out at once."""
    counts = flow.sent_at_once(journey, flow.preceding(journey))
    for step, path in placed_steps(journey):
        if step.sends() and counts.get(step.id) == AT_ONCE:
            message = f"This is message {AT_ONCE + 1} that goes out with no time between."
            hint = "Put a wait between them, or write one letter."
            yield Problem(tree.place(path), message, "many-messages", hint, warning=True)


def goto_next(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``goto`` names the step that comes next anyway."""
    for step, path in placed_steps(journey):
        spot = journey.spots.get(step.id)
        if spot is not None and step.goes_to() is not None and step.goes_to() == spot.after:
            message = f'"{spot.after}" comes next anyway.'
            yield Problem(tree.place(path), message, "goto-next", "Leave the goto out.", warning=True)
