"""The same journey twice, when two customers become one: one instance goes on, the other ends with the reason."""

from typing import Any

from sqlalchemy import select

from journey.inputs import Event
from store import definitions, instances, timeline
from store.clock import now
from store.database import Tx
from store.tables import delivery, instance

OUTCOME = "merged"


async def settle(tx: Tx, customer_id: str, other_id: str) -> None:
    """Before the rows move: of two running instances of one journey and key, the journey's ``on merge`` says which goes
    on. It hears what the other had not used yet, in the order of acceptance."""
    query = select(instance.c.instance_id, instance.c.journey, instance.c.entry_key, instance.c.def_hash)
    running = query.where(instance.c.customer_id.in_((customer_id, other_id)), instance.c.state == "running")
    rows = await tx.execute(running.order_by(instance.c.started_at, instance.c.instance_id).with_for_update())
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.mappings():
        found.setdefault((row["journey"], row["entry_key"]), []).append(dict(row))
    for pair in found.values():
        if len(pair) > 1:
            await _one_of(tx, pair)


async def _one_of(tx: Tx, pair: list[dict[str, Any]]) -> None:
    """``pair`` is in order of age."""
    journey = await definitions.pinned(tx, pair[0]["def_hash"])
    stays, goes = pair if journey.on_merge == "keep oldest" else reversed(pair)
    why = "the customer was merged with another one who is on this journey, too"
    unused = await _unused(tx, goes["instance_id"])
    await instances.stop(tx, goes["instance_id"], OUTCOME, why)
    for event_pk, event in unused:
        await instances.deliver(tx, stays["instance_id"], event, event_pk)
    owner = await instances.owner(tx, stays["instance_id"])
    text = f"{journey.title} ran twice. One goes on, the other has ended."
    key = f"{goes['instance_id']}:merged"
    line = timeline.entry(owner.customer_id, key, now(), "merge", text, instance_id=stays["instance_id"])
    await timeline.add(tx, [line])


async def _unused(tx: Tx, instance_id: str) -> list[tuple[int, Event]]:
    """Events that an instance was sent and has not applied, or keeps in its mailbox."""
    row = await instances.get(tx, instance_id)
    assert row is not None
    kept = [Event.model_validate(one) for one in (row["snapshot"] or {}).get("mailbox", ())]
    query = select(delivery.c.seq, delivery.c.event_pk, delivery.c.content).where(
        delivery.c.instance_id == instance_id, delivery.c.kind == "event"
    )
    sent = [(one.seq, one.event_pk, Event.model_validate(one.content)) for one in await tx.execute(query)]
    unused = [(event_pk, event) for seq, event_pk, event in sent if seq > row["acked_seq"] or event in kept]
    return sorted(unused, key=lambda one: one[0])
