"""The machine: journey + state + one input give a new state and what to do.

Rule 1: nothing outside this file and ``steps/`` decides what happens next.
Rule 2: it is pure. Time, customers and answers come in as inputs; ``advance`` on the same values gives the same bytes.
Rule 3: an input that does not fit changes nothing, and the turn says why (``Turn.ignored``).
Rule 4: exit and goal are asked first, at any moment, and end the instance at once.
Rule 5: an event accepted at or before a deadline wins against it; one accepted later finds the deadline already past.
Rule 6: an effect is asked for once; its id is the step, the visit and an ordinal, never a run.
"""

from datetime import datetime

from journey.definition import Journey, Watch
from journey.effects import ReadCustomer
from journey.inputs import EffectDone, Entry, Event, EventReceived, Input, WokeUp
from journey.state import MAILBOX, Closing, Ended, State
from journey.turn import Again, Asked, Desk, Finish, Into, Jump, Move, Next, Rest, Turn, Way

READ = 99
"""The ordinal of the effect that reads the customer before a step is entered."""


def start(journey: Journey, entry: Entry, at: datetime) -> Turn:
    """Begin an instance: the first turn, up to the first rest or ask."""
    began = entry.event.at
    state = State(started_at=began, now=at, pace=entry.pace, who=entry.who, start=entry.event.data, moved_at=began)
    desk = Desk(state, at)
    desk.decide(f"Started by {entry.event.type}.")
    _walk(journey, desk, _arrive(journey, desk, journey.first))
    return desk.close()


def advance(journey: Journey, state: State, happened: Input) -> Turn:
    """One input. Never raises for an input that does not fit: it is ignored, with the reason."""
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
    desk = Desk(state, done.at)
    asked, desk.asked = state.asked, None
    step = journey.spots[state.step].step
    if isinstance(asked, ReadCustomer):
        desk.customer = done.value
        move = step.enter(desk)
    else:
        move = step.answered(desk, done)
    _walk(journey, desk, move)
    return desk.close()


def _woke(journey: Journey, state: State, woke: WokeUp) -> Turn:
    if state.wake_at is None or woke.at < state.wake_at:
        return Turn(state=state, ignored="it is not time yet")
    desk = Desk(state, woke.at)
    _deadline(journey, desk)
    return desk.close()


def _event(journey: Journey, state: State, happened: EventReceived) -> Turn:
    event = happened.event
    if event.type not in journey.hears:
        return Turn(state=state, ignored=f"this journey does not listen to {event.type}")
    desk = Desk(state, happened.at)
    if desk.wake_at is not None and desk.wake_at < event.at:
        _deadline(journey, desk)
    if not desk.ended and not desk.closing and not _watched(journey, desk, event):
        _heard(journey, desk, event)
    return desk.close()


def _deadline(journey: Journey, desk: Desk) -> None:
    """The rest is over: the step says how to go on."""
    reached = desk.wake_at or desk.at
    move = journey.spots[desk.step or ""].step.woke(desk)
    _leave_rest(journey, desk, reached)
    _walk(journey, desk, move)


def _watched(journey: Journey, desk: Desk, event: Event) -> bool:
    """Exit and goal: whether this event ends the instance."""
    for number, watch in enumerate(journey.watches):
        if watch.on != event.type:
            continue
        meaning = f'{event.type} ends the journey as "{watch.as_}"'
        if watch.if_ is None or desk.holds(watch.if_, event, meaning):
            way = Way("", "goal" if watch is journey.goal else f"exit/{number}")
            desk.ways.append(way)
            _close(journey, desk, watch, f"{event.type} came ({way.block.partition('/')[0]}).")
            return True
    return False


def _close(journey: Journey, desk: Desk, watch: Watch, why: str) -> None:
    """End the instance at once; what it asked or waited for is given up. Closing steps come first, if there are any."""
    desk.asked = desk.wake_at = None
    if not watch.do:
        _end(desk, Finish(watch.as_, why))
        return
    desk.decide(f'{why} Closing steps follow, then it ends as "{watch.as_}".')
    desk.closing = Closing(outcome=watch.as_, why=why)
    _walk(journey, desk, _arrive(journey, desk, watch.do[0].id))


def _heard(journey: Journey, desk: Desk, event: Event) -> None:
    """An event for the step where the instance rests; else it is kept if some wait may want it."""
    move = journey.spots[desk.step or ""].step.heard(desk, event) if desk.wake_at is not None else None
    if move is not None:
        _leave_rest(journey, desk, event.at)
        _walk(journey, desk, move)
    elif event.type in journey.waits_for:
        late = event.at < desk.moved_at  # a clock was behind, or it was on its way: it counts from now, as at a wait
        kept = event.model_copy(update={"at": desk.moved_at}) if late else event
        desk.mailbox = (*desk.mailbox, kept)[-MAILBOX:]


def _leave_rest(journey: Journey, desk: Desk, at: datetime) -> None:
    desk.wake_at = None
    desk.moved_at = at
    desk.mailbox = tuple(event for event in desk.mailbox if event.type in journey.keeps or event.at >= at)


def _walk(journey: Journey, desk: Desk, move: Move) -> None:
    """Follow moves until the instance rests, asks or ends."""
    while True:
        if isinstance(move, Asked):
            desk.asked = move.effect
            return
        if isinstance(move, Finish):
            _end(desk, move)
            return
        if isinstance(move, Rest):
            found = _from_mailbox(journey, desk)
            if found is None:
                desk.wake_at = move.until
                return
            move = found
            continue
        target = _target(journey, desk, move)
        move = Finish("completed", "The journey came to its end.") if target is None else _arrive(journey, desk, target)


def _target(journey: Journey, desk: Desk, move: Next | Into | Jump | Again) -> str | None:
    """The step that a move leads to; None at the end."""
    spot = journey.spots[desk.step or ""]
    if isinstance(move, Jump):
        around = journey.loops_around(move.step)
        desk.rounds = {step: count for step, count in desk.rounds.items() if step in around}
        return move.step
    if isinstance(move, Again):
        return desk.step
    if isinstance(move, Into):
        desk.ways.append(Way(spot.step.id, move.block))
        return spot.blocks[move.block]
    return spot.after


def _arrive(journey: Journey, desk: Desk, step_id: str) -> Move:
    """Enter a step; what it reads of the customer is asked for first."""
    desk.step = step_id
    desk.visits[step_id] = desk.visits.get(step_id, 0) + 1
    step = journey.spots[step_id].step
    if step.reads():
        return Asked(ReadCustomer(id=desk.effect_id(READ), fields=step.reads()))
    return step.enter(desk)


def _from_mailbox(journey: Journey, desk: Desk) -> Move | None:
    """The move for the first kept event that the step just entered wants; that event is used up."""
    step = journey.spots[desk.step or ""].step
    for position, event in enumerate(desk.mailbox):
        if event.type not in step.hears() or not step.counts(event, desk.moved_at):
            continue
        move = step.heard(desk, event)
        if move is not None:
            desk.mailbox = desk.mailbox[:position] + desk.mailbox[position + 1 :]
            _leave_rest(journey, desk, max(desk.moved_at, event.at))
            return move
    return None


def _end(desk: Desk, finish: Finish) -> None:
    if desk.closing is not None:
        finish = Finish(desk.closing.outcome, desk.closing.why)
    desk.ended = Ended(outcome=finish.outcome, at=desk.at, why=finish.why)
    desk.decide(f'{finish.why} It ends as "{finish.outcome}".')
