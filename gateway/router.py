"""The router: accepted events, one transaction each, in the order of acceptance.

In that transaction: who is it, what does the event say about the customer, which running instances hear it (a dense
sequence number each), which journeys start (pinned to the version in force). After the commit the bells ring; a bell
that fails is rung again by the sweeper.
"""

import asyncio
import contextlib
import logging
from typing import Any

from sqlalchemy.exc import DBAPIError

from gateway.bells import Bells, Routed
from journey.customer import choose
from journey.definition import Journey
from journey.inputs import Entry, Event
from journey.routing import Refusal, Wish, may_begin, wishes
from store import customers, definitions, inbox, instances, timeline
from store.database import Database, Tx
from store.sql import one_at_a_time

log = logging.getLogger(__name__)

ROUTING = 7_310_002
BATCH = 50
POLL_SECONDS = 0.5


class Router:
    """Routes until it is stopped. ``awake`` is set by the gateway of the same process when it accepted something;
    without it the inbox is looked at every half second. ``bells`` rings what was routed."""

    def __init__(self, db: Database, bells: Bells, awake: asyncio.Event, pace: float = 1.0) -> None:
        self._db = db
        self._bells = bells
        self._awake = awake
        self._pace = pace
        self._journeys: dict[str, Journey] = {}

    async def run(self) -> None:
        """Route for ever. A store that is away is waited for."""
        while True:
            self._awake.clear()
            try:
                count = await self.route_some()
            except DBAPIError as error:
                log.warning("the store is away: %s", error.orig)
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
                self._journeys = await definitions.active(tx)
        for row in waiting:
            await self._route(row)
        return len(waiting)

    async def _route(self, row: dict[str, Any]) -> None:
        try:
            async with self._db.write() as tx:
                await one_at_a_time(tx, ROUTING)
                if not await inbox.still_new(tx, row["event_pk"]):
                    return
                routed = await self._decide(tx, row)
        except DBAPIError as error:
            if error.connection_invalidated or "locked" in str(error.orig):
                raise
            await self._failed(row, error)
        except Exception as error:  # noqa: BLE001  whatever one event does, the others are routed
            await self._failed(row, error)
        else:
            self._bells.put(routed)

    async def _failed(self, row: dict[str, Any], error: Exception) -> None:
        log.error("event %s could not be routed", row["event_pk"], exc_info=error)
        async with self._db.write() as tx:
            await inbox.failed(tx, row["event_pk"], f"{type(error).__name__}: {error}"[:500])

    async def _decide(self, tx: Tx, row: dict[str, Any]) -> Routed:
        """One event, whole: the customer, the record, the running instances, the new ones."""
        data = {name: value for name, value in row["data"].items() if name != "customer"}
        person = await customers.resolve(tx, row["data"]["customer"])
        customer_id = person["customer_id"]
        await _keep_history(tx, row, customer_id, data)
        known = await customers.known_of(tx, person)
        routed = Routed()
        heard = await self._tell_running(tx, row, customer_id, known, data, routed)
        started, refused = await self._start_new(tx, row, customer_id, known, data, routed)
        result: dict[str, Any] = {"started": started, "heard": heard, "not_started": refused}
        if not started and not heard and not refused:
            result["reason"] = f"no journey starts with {row['type']}, and none of this customer's waits for it"
        state = "routed" if started or heard else "unmatched"
        await inbox.settle(tx, row["event_pk"], state, result, customer_id)
        return routed

    async def _tell_running(
        self, tx: Tx, row: dict[str, Any], customer_id: str, known: dict[str, Any], data: dict[str, Any], routed: Routed
    ) -> list[dict[str, Any]]:
        heard = []
        for running in await instances.listening(tx, customer_id):
            journey = definitions.journey_of(running["plan"])
            if row["type"] not in journey.hears:
                continue
            seen = choose(known, journey.reads_at_events)
            event = Event(type=row["type"], data=data, at=row["accepted_at"], customer=seen)
            seq = await instances.deliver(tx, running["instance_id"], event, row["event_pk"])
            heard.append({"journey": running["journey"], "instance": running["instance_id"], "seq": seq})
            routed.bells.append((running["instance_id"], seq, event))
        return heard

    async def _start_new(
        self, tx: Tx, row: dict[str, Any], customer_id: str, known: dict[str, Any], data: dict[str, Any], routed: Routed
    ) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        started: list[dict[str, Any]] = []
        refused: list[dict[str, str]] = []
        for wish in wishes(self._journeys, row["type"], data, known, row["accepted_at"]):
            if isinstance(wish, Refusal):
                refused.append({"journey": wish.journey, "reason": wish.reason})
                continue
            reason = await self._begin(tx, row, wish, customer_id, data, routed)
            if reason:
                refused.append({"journey": wish.journey.journey, "reason": reason})
            else:
                started.append({"journey": wish.journey.journey, "instance": routed.begun[-1]})
        return started, refused

    async def _begin(
        self, tx: Tx, row: dict[str, Any], wish: Wish, customer_id: str, data: dict[str, Any], routed: Routed
    ) -> str:
        """Start an instance; or the reason why not."""
        former = await instances.former(tx, wish.journey.journey, customer_id, wish.key)
        reason = may_begin(wish.journey, former, row["accepted_at"], self._pace)
        if reason:
            return reason
        entry = Entry(event=Event(type=row["type"], data=data, at=row["accepted_at"]), pace=self._pace)
        instance_id = await instances.begin(tx, wish.journey, customer_id, wish.key, entry, row["event_pk"])
        routed.begun.append(instance_id)
        text = f"{wish.journey.title} began."
        row_ = timeline.entry(
            customer_id, f"{instance_id}:began", row["accepted_at"], "started", text, instance_id=instance_id
        )
        await timeline.add(tx, [row_])
        return ""


async def _keep_history(tx: Tx, row: dict[str, Any], customer_id: str, data: dict[str, Any]) -> None:
    """What the record itself learns from an event: the timeline, purchases and refunds."""
    text = f"{row['type']} came from {row['source']}."
    entry = timeline.entry(customer_id, f"event:{row['event_pk']}", row["accepted_at"], "event", text, detail=data)
    await timeline.add(tx, [entry])
    if row["type"] == "purchase.completed":
        at = row["occurred_at"] or row["accepted_at"]
        await customers.bought(tx, customer_id, row["event_pk"], data, at)
    elif row["type"] == "purchase.refunded":
        await customers.refunded(tx, customer_id, data.get("order_id"))
