"""What the scenarios of a journey reach, and what none of them reaches.

Counted are steps, ways (branches, otherwise-paths, exits, goal) and messages. A scenario that goes otherwise than
expected reaches what it reaches all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from journey.definition import Journey
from journey.places import placed_steps
from journey.problems import Problem
from journey.simulator import Trace
from journey.steps import Step
from journey.turn import Way
from journey.yaml_tree import Path, Tree

RULE = "not-covered"


@dataclass
class Reached:
    """What the scenarios of one journey have reached so far."""

    uids: set[str] = field(default_factory=set)
    ways: set[Way] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)

    def add(self, trace: Trace) -> None:
        """One more scenario."""
        self.uids |= set(trace.state.visits)
        self.ways |= set(trace.ways)
        self.messages |= {line.name for line in trace.lines if line.kind == "send"}


@dataclass(frozen=True)
class Coverage:
    """How much of a journey is reached: counted things, those reached, and a problem for each that is not."""

    journey: str
    all: int
    reached: int
    missing: tuple[Problem, ...]

    @property
    def percent(self) -> float:
        """0 to 100."""
        return 100.0 * self.reached / self.all if self.all else 100.0


def coverage(journey: Journey, tree: Tree, reached: Reached) -> Coverage:
    """What is reached of a journey. What lies inside a way that nobody takes is counted, but not told again."""
    every = set(ways(journey))
    sends = _messages(journey)
    total = len(journey.spots) + len(every) + len(sends)
    found = len(reached.uids & set(journey.by_uid)) + len(reached.ways & every) + len(reached.messages & sends)
    return Coverage(journey.journey, total, found, tuple(sorted(_missing(journey, tree, reached))))


def ways(journey: Journey) -> Iterator[Way]:
    """Every way that can be taken: exits, goal, then the blocks of every step."""
    for number, watch in enumerate(journey.watches):
        yield Way("", "goal" if watch is journey.goal else f"exit/{number}")
    for spot in journey.spots.values():
        for block, _ in spot.step.blocks():
            yield Way(spot.step.id, block)


def _messages(journey: Journey) -> set[str]:
    return {name for spot in journey.spots.values() for name in spot.step.sends()}


def _missing(journey: Journey, tree: Tree, reached: Reached) -> Iterator[Problem]:
    for path, message in (*_outs(journey, reached), *_inside(journey, reached)):
        at = (
            path[:-1] if len(path) > 1 and path[-1] == "do" and isinstance(path[-2], int) else path
        )  # the branch's head
        place = tree.keys.get(at) or tree.place(at)
        yield Problem(place, message, RULE, f"Write one in scenarios/{journey.journey}.yaml.")


def _outs(journey: Journey, reached: Reached) -> Iterator[tuple[Path, str]]:
    """The exits and the goal by which no scenario ends."""
    for number, watch in enumerate(journey.watches):
        way = Way("", "goal" if watch is journey.goal else f"exit/{number}")
        if way not in reached.ways:
            yield _path(way.block), f"No scenario ends by this {way.block.partition('/')[0]} ({watch.as_})."


def _inside(journey: Journey, reached: Reached) -> Iterator[tuple[Path, str]]:
    """The first step of each part that no scenario reaches, and what is missing of the steps that are reached."""
    dark: list[Path] = []
    for step, path in placed_steps(journey):
        if any(path[: len(part)] == part for part in dark):
            continue
        if step.uid in reached.uids:
            for inner, message in _of_step(step, reached):
                dark.append((*path, *inner))
                yield (*path, *inner), message
            continue
        before = (*path[:-1], int(path[-1]) - 1)
        if path[0] == "steps" and before not in dark:  # an exit that nobody takes is told with its closing steps
            yield path, f'No scenario reaches "{step.title()}".'
        dark.append(path)


def _of_step(step: Step, reached: Reached) -> Iterator[tuple[Path, str]]:
    for block, _ in step.blocks():
        if Way(step.id, block) not in reached.ways:
            yield _path(block), f'No scenario takes the way "{step.label(block)}" of "{step.title()}".'
    for name in step.sends():
        if name not in reached.messages:
            yield (step.kind,), f'No scenario sends the message "{name}".'


def _path(block: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in block.split("/"))
