"""Every path of one message through the ledger: two workers that crash, freeze and lose answers, and a late report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from journey.ledger import AGAIN, PERSON
from tests.ledger_model import Line

ATTEMPTS = 4
"""So many attempts are followed; a fifth could do nothing that one of these cannot."""


@dataclass(frozen=True)
class Worker:
    """Where a worker stands with the message. ``cut``: its connection is gone, so its dot reaches nobody."""

    at: str = "idle"
    epoch: int = 0
    cut: bool = False


@dataclass(frozen=True)
class World:
    """The row, the workers, and the truth: how many copies the mail server has taken, how many dots were sent."""

    line: Line
    workers: tuple[Worker, Worker] = (Worker(), Worker())
    copies: int = 0
    dots: int = field(default=0, compare=False)

    def worker(self, number: int, worker: Worker, **changes: object) -> World:
        workers = tuple(worker if place == number else one for place, one in enumerate(self.workers))
        return replace(self, workers=workers, **changes)  # type: ignore[arg-type]  # of the fields of this class


def next_worlds(world: World) -> Iterator[tuple[str, World]]:
    """Everything that can happen next, each with its name."""
    yield from time_passes(world)
    yield from others_say(world)
    for number, worker in enumerate(world.workers):
        if worker.at != "idle":
            yield "dies", world.worker(number, Worker())
        yield from worker_does(world, number, worker)


def time_passes(world: World) -> Iterator[tuple[str, World]]:
    line = world.line
    if line.state == "claimed" and line.live:
        yield "lease over", replace(world, line=replace(line, live=False))
    if line.state == "at_dot" and line.live:
        # By then the mail server has dropped a connection whose other end is frozen between barrier and dot.
        one, other = (replace(one, cut=one.cut or one.epoch == line.epoch) for one in world.workers)
        yield "too long at the dot", replace(world, line=replace(line, live=False), workers=(one, other))
    if line.waits == AGAIN and not line.due:
        yield "cooled down", replace(world, line=replace(line, due=True))


def others_say(world: World) -> Iterator[tuple[str, World]]:
    known = world.line.learned("accepted") if world.copies else None
    if known is not None:
        yield "report", replace(world, line=known)
    withdrawn = world.line.withdrawn()
    if withdrawn is not None:
        yield "journey ends", replace(world, line=withdrawn)


def worker_does(world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
    line = world.line
    if worker.at == "idle":
        if line.state == "at_dot" and not line.live:
            doubtful = line.in_doubt(line.epoch)
            assert doubtful is not None
            yield "found at the dot", replace(world, line=doubtful)
        elif line.free and not line.decided and line.epoch < ATTEMPTS:
            claimed = line.claimed()
            yield "claims", world.worker(number, Worker("sending", claimed.epoch), line=claimed)
    elif worker.at == "sending":
        for word in ("held", "failed"):
            settled = line.settled(worker.epoch, word)
            yield f"before the dot: {word}", world.worker(number, Worker(), line=settled or line)
        dotted = line.barrier(worker.epoch)
        after = Worker("at the dot", worker.epoch, worker.cut) if dotted else Worker()
        yield "barrier", world.worker(number, after, line=dotted or line)
    elif worker.at == "at the dot":
        yield from dot(world, number, worker)
    else:
        _, word = worker.at.split()
        settled = line.in_doubt(worker.epoch) if word == "nothing" else line.settled(worker.epoch, word)
        yield f"hears {word}", world.worker(number, Worker(), line=settled or line)


def dot(world: World, number: int, worker: Worker) -> Iterator[tuple[str, World]]:
    assert world.line.epoch == worker.epoch or worker.cut, "a dot by somebody who was overtaken"
    if not worker.cut:
        for heard in ("accepted", "nothing"):
            answered = Worker(f"heard {heard}", worker.epoch)
            yield f"taken, {heard}", world.worker(number, answered, copies=world.copies + 1, dots=world.dots + 1)
        for heard in ("held", "refused"):
            yield f"not taken, {heard}", world.worker(number, Worker(f"heard {heard}", worker.epoch))
    yield "not taken, nothing", world.worker(number, Worker("heard nothing", worker.epoch))


def explored(kind: str) -> dict[World, list[tuple[str, World]]]:
    """Every world that can be reached, with what can follow it."""
    found: dict[World, list[tuple[str, World]]] = {}
    waiting = [World(Line(kind))]
    while waiting:
        world = waiting.pop()
        if world not in found:
            found[world] = list(next_worlds(world))
            waiting += [after for _, after in found[world]]
    return found


@pytest.fixture(scope="module", params=["lifecycle", "transactional", "legal", "staff"])
def worlds(request: pytest.FixtureRequest) -> dict[World, list[tuple[str, World]]]:
    return explored(request.param)


def test_the_exploration_is_large(worlds: dict[World, list[tuple[str, World]]]) -> None:
    assert len(worlds) > 300


def test_no_class_has_more_copies_than_it_promises(worlds: dict[World, list[tuple[str, World]]]) -> None:
    for world in worlds:
        most = {"lifecycle": 1, "legal": 1, "transactional": 2, "staff": ATTEMPTS}[world.line.kind]
        assert world.copies <= most, world
        # While the answer to a dot is outstanding, that dot is a doubt to come.
        assert world.copies <= world.line.doubts + 1, world


def test_what_was_decided_stays_decided(worlds: dict[World, list[tuple[str, World]]]) -> None:
    for world, following in worlds.items():
        for name, after in following:
            if world.line.decided and world.line.state != "unknown":
                assert after.line.state == world.line.state, (name, world)
            if world.line.decided and world.line.state == "unknown":
                assert after.line.state in ("unknown", "accepted", "refused"), (name, world)


def test_what_the_ledger_says_is_so(worlds: dict[World, list[tuple[str, World]]]) -> None:
    for world in worlds:
        if world.line.state == "accepted":
            assert world.copies >= 1, world
        if world.line.state in ("suppressed", "failed") and world.line.doubts == 0:
            assert world.copies == 0, world


def test_every_rest_is_an_answer_or_waits_for_a_person(worlds: dict[World, list[tuple[str, World]]]) -> None:
    """Nothing waits for ever without somebody being told."""
    for world, following in worlds.items():
        own = [name for name, _ in following if name not in ("report", "journey ends", "dies")]
        if not own and world.line.epoch < ATTEMPTS:
            assert world.line.decided or world.line.waits == PERSON, world


def test_transactional_mail_is_lost_by_nothing_but_a_refusal_or_the_end_of_its_journey() -> None:
    for world, following in explored("transactional").items():
        for name, after in following:
            if name != "journey ends" and after.line.decided and not world.line.decided:
                told = after.line.state in ("refused", "failed")
                assert after.copies or told, (name, world)


def test_a_doubt_is_only_about_what_was_at_the_dot(worlds: dict[World, list[tuple[str, World]]]) -> None:
    for world, following in worlds.items():
        for name, after in following:
            if after.line.doubts > world.line.doubts:
                assert world.line.state == "at_dot", (name, world)
