"""A forecast for people and for programs: totals, a day's average, the busiest day, outcomes in percent."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from journey.population.tally import Daily, Tally


@dataclass(frozen=True)
class Frame:
    """What a forecast is about: its title, the first day and how many days, and the seed (None: real events)."""

    title: str
    begins: date
    days: int
    seed: int | None = None

    def date(self, day: int) -> date:
        """The date of a day by its number."""
        return self.begins + timedelta(days=day)


@dataclass(frozen=True)
class Row:
    """One name over the time: in all, and its busiest day."""

    name: str
    total: int
    busiest: int
    day: int


def rows(daily: Daily) -> list[Row]:
    """A row for each name, the most first."""
    found: dict[str, Counter[int]] = {}
    for (name, day), count in daily.items():
        found.setdefault(name, Counter())[day] += count
    made = [Row(name, sum(days.values()), *_busiest(days)) for name, days in found.items()]
    return sorted(made, key=lambda row: (-row.total, row.name))


def together(daily: Daily, name: str) -> Row:
    """All names as one row."""
    days: Counter[int] = Counter()
    for (_, day), count in daily.items():
        days[day] += count
    return Row(name, sum(days.values()), *_busiest(days))


def _busiest(days: Counter[int]) -> tuple[int, int]:
    day = min(days, key=lambda one: (-days[one], one), default=0)
    return days[day], day


@dataclass(frozen=True)
class End:
    """One outcome of a journey: how many, their share of all that began, the days within which half ended."""

    outcome: str
    count: int
    percent: float
    median_days: int | None


def ends(tally: Tally, journey: str) -> list[End]:
    """The outcomes of a journey, the most frequent first; those still under way are the last."""
    begun = tally.begun[journey]
    made = [
        End(outcome, count, 100 * count / begun, _median(tally, journey, outcome))
        for (name, outcome), count in tally.outcomes.items()
        if name == journey
    ]
    left = sum(count for (name, _), count in tally.standing.items() if name == journey)
    under_way = [End("(still under way)", left, 100 * left / begun, None)] if left else []
    return [*sorted(made, key=lambda end: (-end.count, end.outcome)), *under_way]


def _median(tally: Tally, journey: str, outcome: str) -> int:
    days = sorted((day, count) for (name, end, day), count in tally.days.items() if (name, end) == (journey, outcome))
    half, seen = sum(count for _, count in days) / 2, 0
    for day, count in days:
        seen += count
        if seen >= half:
            return day
    return 0


def table(frame: Frame, tally: Tally) -> Iterator[str]:
    """The forecast as lines for a terminal."""
    source = f"seed {frame.seed}" if frame.seed is not None else "real events"
    yield f"{frame.title}: {tally.customers:,} customers, {frame.days} days from {frame.begins} ({source})"
    sections = [
        ("messages", tally.messages),
        ("not sent", tally.unsent),
        ("tasks", tally.tasks),
        ("mail to teams", tally.teams),
    ]
    width = max([20, *(len(name) + 2 for _, daily in sections for name, _ in daily)])
    yield ""
    yield f"{'':{width}}{'in all':>11}{'a day':>9}   busiest day"
    for title, daily in sections:
        if daily:
            yield _line(together(daily, title), frame, width)
            yield from (_line(row, frame, width, "  ") for row in rows(daily))
    for journey in sorted(tally.begun):
        yield ""
        yield f"{journey}: {tally.begun[journey]:,} began"
        for end in ends(tally, journey):
            after = f", half of them within {_days(end.median_days)}" if end.median_days is not None else ""
            yield f"  {end.percent:5.1f} %  {end.outcome}{after}"


def _line(row: Row, frame: Frame, width: int, indent: str = "") -> str:
    busiest = f"{row.busiest:,} on {frame.date(row.day)}"
    return f"{indent + row.name:{width}}{row.total:>11,}{row.total / frame.days:>9,.1f}   {busiest}"


def _days(count: int) -> str:
    return "a day" if count == 0 else f"{count + 1} days"


def data(frame: Frame, tally: Tally) -> dict[str, Any]:
    """The forecast as plain data, for programs."""
    return {
        "title": frame.title,
        "begins": frame.begins.isoformat(),
        "days": frame.days,
        "seed": frame.seed,
        "customers": tally.customers,
        "messages": _series(frame, tally.messages),
        "not_sent": _series(frame, tally.unsent),
        "tasks": _series(frame, tally.tasks),
        "teams": _series(frame, tally.teams),
        "journeys": {
            journey: {
                "began": tally.begun[journey],
                "outcomes": {end.outcome: end.count for end in ends(tally, journey) if end.median_days is not None},
                "standing": {step: count for (name, step), count in sorted(tally.standing.items()) if name == journey},
                "reached": {step: count for (name, step), count in sorted(tally.reached.items()) if name == journey},
            }
            for journey in sorted(tally.begun)
        },
    }


def _series(frame: Frame, daily: Daily) -> dict[str, list[int]]:
    return {name: [daily[name, day] for day in range(frame.days)] for name in sorted({name for name, _ in daily})}
