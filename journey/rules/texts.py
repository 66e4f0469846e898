"""Rules about texts: those inside steps, and the messages nobody sends."""

from collections.abc import Iterator

from journey import messages
from journey.definition import Journey
from journey.messages import Message
from journey.places import Context, placed_steps
from journey.problems import Place, Problem
from journey.rules.sources import locator
from journey.yaml_tree import Tree


def bad_text(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A note's or a staff mail's text that cannot be read or uses unknown names; it has the codes of message texts."""
    for step, path in placed_steps(journey):
        for inner, text in step.texts():
            yield from messages.check_text(text, locator(tree, (*path, *inner), text))


def message_unused(message: Message, file: str, context: Context) -> Iterator[Problem]:
    """A text that no journey sends; nobody can tell while a journey cannot be read."""
    if context.sent is not None and message.name not in context.sent:
        hint = "Delete it when no customer who is under way can still get it."
        yield Problem(Place(file), "No journey sends this text.", "message-unused", hint, warning=True)
