"""What Temporal and its workers hold: runs with their logs, and attempts at effects."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime

from journey.inputs import EffectDone
from journey.work import Launch, Work
from tests.simulation.brain import Begin, Brain, Keep, Request, Said


@dataclass
class Attempt:
    """One try at an effect. ``stopped``: its process hangs (its lease runs out meanwhile). ``cut``: the mail server has
    closed its connection."""

    key: str
    effect: str
    stages: Generator[str, None, EffectDone]
    lasting: bool = False
    waits: bool = False
    stopped: bool = False
    cut: bool = False
    answer: EffectDone | None = None


@dataclass
class Run:
    """One workflow run as Temporal keeps it. ``log`` is durable; ``fresh`` is what a worker has done since and not yet
    reported. ``words`` are signals and timers, which are durable when they come."""

    launch: Launch
    words: list[Said] = field(default_factory=list)
    log: list[tuple[Said, str]] = field(default_factory=list)
    fresh: list[tuple[Said, str]] = field(default_factory=list)
    heard: int = 0
    kept: int = 0
    brain: Brain | None = None
    mind: Generator[Request, Said, None] | None = None
    request: Request | None = None
    begun: dict[str, Work] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    rung_for: tuple[datetime, int] | None = None
    """The deadline for which the alarm was raised, and after how many steps."""
    done: bool = False


def iter_nothing() -> Generator[str, None, EffectDone]:
    """Takes the place of stages until they are there."""
    yield "begun"
    raise AssertionError


def fingerprint(request: Request | None) -> str:
    """What a mind asks for, in a few words; two that are the same do the same."""
    if isinstance(request, (Keep, Begin)):
        work = request.work
        assert work.standing is not None
        writes = [write.id for write in work.writes]
        effect = work.effect.id if work.effect else ""
        said = [decision.text for decision in work.decisions]
        return f"{type(request).__name__} {work.standing.cursor} {work.standing.wake_at} {writes} {effect} {said}"
    return repr(request)
