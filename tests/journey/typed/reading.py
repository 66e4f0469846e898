"""Expressions read with the names that the tests declare (``tests.journey.folders.DECLARED``)."""

from collections.abc import Mapping
from functools import cache

from journey.library import Library
from journey.load import load
from journey.typed.infer import Reading
from journey.typed.kinds import Kind
from journey.typed.names import Declared, Names, names
from journey.typed.syntax import Node, tree
from tests.journey.folders import DECLARED, folder


@cache
def library() -> Library:
    """A journey with the declared events."""
    files = folder("  - wait: {for: survey.answered, up to: 1 day, into: answer}\n  - send: a\n")
    files["story.yaml"] = files["story.yaml"].replace("{on: began}", "{on: purchase.completed}")
    return load({**files, **DECLARED})


@cache
def known() -> Names:
    """What its names hold."""
    journey = library().journeys["story"]
    return names(journey, Declared.of(library().events, library().customer), journey.steps)


@cache
def _declared() -> dict[str, Kind]:
    found = known()
    return {"event": found.start, "start": found.start, "customer": found.customer, "vars": found.vars}


def read(source: str, given: Mapping[str, Kind] | None = None) -> tuple[Node, Reading]:
    """The tree and the kinds of an expression."""
    node = tree(source)
    return node, Reading(node, source, given if given is not None else _declared())
