"""Taking past customers into a journey: what would have begun it for them, and the instance that begins where they
would stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from journey.customer import FOLLOWS
from journey.definition import Journey
from journey.enrolment import Known, Place, place
from journey.inputs import Entry, Event
from journey.routing import Refusal, Wish, may_begin, wish
from journey.work import Work, standing
from store import beginnings, calendars, customers, instances, record, timeline
from store.clock import now
from store.customers import record_of
from store.database import Tx
from store.tables import customer, inbox, instance, membership

ENROLLED = "wayfare.enrolled"
"""What wakes an instance that was taken in: nothing listens to it."""
ENTERED = "segment.entered"
MOST_EVENTS = 5_000


@dataclass(frozen=True)
class Candidate:
    """A customer and a date that would have begun the journey: where they would stand, or why they are not taken in."""

    customer_id: str
    name: str
    event: Event | None = None
    key: str = ""
    place: Place | None = None
    reason: str = ""


async def candidates(tx: Tx, journey: Journey, customer_id: str, segment: str, pace: float) -> list[Candidate]:
    """What the past says of one customer: one for each key of the journey, by its last date."""
    row = dict((await tx.execute(customers.RECORD.where(customer.c.customer_id == customer_id))).mappings().one())
    name = row["name"] or row["email"] or row["external_id"] or customer_id
    facts = await customers.seen(tx, row)
    told = {one: facts[one] for one in FOLLOWS if one in facts}
    events = await _events(tx, customer_id)
    known = Known({**record_of(row), **told}, events, await calendars.times(tx))
    triggers = [event for event in events if event.type == journey.start.on]
    if journey.start.on == ENTERED:
        triggers = await _entries(tx, customer_id, segment)
    if not triggers:
        return [Candidate(customer_id, name, reason=f"no {journey.start.on} of theirs is known")]
    found: dict[str, Candidate] = {}
    refused: list[Candidate] = []
    for event in reversed(triggers):
        wanted = wish(journey, event.data, facts, event.at)
        if isinstance(wanted, Refusal):
            refused.append(Candidate(customer_id, name, event, reason=wanted.reason))
        elif wanted.key not in found:
            one = Candidate(customer_id, name, event, wanted.key)
            found[wanted.key] = await _judged(tx, wanted, one, event, known, pace)
    return list(found.values()) or refused[:1]


async def _judged(tx: Tx, wanted: Wish, one: Candidate, event: Event, known: Known, pace: float) -> Candidate:
    """Where they would stand, if nothing is against it."""

    def refused(reason: str) -> Candidate:
        return replace(one, reason=reason)

    if await _was_in(tx, wanted, one.customer_id, event.at):
        return refused("they are in it, or were, since that date")
    former = await instances.former(tx, wanted.journey.journey, one.customer_id, wanted.key)
    if reason := may_begin(wanted.journey, former, event.at, pace):
        return refused(reason)
    entry = Entry(event=event, who=one.customer_id, pace=pace)
    stands = place(wanted.journey, entry, known, now())
    if stands is None:
        return refused("where they would stand cannot be told")
    if stands.state.ended is not None:
        return refused(f"it would be over: {stands.state.ended.outcome}")
    return replace(one, place=stands)


async def _was_in(tx: Tx, wanted: Wish, customer_id: str, since: datetime) -> bool:
    mine = (instance.c.journey == wanted.journey.journey) & (instance.c.customer_id == customer_id)
    later = (instance.c.entry_key == wanted.key) & (instance.c.started_at >= since)
    return bool((await tx.execute(select(exists().where(mine, later)))).scalar_one())


async def _events(tx: Tx, customer_id: str) -> list[Event]:
    """What a customer did, in the order in which it happened."""
    query = select(inbox.c.type, inbox.c.data, inbox.c.occurred_at, inbox.c.accepted_at).where(
        inbox.c.customer_id == customer_id, inbox.c.state.in_(("routed", "unmatched"))
    )
    rows = (await tx.execute(query.order_by(inbox.c.event_pk.desc()).limit(MOST_EVENTS))).all()
    return sorted((_event(row) for row in reversed(rows)), key=lambda event: event.at)


def _event(row: Any) -> Event:
    data = {name: value for name, value in row.data.items() if name != "customer"}
    return Event(type=row.type, data=data, at=row.occurred_at or row.accepted_at)


async def _entries(tx: Tx, customer_id: str, segment: str) -> list[Event]:
    """When a customer entered the segment, whether or not an event said so then."""
    mine = (membership.c.customer_id == customer_id) & (membership.c.segment == segment)
    query = select(membership.c.entered_at, membership.c.entered_because).where(mine, membership.c.left_at.is_(None))
    return [
        Event(type=ENTERED, data={"segment": segment, "because": row.entered_because}, at=row.entered_at)
        for row in await tx.execute(query)
    ]


async def take_in(tx: Tx, journey: Journey, customer_id: str, segment: str, pace: float) -> list[Candidate]:
    """Take one customer in, wherever they would stand; nobody twice. The sweeper starts what begins."""
    await beginnings.one_decides(tx)
    alive = select(customer.c.customer_id).where(
        customer.c.customer_id == customer_id, customer.c.merged_into.is_(None)
    )
    if (await tx.execute(alive.with_for_update(key_share=True))).first() is None:
        return []
    found = await candidates(tx, journey, customer_id, segment, pace)
    for one in found:
        if one.place is not None and one.event is not None:
            await _begin(tx, journey, one, one.event, one.place, pace)
    return found


async def _begin(tx: Tx, journey: Journey, one: Candidate, event: Event, stands: Place, pace: float) -> None:
    entry = Entry(event=event, who=one.customer_id, pace=pace)
    instance_id = await instances.begin(tx, journey, one.customer_id, one.key, entry, None)
    tasks: Sequence[Any] = (stands.task,) if stands.task else ()
    await record.write(
        tx, Work(instance_id=instance_id, writes=tuple(tasks), standing=standing(journey, stands.state, 1))
    )
    passed = f" Passed over: {', '.join(stands.passed)}." if stands.passed else ""
    text = f"{journey.title}: taken in as if it had begun on {event.at:%Y-%m-%d %H:%M} (UTC); {stands.doing}.{passed}"
    more: Mapping[str, Any] = {"instance_id": instance_id, "detail": {"passed": list(stands.passed)}}
    line = timeline.entry(one.customer_id, f"{instance_id}:began", now(), "started", text, **more)
    await timeline.add(tx, [line])
    await instances.deliver(tx, instance_id, Event(type=ENROLLED, data={}, at=now()), soon=True)
