"""The workflow of every journey: an inbox, one wake-up, the machine, its effects, continue-as-new.

It decides nothing: ``journey.machine`` does. The signal is a doorbell: deliveries have numbers, are applied in order,
fetched when one is missing and ignored when known, so lost, doubled or late bells are harmless.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from journey import machine
from journey.definition import Journey
from journey.effects import CallService
from journey.inputs import EffectDone, WokeUp
from journey.model import Frozen
from journey.state import State
from journey.turn import Turn
from journey.work import Bell, Deliveries, Delivery, Launch, Work, standing
from workflows.effects import ACTIVITIES, QUICK_CALL

_plans: dict[str, Journey] = {}


@workflow.defn(dynamic=True)
class JourneyWorkflow:
    """One instance of one journey; the workflow type shown in Temporal is the journey's name."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        given = workflow.payload_converter().from_payload(args[0].payload, dict)
        self.launch = Launch.model_validate(given)
        self.journey = _journey(self.launch.plan)
        self.state: State | None = None
        self.cursor = self.launch.cursor
        self.upto = max(self.cursor, self.launch.upto)
        self.known: dict[int, Delivery] = {}
        self.asking: asyncio.Task[dict[str, Any]] | None = None
        self.alarm: asyncio.Task[None] | None = None
        self.looked = False
        self.held = False
        self.steered = False
        self.begun: Work | None = None
        self.knocks = 0

    @workflow.signal
    def ring(self, bell: dict[str, Any]) -> None:
        """Deliveries have come, up to this number; 0: what is held may be tried again."""
        rung = Bell.model_validate(bell)
        self.knocks += rung.upto == 0
        self.upto = max(self.upto, rung.upto)
        if rung.event is not None and rung.upto > self.cursor:
            self.known[rung.upto] = Delivery(seq=rung.upto, event=rung.event)

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        """Turn after turn, to the end; returns the outcome."""
        turn = self._begin()
        while True:
            await self._keep(turn)
            state = turn.state
            if state.ended is not None:
                return state.ended.outcome
            if self._should_start_afresh():
                self._continue(state)
            self._set_alarm(state)
            await workflow.wait_condition(self._something_happened)
            turn = await self._next(state)

    def _begin(self) -> Turn:
        if self.launch.snapshot is not None:
            return Turn(state=self.launch.snapshot, ask=self.launch.snapshot.asked)
        assert self.launch.entry is not None, "a launch has an entry or a snapshot"
        return machine.start(self.journey, self.launch.entry, workflow.now())

    async def _keep(self, turn: Turn) -> None:
        """Write the turn down; what it asks is begun in the same activity."""
        unwritten = self.begun if self.asking is not None and (turn.given_up or not self.held) else None
        if self.asking is not None and turn.given_up:
            self.asking.add_done_callback(_given_up)
            self.asking.cancel()  # an exit, a goal or a command gives up what was asked before
            self.asking = None
        trouble = turn.ignored if turn.ignored.startswith(FAULT) else None
        work = Work(
            instance_id=self.launch.instance_id,
            writes=turn.writes,
            decisions=turn.decisions,
            standing=standing(
                self.journey, turn.state, self.cursor, trouble, self.journey.hash if turn.plan is not None else None
            ),
            given_up=turn.given_up,
            commands={self.cursor: turn.refused} if self.steered else {},
            effect=turn.ask,
        )
        if unwritten is not None:
            work = work.after(unwritten)
        if turn.ask is not None:
            self.held, self.begun = False, work
            self.asking = asyncio.create_task(self._perform(turn.ask.kind, work))
        else:
            await self._perform("record", work)

    async def _perform(self, name: str, work: Work) -> dict[str, Any]:
        """The activity's answer. One that says its message has to wait is tried again when somebody knocks."""
        while True:
            heard = self.knocks
            try:
                return await self._tried(name, work)
            except FailureError as error:
                if not _held(error):
                    raise
            # The turn is written down. Written again, hours later, it would take back what came since.
            work = Work(instance_id=work.instance_id, effect=work.effect)
            await workflow.wait_condition(partial(self._knocked_since, heard))

    async def _tried(self, name: str, work: Work) -> dict[str, Any]:
        if isinstance(work.effect, CallService) and work.effect.timeout > QUICK_CALL:
            return await _lasting(name, _data(work)) or {}
        try:
            return await _at_once(name, _data(work)) or {}
        except FailureError as error:
            _unless_cancelled(error)
            self.held = self.held or work.effect is not None
            if _held(error):
                raise
            return await _lasting(name, _data(work)) or {}

    def _knocked_since(self, heard: int) -> bool:
        return self.knocks > heard

    def _something_happened(self) -> bool:
        answered = self.asking is not None and self.asking.done()
        return self.upto > self.cursor or answered or (self.alarm is not None and self.alarm.done())

    async def _next(self, state: State) -> Turn:
        """The next input: deliveries in order first, then an answer, then the time."""
        self.steered = False
        if self.upto > self.cursor:
            if self.cursor + 1 not in self.known:
                await self._fetch()
            if self.cursor + 1 in self.known:
                return self._apply(state)
            self.upto = self.cursor  # the bell was early: its delivery is not committed yet, and will be rung again
        if self.asking is not None and self.asking.done():
            return self._answer(state)
        if self.alarm is not None and self.alarm.done():
            return await self._wake(state)
        return Turn(state=state, ignored="a bell without a delivery")

    def _apply(self, state: State) -> Turn:
        self.cursor += 1
        delivery = self.known.pop(self.cursor)
        self.steered = delivery.command is not None
        try:
            turn = machine.advance(self.journey, state, delivery.happened(workflow.now()))
        except Exception as error:  # noqa: BLE001  a fault of ours at one event must not stop the journey
            workflow.logger.exception("delivery %d could not be applied", self.cursor)
            said = delivery.command.kind if delivery.command else delivery.event.type if delivery.event else ""
            return Turn(state=state, ignored=f"{FAULT} delivery {self.cursor} ({said}): {error}")
        if turn.plan is not None:
            self.journey = _journey(turn.plan)
            self.launch = self.launch.model_copy(update={"plan": turn.plan})
        return turn

    def _answer(self, state: State) -> Turn:
        assert self.asking is not None
        answer, self.asking = self.asking.result(), None
        asked = state.asked.id if state.asked is not None else ""
        return machine.advance(self.journey, state, EffectDone(effect=asked, at=workflow.now(), **answer))

    async def _wake(self, state: State) -> Turn:
        """The deadline has come. Events accepted before it win, so what is not known yet is fetched first."""
        if self.journey.hears and not self.looked:
            await self._fetch(accepted_by=state.alarm_at)
            if self.cursor + 1 in self.known:
                return self._apply(state)
            self.looked = True
        assert state.alarm_at is not None
        return machine.advance(self.journey, state, WokeUp(at=max(workflow.now(), state.alarm_at)))

    async def _fetch(self, accepted_by: datetime | None = None) -> None:
        """What has been delivered; with a moment, all that was accepted by then."""
        moment = accepted_by.isoformat() if accepted_by is not None else None
        found = Deliveries.model_validate(await _activity("fetch", self.launch.instance_id, self.cursor, moment))
        for delivery in found.deliveries:
            self.known[delivery.seq] = delivery
            self.upto = max(self.upto, delivery.seq)

    def _set_alarm(self, state: State) -> None:
        """One timer, kept while the deadline stays the same."""
        deadline = state.alarm_at
        if self.state is not None and self.state.alarm_at == deadline and self.alarm is not None:
            self.state = state
            return
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None
        self.state, self.looked = state, False
        if deadline is not None:
            seconds = max((deadline - workflow.now()).total_seconds(), 0.0)
            title = self.journey.spots[state.step].step.title() if state.step else None
            self.alarm = asyncio.create_task(_sleep(seconds, title))

    def _should_start_afresh(self) -> bool:
        """Not while an effect is tried inside this task. One that is held is asked for again by the next run, and what
        has not been applied yet is fetched by it: so neither an outage nor a flood of events lets the history grow."""
        free = self.asking is None or self.held
        return free and workflow.info().is_continue_as_new_suggested()

    def _continue(self, state: State) -> None:
        launch = Launch(
            instance_id=self.launch.instance_id,
            plan=self.launch.plan,
            snapshot=state,
            cursor=self.cursor,
            upto=self.upto,
        )
        workflow.continue_as_new(args=[_data(launch)])


FAULT = "our fault:"
HELD = "Held"
"""The type of the error by which an activity says that a message has to wait (``activities.mail``)."""


async def _sleep(seconds: float, title: str | None) -> None:
    await workflow.sleep(timedelta(seconds=seconds), summary=title)


async def _activity(name: str, *arguments: Any) -> Any:
    """Try at once, inside the workflow task; if that fails, as a regular activity for as long as it takes."""
    try:
        return await _at_once(name, *arguments)
    except FailureError as error:
        _unless_cancelled(error)
        return await _lasting(name, *arguments)


async def _at_once(name: str, *arguments: Any) -> Any:
    """A local activity. Its own error comes bare, not as the ActivityError of a regular one."""
    tries = ACTIVITIES[name]
    return await workflow.execute_local_activity(
        name, args=arguments, start_to_close_timeout=tries.at_once, retry_policy=tries.now
    )


async def _lasting(name: str, *arguments: Any) -> Any:
    tries = ACTIVITIES[name]
    return await workflow.execute_activity(
        name,
        args=arguments,
        start_to_close_timeout=tries.lasting,
        heartbeat_timeout=tries.heartbeat,
        retry_policy=tries.patient,
        cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
    )


def _given_up(task: asyncio.Task[Any]) -> None:
    """Look at how it ended, or asyncio would complain that nobody did."""
    if not task.cancelled():
        task.exception()


def _held(error: FailureError) -> bool:
    """Whether an activity says that its message has to wait; a regular one's own error is the cause of what comes."""
    said = error.cause if isinstance(error, ActivityError) else error
    return isinstance(said, ApplicationError) and said.type == HELD


def _unless_cancelled(error: FailureError) -> None:
    """Nothing is tried again that has been given up."""
    if is_cancelled_exception(error):
        raise error


def _data(value: Frozen) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _journey(plan: dict[str, Any]) -> Journey:
    """The plan as a journey; parsed once a version and process."""
    key = str(plan)
    if key not in _plans:
        if len(_plans) > 200:
            _plans.clear()
        _plans[key] = Journey.model_validate(plan)
    return _plans[key]
