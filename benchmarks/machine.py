"""What the language costs by itself, without Temporal and SQL: turns, state, conditions, checks, whole populations.

    make bench
    .venv/bin/python -m benchmarks.machine [--customers 100000] [--journeys 200] [--rounds 5]

Everything runs on one core of this process; the figures are its CPU time. Each stands beside something that everybody
knows, measured in the same run: a state beside writing and reading it as JSON, a condition beside Python's own
``eval``, a check beside PyYAML's C loader on the same files.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from benchmarks._lab import machine, say, table
from journey import conditions, rehearsal
from journey.definition import Journey
from journey.inputs import Input
from journey.library import Library
from journey.load import check, load
from journey.machine import advance
from journey.population.forecast import forecast
from journey.population.tally import Tally
from journey.state import State
from journey.turn import Turn
from store.definition_files import read_folder

SHIPPED = Path(__file__).parents[1] / "definitions"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONDITIONS = (
    "event.order_id == start.order_id",
    'has(customer.plan) && customer.plan == "enterprise"',
    "vars.answer.score >= 9",
)
OFTEN = 2000
FACTS: dict[str, Any] = {
    "event": {"order_id": "o-1"},
    "start": {"order_id": "o-1", "product": {"name": "Lamp"}},
    "vars": {"answer": {"score": 9}},
    "customer": {"plan": "enterprise"},
}


def spent(work: Callable[[], object], rounds: int) -> float:
    """The median of the CPU seconds of one call."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return statistics.median(found)


class Recorder:
    """The machine, as drivers call it, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Journey, State, Input]] = []

    def __call__(self, journey: Journey, state: State, happened: Input) -> Turn:
        """One turn."""
        self.asked.append((journey, state, happened))
        return advance(journey, state, happened)


def turns(library: Library, rounds: int) -> None:
    """Every shipped scenario: the turns alone, and with the driver that writes everything down."""
    stories = [(told.journey, story) for told in library.scenarios.values() for story in told.scenarios]

    def play() -> None:
        for name, story in stories:
            rehearsal.trace(library.journeys[name], story, library.times)

    recorder = Recorder()
    with mock.patch("journey.machine.advance", recorder):
        play()
    count = len(recorder.asked)
    alone = spent(lambda: [advance(*one) for one in recorder.asked], rounds) / count
    whole = spent(play, rounds) / count
    written = [state.model_dump_json(exclude_defaults=True) for _, state, _ in recorder.asked]
    as_json = spent(lambda: [json.dumps(json.loads(one)) for one in written], rounds) / count
    sizes = sorted(len(one.encode()) for one in written)
    costs = (
        ("one turn of the machine", alone),
        ("one turn, simulated and written down", whole),
        ("its state from JSON and back", as_json),
    )
    print(f"### Turns ({len(stories)} shipped scenarios, {count} turns)\n")
    rows = [(name, f"{cost * 1e6:.1f}", f"{1 / cost:,.0f}", f"{cost / as_json:.1f}") for name, cost in costs]
    print(table(["", "CPU µs", "a second on one core", "to JSON"], rows))
    print(f"\nA state is {statistics.median(sizes):.0f} bytes in the middle, {sizes[-1]} at most (JSON).\n")


def judgements(rounds: int) -> None:
    """Conditions as they stand in the shipped journeys."""
    rows = []
    for source in CONDITIONS:
        cost = spent(partial(_judge_often, source), rounds) / OFTEN
        base = spent(partial(_eval_often, _in_python(source)), rounds) / OFTEN
        rows.append((f"`{source}`", f"{cost * 1e6:.1f}", f"{base * 1e6:.1f}", f"{cost / base:.1f}"))
    print("### A condition\n")
    print(table(["", "CPU µs", "Python's eval of it, compiled", "to it"], rows) + "\n")


def _judge_often(source: str) -> None:
    for _ in range(OFTEN):
        conditions.judge(source, FACTS, NOW)


def _eval_often(source: str) -> None:
    code = compile(source, "", "eval")
    for _ in range(OFTEN):
        eval(code, {}, FACTS)


def _in_python(source: str) -> str:
    """The same condition on dictionaries."""
    found = re.sub(r"has\((\w+)\.(\w+)\)", r"'\2' in \1", source).replace("&&", "and")
    return re.sub(r"\b(event|start|vars|customer)((?:\.\w+)+)", _subscripts, found)


def _subscripts(found: re.Match[str]) -> str:
    return found[1] + "".join(f"[{name!r}]" for name in found[2].split(".")[1:])


def checks(journeys: int, rounds: int) -> None:
    """A folder of so many journeys: read, checked, every rule, every text."""
    files = dict(_many(journeys))
    texts = [text for path, text in files.items() if path.endswith(".yaml")]
    whole = spent(lambda: check(files), rounds)
    base = spent(lambda: [yaml.load(text, Loader=yaml.CSafeLoader) for text in texts], rounds)
    size = sum(len(text.encode()) for text in files.values())
    rows = [
        (
            "wayfare check: read, every rule, every text",
            f"{whole:.2f}",
            f"{whole / journeys * 1e3:.1f}",
            f"{whole / base:.1f}",
        ),
        ("PyYAML's C loader on its YAML files", f"{base:.2f}", f"{base / journeys * 1e3:.1f}", "1.0"),
    ]
    print(f"### A check ({journeys} journeys, {len(files)} files, {size / 1024:.0f} KB)\n")
    print(table(["", "CPU s", "ms a journey", "to PyYAML"], rows) + "\n")


def _many(journeys: int) -> Iterator[tuple[str, str]]:
    """The shipped folder, with its journeys again and again under other names."""
    files = read_folder(SHIPPED)[0]
    plain = {path: text for path, text in files.items() if "/" not in path and "\njourney:" in text}
    yield from ((path, text) for path, text in files.items() if path not in plain and not path.startswith("scenarios/"))
    for number in range(journeys):
        path = sorted(plain)[number % len(plain)]
        name = path.removesuffix(".yaml")
        yield f"{name}-{number}.yaml", plain[path].replace(f"journey: {name}", f"journey: {name}-{number}", 1)


def population(library: Library, customers: int) -> None:
    """The shipped year, on one core."""
    people = library.populations["a-year"]
    forecast(library.journeys, people, 1, range(100), library.times)  # everything is compiled now
    began, clock = time.process_time(), time.perf_counter()
    tally = forecast(library.journeys, people, 1, range(customers), library.times)
    cost, lasted = time.process_time() - began, time.perf_counter() - clock
    print(f"### A population ({customers:,} customers over a year, all journeys, one core)\n")
    print(table(["", "how many", "CPU µs each"], [_row(name, count, cost) for name, count in _counts(tally)]))
    print(f"\nIn all {cost:.1f} s of CPU, {lasted:.1f} s by the clock.\n")


def _counts(tally: Tally) -> list[tuple[str, int]]:
    return [
        ("customers", tally.customers),
        ("instances", sum(tally.begun.values())),
        ("events", sum(tally.events.values())),
        ("messages", sum(tally.messages.values())),
        ("turns", tally.turns),
    ]


def _row(name: str, count: int, cost: float) -> tuple[str, str, str]:
    return name, f"{count:,}", f"{cost / max(count, 1) * 1e6:.0f}"


def main() -> int:
    """Measure everything and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--journeys", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    library = load(read_folder(SHIPPED)[0])
    turns(library, wanted.rounds)
    judgements(wanted.rounds)
    checks(wanted.journeys, wanted.rounds)
    say("the population …")
    population(library, wanted.customers)
    print(f"Measured on {machine()}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
