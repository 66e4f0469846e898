"""The head of a message file: ``key: text`` lines between two lines of ``---``.

It is no YAML: a subject may hold colons and quotes as they come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from journey.channels import EMAIL, TITLED
from journey.problems import Place, Problem, did_you_mean
from journey.texts import locales, scales, tracking

KEYS = (
    "subject",
    "preheader",
    "because",
    "class",
    "topic",
    "layout",
    "language",
    "survey",
    "question",
    "thread",
    "track",
)
_LETTERS_ONLY = ("subject", "preheader", "because", "layout", "survey", "question", "thread", "track")
CLASSES = ("lifecycle", "transactional", "legal")
TOPIC = re.compile(r"[a-z][a-z0-9-]{0,39}")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?\n?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """One line of the head: its text, where the text stands, and whether quotes stand around it."""

    text: str
    place: Place
    key: Place
    quoted: bool = False

    def at(self, _: int, column: int) -> Place:
        """Where a column of the text stands."""
        return Place(self.place.file, self.place.line, self.place.column + column - 1 + self.quoted)


def split(text: str) -> tuple[str, str] | None:
    """The head and everything up to its end, or None if the file has no head."""
    front = _FRONT.match(text)
    return (front.group(1), front.group(0)) if front else None


def read(text: str, file: str, channel: str = EMAIL) -> tuple[dict[str, Line], list[Problem]]:
    """The lines of the head of a text for a channel, and every problem at its place."""
    lines: dict[str, Line] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 2):
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, rest = line.partition(":")
        start = len(key) + 1 + len(rest) - len(rest.lstrip()) + 1
        said = _unquoted(rest.strip())
        quoted = len(said) < len(rest.strip())
        found = Line(said, Place(file, number, start), Place(file, number, 1), quoted)
        key = key.strip()
        if not colon or key not in KEYS:
            hint = did_you_mean(key, KEYS)
            problems.append(Problem(found.key, f'"{key[:40]}" is not known here.', "unknown-key", hint))
        elif key in lines:
            first = lines[key].key
            message = f'"{key}" is already written at line {first.line}, column {first.column}.'
            problems.append(Problem(found.key, message, "duplicate-key", "Keep one of the two."))
        else:
            lines[key] = found
    return lines, problems + _check(lines, file, channel)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _check(head: dict[str, Line], file: str, channel: str) -> list[Problem]:
    problems = [*_misplaced(head, channel)]
    if channel in TITLED and ("subject" not in head or not head["subject"].text):
        place = head["subject"].place if "subject" in head else Place(file)
        problems.append(Problem(place, "The message has no subject.", "message-head", "Write: subject: …"))
    if "class" in head and head["class"].text not in CLASSES:
        message = "The class is lifecycle, transactional or legal."
        problems.append(Problem(head["class"].place, message, "message-class"))
    if "topic" in head and not TOPIC.fullmatch(head["topic"].text):
        message = f'"{head["topic"].text}" cannot be a topic.'
        hint = "Write one word in small letters, for example tips or product-news."
        problems.append(Problem(head["topic"].place, message, "message-topic", hint))
    if "track" in head and not set(tracking.words(head["track"].text)) <= {*tracking.WHAT, tracking.NONE}:
        message = f'"{head["track"].text[:40]}" cannot be noted of a letter.'
        hint = "Write clicks, opens, both with a comma between them, or none."
        problems.append(Problem(head["track"].place, message, "unknown-tracking", hint))
    if "thread" in head and not TOPIC.fullmatch(head["thread"].text):
        message = f'"{head["thread"].text}" cannot be the name of a conversation.'
        hint = "Write one word in small letters, for example complaint; letters with the same word stand together."
        problems.append(Problem(head["thread"].place, message, "thread-name", hint))
    if "survey" in head and head["survey"].text not in scales.KINDS:
        message = f'"{head["survey"].text[:40]}" is no scale.'
        hint = f"Write {', '.join(scales.KINDS[:-1])} or {scales.KINDS[-1]}."
        problems.append(Problem(head["survey"].place, message, "unknown-scale", hint))
    if "language" in head and not locales.tag(head["language"].text):
        message = f'"{head["language"].text[:40]}" is no language.'
        problems.append(Problem(head["language"].place, message, "unknown-language", "Write for example en or de-AT."))
    return problems


def _misplaced(head: dict[str, Line], channel: str) -> Iterator[Problem]:
    """What only letters have, in a text for another channel."""
    for key in _LETTERS_ONLY if channel != EMAIL else ():
        if key in head and not (key == "subject" and channel in TITLED):
            message = f'A text for {channel} has no "{key}".'
            yield Problem(head[key].key, message, "channel-head", "Remove this line.")
