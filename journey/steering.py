"""Commands: how people steer a running instance. One function for each; it returns why the command does not fit.

Like an event, a command finds a deadline that was before it already past, and wins against a later one.
"""

from collections.abc import Callable
from typing import Any

from journey import clocks
from journey.commands import ERASED, Cancel, Command, Erase, Migrate, MoveTo, Pause, Resume, Retime, Skip
from journey.definition import Journey
from journey.inputs import CommandReceived
from journey.state import Paused, State
from journey.steps import clock as clock_step
from journey.time.wall import LocalTime
from journey.turn import Desk, Finish, Jump, Next, Turn
from journey.walking import abandon, arrive, do_aside, end, hear, leave_rest, pass_time, target, walk

ENDED = "the journey has ended"
BESIDE = "it is doing {step} beside its way; try again when it rests"
ENDING = "the journey is ending: its closing steps are being done"


def steer(journey: Journey, state: State, received: CommandReceived) -> Turn:
    """One command. If it does not fit, the turn says why (``refused``), and nothing has changed but what time did."""
    if state.ended is not None:
        return Turn(state=state, ignored=ENDED, refused=ENDED)
    command = received.command
    desk = Desk(journey, state, received.at)
    pass_time(desk, command.at)
    desk.refused = ENDED if desk.ended else _DO[type(command)](desk, command)
    if desk.refused and not desk.decisions:
        return Turn(state=state, ignored=desk.refused, refused=desk.refused)
    return desk.close()


def _pause(desk: Desk, command: Pause) -> str:
    if desk.paused is not None:
        return "it is paused already"
    if desk.closing is not None:
        return ENDING
    desk.paused = Paused(at=desk.at, wake_at=desk.wake_at)
    desk.wake_at = None
    desk.decide(f"Paused{_by(command)}. It keeps its place until somebody resumes it.")
    return ""


def _resume(desk: Desk, command: Resume) -> str:
    """Go on: the place first, then what came meanwhile in its order, then the deadline if it has passed."""
    paused = desk.paused
    if paused is None:
        return "it is not paused"
    desk.paused = None
    desk.decide(f"Resumed{_by(command)}.")
    step_id = desk.step or ""
    if paused.enter and desk.doing_aside:
        do_aside(desk)
    elif paused.enter:
        walk(desk, arrive(desk, step_id))
    elif paused.answer is not None:
        walk(desk, desk.journey.spots[step_id].step.answered(desk, paused.answer))
    elif paused.wake_at is not None:
        desk.wake_at = paused.wake_at
        if command.waits == "extend":
            desk.wake_at += desk.at - paused.at
            desk.decide("The time of the pause is added to the wait.")
    for event in paused.events:
        hear(desk, event)
    pass_time(desk, desk.at, reached=True)
    return ""


def _skip(desk: Desk, command: Skip) -> str:
    refused = _elsewhere(desk, command.step)
    if refused:
        return refused
    desk.decide(f"The step {desk.step} is skipped{_by(command)}.")
    desk.rounds.pop(desk.uid, None)
    _put(desk, Next())
    return ""


def _move(desk: Desk, command: MoveTo) -> str:
    refused = _elsewhere(desk, command.step)
    if refused:
        return refused
    if command.to not in desk.journey.places:
        return f'there is no step "{command.to}" to go to'
    desk.decide(f"Moved from {desk.step} to {command.to}{_by(command)}.")
    _put(desk, Jump(command.to))
    return ""


def _elsewhere(desk: Desk, wanted: str) -> str:
    if desk.closing is not None:
        return ENDING
    if desk.beside is not None:
        return BESIDE.format(step=desk.step)
    if wanted and wanted != desk.step:
        return f"it stands at {desk.step} by now, not at {wanted}"
    return ""


def _put(desk: Desk, move: Next | Jump) -> None:
    """Leave the place and go where a move leads; while it is paused, only stand there."""
    paused = desk.paused
    rested = desk.wake_at is not None or (paused is not None and paused.wake_at is not None)
    abandon(desk)
    if rested:
        leave_rest(desk, desk.at)
    there = target(desk, move) if paused is not None else None
    if paused is None or there is None:
        walk(desk, move)
        return
    desk.step = there
    desk.paused = paused.model_copy(update={"wake_at": None, "answer": None, "enter": True})


def _cancel(desk: Desk, command: Cancel) -> str:
    abandon(desk)
    desk.closing = None
    end(desk, Finish(command.outcome, f"Cancelled{_by(command)}."))
    return ""


def _erase(desk: Desk, command: Erase) -> str:
    abandon(desk)
    desk.closing = None
    desk.forget()
    end(desk, Finish(ERASED, "What this journey knew of the customer was erased."))
    return ""


def _migrate(desk: Desk, command: Migrate) -> str:
    """Stand in another version: where the map says, or where the step of the same uid is. What was done stays done."""
    here = desk.journey.spots[desk.step or ""].step
    refused = _not_to_be_migrated(desk, command)
    if refused:
        return refused
    if here.id in command.ends:
        abandon(desk)
        end(desk, Finish(command.ends[here.id], f"The new version has no place for those at {here.id}{_by(command)}."))
        return ""
    try:
        new = Journey.model_validate(command.plan)
    except ValueError:
        return "the new version cannot be read"
    if new.journey != desk.journey.journey:
        return f'the new version is one of another journey, "{new.journey}"'
    there = command.map.get(here.id, new.by_uid.get(here.uid, ""))
    if there not in new.places:
        return f'the new version has no place for those at {here.id}: the step "{there or here.id}" is not in it'
    _settle_in(desk, new, there, command)
    return ""


def _not_to_be_migrated(desk: Desk, command: Migrate) -> str:
    if desk.closing is not None:
        return ENDING
    if desk.beside is not None:
        return BESIDE.format(step=desk.step)
    if desk.asked is not None:
        return f"it is doing something at {desk.step}; try again when it rests"
    if command.from_version not in ("", desk.journey.hash):
        return "it is on another version than the one to migrate from"
    return ""


def _settle_in(desk: Desk, new: Journey, there: str, command: Migrate) -> None:
    old, here, paused = desk.step, desk.journey.spots[desk.step or ""].step, desk.paused
    stays = new.spots[there].step.kind == here.kind and (command.waits == "keep" or not here.only_waits)
    if not stays:
        abandon(desk)
    desk.journey, desk.plan, desk.step = new, new.plan, there
    around = new.loops_around(there)
    desk.rounds = {uid: count for uid, count in desk.rounds.items() if uid in around or uid == desk.uid}
    desk.mailbox = tuple(event for event in desk.mailbox if event.type in new.waits_for)
    desk.decide(f"Migrated to another version: from {old} to {there}{_by(command)}.")
    if command.local is not None:
        desk.read_anew(command.local)
        clock_step.follow_version(desk)
    if stays:
        return
    if paused is None:
        walk(desk, arrive(desk, there))
    else:
        desk.paused = paused.model_copy(update={"wake_at": None, "answer": None, "enter": True})


def _retime(desk: Desk, command: Retime) -> str:
    """Clocks whose calendar has changed get their new time; what they have used stays used."""
    desk.read_anew(command.local or LocalTime())
    for name in clocks.changed(desk):
        clocks.retime(desk, name, command.was, clock_step.started(desk, name))
    return ""


def _by(command: Command) -> str:
    who = f" by {command.by}" if command.by else ""
    return f"{who}: {command.reason}" if command.reason else who


_DO: dict[type[Command], Callable[[Desk, Any], str]] = {
    Pause: _pause,
    Resume: _resume,
    Skip: _skip,
    MoveTo: _move,
    Cancel: _cancel,
    Migrate: _migrate,
    Erase: _erase,
    Retime: _retime,
}
