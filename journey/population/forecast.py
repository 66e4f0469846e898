"""The forecast: a population lived through, customer by customer, and counted."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from journey import durations
from journey.definition import Journey
from journey.life import NO_TIMES
from journey.population.chance import Chance
from journey.population.model import Behaviour, Population, Segment
from journey.population.person import Person, Setting
from journey.population.tally import Tally
from journey.rehearsal import record_of
from journey.time.wall import TimesInForce

ARRIVES = "arrives"


def setting(journeys: Mapping[str, Journey], population: Population, times: TimesInForce = NO_TIMES) -> Setting:
    """What is the same for all its customers. The first day begins at midnight UTC."""
    behaviours: dict[str, list[Behaviour]] = {}
    for behaviour in population.happens:
        behaviours.setdefault(behaviour.when, []).append(behaviour)
    begins = datetime.combine(population.begins, time(), UTC)
    return Setting(journeys, behaviours, begins, begins + durations.parse(population.lasts), times)


def forecast(
    journeys: Mapping[str, Journey],
    population: Population,
    seed: int,
    numbers: Iterable[int],
    times: TimesInForce = NO_TIMES,
) -> Tally:
    """The customers with these numbers (from 0), lived through. The same seed gives the same lives."""
    same, tally = setting(journeys, population, times), Tally()
    shares = [(segment.percent, segment) for segment in population.segments]
    for number in numbers:
        chance = Chance(seed, number)
        segment = chance.one_of(shares) if shares else None
        person = Person(same, _record(number, segment or (shares[-1][1] if shares else None)), chance, tally)
        at = same.begins + _arrival(population, same, chance)
        if at < same.ends:
            tally.customers += 1
            person.follow(ARRIVES, at, {})
            person.live()
    return tally


def _arrival(population: Population, same: Setting, chance: Chance) -> timedelta:
    if population.arrive is None:
        return (same.ends - same.begins) * chance.number()
    return chance.length(population.arrive)


def _record(number: int, segment: Segment | None) -> dict[str, Any]:
    given = {"id": f"c-{number}", "name": "A Customer", "email": f"c-{number}@example.org"}
    return record_of({**given, **(segment.customer if segment else {})})
