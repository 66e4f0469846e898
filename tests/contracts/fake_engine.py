"""An engine without a server, for tests of whatever talks to running journeys: the machine and the real activities in
this process, on the real clock. It passes the suite of ``engine.py``, as the one on Temporal does. It remembers nothing
beyond the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.mail import Held, Mail
from activities.public import Inside
from activities.records import Records
from activities.services import Services
from activities.smtp import Mailer
from journey import machine
from journey.definition import Journey
from journey.engine import EngineDown
from journey.inputs import EffectDone, Event, WokeUp
from journey.state import State
from journey.turn import Turn
from journey.work import Deliveries, Delivery, Launch, Work, standing
from store.clock import now
from store.database import Database
from tests.system.workshop import OFFICE

AGAIN_SECONDS = 0.1
"""When an activity that has to wait is tried again."""


class FakeEngine:
    """See ``journey.engine.Engine``. ``down`` makes it unreachable; ``lose`` ends a run as one would by hand."""

    def __init__(self, db: Database, mailer: Mailer) -> None:
        self.down = False
        self._mail = Mail(db, mailer, OFFICE)
        records = Records(db)
        self._activities: dict[str, Callable[..., Any]] = {
            "send": self._mail.send,
            "notify": self._mail.notify,
            "record": records.record,
            "read_customer": records.read_customer,
            "throttle": records.throttle,
            "start_journey": records.start_journey,
            "call": Services(db, Inside(frozenset({"127.0.0.1"}))).call,
            "fetch": records.fetch,
        }
        self._runs: dict[str, tuple[_Run, asyncio.Task[None]]] = {}

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        """Start an instance, or do nothing if it runs or has ended (``afresh``: only if it runs)."""
        self._reach()
        _, task = self._runs.get(launch.instance_id, (None, None))
        if task is not None and (not task.done() or not afresh):
            return
        run = _Run(self._perform, launch)
        self._runs[launch.instance_id] = (run, asyncio.create_task(run.live()))

    async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
        """Say that deliveries up to a number are there; False if it does not run."""
        self._reach()
        run, task = self._runs.get(instance_id, (None, None))
        if run is None or task is None or task.done():
            return False
        run.ring(upto, event)
        return True

    async def lose(self, instance_id: str) -> None:
        """End its run without a word to the store."""
        _, task = self._runs[instance_id]
        task.cancel()
        await asyncio.wait([task])

    async def close(self) -> None:
        """End every run."""
        for instance_id in self._runs:
            await self.lose(instance_id)
        await self._mail.finish()

    def _reach(self) -> None:
        if self.down:
            raise EngineDown("it was told to be away")

    async def _perform(self, name: str, *arguments: Any) -> dict[str, Any]:
        """An activity, tried until it has an answer. Raises Held if its message has to wait."""
        while True:
            try:
                return await ActivityEnvironment().run(self._activities[name], *arguments) or {}
            except Held:
                raise
            except ApplicationError:
                await asyncio.sleep(AGAIN_SECONDS)


class _Run:
    """One run of one instance: an inbox, one wake-up, the machine, its effects."""

    def __init__(self, perform: Callable[..., Any], launch: Launch) -> None:
        self._perform = perform
        self._launch = launch
        self._journey = Journey.model_validate(launch.plan)
        self._cursor = launch.cursor
        self._upto = max(launch.cursor, launch.upto)
        self._known: dict[int, Delivery] = {}
        self._asking: asyncio.Task[dict[str, Any]] | None = None
        self._begun: Work | None = None
        self._steered = False
        self._news = asyncio.Event()
        self._knocked = asyncio.Event()

    def ring(self, upto: int, event: Event | None) -> None:
        self._upto = max(self._upto, upto)
        if upto == 0:
            self._knocked.set()
        if event is not None and upto > self._cursor:
            self._known[upto] = Delivery(seq=upto, event=event)
        self._news.set()

    async def live(self) -> None:
        try:
            turn = self._begin()
            while True:
                await self._keep(turn)
                if turn.state.ended is not None:
                    return
                turn = await self._next(turn.state)
        finally:
            self._give_up()

    def _begin(self) -> Turn:
        if self._launch.snapshot is not None:
            return Turn(state=self._launch.snapshot, ask=self._launch.snapshot.asked)
        assert self._launch.entry is not None
        return machine.start(self._journey, self._launch.entry, now())

    async def _keep(self, turn: Turn) -> None:
        work = Work(
            instance_id=self._launch.instance_id,
            writes=turn.writes,
            decisions=turn.decisions,
            standing=standing(
                self._journey, turn.state, self._cursor, version=self._journey.hash if turn.plan is not None else None
            ),
            given_up=turn.given_up,
            commands={self._cursor: turn.refused} if self._steered else {},
            effect=turn.ask,
        )
        if self._asking is not None and self._begun is not None:
            work = work.after(self._begun)
        data = work.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        if turn.given_up:
            self._give_up()
        if turn.ask is None:
            await self._perform("record", data)
        else:
            self._begun = work
            self._asking = asyncio.create_task(self._answer_to(turn.ask.kind, work))
            self._asking.add_done_callback(lambda _: self._news.set())

    async def _answer_to(self, name: str, work: Work) -> dict[str, Any]:
        """The answer; what has to wait is asked for again when somebody knocks."""
        while True:
            self._knocked.clear()
            with suppress(Held):
                data = work.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                answer: dict[str, Any] = await self._perform(name, data)
                return answer
            work = Work(instance_id=work.instance_id, effect=work.effect)
            await self._knocked.wait()

    def _give_up(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _next(self, state: State) -> Turn:
        """The next input: deliveries in order first, then an answer, then the time."""
        while True:
            self._steered = False
            self._news.clear()
            if self._upto > self._cursor and await self._at_hand():
                return self._apply(state)
            if self._asking is not None and self._asking.done():
                answer, self._asking = self._asking.result(), None
                asked = state.asked.id if state.asked is not None else ""
                return machine.advance(self._journey, state, EffectDone(effect=asked, at=now(), **answer))
            if state.wake_at is not None and state.wake_at <= now():
                if self._journey.hears and await self._at_hand(state.wake_at.isoformat()):
                    return self._apply(state)
                return machine.advance(self._journey, state, WokeUp(at=now()))
            await self._something(state)

    async def _something(self, state: State) -> None:
        left = None if state.wake_at is None else max((state.wake_at - now()).total_seconds(), 0.0)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), left)

    async def _at_hand(self, accepted_by: str | None = None) -> bool:
        """Whether the next delivery is there; what is missing is fetched."""
        if self._cursor + 1 not in self._known:
            answer = await self._perform("fetch", self._launch.instance_id, self._cursor, accepted_by)
            for delivery in Deliveries.model_validate(answer).deliveries:
                self._known[delivery.seq] = delivery
                self._upto = max(self._upto, delivery.seq)
        if self._cursor + 1 in self._known:
            return True
        self._upto = self._cursor
        return False

    def _apply(self, state: State) -> Turn:
        self._cursor += 1
        delivery = self._known.pop(self._cursor)
        self._steered = delivery.command is not None
        turn = machine.advance(self._journey, state, delivery.happened(now()))
        if turn.plan is not None:
            self._journey = Journey.model_validate(turn.plan)
        return turn
