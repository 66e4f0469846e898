"""Customers to write a text for when none is at hand: those of the scenarios, at the moment they get it, or one made up
from what is declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from journey import messages, rehearsal
from journey.definition import Journey
from journey.library import Library
from journey.messages import Message
from journey.texts import page, uses
from journey.texts.folder import tree

PERSON = {
    "id": "c-1",
    "name": "Grete Hermann",
    "first_name": "Grete",
    "email": "grete.hermann@example.org",
    "tags": [],
    "orders": 1,
}


@dataclass(frozen=True)
class Sample:
    """The facts of one moment at which a text may be written, and where they are from: a scenario of a journey, or
    nothing but declarations (then ``story`` is empty)."""

    facts: dict[str, Any]
    journey: str = ""
    story: str = ""


def senders(library: Library, name: str) -> list[Journey]:
    """The journeys that write a message."""
    return [
        journey
        for journey in library.journeys.values()
        if any(name in spot.step.letters() for spot in journey.spots.values())
    ]


def moments(library: Library) -> Iterator[tuple[str, Sample]]:
    """Every message that the scenarios send, with the facts of the moment."""
    for scenarios in library.scenarios.values():
        journey = library.journeys[scenarios.journey]
        for scenario in scenarios.scenarios:
            for line in rehearsal.trace(journey, scenario, library.times).lines:
                if line.kind == "send" and line.facts is not None:
                    facts = {**line.facts, **_frame(library, journey.journey)}
                    yield line.name, Sample(facts, journey.journey, scenario.name)


def best(library: Library) -> dict[str, Sample]:
    """For each message the first scenario that sends it to a customer with a name; else a sample made up. Nothing that
    a text needs is missing."""
    found: dict[str, Sample] = {}
    for name, sample in moments(library):
        named = bool(sample.facts["customer"].get("first_name"))
        if name not in found or (named and not found[name].facts["customer"].get("first_name")):
            found[name] = sample
    chosen = {name: found.get(name) or _made_up(library, name) for name in library.messages}
    return {name: complete(library.messages[name], sample) for name, sample in chosen.items()}


def complete(message: Message, sample: Sample) -> Sample:
    """The sample with words in brackets for whatever the text needs and it has not: ``[product name]``."""
    facts = dict(sample.facts)
    for wording in (message, *message.translations.values()):
        for names in _needed(wording):
            facts = _with(facts, names)
    return Sample(facts, sample.journey, sample.story)


def _frame(library: Library, journey: str) -> dict[str, Any]:
    title = library.journeys[journey].title if journey in library.journeys else "A journey"
    return {"company": library.company.facts, "journey": {"name": journey, "title": title}}


def _made_up(library: Library, name: str) -> Sample:
    """From the example of the event that starts a journey which sends it."""
    journey = next(iter(senders(library, name)), None)
    event = library.events.get(journey.start.on) if journey is not None else None
    start = dict(event.example or {}) if event is not None else {}
    facts = {"customer": dict(PERSON), "start": start, "vars": {}}
    title = journey.journey if journey is not None else ""
    return Sample({**facts, **_frame(library, title)}, title)


def _needed(message: Message) -> Iterator[uses.Names]:
    """The values that a text cannot do without."""
    whole = f"{message.subject}\n{message.preheader}\n{message.because}\n{message.before}{message.body}{message.after}"
    for source, snippets in ((whole, message.snippets), (message.page or page.PLAIN, message.page_snippets)):
        read = tree(source)
        if read is not None:
            known = {name: found for name, text in snippets.items() if (found := tree(text)) is not None}
            yield from (use.names for use in uses.find(read, known).uses if use.needed)


def _with(facts: dict[str, Any], names: uses.Names) -> dict[str, Any]:
    if names[0] not in messages.ROOTS or uses.ENTRY in names:
        return facts
    return _filled(facts, names, "[" + " ".join(names[1:]).replace("_", " ") + "]")


def _filled(group: Mapping[str, Any], names: uses.Names, words: str) -> dict[str, Any]:
    first, rest = names[0], names[1:]
    value = group.get(first)
    if not rest:
        return {**group, first: words if value is None else value}
    if value is not None and not isinstance(value, Mapping):
        return dict(group)
    return {**group, first: _filled(value or {}, rest, words)}
