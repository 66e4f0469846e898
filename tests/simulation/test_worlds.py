"""20,000 worlds of random journeys, events, commands, answers and crashes keep every promise; a bug planted against
each promise is found.

A world is its seed: ``World(seed).live()`` is the whole story of a failure, the same in every process.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from journey import machine
from journey.turn import Desk, Turn
from tests.simulation.invariants import violations
from tests.simulation.world import World

WORLDS, PARTS = 20_000, 20
SEARCHED = 3_000


@pytest.mark.parametrize("part", range(PARTS))
def test_every_world_keeps_every_promise(part: int) -> None:
    for seed in range(part, WORLDS, PARTS):
        world = World(seed)
        world.live()
        assert violations(world) == [], f"World({seed})"


def test_the_worlds_are_not_idle() -> None:
    """A promise that nothing tries is not kept but forgotten."""
    seen: Counter[str] = Counter()
    for seed in range(400):
        world = World(seed)
        world.live()
        seen["ended"] += sum(bool(one.ended) for one in world.store.instances.values())
        seen["sent"] += len(world.server.accepted)
        seen["minds that died"] += len(world.minds) - len(world.runs)
        seen["set back or lost"] += len(world.falls)
        for one in world.store.instances.values():
            seen["migrated"] += len(one.versions) > 1
            seen["commands that took effect"] += list(one.refused.values()).count("")
            seen["commands refused"] += sum(map(bool, one.refused.values()))
        seen.update(f"a message {row.state}" for row in world.store.ledger.values())
    states = ("accepted", "refused", "unknown", "suppressed")
    assert {f"a message {state}" for state in states} | {"migrated"} <= seen.keys(), seen
    assert {what for what, times in seen.items() if times < 5} <= {"migrated"}, seen


PLANTED = {
    "loses events": "I1",
    "applies what it hears": "I2",
    "writes again": "I3",
    "sends by run": "I3",
    "begins twice": "I4",
    "follows the newest": "I5",
    "sends something else": "I6",
    "drops what it gives up": "I6",
    "nobody sweeps": "I7",
    "no barrier": "I8",
    "nobody sweeps the ledger": "I8",
    "forgets commands": "I10",
}


def found(promise: str, broken: str = "") -> bool:
    """Whether some world notices."""
    for seed in range(SEARCHED):
        world = World(seed, broken)
        try:
            world.live()
        except Exception as error:  # noqa: BLE001 - a machine that is broken may break in any way; that is noticed, too
            assert broken, error
            continue
        if any(violation.startswith(promise) for violation in violations(world)):
            return True
    return False


@pytest.mark.parametrize(("broken", "promise"), PLANTED.items())
def test_a_planted_bug_of_a_driver_is_found(broken: str, promise: str) -> None:
    assert found(promise, broken)


def _waits_after_its_end(close: Callable[[Desk], Turn]) -> Callable[[Desk], Turn]:
    def closed(desk: Desk) -> Turn:
        turn = close(desk)
        if turn.state.ended is None:
            return turn
        state = turn.state.model_copy(update={"wake_at": turn.state.now + timedelta(days=1)})
        return turn.model_copy(update={"state": state})

    return closed


def test_a_planted_deadline_after_the_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "close", _waits_after_its_end(Desk.close))
    assert found("I11")


def test_a_planted_piece_of_chance_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine says something else each time it is asked."""
    real, number = machine.advance, count()

    def restless(*given: Any) -> Turn:
        turn = real(*given)
        said = tuple(one.model_copy(update={"text": f"{one.text} {next(number)}"}) for one in turn.decisions)
        return turn.model_copy(update={"decisions": said})

    monkeypatch.setattr(machine, "advance", restless)
    assert found("I12")
