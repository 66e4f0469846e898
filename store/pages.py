"""What the console's pages read.

Lists go from the newest to the oldest, one page at a time: a page says the place of its last row, and the next page
begins behind it. So nothing is shown twice and nothing is left out while new rows come in at the head.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import Column, ColumnElement, Select, and_, case, func, literal, or_, select, text, tuple_

from journey.ledger import PERSON
from store import identity, purchases
from store.database import Tx
from store.tables import (
    UtcDateTime,
    audit,
    customer,
    definition,
    inbox,
    instance,
    membership,
    message,
    purchase,
    task,
    timeline,
)
from store.tables import organisation as organisation_table

LATE_BY = timedelta(minutes=2)
"""A running instance that should have moved on so long ago needs attention: nobody may be driving it."""
SOON = timedelta(hours=4)
"""A task or a clock that is due so soon is shown beforehand."""
UNROUTED_FOR = timedelta(minutes=1)
"""An accepted event that is not routed after so long needs attention: the router may be away."""

TITLE = definition.c.plan["title"].as_string().label("title")


@dataclass(frozen=True)
class Place:
    """Where a page ends: the time of its last row, and that row's key."""

    at: datetime
    key: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.key}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The place in an address; None for anything that is not one."""
        moment, _, key = text.partition("~")
        if not (key.isascii() and key.isalnum() and len(key) <= 64):
            return None
        try:
            at = datetime.fromisoformat(moment)
            return cls(at.astimezone(UTC), key) if at.tzinfo is not None else None
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Page:
    """Some rows of a list, newest first; ``older`` is where the next page begins, if there is one."""

    rows: list[dict[str, Any]]
    older: Place | None


@dataclass(frozen=True)
class Sought:
    """Which instances: ``state`` is running, ended or attention; a journey's name, a text, a step, an outcome and a
    version may narrow it, and that they go on within a time (``due``: in a word) or began longer ago (``age``)."""

    state: str = "running"
    journey: str = ""
    text: str = ""
    step: str = ""
    outcome: str = ""
    version: int | None = None
    due: str = ""
    age: str = ""
    due_within: timedelta | None = None
    older_than: timedelta | None = None

    @property
    def narrowed(self) -> bool:
        """Whether more than the state is asked for."""
        return any((self.journey, self.text, self.step, self.outcome, self.version, self.due, self.age))


@dataclass(frozen=True)
class Attention:
    """How much of each kind needs somebody: instances in trouble or late, events quarantined or not routed for a while,
    messages of which nobody knows whether they went out, and those that wait for a person's word; open tasks that are
    over or due soon, and running clocks that are."""

    troubled: int
    late: int
    quarantined: int
    unrouted: int
    unknown: int
    asked: int
    tasks_over: int
    tasks_soon: int
    clocks_over: int
    clocks_soon: int

    def __bool__(self) -> bool:
        return any(vars(self).values())


def _late(now: datetime) -> ColumnElement[bool]:
    return (instance.c.state == "running") & (instance.c.wake_at < now - LATE_BY)


def _troubled() -> ColumnElement[bool]:
    return (instance.c.state == "running") & instance.c.trouble.is_not(None)


def _task_due(after: datetime | None, before: datetime) -> ColumnElement[bool]:
    due = (task.c.state == "open") & (task.c.due_at < before)
    return due if after is None else due & (task.c.due_at >= after)


def _clock_over() -> ColumnElement[bool]:
    # In the words of its index: PostgreSQL does not know it again in "clock_over IS true".
    return and_(instance.c.state == "running", text("clock_over"))


def _clock_soon(now: datetime) -> ColumnElement[bool]:
    return (instance.c.state == "running") & (instance.c.clock_due < now + SOON)


async def due_tasks(tx: Tx, now: datetime, limit: int) -> list[dict[str, Any]]:
    """The open tasks that are over or due soon, the most urgent first, each with its customer."""
    query = select(task, *_WHO).join(customer, customer.c.customer_id == task.c.customer_id)
    query = query.where(_task_due(None, now + SOON)).order_by(task.c.due_at, task.c.task_id).limit(limit)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def due_clocks(tx: Tx, now: datetime, limit: int) -> list[dict[str, Any]]:
    """The running instances with a clock that is due soon, the most urgent first, then those with one that is over."""
    soon = _instances().where(_clock_soon(now)).order_by(instance.c.clock_due, instance.c.instance_id).limit(limit)
    over = _instances().where(_clock_over()).order_by(instance.c.started_at, instance.c.instance_id).limit(limit)
    found = {row["instance_id"]: dict(row) for query in (soon, over) for row in (await tx.execute(query)).mappings()}
    return list(found.values())[:limit]


async def attention(tx: Tx, now: datetime) -> Attention:
    """What needs somebody now."""
    unrouted = (inbox.c.state == "new") & (inbox.c.accepted_at < now - UNROUTED_FOR)
    questions = (
        select(func.count()).select_from(instance).where(_troubled()),
        select(func.count()).select_from(instance).where(_late(now), instance.c.trouble.is_(None)),
        select(func.count()).select_from(inbox).where(inbox.c.state == "quarantined"),
        select(func.count()).select_from(inbox).where(unrouted),
        select(func.count()).select_from(message).where(message.c.state == "unknown"),
        select(func.count()).select_from(message).where(message.c.state == "held", message.c.waits == PERSON),
        select(func.count()).select_from(task).where(_task_due(None, now)),
        select(func.count()).select_from(task).where(_task_due(now, now + SOON)),
        select(func.count()).select_from(instance).where(_clock_over()),
        select(func.count()).select_from(instance).where(_clock_soon(now)),
    )
    row = (await tx.execute(select(*(question.scalar_subquery() for question in questions)))).one()
    return Attention(*row)


async def tallies(tx: Tx) -> list[dict[str, Any]]:
    """How many instances each journey has, by state and outcome."""
    columns = (instance.c.journey, instance.c.state, instance.c.outcome)
    query = select(*columns, func.count().label("count")).group_by(*columns).order_by(*columns)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def standing(tx: Tx, journey: str) -> dict[str, int]:
    """How many running instances of a journey stand at each of its steps."""
    here = (instance.c.journey == journey) & (instance.c.state == "running") & instance.c.step.is_not(None)
    query = select(instance.c.step, func.count()).where(here).group_by(instance.c.step)
    return {step: count for step, count in await tx.execute(query)}


async def needy(tx: Tx, now: datetime) -> dict[str, int]:
    """How many instances of each journey need attention; journeys without any are left out.

    Two questions, for two indexes: as one with an OR it reads every running instance.
    """
    counts: dict[str, int] = {}
    for which in (_troubled(), _late(now) & instance.c.trouble.is_(None)):
        query = select(instance.c.journey, func.count()).where(which).group_by(instance.c.journey)
        for journey, count in await tx.execute(query):
            counts[journey] = counts.get(journey, 0) + count
    return counts


def _instances() -> Select[Any]:
    """Instances with their customer and the title of their version; ``moved_at`` is when the last wait ended (text)."""
    return (
        select(
            *(column for column in instance.c if column.name not in ("entry", "snapshot")),
            instance.c.snapshot["moved_at"].as_string().label("moved_at"),
            instance.c.snapshot["wake_at"].as_string().label("rests_until"),
            instance.c.entry["pace"].as_float().label("pace"),
            TITLE,
            definition.c.version,
            *_WHO,
        )
        .join(definition, definition.c.hash == instance.c.def_hash)
        .join(customer, customer.c.customer_id == instance.c.customer_id)
    )


_WHO = (customer.c.name, customer.c.email, customer.c.external_id)


async def instances(tx: Tx, sought: Sought, now: datetime, before: Place | None, size: int) -> Page:
    """Instances, the last started first."""
    query = _instances().where(instance.c.state == ("ended" if sought.state == "ended" else "running"))
    if sought.state == "attention":
        query = query.where(or_(_troubled(), _late(now)))
    if sought.journey:
        query = query.where(instance.c.journey == sought.journey)
    query = query.where(*_narrowed(sought, now))
    if sought.text:
        query = query.where(await _about(tx, sought.text))
    return await _page(tx, query, instance.c.started_at, instance.c.instance_id, before, size)


async def _about(tx: Tx, text: str) -> ColumnElement[bool]:
    """Whose name, address, id or key has to do with a text. Whoever is called exactly so is found by an index; what is
    contained in names and keys is looked for in all of them."""
    called = await identity.find(tx, text)
    if called is not None:
        theirs: ColumnElement[bool] = instance.c.customer_id == called["customer_id"]
        return theirs
    return or_(_is_about(text), *_contains(instance.c.entry_key, text))


def _narrowed(sought: Sought, now: datetime) -> Iterator[ColumnElement[bool]]:
    if sought.step:
        yield instance.c.step == sought.step
    if sought.outcome:
        yield instance.c.outcome == sought.outcome
    if sought.version is not None:
        yield definition.c.version == sought.version
    if sought.due_within is not None:
        yield instance.c.wake_at < now + sought.due_within
    if sought.older_than is not None:
        yield instance.c.started_at < now - sought.older_than


async def instances_of(tx: Tx, customer_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """One customer's instances: the running ones first, then the last started."""
    query = _instances().where(instance.c.customer_id == customer_id)
    order = (case((instance.c.state == "running", 0), else_=1), instance.c.started_at.desc(), instance.c.instance_id)
    return [_until(dict(row)) for row in (await tx.execute(query.order_by(*order).limit(limit))).mappings()]


def _until(row: dict[str, Any]) -> dict[str, Any]:
    """With the end of the instance's own rest as ``wake_at``: the alarm of a clock may come before it, and nobody waits
    for that."""
    rests = row.pop("rests_until", None)
    return row | {"wake_at": datetime.fromisoformat(rests)} if rests else row


async def customers(
    tx: Tx, text: str, before: Place | None, size: int, *, segment: str = "", organisation: str = ""
) -> Page:
    """Customers, the newest first, with how many journeys run for each and how many purchases each has made; those that
    a text finds, who are in a segment, or belong to a company (by its own id)."""
    running = (instance.c.customer_id == customer.c.customer_id) & (instance.c.state == "running")
    bought = purchase.c.customer_id == customer.c.customer_id
    query = select(
        customer.c.customer_id,
        *_WHO,
        customer.c.tags,
        customer.c.created_at,
        customer.c.updated_at,
        select(func.count()).select_from(instance).where(running).scalar_subquery().label("running"),
        select(func.count()).select_from(purchase).where(bought).scalar_subquery().label("purchases"),
    ).where(customer.c.merged_into.is_(None), customer.c.erased_at.is_(None))
    if text:
        query = query.where(_is_about(text))
    if segment:
        inside = (membership.c.segment == segment) & membership.c.left_at.is_(None)
        query = query.where(customer.c.customer_id.in_(select(membership.c.customer_id).where(inside)))
    if organisation:
        theirs = select(organisation_table.c.organisation_id).where(organisation_table.c.external_id == organisation)
        query = query.where(customer.c.organisation_id == theirs.scalar_subquery())
    return await _page(tx, query, customer.c.created_at, customer.c.customer_id, before, size)


async def entries(tx: Tx, customer_id: str, before: Place | None, size: int, *, kind: str = "") -> Page:
    """One customer's timeline over all journeys, newest first, each row with its journey; all of it, or one kind."""
    query = (
        select(timeline, instance.c.journey)
        .outerjoin(instance, instance.c.instance_id == timeline.c.instance_id)
        .where(timeline.c.customer_id == customer_id)
    )
    if kind:
        query = query.where(timeline.c.kind == kind)
    return await _page(tx, query, timeline.c.at, timeline.c.entry_pk, before, size, _number)


async def purchases_of(tx: Tx, customer_id: str, before: Place | None, size: int) -> Page:
    """What a customer bought, newest first, each purchase with its ``lines``."""
    query = select(purchase).where(purchase.c.customer_id == customer_id)
    page = await _page(tx, query, purchase.c.purchased_at, purchase.c.purchase_pk, before, size, _number)
    return Page(await purchases.with_lines(tx, page.rows), page.older)


async def event(tx: Tx, receipt: str) -> dict[str, Any] | None:
    """One accepted event by its receipt, with the name of whom it is about."""
    query = select(inbox, customer.c.name, customer.c.email, customer.c.external_id)
    query = query.outerjoin(customer, customer.c.customer_id == inbox.c.customer_id).where(inbox.c.receipt == receipt)
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def messages(tx: Tx, state: str, before: Place | None, size: int) -> Page:
    """Messages ever intended, newest first, without their bodies; ``state`` narrows it."""
    columns = [column for column in message.c if column.name != "body"]
    query = (
        select(*columns, instance.c.journey, *(column.label(f"customer_{column.name}") for column in _WHO))
        .join(instance, instance.c.instance_id == message.c.instance_id)
        .join(customer, customer.c.customer_id == message.c.customer_id)
    )
    if state:
        query = query.where(message.c.state == state)
    return await _page(tx, query, message.c.created_at, message.c.send_key, before, size)


def _is_about(text: str) -> ColumnElement[bool]:
    """Whose name, address or id of the shop's contains a text, or whose id it is."""
    return or_(
        *(test for column in _WHO for test in _contains(column, text)),
        customer.c.customer_id == text,
    )


def _contains(column: ColumnElement[Any], text: str) -> list[ColumnElement[bool]]:
    """Whether a column contains a text in capitals or small letters. SQLite folds ASCII letters only, so the usual ways
    to write the others are asked for one by one."""
    ways = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    return [column.icontains(way, autoescape=True) for way in sorted(ways)]


def _number(key: str) -> int | None:
    return int(key) if key.isascii() and key.isdigit() and len(key) <= 18 else None


async def _page(
    tx: Tx,
    query: Select[Any],
    at: Column[datetime],
    key: Column[Any],
    before: Place | None,
    size: int,
    read_key: Callable[[str], Any] = str,
) -> Page:
    """The rows behind a place, newest first. One row more than the page holds tells whether there is another page."""
    after = read_key(before.key) if before is not None else None
    if before is not None and after is not None:
        query = query.where(tuple_(at, key) < tuple_(literal(before.at, UtcDateTime()), literal(after)))
    result = await tx.execute(query.order_by(at.desc(), key.desc()).limit(size + 1))
    rows = [_until(dict(row)) for row in result.mappings()]
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], Place(last[at.name], str(last[key.name])) if last else None)


async def instance_of(tx: Tx, instance_id: str) -> dict[str, Any] | None:
    """One instance, whole, with its customer and the title of its version."""
    query = _instances().add_columns(instance.c.entry, instance.c.snapshot)
    row = (await tx.execute(query.where(instance.c.instance_id == instance_id))).mappings().first()
    return dict(row) if row else None


async def messages_of(tx: Tx, instance_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """The messages of one instance, newest first, without their bodies."""
    columns = [column for column in message.c if column.name != "body"]
    query = select(*columns).where(message.c.instance_id == instance_id).order_by(message.c.created_at.desc())
    return [dict(row) for row in (await tx.execute(query.limit(limit))).mappings()]


async def tasks_of(tx: Tx, instance_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """The tasks that one instance opened, newest first."""
    query = select(task).where(task.c.instance_id == instance_id).order_by(task.c.opened_at.desc())
    return [dict(row) for row in (await tx.execute(query.limit(limit))).mappings()]


async def instances_named(tx: Tx, instance_ids: list[str]) -> list[dict[str, Any]]:
    """These instances, the last started first."""
    query = _instances().where(instance.c.instance_id.in_(instance_ids))
    rows = await tx.execute(query.order_by(instance.c.started_at.desc(), instance.c.instance_id))
    return [dict(row) for row in rows.mappings()]


async def mark(tx: Tx) -> str:
    """How far what only grows has grown: another text when something has happened."""
    ends = (func.max(timeline.c.entry_pk), func.max(inbox.c.event_pk), func.max(audit.c.number))
    row = (await tx.execute(select(*(select(end).scalar_subquery() for end in ends)))).one()
    return "-".join(str(end or 0) for end in row)


async def steps_of(tx: Tx, journey: str) -> list[dict[str, Any]]:
    """The steps at which running instances of a journey stand: how many, and when the next one goes on."""
    here = (instance.c.journey == journey) & (instance.c.state == "running") & instance.c.step.is_not(None)
    columns = (instance.c.step, func.count().label("count"), func.min(instance.c.wake_at).label("next_at"))
    rows = await tx.execute(select(*columns).where(here).group_by(instance.c.step))
    return [dict(row) for row in rows.mappings()]


async def flow_of(tx: Tx, journey: str, since: datetime) -> dict[str, int]:
    """How many instances of a journey began since a moment, and how many ended."""
    mine = instance.c.journey == journey
    began = select(func.count()).where(mine, instance.c.started_at >= since)
    ended = select(func.count()).where(mine, instance.c.state == "ended", instance.c.ended_at >= since)
    row = (await tx.execute(select(began.scalar_subquery(), ended.scalar_subquery()))).one()
    return {"began": row[0], "ended": row[1]}
