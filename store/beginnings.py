"""Beginning an instance: the decision and its rows, the same whether an event begins it or another journey."""

from dataclasses import dataclass
from typing import Any

from journey.commands import Cancel
from journey.effects import StartJourney
from journey.inputs import JOURNEY_ENDED, Entry, Event
from journey.routing import Refusal, Wish, may_begin, wish
from journey.state import Ended
from journey.work import Launch
from store import customers, definitions, halts, instances, timeline
from store.clock import now
from store.database import Tx
from store.instances import Parent, Stale
from store.sql import one_at_a_time

BEGINNING = 7_310_002
"""The number under which one transaction at a time decides what begins (``one_at_a_time``)."""


@dataclass(frozen=True)
class Begun:
    """An instance that has begun: its workflow's argument, and its line for the customer's timeline."""

    launch: Launch
    line: dict[str, Any]


async def begin(
    tx: Tx,
    wanted: Wish,
    customer_id: str,
    event: Event,
    *,
    pace: float,
    event_pk: int | None = None,
    parent: Parent | None = None,
) -> Begun | str:
    """Begin an instance of the journey in force, or say why it may not begin. The caller holds ``BEGINNING``."""
    journey = wanted.journey
    former = await instances.former(tx, journey.journey, customer_id, wanted.key)
    reason = may_begin(journey, former, event.at, pace)
    reason = reason or await halts.against_beginning(tx, journey.journey, customer_id, event_pk)
    if reason:
        return reason
    entry = Entry(event=event, who=customer_id, pace=pace)
    instance_id = await instances.begin(tx, journey, customer_id, wanted.key, entry, event_pk, parent)
    text = f"{journey.title} began."
    line = timeline.entry(customer_id, f"{instance_id}:began", event.at, "started", text, instance_id=instance_id)
    return Begun(Launch(instance_id=instance_id, plan=journey.plan, entry=entry), line)


async def begin_for(tx: Tx, instance_id: str, effect: StartJourney) -> dict[str, Any]:
    """What a step asks for: begin another journey for the same customer. Returns the answer for the workflow; asked
    again it finds what it has begun."""
    mine = await instances.lock(tx, instance_id)
    before = await instances.started_by(tx, instance_id, effect.id)
    if before is not None:
        return _accepted(before)
    if mine["state"] != "running":
        return _refused("this journey has ended")
    journey = (await definitions.active(tx)).get(effect.journey)
    if journey is None:
        return _refused(f"there is no journey {effect.journey} in force")
    event = Event(type=journey.start.on, data=effect.data, at=now())
    known = await customers.known(tx, mine["customer_id"])
    wanted = wish(journey, event.data, known, event.at)
    if isinstance(wanted, Refusal):
        return _refused(wanted.reason)
    parent = Parent(instance_id, effect.id, effect.awaited, effect.bound)
    pace = mine["entry"].get("pace", 1.0)
    begun = await begin(tx, wanted, mine["customer_id"], event, pace=pace, parent=parent)
    if isinstance(begun, str):
        return _refused(begun)
    await timeline.add(tx, [begun.line])
    return _accepted(begun.launch.instance_id)


def _accepted(instance_id: str) -> dict[str, Any]:
    return {"outcome": "accepted", "value": {"instance": instance_id}}


def _refused(reason: str) -> dict[str, Any]:
    return {"outcome": "refused", "value": {"reason": reason}}


async def told_of_the_end(tx: Tx, row: dict[str, Any], ended: Ended) -> None:
    """What the end of an instance means to others: the one that started it hears of it, and those it started and that
    are bound to it are cancelled. The sweeper rings them."""
    if row["parent_id"] is not None and row["awaited"]:
        data = {"instance": row["instance_id"], "journey": row["journey"], "outcome": ended.outcome}
        await instances.deliver(tx, row["parent_id"], Event(type=JOURNEY_ENDED, data=data, at=now()), soon=True)
    for child in await instances.bound_to(tx, row["instance_id"]):
        order = Cancel(at=now(), reason=f"{row['journey']}, which started it, has ended as {ended.outcome}")
        try:
            await instances.command(tx, child, order, key=f"end of {row['instance_id']}", soon=True)
        except Stale:
            continue  # it has just ended by itself


async def one_decides(tx: Tx) -> None:
    """Let only one transaction at a time decide what begins."""
    await one_at_a_time(tx, BEGINNING)
