"""What passes between a driver and the rooms that act: work to do, where an instance stands, how it is launched.

Workflows write these, activities and the router read and write them; neither imports the other.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import Field

from journey.clocks import BREACH
from journey.commands import AnyCommand
from journey.definition import Journey
from journey.effects import Ask, CallService, NotifyTeam, ReadCustomer, SendMessage, StartJourney, TakeFrom, Write
from journey.inputs import CommandReceived, Entry, Event, EventReceived
from journey.model import Frozen
from journey.state import Ended, State
from journey.turn import Decision


class Standing(Frozen):
    """Where an instance stands after a turn. ``cursor`` is the last delivery applied; ``snapshot`` its state, enough to
    begin again from here; ``doing`` says in a few words what it waits for, ``wake_at`` until when. ``version`` is the
    content hash of the definition it is on, said when that has changed."""

    cursor: int
    snapshot: dict[str, Any]
    step: str | None
    doing: str
    wake_at: datetime | None = None
    paused_at: datetime | None = None
    version: str | None = None
    ended: Ended | None = None
    trouble: str | None = None


class Work(Frozen):
    """One activity's job: keep the writes and reasons of a turn and where the instance stands, then perform the effect
    (if there is one). ``given_up`` is an effect that is not wanted any more; ``commands`` says by their numbers what
    became of commands: '' if they took effect, else why they did not fit."""

    instance_id: str
    writes: tuple[Write, ...] = ()
    decisions: tuple[Decision, ...] = ()
    standing: Standing | None = None
    given_up: str = ""
    commands: dict[int, str] = Field(default_factory=dict)
    effect: Ask | None = None

    def after(self, begun: "Work") -> "Work":
        """This work and all that an earlier one had to keep, whose activity may not have begun yet and may never begin.
        Keeping a turn twice changes nothing."""
        standing, earlier = self.standing, begun.standing
        if standing is not None and standing.version is None and earlier is not None:
            standing = standing.model_copy(update={"version": earlier.version})
        return self.model_copy(
            update={
                "writes": (*begun.writes, *self.writes),
                "decisions": (*begun.decisions, *self.decisions),
                "commands": {**begun.commands, **self.commands},
                "standing": standing,
            }
        )


class Launch(Frozen):
    """A workflow's argument: the pinned plan, and how it begins: with an entry, or again from a snapshot.
    ``cursor`` is the last delivery applied, ``upto`` the last one there is."""

    instance_id: str
    plan: dict[str, Any]
    entry: Entry | None = None
    snapshot: State | None = None
    cursor: int = 1
    upto: int = 1


class Bell(Frozen):
    """The doorbell: deliveries up to ``upto`` are there; the event of that number may come along."""

    upto: int
    event: Event | None = None


class Delivery(Frozen):
    """One entry of an instance's sequence: an event or a command."""

    seq: int
    event: Event | None = None
    command: AnyCommand | None = None

    def happened(self, at: datetime) -> EventReceived | CommandReceived:
        """The input that it is, now."""
        if self.command is not None:
            return CommandReceived(command=self.command, at=at)
        assert self.event is not None, "a delivery is an event or a command"
        return EventReceived(event=self.event, at=at)


class Deliveries(Frozen):
    """An answer to ``fetch``."""

    deliveries: tuple[Delivery, ...] = Field(default=())


def standing(
    journey: Journey, state: State, cursor: int, trouble: str | None = None, version: str | None = None
) -> Standing:
    """Where an instance in this state stands."""
    return Standing(
        cursor=cursor,
        snapshot=state.model_dump(mode="json", exclude_defaults=True),
        step=state.step,
        doing=doing(journey, state),
        wake_at=state.alarm_at,
        paused_at=state.paused.at if state.paused else None,
        version=version,
        ended=state.ended,
        trouble=trouble,
    )


def doing(journey: Journey, state: State) -> str:
    """What an instance does or waits for, in a few words: ``waits for setup.completed``."""
    if state.ended is not None:
        return f"ended: {state.ended.outcome}"
    if state.paused is not None:
        return f"is paused at {state.step}"
    if state.over is not None and state.beside is None:
        return "sends what is held back when its time comes"
    if state.asked is not None:
        return _DOING[type(state.asked)](state.asked)
    return journey.spots[state.step].step.doing() if state.step in journey.spots else "stands"


_DOING: dict[type[Ask], Callable[[Any], str]] = {
    SendMessage: lambda ask: f"sends {ask.message}",
    NotifyTeam: lambda ask: f"tells {ask.team}",
    ReadCustomer: lambda ask: "reads the customer record",
    TakeFrom: lambda ask: f"takes from {ask.budget}",
    CallService: lambda ask: f"calls {ask.name}",
    StartJourney: lambda ask: f"starts {ask.journey}",
}


def clock_times(snapshot: dict[str, Any]) -> dict[str, Any]:
    """When the first running clock of a snapshot is over (``clock_due``), and whether one is over (``clock_over``)."""
    clocks = snapshot.get("clocks") or {}
    alarms = [
        datetime.fromisoformat(aside["at"])
        for aside in snapshot.get("asides") or ()
        if aside["what"] == BREACH and aside.get("clock") in clocks
    ]
    over = any(BREACH in (clock.get("done") or ()) for clock in clocks.values())
    return {"clock_due": min(alarms, default=None), "clock_over": over or None}
