"""Rules about declared events."""

from collections.abc import Iterator

from journey.declared.event import DeclaredEvent
from journey.places import Context
from journey.problems import Problem
from journey.yaml_tree import Tree


def event_name(event: DeclaredEvent, tree: Tree, context: Context) -> Iterator[Problem]:
    """An event and its file are called otherwise."""
    file = tree.file.rpartition("events/")[2]
    if event.event != file.removesuffix(".yaml").removesuffix(".yml"):
        message = f'The event is called "{event.event}" but its file "{file}".'
        yield Problem(tree.place(("event",)), message, "event-name", "Give both the same name.")


def example_does_not_fit(event: DeclaredEvent, tree: Tree, context: Context) -> Iterator[Problem]:
    """The example of an event is not what its fields say."""
    for violation in event.check(event.example) if event.example is not None else ():
        inside = [int(part) if part.isdigit() else part for part in violation.pointer.split("/")[1:]]
        message = f'"{".".join(map(str, inside))}" of the example {violation.what.removeprefix("It ")}'
        place, remedy = tree.place(("example", *inside)), violation.remedy.replace("Send ", "Write ", 1)
        yield Problem(place, message, "example-does-not-fit", remedy)
