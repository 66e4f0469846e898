"""What the verbs that read definitions share."""

from __future__ import annotations

from journey.definition import Journey
from journey.library import Library
from journey.problems import did_you_mean, render_all
from workers.mistakes import UserMistake
from workers.publish import checked
from workers.settings import settings_in_force


def library_or_mistakes() -> Library:
    """The definitions in force; every mistake in them otherwise."""
    library, problems, sources = checked(settings_in_force().definitions)
    if library is None:
        raise UserMistake(render_all(problems, sources))
    return library


def journey_named(library: Library, name: str) -> Journey:
    """One journey."""
    if name not in library.journeys:
        raise UserMistake(f'There is no journey "{name}". {did_you_mean(name, library.journeys)}')
    return library.journeys[name]
