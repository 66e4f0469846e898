"""``note: …``: a staff note on the customer's timeline."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from journey.effects import AddNote
from journey.steps.base import Step
from journey.turn import Desk, Move, Next

_PLACE = re.compile(r"\{\{-?\s*([\w.]+)[^}]*\}\}")
"""Where a text names a value: ``{{ start.product.name | default: "lamp" }}``."""


class Note(Step):
    """The note's text (Liquid)."""

    kind: ClassVar[str] = "note"
    note: Annotated[str, Field(min_length=1, max_length=5000, description="the note (Liquid)")]

    def title(self) -> str:
        return "note"

    def words(self) -> str:
        return f"note: {_PLACE.sub(_named, self.note)}"

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        yield ("note",), self.note

    def enter(self, desk: Desk) -> Move:
        desk.writes.append(AddNote(id=desk.effect_id(), text=self.note, vars=dict(desk.vars)))
        return Next()


def _named(place: re.Match[str]) -> str:
    """What is said of a value in a picture: ``[product name]``."""
    return "[" + " ".join(place[1].split(".")[1:]).replace("_", " ") + "]"
