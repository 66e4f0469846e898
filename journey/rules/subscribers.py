"""Rules about subscribers."""

from collections.abc import Iterator

from journey import notices
from journey.declared.subscriber import Subscriber
from journey.places import Context
from journey.problems import Problem, did_you_mean
from journey.yaml_tree import Tree


def subscriber_name(subscriber: Subscriber, tree: Tree, context: Context) -> Iterator[Problem]:
    """A subscriber and its file are called otherwise."""
    file = tree.file.rpartition("subscribers/")[2]
    if subscriber.subscriber != file.removesuffix(".yaml").removesuffix(".yml"):
        message = f'The subscriber is called "{subscriber.subscriber}" but its file "{file}".'
        yield Problem(tree.place(("subscriber",)), message, "subscriber-name", "Give both the same name.")


def unknown_change(subscriber: Subscriber, tree: Tree, context: Context) -> Iterator[Problem]:
    """It wants to be told what never happens."""
    for number, pattern in enumerate(subscriber.changes):
        if not any(notices.wanted((pattern,), kind) for kind in notices.TYPES):
            hint = did_you_mean(pattern, notices.TYPES) or f"For example {', '.join(list(notices.TYPES)[:3])}."
            place = tree.place(("changes", number))
            yield Problem(place, f'Nothing here is called "{pattern}".', "unknown-change", hint)
