"""The router: accepted events, one transaction each, in the order of acceptance.

In that transaction: who is it, what does the event say about the customer, which running instances hear it (a dense
sequence number each), which journeys start (pinned to the version in force). After the commit the bells ring; a bell
that fails is rung again by the sweeper.
"""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.bells import Routed
from gateway.orders import OURS, carry_out
from journey.customer import choose
from journey.definition import Journey
from journey.inputs import Event
from journey.record.rules import NONE, Rules
from journey.routing import Refusal, Wish, wishes
from store import beginnings, changes, definitions, inbox, instances, learning, parking, rules, timeline
from store.database import Database, Tx, passing

log = logging.getLogger(__name__)

BATCH = 50
POLL_SECONDS = 0.5
TEND_SECONDS = 30.0


class Ringing(Protocol):
    """Whatever tells the instances (``gateway.bells.Bells``)."""

    def put(self, routed: Routed) -> None:
        """Tell them soon, without waiting."""


class Router:
    """Routes until it is stopped. ``awake`` is set by the gateway of the same process when it accepted something;
    without it the inbox is looked at every half second. ``bells`` rings what was routed."""

    def __init__(self, db: Database, bells: Ringing, awake: asyncio.Event, pace: float = 1.0) -> None:
        self._db = db
        self._bells = bells
        self._awake = awake
        self._pace = pace
        self._journeys: dict[str, Journey] = {}
        self._rules = NONE

    async def run(self) -> None:
        """Route for ever. A store that is away is waited for."""
        tended = float("-inf")
        while True:
            self._awake.clear()
            try:
                count = await self.route_some()
                if count == 0 and time.monotonic() > tended + TEND_SECONDS:
                    await self.tend()
                    tended = time.monotonic()
            except (DBAPIError, PoolTimeout) as error:
                log.warning("the store is away: %s", getattr(error, "orig", error))
                await asyncio.sleep(1)
                continue
            if count == 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), POLL_SECONDS)

    async def route_some(self) -> int:
        """Route what waits, at most ``BATCH`` events; returns how many were looked at."""
        async with self._db.read() as tx:
            waiting = await inbox.waiting(tx, BATCH)
        if waiting:
            await self.look_at_definitions()
        for row in waiting:
            await self._route(row)
        return len(waiting)

    async def look_at_definitions(self) -> None:
        """Route by what is in force now."""
        async with self._db.read() as tx:
            self._journeys = await definitions.active(tx)
            self._rules = await rules.in_force(tx)

    async def _route(self, row: dict[str, Any]) -> None:
        try:
            async with self._db.write() as tx:
                await beginnings.one_decides(tx)
                if not await inbox.still_new(tx, row["event_pk"]):
                    return
                routed = await self.decide(tx, row)
        except DBAPIError as error:
            if passing(error):
                raise
            await self._failed(row, error.orig or error)
        except Exception as error:  # noqa: BLE001  whatever one event does, the others are routed
            await self._failed(row, error)
        else:
            self._bells.put(routed)

    async def decide(self, tx: Tx, row: dict[str, Any]) -> Routed:
        """One event, whole. An order is carried out; an event of somebody whom nobody knows yet waits."""
        if row["type"].startswith(OURS):
            return await carry_out(tx, row)
        found = await parking.known(tx, row["data"]["customer"])
        if isinstance(found, tuple):
            await parking.park(tx, row["event_pk"], row["accepted_at"], found)
            return Routed()
        routed = await self._decide(tx, {**row, "data": {**row["data"], "customer": found}})
        if await parking.release(tx, row):
            self._awake.set()
        return routed

    async def tend(self) -> None:
        """Look after the events that wait for somebody to become known."""
        async with self._db.write() as tx:
            freed, late = await parking.tend(tx)
        if freed:
            self._awake.set()
        if late:
            log.warning("%d event(s) waited too long for somebody to become known, and are in quarantine", late)

    async def _failed(self, row: dict[str, Any], error: BaseException) -> None:
        log.error("event %s could not be routed", row["event_pk"], exc_info=error)
        async with self._db.write() as tx:
            await inbox.failed(tx, row["event_pk"], f"{type(error).__name__}: {error}"[:500])

    async def _decide(self, tx: Tx, row: dict[str, Any]) -> Routed:
        """What it comes to: the customer, the record, the running instances, the new ones."""
        case = await _opened(tx, row, self._rules)
        await _tell_running(tx, case)
        for wish in wishes(self._journeys, case.type, case.data, case.known, case.at):
            name, reason = await self._begin(tx, case, wish)
            if reason:
                case.refused.append({"journey": name, "reason": reason})
            else:
                case.started.append({"journey": name, "instance": case.routed.begun[-1].instance_id})
        await timeline.add(tx, case.lines)
        await inbox.settle(tx, row["event_pk"], case.state, case.result(), case.customer_id)
        return case.routed

    async def _begin(self, tx: Tx, case: "_Case", wish: Wish | Refusal) -> tuple[str, str]:
        """Start an instance; returns the journey's name, and the reason if it does not start."""
        if isinstance(wish, Refusal):
            return wish.journey, wish.reason
        event = Event(type=case.type, data=case.data, at=case.at)
        pk = case.row["event_pk"]
        begun = await beginnings.begin(tx, wish, case.customer_id, event, pace=self._pace, event_pk=pk)
        if isinstance(begun, str):
            return wish.journey.journey, begun
        case.routed.begun.append(begun.launch)
        case.lines.append(begun.line)
        return wish.journey.journey, ""


@dataclass
class _Case:
    """One event under way: whose it is, what is known of the customer, and what it comes to."""

    row: dict[str, Any]
    data: dict[str, Any]
    customer_id: str
    known: dict[str, Any]
    lines: list[dict[str, Any]] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    started: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)
    unheard: list[dict[str, str]] = field(default_factory=list)
    routed: Routed = field(default_factory=Routed)

    @property
    def type(self) -> str:
        return str(self.row["type"])

    @property
    def at(self) -> datetime:
        accepted: datetime = self.row["accepted_at"]
        return accepted

    def note(self, key: str, kind: str, text: str, **more: Any) -> None:
        """A line for the customer's timeline."""
        self.lines.append(timeline.entry(self.customer_id, key, self.at, kind, text, **more))

    @property
    def state(self) -> str:
        return "routed" if self.started or self.heard else "unmatched"

    def result(self) -> dict[str, Any]:
        """What the event's receipt says."""
        said: dict[str, Any] = {"started": self.started, "heard": self.heard, "not_started": self.refused}
        if not any(said.values()):
            said["reason"] = f"no journey starts with {self.type}, and none of this customer's waits for it"
        return said | ({"not_heard": self.unheard} if self.unheard else {})


async def _opened(tx: Tx, row: dict[str, Any], in_force: Rules) -> _Case:
    """Who it is, and what the record itself learns."""
    lesson = await learning.learn(tx, row, in_force)
    return _Case(row, lesson.data, lesson.customer_id, lesson.known)


async def _tell_running(tx: Tx, case: _Case) -> None:
    """A number in the sequence of every running instance that can use this event."""
    running = await instances.listening(tx, case.customer_id)
    journeys = await definitions.by_hash(tx, (one["def_hash"] for one in running))
    for one in running:
        journey = journeys[one["def_hash"]]
        told = await _tell(tx, case, one, journey)
        if told is None:
            reason = f"nothing in it has to do with {case.type}"
            case.unheard.append({"journey": one["journey"], "instance": one["instance_id"], "reason": reason})
        else:
            case.heard.append({"journey": one["journey"], "instance": one["instance_id"], "seq": told[0]})
            case.routed.bells.append((one["instance_id"], *told))


async def _tell(tx: Tx, case: "_Case", one: dict[str, Any], journey: Journey) -> tuple[int, Event] | None:
    """The event itself, if the journey listens to it; else what it has changed of the customer, if a condition of the
    journey follows that."""
    event_pk = case.row["event_pk"]
    if case.type not in journey.hears:
        return await changes.tell(tx, one, journey, case.known, case.at, event_pk)
    event = Event(type=case.type, data=case.data, at=case.at, customer=choose(case.known, journey.reads_at_events))
    seq = await instances.deliver(tx, one["instance_id"], event, event_pk)
    return None if seq is None else (seq, event)
