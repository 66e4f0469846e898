"""The clocks of one instance: named deadlines that run beside its steps.

An **internal** clock counts the open hours of its calendar (real time, if its time is real), may pause with a reason,
and goes on from what it had used. A **statutory** one counts real time and never pauses; business days only find its
end. What a clock does when its time comes stands in the step that started it; until then it waits among the asides.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from journey import durations
from journey.state import Aside, Clock, Hold
from journey.time import clocks as times
from journey.time import lengths
from journey.time.calendar import Calendar
from journey.turn import Desk

BREACH, RESUME = "breach", "resume"
STATUTORY = "statutory"


def start(desk: Desk, name: str, new: Clock, shares: dict[str, float]) -> None:
    """Start a clock (``new``, whose run is not worked out yet), or give a running one new time: what it has used stays
    used, and what was warned of is not warned of again. ``shares`` are its warnings, by block."""
    target, old = lengths.parse(new.due), desk.clocks.get(name)
    counted = desk.wall.calendar(new.calendar) if new.calendar is not None else None
    began = new.began if old is None else old.began
    make = times.statutory if new.kind == STATUTORY else times.started
    run = make(began, target, counted, desk.wall.zone if target.months is not None else None)
    if old is not None:
        used = times.paused(old.run, desk.wall.now, _calendar(desk, old))
        run = run.model_copy(update={"spent": used.spent, "since": desk.wall.now if old.run.since else None})
    done, hold = (old.done, old.hold) if old is not None else ((), None)
    version = counted.version if counted is not None else ""
    desk.clocks[name] = new.model_copy(
        update={"began": began, "run": run, "done": done, "hold": hold, "version": version}
    )
    _set_alarms(desk, name, shares)
    clock = desk.clocks[name]
    verb = "has new time" if old is not None else "starts"
    until = f", due on {clock.until}" if clock.until else ""
    desk.decide(f"The clock {name} {verb}: {new.due}{until}.", values=_values(name, clock, counted))


def changed(desk: Desk) -> list[str]:
    """The clocks that count in a calendar which is another one by now. One that was breached keeps what it has."""
    counting = [(name, clock) for name, clock in desk.clocks.items() if BREACH not in clock.done]
    return [
        name
        for name, clock in counting
        if clock.calendar is not None and desk.wall.calendar(clock.calendar).version != clock.version
    ]


def retime(desk: Desk, name: str, was: Mapping[str, Calendar], shares: dict[str, float]) -> None:
    """A running clock gets the time of the calendar in force. ``was``: the calendars by which it was counted so far, by
    their versions; without that one, the new one counts for what is past, too."""
    clock = desk.clocks[name]
    counted = desk.wall.calendar(clock.calendar)
    target = lengths.parse(clock.due)
    if clock.kind == STATUTORY:
        run = clock.run.model_copy(update={"total": times.statutory(clock.began, target, counted).total})
    else:
        before = was.get(clock.version, counted)
        run = times.recounted(clock.run, desk.wall.now, clock.began, target, before, counted)
    desk.clocks[name] = clock.model_copy(update={"run": run, "version": counted.version})
    _set_alarms(desk, name, shares)
    until = desk.clocks[name].until
    now = f"it is due on {until}, not on {clock.until}" if until != clock.until else "nothing changes for it"
    said = now if until else "it stands"
    text = f"The calendar of the clock {name} has changed{desk.wall.by(counted)}: {said}."
    desk.decide(text, values=_values(name, clock, counted) | {"before": clock.version})


def pause(desk: Desk, name: str, hold: Hold, at_most: str, calendar: str | None) -> None:
    """A clock stands still, until the event comes or for so long at most."""
    clock = desk.clocks.get(name)
    if clock is None or clock.hold is not None:
        desk.decide(f"The clock {name} is not paused: it {'stands already' if clock else 'does not run'}.")
        return
    run = times.paused(clock.run, desk.wall.now, _calendar(desk, clock))
    desk.clocks[name] = clock.model_copy(update={"run": run, "hold": hold, "until": ""})
    latest = desk.later(at_most, calendar)
    _put(desk, name, [Aside(at=latest, step=hold.step, visit=hold.visit, what=RESUME, clock=name)])
    used = f"{_say(clock, run.spent)} of {_say(clock, run.total)} are used"
    desk.decide(f"The clock {name} pauses: {hold.reason}. {used}.", values=_values(name, clock))


def resume(desk: Desk, name: str, at: datetime, why: str, shares: dict[str, float]) -> None:
    """A clock goes on from a moment of the instance's clock."""
    clock = desk.clocks.get(name)
    if clock is None or clock.hold is None:
        desk.decide(f"The clock {name} does not go on: it {'runs already' if clock else 'does not run'}.")
        return
    desk.clocks[name] = clock.model_copy(update={"run": times.resumed(clock.run, at), "hold": None})
    _set_alarms(desk, name, shares)
    desk.decide(
        f"The clock {name} goes on: {why}. It is due on {desk.clocks[name].until}.", values=_values(name, clock)
    )


def stop(desk: Desk, name: str) -> None:
    """A clock is over; whether it was kept is put on record."""
    clock = desk.clocks.pop(name, None)
    _put(desk, name, [])
    if clock is None:
        desk.decide(f"The clock {name} is not stopped: it does not run.")
        return
    used = times.spent(clock.run, desk.wall.now, _calendar(desk, clock))
    kept = BREACH not in clock.done and used <= clock.run.total
    said = "in time" if kept else "too late"
    text = f"The clock {name} is stopped {said}: {_say(clock, used)} of {_say(clock, clock.run.total)} were used."
    desk.decide(text, values=_values(name, clock) | {"used": used.total_seconds()}, result=kept)


def end(desk: Desk) -> None:
    """The instance is over, and its clocks are too; whether they were kept is put on record."""
    for name, clock in desk.clocks.items():
        kept = BREACH not in clock.done
        said = "in time" if kept else "after its breach"
        desk.decide(f"The clock {name} ends with the journey, {said}.", values=_values(name, clock), result=kept)
    desk.clocks = {}
    desk.put_aside(desk.held_back)


def came(desk: Desk, aside: Aside) -> str:
    """The time of a warning or breach has come; what to say of it."""
    clock = desk.clocks[aside.clock]  # an alarm goes with its clock
    desk.clocks[aside.clock] = clock.model_copy(update={"done": (*clock.done, aside.what)})
    return f"It is due on {clock.until}." if aside.what != BREACH else f"{clock.due} were over on {clock.until}."


def _say(clock: Clock, length: timedelta) -> str:
    """So much of its time. Open hours are said in hours, for days of them would be read as days."""
    if clock.calendar is None or clock.kind == STATUTORY:
        return durations.say(length)
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _calendar(desk: Desk, clock: Clock) -> Calendar | None:
    """What its time is counted in; None for real time."""
    counted = clock.calendar is not None and clock.kind != STATUTORY
    return desk.wall.calendar(clock.calendar) if counted else None


def _set_alarms(desk: Desk, name: str, shares: dict[str, float]) -> None:
    """When its warnings and its breach come, as far as they have not; none while it stands."""
    clock = desk.clocks[name]
    counted = _calendar(desk, clock)
    alarms = []
    for what, share in {**shares, BREACH: 1.0}.items():
        shown = times.at_share(clock.run, share, counted)
        if shown is not None and what not in clock.done:
            at = desk.wall.real(shown)
            alarms.append(Aside(at=at, step=clock.step, visit=clock.visit, what=what, clock=name))
    due = times.due(clock.run, counted)
    desk.clocks[name] = clock.model_copy(update={"until": desk.wall.say(due) if due is not None else ""})
    _put(desk, name, alarms)


def _put(desk: Desk, name: str, alarms: list[Aside]) -> None:
    """These alarms for a clock, in place of those it had."""
    desk.put_aside([aside for aside in desk.asides if aside.clock != name] + alarms)


def _values(name: str, clock: Clock, calendar: Calendar | None = None) -> dict[str, Any]:
    used = {"calendar": calendar.name, "version": calendar.version} if calendar is not None else {}
    return {"clock": name, "kind": clock.kind, "due": clock.due, **used}


def nothing_yet(moment: datetime) -> times.Run:
    """The run of a clock before it is worked out."""
    return times.Run(total=timedelta(), since=moment)
