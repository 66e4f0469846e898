"""A forecast from real events: what the journeys would have done with what happened."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from journey.customer import CONTACT
from journey.definition import Journey
from journey.life import NO_TIMES, Coming
from journey.population.chance import Chance
from journey.population.model import Behaviour
from journey.population.person import Person, Setting
from journey.population.report import Frame
from journey.population.tally import Tally
from journey.time.wall import TimesInForce

AFTERWARDS = timedelta(days=90)
"""How long the journeys go on after the last event."""


@dataclass(frozen=True)
class Recorded:
    """One event on record: whose it is, when it was accepted, what it said."""

    customer: str
    at: datetime
    coming: Coming


def read(lines: Iterable[str], file: str) -> list[Recorded]:
    """Events from JSON lines, each a CloudEvent in JSON (``type``, ``time``, ``data`` with ``customer``). Raises
    ValueError with the line and a sentence."""
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_event(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"{file}:{number}: this is not an event on record ({said}).") from None
    return sorted(found, key=lambda event: event.at)


def _event(given: Mapping[str, Any]) -> Recorded:
    at = datetime.fromisoformat(given["time"])
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    data = dict(given["data"])
    person = dict(data.pop("customer"))
    name = person.get("id") or person.get("email")
    if not name or not isinstance(given["type"], str):
        raise ValueError("it does not say whose it is, or of which type")
    changes = {field: person[field] for field in CONTACT if person.get(field)}
    changes |= person.get("attributes") or {}
    return Recorded(
        str(name), at if at.tzinfo else at.replace(tzinfo=UTC), Coming(timedelta(), given["type"], data, changes)
    )


def lived(
    journeys: Mapping[str, Journey],
    events: Sequence[Recorded],
    behaviours: Sequence[Behaviour],
    title: str,
    times: TimesInForce = NO_TIMES,
) -> tuple[Frame, Tally]:
    """Every customer of the record lived through, from the first event's day to 90 days after the last one. What
    customers do is on record; ``behaviours`` only say how what is asked for goes."""
    if not events:
        raise ValueError("There are no events in the file.")
    begins = datetime.combine(events[0].at.astimezone(UTC).date(), time(), UTC)
    ends = events[-1].at + AFTERWARDS
    answers: dict[str, list[Behaviour]] = {}
    for behaviour in behaviours:
        if all(reaction.outcome for reaction in behaviour.one_of):
            answers.setdefault(behaviour.when, []).append(behaviour)
    setting, tally = Setting(journeys, answers, begins, ends, times), Tally()
    people: dict[str, list[Recorded]] = {}
    for event in events:
        people.setdefault(event.customer, []).append(event)
    for number, (name, theirs) in enumerate(people.items()):
        person = Person(setting, {"id": name}, Chance(1, number), tally)
        for event in theirs:
            person.expect(event.at, event.coming)
        tally.customers += 1
        person.live()
    return Frame(title, begins.date(), (ends - begins).days + 1), tally
