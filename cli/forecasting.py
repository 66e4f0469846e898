"""A forecast: a population or real events lived through, and told as a table, a picture or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from cli.definitions import Definitions, definitions_or_mistakes, journey_named
from journey import durations
from journey.definition import Journey
from journey.population import picture, recorded, report
from journey.population.forecast import forecast
from journey.population.model import Population
from journey.population.report import Frame
from journey.population.tally import Tally, whole
from journey.problems import did_you_mean
from journey.time.wall import TimesInForce
from workers.mistakes import UserMistake

PIECE = 1000
"""How many customers one process takes at a time."""


@dataclass(frozen=True)
class Wish:
    """What is to be forecast: one journey or all, a population or a file of events, and how."""

    journey: str
    population: str
    events: Path | None
    customers: int | None
    seed: int
    processes: int


def tell(wish: Wish, out: Path | None, *, as_json: bool) -> int:
    """Live it through and print what it comes to."""
    found = definitions_or_mistakes()
    if wish.events is not None:
        frame, tally = _from_events(found, wish, wish.events)
    else:
        frame, tally = from_population(found, wish)
    if as_json:
        print(json.dumps(report.data(frame, tally), indent=2))
    else:
        print("\n".join(report.table(frame, tally)))
    if out is not None:
        out.write_text(picture.draw(frame, tally), encoding="utf-8")
        if not as_json:
            print(f"\nThe picture is {out}.")
    return 0


def _journeys(found: Definitions, wish: Wish) -> Mapping[str, Journey]:
    if not wish.journey:
        return found.library.journeys
    return {wish.journey: journey_named(found.library, wish.journey)}


def from_population(found: Definitions, wish: Wish) -> tuple[Frame, Tally]:
    """A population of the definitions, lived through."""
    known = found.library.populations
    if wish.population not in known:
        raise UserMistake(f'There is no population "{wish.population}". {did_you_mean(wish.population, known)}')
    population = known[wish.population]
    journeys, count = _journeys(found, wish), wish.customers or population.customers
    days = -(-durations.parse(population.lasts).total_seconds() // 86_400)
    frame = Frame(population.title, population.begins, max(1, int(days)), wish.seed)
    if wish.processes == 1:
        return frame, forecast(journeys, population, wish.seed, range(count), found.library.times)
    pieces = [range(first, min(first + PIECE, count)) for first in range(0, count, PIECE)]
    same = journeys, population, wish.seed, found.library.times
    # Spawned, not forked: the compiled conditions' library has threads of its own.
    with ProcessPoolExecutor(wish.processes, get_context("spawn"), _take, same) as pool:
        return frame, whole(pool.map(_piece, pieces))


_TAKEN: list[tuple[Mapping[str, Journey], Population, int, TimesInForce]] = []


def _take(journeys: Mapping[str, Journey], population: Population, seed: int, times: TimesInForce) -> None:
    _TAKEN[:] = [(journeys, population, seed, times)]


def _piece(numbers: range) -> Tally:
    journeys, population, seed, times = _TAKEN[0]
    return forecast(journeys, population, seed, numbers, times)


def _from_events(found: Definitions, wish: Wish, file: Path) -> tuple[Frame, Tally]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(f"{file} cannot be read: {error}") from None
    try:
        events = recorded.read(text.splitlines(), str(file))
    except ValueError as error:
        raise UserMistake(str(error)) from None
    behaviours = found.library.populations[wish.population].happens if wish.population else ()
    journeys, title = _journeys(found, wish), f"What happened, by {file.name}"
    return recorded.lived(journeys, events, behaviours, title, found.library.times)
