"""Following moves through a journey, from one step to the next, until the instance rests, asks or ends.

The machine and the commands stand on this; nothing here looks at inputs other than events.
"""

from datetime import datetime

from journey import clocks, durations
from journey.definition import Goal, Watch
from journey.effects import ReadCustomer
from journey.inputs import CUSTOMER_CHANGED, Event
from journey.state import MAILBOX, Beside, Closing, Ended
from journey.steps import clock
from journey.turn import Again, Asked, Desk, Finish, Into, Jump, Move, Next, Rest, Way


def hear(desk: Desk, event: Event) -> None:
    """An event, in its place in time: what was due before it comes first; exit and goal are asked next. What comes
    while something is done beside the way, or during a pause, is applied afterwards."""
    pass_time(desk, event.at)
    if desk.ended or desk.closing or _watched(desk, event):
        return
    if desk.beside is not None:
        kept = (*desk.beside.events, event)[-MAILBOX:]
        desk.beside = desk.beside.model_copy(update={"events": kept})
    elif event.type == CUSTOMER_CHANGED and isinstance(desk.asked, ReadCustomer):
        step_id = desk.step or ""
        abandon(desk)  # what is being read may be older than this change: it is read anew
        walk(desk, arrive(desk, step_id))
    elif desk.paused is not None:
        desk.paused = desk.paused.model_copy(update={"events": (*desk.paused.events, event)[-MAILBOX:]})
    else:
        clock.heard(desk, event)
        _heard(desk, event)


def pass_time(desk: Desk, moment: datetime, *, reached: bool = False) -> None:
    """All that was due before a moment (``reached``: or at it), in order: the end of the rest, and what is to be done
    beside it. Of two that are due at the same moment the way goes first. What follows the end of a rest begins now, so
    that a second rest cannot be over as well."""
    rested = False
    while (due := desk.alarm_at) is not None and (due < moment or (reached and due == moment)):
        if desk.wake_at != due:
            _begin_aside(desk)
        elif rested:
            return
        else:
            rested = True
            _deadline(desk)


def _deadline(desk: Desk) -> None:
    """The rest is over: the step says how to go on."""
    reached = desk.wake_at or desk.at
    move = desk.journey.spots[desk.step or ""].step.woke(desk)
    _moved(desk, move, reached)
    walk(desk, move)


def _begin_aside(desk: Desk) -> None:
    """Leave the way for what is next beside it; the place to come back to is kept."""
    aside, desk.asides = desk.asides[0], desk.asides[1:]
    step_id = desk.journey.by_uid.get(aside.step)
    if step_id is None:
        desk.decide(f"What {aside.step} was to do is not done: this version has no such step.")
        _end_if_over(desk)
        return
    visits = desk.visits.get(aside.step, 1)
    desk.beside = Beside(aside=aside, step=desk.step or "", wake_at=desk.wake_at, here=desk.here, visits=visits)
    desk.wake_at, desk.step, desk.here = None, step_id, dict(aside.here)
    desk.visits[aside.step] = aside.visit
    do_aside(desk)


def do_aside(desk: Desk, *, read: bool = False) -> None:
    """What the step of the aside does, once it has ``read`` what it needs for that."""
    assert desk.beside is not None
    step, aside = desk.journey.spots[desk.step or ""].step, desk.beside.aside
    asked = None if read or not step.reads_for(aside) else desk.reading()
    walk(desk, asked or step.aside(desk, aside))


def _come_back(desk: Desk) -> None:
    """What was done beside the way is done: stand where the instance stood, and apply what came meanwhile."""
    beside = desk.beside
    assert beside is not None
    desk.leave_aside()
    desk.step, desk.here, desk.wake_at = beside.step, beside.here, beside.wake_at
    for event in beside.events:
        hear(desk, event)
    _end_if_over(desk)


def _end_if_over(desk: Desk) -> None:
    """The way was at its end, and what was held back has gone."""
    if desk.over is not None and desk.rests and not desk.held_back:
        end(desk, Finish(desk.over.outcome, desk.over.why))


def _put_off(desk: Desk, until: datetime) -> None:
    """What is done beside the way has to wait: it comes later, and the way goes on meanwhile."""
    assert desk.beside is not None
    aside = desk.beside.aside
    desk.put_aside([*desk.asides, aside.model_copy(update={"at": until, "here": desk.here})])
    _come_back(desk)


def _moved(desk: Desk, move: Move, at: datetime) -> None:
    """A rest is over; the wait is, too, unless the step stays where it is to rest on or to ask for something."""
    if isinstance(move, (Rest, Asked)):
        desk.wake_at = None
    else:
        leave_rest(desk, at)


def _watched(desk: Desk, event: Event) -> bool:
    """Exit and goal: whether this event ends the instance."""
    for number, watch in enumerate(desk.journey.watches):
        if watch.on != event.type:
            continue
        if _too_late(desk, watch, event):
            continue
        meaning = f'{event.type} ends the journey as "{watch.as_}"'
        if watch.if_ is None or desk.holds(watch.if_, event, meaning):
            way = Way("", "goal" if watch is desk.journey.goal else f"exit/{number}")
            desk.ways.append(way)
            _close(desk, watch, f"{event.type} came ({way.block.partition('/')[0]}).")
            return True
    return False


def _too_late(desk: Desk, watch: Watch, event: Event) -> bool:
    """Whether a goal is reached after its time; then it is an event like others."""
    within = watch.within if isinstance(watch, Goal) else None
    late = within is not None and event.at > desk.state.started_at + durations.parse(within) / desk.state.pace
    if late:
        desk.decide(f"{event.type} came, but not within {within} of the start: the goal is missed.")
    return late


def _close(desk: Desk, watch: Watch, why: str) -> None:
    """End the instance at once; what it asked or waited for is given up, and a pause too. Closing steps come first, if
    there are any."""
    abandon(desk)
    if not watch.do:
        end(desk, Finish(watch.as_, why))
        return
    desk.decide(f'{why} Closing steps follow, then it ends as "{watch.as_}".')
    desk.closing = Closing(outcome=watch.as_, why=why)
    walk(desk, arrive(desk, watch.do[0].id))


def abandon(desk: Desk) -> None:
    """Leave the step in the middle of what it does: nothing that it asked or waited for is wanted any more."""
    desk.journey.spots[desk.step or ""].step.abandoned(desk)
    if desk.beside is not None:
        desk.leave_aside()
        desk.journey.spots[desk.step or ""].step.abandoned(desk)
    desk.give_up()
    desk.leave_aside()
    desk.over = None


def _heard(desk: Desk, event: Event) -> None:
    """An event for the step where the instance rests; else it is kept if some wait may want it."""
    move = desk.journey.spots[desk.step or ""].step.heard(desk, event) if desk.wake_at is not None else None
    if move is not None:
        _moved(desk, move, event.at)
        walk(desk, move)
    elif event.type in desk.journey.waits_for and event.type != CUSTOMER_CHANGED:  # conditions ask how it is now
        late = event.at < desk.moved_at  # a clock was behind, or it was on its way: it counts from now, as at a wait
        kept = event.model_copy(update={"at": desk.moved_at}) if late else event
        desk.mailbox = (*desk.mailbox, kept)[-MAILBOX:]


def leave_rest(desk: Desk, at: datetime) -> None:
    """A wait is over at this moment: what was accepted before it no longer counts, but for what is kept."""
    desk.wake_at = None
    desk.moved_at = at
    desk.mailbox = tuple(event for event in desk.mailbox if event.type in desk.journey.keeps or event.at >= at)


def walk(desk: Desk, move: Move) -> None:
    """Follow moves until the instance rests, asks or ends."""
    while True:
        if isinstance(move, Asked):
            desk.asked = move.effect
            return
        if isinstance(move, Finish):
            _finish(desk, move)
            return
        if isinstance(move, Rest):
            found = _rest(desk, move)
            if found is None:
                return
            move = found
            continue
        there = target(desk, move)
        if desk.beside is not None and there not in desk.beside_steps and not _leave_the_way(desk, move):
            _come_back(desk)
            return
        move = Finish("completed", "The journey came to its end.") if there is None else arrive(desk, there)


def _rest(desk: Desk, rest: Rest) -> Move | None:
    """Rest until then; or the move for an event that has come already."""
    if desk.beside is not None:
        _put_off(desk, rest.until)
        return None
    found = _from_mailbox(desk)
    if found is None:
        desk.wake_at = rest.until
    return found


def _leave_the_way(desk: Desk, move: Next | Into | Jump | Again) -> bool:
    """Whether what is done beside the way leads the journey elsewhere; then nothing is waited for any more where it
    stood."""
    if not isinstance(move, Jump):
        return False
    step, beside = desk.step, desk.beside
    desk.decide(f"The journey leaves {beside.step if beside else step} and goes on at {move.step}.")
    abandon(desk)
    desk.step = step
    leave_rest(desk, desk.at)
    return True


def _finish(desk: Desk, finish: Finish) -> None:
    """The way is at its end; what is held back goes out first."""
    if desk.beside is None and desk.closing is None and desk.held_back:
        desk.over = Closing(outcome=finish.outcome, why=finish.why)
        desk.wake_at = None
        clocks.end(desk)
        desk.decide(f"{finish.why} Something is held back until its time; then it ends.")
        return
    end(desk, finish)


def target(desk: Desk, move: Next | Into | Jump | Again) -> str | None:
    """The step that a move leads to; None at the end."""
    spot = desk.journey.spots[desk.step or ""]
    if isinstance(move, Jump):
        around = desk.journey.loops_around(move.step)
        desk.rounds = {uid: count for uid, count in desk.rounds.items() if uid in around}
        return move.step
    if isinstance(move, Again):
        return desk.step
    if isinstance(move, Into):
        desk.ways.append(Way(spot.step.id, move.block))
        return spot.blocks[move.block]
    return spot.after


def arrive(desk: Desk, step_id: str) -> Move:
    """Enter a step; what it reads of the customer is asked for first."""
    step = desk.journey.spots[step_id].step
    desk.stand_at(step)
    return desk.reading() or step.enter(desk)


def _from_mailbox(desk: Desk) -> Move | None:
    """The move for the first kept event that the step just entered wants; that event is used up."""
    step = desk.journey.spots[desk.step or ""].step
    for position, event in enumerate(desk.mailbox):
        if event.type not in step.hears() or not step.counts(event, desk):
            continue
        move = step.heard(desk, event)
        if move is not None:
            desk.mailbox = desk.mailbox[:position] + desk.mailbox[position + 1 :]
            _moved(desk, move, max(desk.moved_at, event.at))
            return move
    return None


def end(desk: Desk, finish: Finish) -> None:
    """The instance is over; after closing steps with the outcome of the exit or goal that was met."""
    if desk.closing is not None:
        finish = Finish(desk.closing.outcome, desk.closing.why)
    for aside in desk.held_back:
        desk.decide(f"What {aside.step} held back is not sent any more.")
    clocks.end(desk)
    desk.asides = ()
    desk.ended = Ended(outcome=finish.outcome, at=desk.at, why=finish.why)
    desk.decide(f'{finish.why} It ends as "{finish.outcome}".')
