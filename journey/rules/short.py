"""Rules about short messages: what they cost, and what makes them cost more."""

import re
from collections.abc import Iterator

from journey.channels import split
from journey.places import Context
from journey.problems import Place, Problem
from journey.texts import markdown, short
from journey.texts.folder import Texts

LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
MANY = 3
"""So many segments are usual at most."""


def sms_too_long(texts: Texts, context: Context) -> Iterator[Problem]:
    """A short message is cut into many segments, each of which is paid for, or is longer than any provider takes."""
    for file, line, text in _written(texts):
        found = short.length(text)
        said = f"This text takes {found.segments} segments ({found.places} places) without what is put in"
        if found.segments > short.MOST_SEGMENTS:
            message = f"{said}; providers take {short.MOST_SEGMENTS}."
            yield Problem(Place(file, line), message, "sms-too-long", "Shorten it, or send a link.")
        elif found.segments > MANY:
            hint = "Each is paid for: shorten it, or send a link."
            yield Problem(Place(file, line), f"{said}.", "sms-too-long", hint, warning=True)


def sms_signs(texts: Texts, context: Context) -> Iterator[Problem]:
    """A sign that is not in the alphabet of short messages: each segment of the whole text has 70 places, not 160."""
    for file, line, text in _written(texts):
        found = short.length(text)
        usual = short.length("".join(sign for sign in text if sign not in found.wide))
        if found.wide and found.segments > usual.segments:
            signs = " ".join(found.wide[:8])
            message = f"Because of {signs} this text takes {found.segments} segments, not {usual.segments}."
            hint = "Write a plain sign for it, for example ' and - and ...; or leave it, if the language needs it."
            yield Problem(Place(file, line), message, "sms-signs", hint, warning=True)


def _written(texts: Texts) -> Iterator[tuple[str, int, str]]:
    """The short messages as they are written, without what is put in: file, line, text."""
    for name, wordings in texts.wordings.items():
        if split(name)[1] == "sms":
            for wording in wordings.values():
                words = markdown.to_text(LIQUID.sub("", wording.message.body)).strip()
                yield wording.piece.file, wording.message.body_line, words
