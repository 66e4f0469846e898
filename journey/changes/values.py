"""What a step or a frame says itself, without the steps inside, and how a change of it is told."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from journey import durations
from journey.shape import BLOCKS
from journey.time import lengths

TEXTS = ("text", "note", "title")
"""Keys whose words are not repeated in a sentence."""
SENDS = ("send", "ask")
_WAITS = {"wait": "waits", "up to": "waits at most"}

Path = tuple[str, ...]


def own(value: Any) -> dict[Path, Any]:
    """Every value a step says, by its path; entries of lists by what names them. Steps inside are left out."""
    return dict(_flat((), value))


def _flat(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in (*BLOCKS, "id", "was", "kind", "on_failure"):
                yield from _flat((*path, key), inner)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            yield from _flat((*path, _name(item, number)), item)
    else:
        yield path, value


def _name(item: Mapping[str, Any], number: int) -> str:
    """An entry of a list of branches by its name or event; a branch with only a condition by its place."""
    return str(item.get("as") or item.get("for") or item.get("on") or number + 1)


def compared(old: Mapping[Path, Any], new: Mapping[Path, Any]) -> Iterator[tuple[Path, Any, Any]]:
    """The values that differ, in the order in which they are written; None for one that is not there."""
    for path in dict.fromkeys((*old, *new)):
        if old.get(path) != new.get(path):
            yield path, old.get(path), new.get(path)


def told(what: str, path: Path, old: Any, new: Any) -> tuple[str, str]:
    """The kind of a change and its sentence. ``what`` is the thing that says it."""
    key = path[-1] if path else ""
    whole = _part(what, path)
    difference = _longer(old, new)
    if difference is not None:
        word = "longer" if difference > timedelta() else "shorter"
        verb = _WAITS.get(key, f"{' '.join(path)} is")
        return f"wait-{word}", f"{whole} {verb} {durations.say(abs(difference))} {word}: {new} instead of {old}."
    if key in ("if", "until"):
        return "condition", _condition(whole, old, new)
    if key == "percent" and None not in (old, new):
        return "share", f"{what}: the share of {path[-2]} is {new:g} instead of {old:g} percent."
    if key in SENDS and None not in (old, new):
        return "message", f"{whole} sends {new} instead of {old}."
    if key in TEXTS and None not in (old, new):
        return "text", f"{whole} says something else."
    return "value", _value(whole, path, old, new)


def _part(what: str, path: Path) -> str:
    """The thing, or the branch of it that a condition belongs to."""
    if len(path) < 2 or path[-1] not in ("if", "into") or path[-2] in ("wait", "repeat", "start"):
        return what
    return f"Branch {path[-2]} of {what}" if path[-2].isdigit() else f'"{path[-2]}" in {what}'


def _condition(what: str, old: Any, new: Any) -> str:
    if old is None:
        return f"{what} has a condition now: {new}"
    if new is None:
        return f"{what} has no condition any more; it was: {old}"
    return f"{what} has another condition: {new} (it was: {old})"


def _value(what: str, path: Path, old: Any, new: Any) -> str:
    words = " ".join(path)
    if old is None:
        return f"{what}: {words} is {say(new)} now."
    if new is None:
        return f"{what}: {words} is not said any more (it was {say(old)})."
    return f"{what}: {words} is {say(new)} instead of {say(old)}."


def say(value: Any) -> str:
    """A value in a sentence."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _longer(old: Any, new: Any) -> timedelta | None:
    """How much longer a length of real time has become; None if these are not two lengths of the same sort."""
    try:
        before, after = lengths.parse(old).real, lengths.parse(new).real
    except (ValueError, AttributeError, TypeError):
        return None
    return after - before if before is not None and after is not None and before != after else None
