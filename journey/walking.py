"""Following moves through a journey, from one step to the next, until the instance rests, asks or ends.

The machine and the commands stand on this; nothing here looks at inputs other than events.
"""

from datetime import datetime

from journey import durations
from journey.definition import Goal, Watch
from journey.effects import ReadCustomer
from journey.inputs import CUSTOMER_CHANGED, Event
from journey.state import MAILBOX, Closing, Ended
from journey.turn import Again, Asked, Desk, Finish, Into, Jump, Move, Next, Rest, Way


def hear(desk: Desk, event: Event) -> None:
    """An event, in its place in time: a deadline before it has passed first; exit and goal are asked next."""
    if desk.wake_at is not None and desk.wake_at < event.at:
        deadline(desk)
    if desk.ended or desk.closing or _watched(desk, event):
        return
    if event.type == CUSTOMER_CHANGED and isinstance(desk.asked, ReadCustomer):
        step_id = desk.step or ""
        abandon(desk)  # what is being read may be older than this change: it is read anew
        walk(desk, arrive(desk, step_id))
    elif desk.paused is not None:
        desk.paused = desk.paused.model_copy(update={"events": (*desk.paused.events, event)[-MAILBOX:]})
    else:
        _heard(desk, event)


def deadline(desk: Desk) -> None:
    """The rest is over: the step says how to go on."""
    reached = desk.wake_at or desk.at
    move = desk.journey.spots[desk.step or ""].step.woke(desk)
    _moved(desk, move, reached)
    walk(desk, move)


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
    desk.give_up()


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
            end(desk, move)
            return
        if isinstance(move, Rest):
            found = _from_mailbox(desk)
            if found is None:
                desk.wake_at = move.until
                return
            move = found
            continue
        there = target(desk, move)
        move = Finish("completed", "The journey came to its end.") if there is None else arrive(desk, there)


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
    desk.ended = Ended(outcome=finish.outcome, at=desk.at, why=finish.why)
    desk.decide(f'{finish.why} It ends as "{finish.outcome}".')
