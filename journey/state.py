"""Everything one running journey remembers, in one frozen, serialisable value."""

from datetime import datetime
from typing import Any

from pydantic import Field

from journey.effects import Ask
from journey.inputs import EffectDone, Event
from journey.model import Frozen

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


class State(Frozen):
    """One instance between two turns.

    ``step`` is where it stands; ``wake_at`` when to call again if nothing else happens; ``asked`` the effect whose
    answer it needs before it goes on; ``moved_at`` when it last left a wait (or began): events accepted since then
    count for the next wait, so nothing that arrives while a message goes out is missed. ``mailbox`` keeps them.
    ``here`` is what the present step keeps for itself while the instance stands there. ``visits`` and ``rounds`` count
    by the steps' uids, which survive renaming.
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
    ended: Ended | None = None
