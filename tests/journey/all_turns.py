"""Prints, for test_determinism, everything that must come out the same in every process: run with ``python -m``."""

import random
from collections.abc import Callable
from typing import Any

from journey import machine, rehearsal
from journey.load import check
from journey.problems import render_all
from tests.journey.folders import shipped, shipped_files
from tests.journey.test_checks import WRONG, around
from tests.journey.worlds import lived, random_journey

LIVES = 200


def recorded(work: Callable[..., Any], turns: list[str]) -> Callable[..., Any]:
    """The machine's function, with every turn written down."""

    def record(*given: Any) -> Any:
        turn = work(*given)
        turns.append(turn.model_dump_json())
        return turn

    return record


def scenarios() -> list[str]:
    """Every turn of every shipped scenario, and its result."""
    turns: list[str] = []
    machine.start, machine.advance = recorded(machine.start, turns), recorded(machine.advance, turns)
    for name, told in shipped().scenarios.items():
        turns += [shipped().journeys[told.journey].hash]
        turns += [rehearsal.rehearse(shipped(), told.journey, scenario).render() for scenario in told.scenarios]
        turns.append(name)
    return turns


def lives() -> list[str]:
    """Every turn of random lives."""
    turns = []
    for seed in range(LIVES):
        chance = random.Random(seed)
        journey = random_journey(chance)
        turns += [journey.hash, *(turn.model_dump_json() for turn, _ in lived(chance, journey))]
    return turns


def answers() -> list[str]:
    """What authors are told."""
    found = [render_all(check(shipped_files())[1], {})]
    return found + [render_all(check(around(wrong))[1], around(wrong)) for wrong in WRONG]


if __name__ == "__main__":
    for line in (*answers(), *lives(), *scenarios()):
        print(line)
