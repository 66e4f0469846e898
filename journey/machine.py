"""The machine: journey + state + one input give a new state and what to do.

Rule 1: nothing outside this file, ``walking.py``, ``steering.py`` and ``steps/`` decides what happens next.
Rule 2: it is pure. Time, customers and answers come in as inputs; ``advance`` on the same values gives the same bytes.
Rule 3: an input that does not fit changes nothing, and the turn says why (``Turn.ignored``).
Rule 4: exit and goal are asked first, at any moment, and end the instance at once.
Rule 5: an event or command accepted at or before a deadline wins against it; one accepted later finds the deadline
already past.
Rule 6: an effect is asked for once; its id is the step, the visit and an ordinal, never a run.
Rule 7: while an instance is paused nothing is begun; what happens meanwhile is kept and applied, in its order, when it
goes on.
"""

from datetime import datetime

from journey.definition import Journey
from journey.effects import ReadCustomer
from journey.inputs import CommandReceived, EffectDone, Entry, EventReceived, Input, WokeUp
from journey.state import State
from journey.steering import steer
from journey.turn import Desk, Turn
from journey.walking import arrive, do_aside, hear, pass_time, walk


def start(journey: Journey, entry: Entry, at: datetime) -> Turn:
    """Begin an instance: the first turn, up to the first rest or ask."""
    began = entry.event.at
    state = State(
        started_at=began,
        now=at,
        pace=entry.pace,
        who=entry.who,
        start=entry.event.data,
        vars=dict(journey.defaults),
        moved_at=began,
    )
    desk = Desk(journey, state, at)
    desk.decide(f"Started by {entry.event.type}.")
    walk(desk, arrive(desk, journey.first))
    return desk.close()


def advance(journey: Journey, state: State, happened: Input) -> Turn:
    """One input. Never raises for an input that does not fit: it is ignored, with the reason."""
    if isinstance(happened, CommandReceived):
        return steer(journey, state, happened)
    if state.ended is not None:
        return Turn(state=state, ignored="the journey has ended")
    if isinstance(happened, EffectDone):
        return _answered(journey, state, happened)
    if isinstance(happened, WokeUp):
        return _woke(journey, state, happened)
    return _event(journey, state, happened)


def _answered(journey: Journey, state: State, done: EffectDone) -> Turn:
    if state.asked is None or state.asked.id != done.effect or state.step is None:
        return Turn(state=state, ignored=f"nobody waits for the answer to {done.effect}")
    desk = Desk(journey, state, done.at)
    asked, desk.asked = state.asked, None
    if desk.paused is not None:
        reading = isinstance(asked, ReadCustomer)  # what it reads is read anew when it goes on
        desk.paused = desk.paused.model_copy(update={"enter": reading, "answer": None if reading else done})
        return desk.close()
    step = journey.spots[state.step].step
    if not isinstance(asked, ReadCustomer):
        walk(desk, step.answered(desk, done))
        return desk.close()
    desk.customer, desk.local = done.value, done.local
    if step.counts_later():
        desk.keep_local()
    if desk.doing_aside:
        do_aside(desk, read=True)
    else:
        walk(desk, step.enter(desk))
    return desk.close()


def _woke(journey: Journey, state: State, woke: WokeUp) -> Turn:
    if state.alarm_at is None or woke.at < state.alarm_at:
        return Turn(state=state, ignored="it is not time yet")
    desk = Desk(journey, state, woke.at)
    pass_time(desk, state.alarm_at, reached=True)
    return desk.close()


def _event(journey: Journey, state: State, happened: EventReceived) -> Turn:
    event = happened.event
    if event.type not in journey.hears:
        return Turn(state=state, ignored=f"this journey does not listen to {event.type}")
    desk = Desk(journey, state, happened.at)
    hear(desk, event)
    return desk.close()
