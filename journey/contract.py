"""What journeys need of the events they hear, and whether what an upstream system sends is enough.

A need is a value that some journey reads of an event: in a condition on it, as ``start.*`` later on, as a variable that
keeps it, or in a message text. A need that the author has provided for (``has(…)``, ``.?``, a default in a text) is
optional.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from journey import conditions
from journey.declared import json_schema
from journey.definition import Journey
from journey.library import Library
from journey.places import placed_steps
from journey.rules.sources import expressions
from journey.texts import uses
from journey.texts.folder import tree as text_tree
from journey.typed.syntax import Name, Node, Select, inside
from journey.typed.syntax import tree as expression_tree

Names = tuple[str, ...]


@dataclass(frozen=True, order=True)
class Need:
    """One value that a journey reads of an event: its path in the data, and where it is read."""

    event: str
    path: Names
    journey: str
    where: str
    optional: bool = False


@dataclass(frozen=True, order=True)
class Gap:
    """A need that a schema does not meet. ``breaks``: the journey does something else than its author meant; otherwise
    it may, or has provided for it."""

    event: str
    path: Names
    journey: str
    where: str
    what: str
    breaks: bool

    def sentence(self) -> str:
        """The whole of it for a person."""
        effect = "breaks" if self.breaks else "may go another way"
        return f"/{'/'.join(self.path)}: {self.what} {self.journey} {effect} ({self.where})."


def needs(library: Library) -> list[Need]:
    """What every journey needs, by event and path."""
    return sorted({need for journey in library.journeys.values() for need in _of(journey, library)})


def hears(library: Library) -> dict[str, list[str]]:
    """Each event type that some journey starts with or hears, with these journeys."""
    found: dict[str, set[str]] = {}
    for name, journey in library.journeys.items():
        for kind in (journey.start.on, *journey.hears):
            found.setdefault(kind, set()).add(name)
    return {kind: sorted(names) for kind, names in sorted(found.items())}


def schema(library: Library, event: str) -> dict[str, Any]:
    """What the journeys need of one type of event, as JSON Schema (2020-12): every needed path, its kind as far as it
    is declared, and who needs it."""
    declared = library.events.get(event)
    whole = json_schema.exported(declared) if declared is not None else {}
    made: dict[str, Any] = {
        "$schema": json_schema.DIALECT,
        "$id": f"urn:wayfare:contract:{event}",
        "title": declared.title if declared is not None else event,
        "type": "object",
        "properties": {"customer": {"type": "object", "description": "whom it is about"}},
        "required": ["customer"],
    }
    mine = [need for need in needs(library) if need.event == event]
    for path in sorted({need.path for need in mine}):
        asking = [need for need in mine if need.path == path]
        said = f"needed by {', '.join(sorted({f'{need.journey} ({need.where})' for need in asking}))}"
        required = not all(need.optional for need in asking) and _promised(whole, path)
        _put(made, path, _kind_at(whole, path), said, required=required)
    return made


def gaps(library: Library, event: str, given: Mapping[str, Any]) -> list[Gap]:
    """The needs that events of this schema would not meet, those that break something first."""
    declared = library.events.get(event)
    whole = json_schema.exported(declared) if declared is not None else {}
    found = []
    for need in needs(library):
        if need.event == event and (gap := _gap(need, given, _kind_at(whole, need.path))) is not None:
            found.append(gap)
    return sorted(found, key=lambda gap: (not gap.breaks, gap))


# What a journey needs


def _of(journey: Journey, library: Library) -> Iterator[Need]:
    kept = _kept(journey)
    for place, use in expressions(journey):
        try:
            root = expression_tree(use.source)
        except conditions.ExpressionError:
            continue
        where = ".".join(str(part) for part in place)
        for names, optional in _reads(root):
            yield from _needs(journey, kept, use.event, names, where, optional=optional)
    for step, _ in placed_steps(journey):
        for name in step.letters():
            for names, optional in _in_text(library, name):
                yield from _needs(journey, kept, "", names, f"the text {name}", optional=optional)


def _kept(journey: Journey) -> dict[str, list[str]]:
    """The variables that keep an event, with its types."""
    found: dict[str, list[str]] = {}
    for step, _ in placed_steps(journey):
        for variable, event in step.takes():
            found.setdefault(variable, []).append(event)
    return found


def _needs(
    journey: Journey, kept: Mapping[str, Iterable[str]], event: str, names: Names, where: str, *, optional: bool
) -> Iterator[Need]:
    """The needs behind one name: ``event.x``, ``start.x``, ``vars.kept.x``."""
    root, *path = names
    if root == "vars" and path:
        variable, *path = path
        events = list(kept.get(variable, ()))
    else:
        events = [event] if root == "event" and event else [journey.start.on] if root == "start" else []
    for one in events if path else ():
        yield Need(one, tuple(path), journey.journey, where, optional)


def _reads(root: Node) -> Iterator[tuple[Names, bool]]:
    """Every value an expression reads, and whether it can do without it."""
    found = list(_trails(root))
    asked = [names for names, optional in found if optional]
    for names, optional in found:
        yield names, optional or any(names[: len(one)] == one for one in asked)


def _trails(node: Node) -> Iterator[tuple[Names, bool]]:
    names, optional = _trail(node)
    if names:
        yield names, optional
        return
    for part in inside(node):
        yield from _trails(part)


def _trail(node: Node) -> tuple[Names, bool]:
    """``event.product.sku`` as its names; nothing for what is no chain of fields."""
    if isinstance(node, Name):
        return (node.name,), False
    if isinstance(node, Select):
        before, optional = _trail(node.of)
        return ((*before, node.field), optional or node.tested or node.optional) if before else ((), False)
    return (), False


def _in_text(library: Library, name: str) -> Iterator[tuple[Names, bool]]:
    message = library.messages.get(name)
    for text in (message.subject, message.preheader, message.body) if message is not None else ():
        read = text_tree(text)
        for use in uses.find(read, {}).uses if read is not None else ():
            path = use.names[: use.names.index(uses.ENTRY)] if uses.ENTRY in use.names else use.names
            if path and path[-1] != "size":
                yield path, not use.needed or any(path[: len(one)] == one for one in use.known)


# Schemas


def _promised(whole: Mapping[str, Any], path: Names) -> bool:
    """Whether the declaration says that a value is always there; without one it has to be."""
    found: Any = whole
    for name in path if whole else ():
        if name not in found.get("required", ()):
            return False
        found = found.get("properties", {}).get(name, {})
    return True


def _kind_at(whole: Mapping[str, Any], path: Names) -> dict[str, Any]:
    """What is declared of a value, without its inside."""
    found: Any = whole
    for name in path:
        found = found.get("properties", {}).get(name, {}) if isinstance(found, Mapping) else {}
    return {name: value for name, value in found.items() if name in ("type", "enum", "format", "pattern")}


def _put(made: dict[str, Any], path: Names, kind: Mapping[str, Any], said: str, *, required: bool) -> None:
    """Write a path into a schema; what is on the way there is an object."""
    for name in path[:-1]:
        if required and name not in made.setdefault("required", []):
            made["required"].append(name)
        inner = made.setdefault("properties", {}).setdefault(name, {"type": "object"})
        made = inner
    if required and path[-1] not in made.setdefault("required", []):
        made["required"].append(path[-1])
    there = made.setdefault("properties", {}).setdefault(path[-1], {})
    made["properties"][path[-1]] = {**kind, **there, "description": said}


def _gap(need: Need, given: Mapping[str, Any], kind: Mapping[str, Any]) -> Gap | None:
    """What is wrong between a need and a schema; None if nothing is."""

    def gap(what: str, *, breaks: bool) -> Gap:
        return Gap(need.event, need.path, need.journey, need.where, what, breaks and not need.optional)

    here: Mapping[str, Any] = given
    for name in need.path:
        here = _resolved(given, here)
        properties = here.get("properties")
        if not isinstance(properties, Mapping) or name not in properties:
            if _open(here):
                return gap(f'"{name}" is not described.', breaks=False)
            return gap(f'"{name}" is not there.', breaks=True)
        if name not in here.get("required", ()):
            return gap(f'"{name}" may be missing.', breaks=False) if not need.optional else None
        here = properties[name]
    return _other_kind(_resolved(given, here), kind, gap)


def _other_kind(here: Mapping[str, Any], kind: Mapping[str, Any], gap: Any) -> Gap | None:
    mine, theirs = _types(kind), _types(here)
    if mine and theirs and not theirs & mine:
        found: Gap = gap(f"It is {' or '.join(sorted(theirs))}, not {' or '.join(sorted(mine))}.", breaks=True)
        return found
    return None


def _types(kind: Mapping[str, Any]) -> set[str]:
    """The JSON types a schema allows; a whole number is a number, and null counts as missing."""
    if "enum" in kind and "type" not in kind:
        return {"string" if isinstance(one, str) else type(one).__name__ for one in kind["enum"]}
    said = kind.get("type", [])
    names = {said} if isinstance(said, str) else set(said)
    return {"number" if name == "integer" else name for name in names} - {"null"}


def _open(here: Mapping[str, Any]) -> bool:
    """Whether an object may have what is not described: it says nothing at all of what is in it."""
    return "properties" not in here and here.get("additionalProperties", True) is not False


def _resolved(whole: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with its reference inside the document followed, and all of ``allOf`` put together."""
    for _ in range(20):
        if not isinstance(value.get("$ref"), str) or not value["$ref"].startswith("#/"):
            break
        found: Any = whole
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found.get(part, {}) if isinstance(found, Mapping) else {}
        value = {**found, **{name: inner for name, inner in value.items() if name != "$ref"}}
    for part in value.get("allOf", ()):
        more = _resolved(whole, part)
        properties = {**more.get("properties", {}), **value.get("properties", {})}
        required = [*more.get("required", ()), *value.get("required", ())]
        value = {**more, **value, "properties": properties, "required": required}
    return value
