"""Everything one running journey remembers, in one frozen, serialisable value."""

from datetime import datetime
from typing import Any

from pydantic import Field

from journey.effects import Ask
from journey.inputs import EffectDone, Event
from journey.model import Frozen
from journey.time.clocks import Run

MAILBOX = 200
"""How many events nobody waits for yet are kept; the oldest go first."""


class Ended(Frozen):
    """How and when an instance ended."""

    outcome: str
    at: datetime
    why: str


class Closing(Frozen):
    """An exit or goal has been met and its closing steps are being done; then the instance ends so."""

    outcome: str
    why: str


class Paused(Frozen):
    """Somebody has stopped an instance. What it goes on with is kept: the deadline it rested until (``wake_at``), the
    answer that came, or a step that it enters when it goes on (``enter``); and the events that came meanwhile."""

    at: datetime
    wake_at: datetime | None = None
    answer: EffectDone | None = None
    enter: bool = False
    events: tuple[Event, ...] = ()


class Aside(Frozen):
    """Something to do beside the way of an instance, from a moment on, as soon as it rests: ``what`` the step of that
    uid is to do (one of its blocks, or a word of its own), for its visit of that number. ``clock``: whose alarm it is;
    ``here``: what the step has kept for itself."""

    at: datetime
    step: str
    what: str
    visit: int = 1
    clock: str = ""
    here: dict[str, Any] = Field(default_factory=dict)


class Beside(Frozen):
    """What is being done beside the way, and the place to come back to: the step, the deadline it rests until, what it
    keeps for itself, how often the step of the aside has been visited since; and the events that came meanwhile."""

    aside: Aside
    step: str
    wake_at: datetime | None = None
    here: dict[str, Any] = Field(default_factory=dict)
    visits: int = 1
    events: tuple[Event, ...] = ()


class Hold(Frozen):
    """Why a clock stands, and the event by which it goes on."""

    reason: str
    on: str
    if_: str | None = None
    step: str
    visit: int = 1


class Clock(Frozen):
    """A named deadline that runs beside the way (``journey.clocks``). ``step``: the uid of the step that started it;
    ``due``: its time as written; ``calendar``: the name of the one it is counted in, None for real time, ``version``
    which one of that name it was; ``done``: its
    warnings and its breach, as far as they have come; ``until``: when it is due, in words. ``began`` and the moments of
    ``run`` are those of the instance's own clock."""

    step: str
    visit: int = 1
    kind: str
    due: str
    calendar: str | None = None
    version: str = ""
    began: datetime
    run: Run
    until: str = ""
    done: tuple[str, ...] = ()
    hold: Hold | None = None


def alarm(wake_at: datetime | None, asides: tuple[Aside, ...]) -> datetime | None:
    """The first of these moments; the asides are in order."""
    moments = [moment for moment in (wake_at, asides[0].at if asides else None) if moment is not None]
    return min(moments, default=None)


class State(Frozen):
    """One instance between two turns.

    ``step`` is where it stands; ``wake_at`` when its rest there is over; ``asked`` the effect whose answer it needs
    before it goes on; ``moved_at`` when it last left a wait (or began): events accepted since then count for the next
    wait, so nothing that arrives while a message goes out is missed. ``mailbox`` keeps them.
    ``here`` is what the present step keeps for itself while the instance stands there. ``visits`` and ``rounds`` count
    by the steps' uids, which survive renaming. ``clocks`` run beside the way; ``asides`` are what is to be done beside
    it, in the order of their moments; ``beside`` is the one being done. ``over``: the way has come to its end so, and
    what is held back goes out before the instance ends.
    """

    started_at: datetime
    now: datetime
    pace: float = 1.0
    who: str = ""
    start: dict[str, Any] = Field(default_factory=dict)
    vars: dict[str, Any] = Field(default_factory=dict)
    step: str | None = None
    visits: dict[str, int] = Field(default_factory=dict)
    rounds: dict[str, int] = Field(default_factory=dict)
    moved_at: datetime
    wake_at: datetime | None = None
    asked: Ask | None = None
    mailbox: tuple[Event, ...] = ()
    turns: int = 0
    closing: Closing | None = None
    paused: Paused | None = None
    here: dict[str, Any] = Field(default_factory=dict)
    clocks: dict[str, Clock] = Field(default_factory=dict)
    asides: tuple[Aside, ...] = ()
    beside: Beside | None = None
    over: Closing | None = None
    ended: Ended | None = None

    @property
    def rests(self) -> bool:
        """Whether it waits where it stands, or at the end of its way: then asides may be done."""
        at_rest = self.wake_at is not None or self.over is not None
        return at_rest and not (self.beside or self.asked or self.paused or self.closing or self.ended)

    @property
    def alarm_at(self) -> datetime | None:
        """When to call again if nothing else happens: a rest is over, or something is to be done beside it."""
        return alarm(self.wake_at, self.asides if self.rests else ())
