"""Published definitions: immutable journey versions, and the texts and company in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update

from journey.company import Company
from journey.declared.customer import DeclaredCustomer
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from journey.definition import Journey
from journey.library import Library
from journey.messages import Message
from journey.policies import Policies
from journey.rules.earlier import Earlier
from journey.samples import Sample
from store import calendars, notices, retiming, rules
from store.clock import now
from store.database import Tx
from store.sql import insert_new, one_at_a_time
from store.tables import (
    company,
    declared_customer,
    declared_event,
    declared_source,
    definition,
    instance,
    message_text,
    pinned_text,
)

PUBLISHING = 7_310_001


async def publish(
    tx: Tx, library: Library, sources: Mapping[str, str], samples: Mapping[str, Sample] | None = None
) -> list[str]:
    """Make a library the one in force; returns the journeys that got a new version. Journeys that are no longer there
    start no new instances; running instances keep the version they are pinned to. ``sources``: journey name to text.
    ``samples``: for each message a customer to show it for."""
    await one_at_a_time(tx, PUBLISHING)
    moment = now()
    changed = []
    for name, journey in library.journeys.items():
        newest = select(func.coalesce(func.max(definition.c.version), 0)).where(definition.c.journey == name)
        version = (await tx.execute(newest)).scalar_one() + 1
        row = {
            "hash": journey.hash,
            "journey": name,
            "version": version,
            "plan": journey.plan,
            "source": sources.get(name, ""),
            "active": True,
            "published_at": moment,
        }
        if await insert_new(tx, definition, [row], ["hash"], returning=[definition.c.hash]):
            changed.append(name)
    active = [journey.hash for journey in library.journeys.values()]
    await tx.execute(update(definition).where(definition.c.hash.in_(active)).values(active=True))
    await tx.execute(update(definition).where(definition.c.hash.not_in(active)).values(active=False))
    await _texts(tx, library, samples or {})
    await _pinned(tx, library)
    await _declarations(tx, library)
    await rules.publish(tx, library.rules)
    await calendars.publish(tx, library.calendars)
    await retiming.order(tx)
    return changed


async def _texts(tx: Tx, library: Library, samples: Mapping[str, Sample]) -> None:
    moment = now()
    rows = [
        {
            "name": name,
            "content": message.model_dump(mode="json"),
            "sample": samples[name].facts if name in samples else None,
            "published_at": moment,
        }
        for name, message in library.messages.items()
    ]
    await tx.execute(message_text.delete())
    if rows:
        await tx.execute(message_text.insert(), rows)
    await tx.execute(company.delete())
    content = library.company.model_dump(mode="json", by_alias=True)
    policies = library.policies.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    await tx.execute(company.insert().values(id=1, content=content, policies=policies, published_at=moment))


async def _pinned(tx: Tx, library: Library) -> None:
    """Keep the texts that belong to versions of journeys."""
    moment = now()
    rows = [
        {"hash": digest, "name": name, "content": message.model_dump(mode="json"), "published_at": moment}
        for journey in library.journeys.values()
        for name, digest in journey.pinned.items()
        if (message := library.messages.get(name)) is not None and message.digest == digest
    ]
    if rows:
        await insert_new(tx, pinned_text, list({row["hash"]: row for row in rows}.values()), ["hash"])


async def _declarations(tx: Tx, library: Library) -> None:
    moment = now()
    rows = [
        {"event": name, "content": event.model_dump(mode="json", by_alias=True), "published_at": moment}
        for name, event in library.events.items()
    ]
    await tx.execute(declared_event.delete())
    if rows:
        await tx.execute(declared_event.insert(), rows)
    await tx.execute(declared_customer.delete())
    if library.customer is not None:
        content = library.customer.model_dump(mode="json", by_alias=True)
        await tx.execute(declared_customer.insert().values(id=1, content=content, published_at=moment))
    rows = [
        {"source": name, "content": source.model_dump(mode="json", by_alias=True), "published_at": moment}
        for name, source in library.sources.items()
    ]
    await notices.publish(tx, library.subscribers)
    await tx.execute(declared_source.delete())
    if rows:
        await tx.execute(declared_source.insert(), rows)


async def active(tx: Tx) -> dict[str, Journey]:
    """The journeys that start new instances, by name."""
    hashes = await tx.scalars(select(definition.c.hash).where(definition.c.active.is_(True)))
    return {journey.journey: journey for journey in (await by_hash(tx, hashes)).values()}


async def pinned(tx: Tx, def_hash: str) -> Journey:
    """The journey version with this hash."""
    return (await by_hash(tx, [def_hash]))[def_hash]


async def by_hash(tx: Tx, hashes: Iterable[str]) -> dict[str, Journey]:
    """The journey versions with these hashes. A version never changes, so a process reads it once."""
    wanted = set(hashes)
    found = {one: _read[one] for one in wanted & _read.keys()}
    if unread := wanted - found.keys():
        rows = await tx.execute(select(definition.c.hash, definition.c.plan).where(definition.c.hash.in_(unread)))
        found |= {row.hash: Journey.model_validate(row.plan) for row in rows}
        if len(_read) > KEPT:
            _read.clear()
        _read.update(found)
    return found


async def plan(tx: Tx, def_hash: str) -> dict[str, Any]:
    """What a version says, as data; empty if there is no such version."""
    found: dict[str, Any] | None = (
        await tx.execute(select(definition.c.plan).where(definition.c.hash == def_hash))
    ).scalar_one_or_none()
    return found or {}


async def in_use(tx: Tx) -> list[Earlier]:
    """The versions that running instances are on, and how many stand at which step."""
    at = (instance.c.def_hash, definition.c.version, instance.c.step)
    query = (
        select(*at, func.count().label("many"))
        .join(definition, definition.c.hash == instance.c.def_hash)
        .where(instance.c.state == "running")
        .group_by(*at)
    )
    rows = (await tx.execute(query)).all()
    journeys = await by_hash(tx, {row.def_hash for row in rows})
    found: dict[str, Earlier] = {}
    for row in rows:
        before = found[row.def_hash].standing if row.def_hash in found else {}
        step = row.step or journeys[row.def_hash].first
        standing = {**before, step: before.get(step, 0) + row.many}
        found[row.def_hash] = Earlier(journeys[row.def_hash], row.version, standing)
    return sorted(found.values(), key=lambda one: (one.journey.journey, one.version))


KEPT = 500
_read: dict[str, Journey] = {}


async def text(tx: Tx, name: str, pinned: str = "") -> Message | None:
    """The message text in force, or the one that belongs to a version of a journey, by its hash."""
    query = tx.execute(_PINNED, {"digest": pinned}) if pinned else tx.execute(_TEXT, {"called": name})
    row = (await query).first()
    return Message.model_validate(row.content) if row else None


@dataclass(frozen=True)
class PublishedText:
    """A text in force, and the facts of a customer to show it for, if any are kept."""

    message: Message
    sample: dict[str, Any] | None


async def texts(tx: Tx) -> list[PublishedText]:
    """Every text in force, by name."""
    query = select(message_text.c.content, message_text.c.sample).order_by(message_text.c.name)
    return [PublishedText(Message.model_validate(row.content), row.sample) for row in await tx.execute(query)]


async def published_text(tx: Tx, name: str) -> PublishedText | None:
    """One text in force, as ``texts`` has it."""
    query = select(message_text.c.content, message_text.c.sample).where(message_text.c.name == name)
    row = (await tx.execute(query)).first()
    return PublishedText(Message.model_validate(row.content), row.sample) if row else None


async def the_company(tx: Tx) -> Company:
    """The company in force."""
    row = (await tx.execute(_COMPANY)).one()
    return Company.model_validate(row.content)


async def the_policies(tx: Tx) -> Policies:
    """What holds for all journeys together, in force."""
    row = (await tx.execute(select(company.c.policies))).first()
    return Policies.model_validate((row.policies if row else None) or {})


_TEXT = select(message_text.c.content).where(message_text.c.name == bindparam("called"))
_PINNED = select(pinned_text.c.content).where(pinned_text.c.hash == bindparam("digest"))
_COMPANY = select(company.c.content)


async def events(tx: Tx) -> dict[str, DeclaredEvent]:
    """The declared event types in force, by name; none at all when nothing is typed."""
    rows = await tx.execute(select(declared_event.c.event, declared_event.c.content))
    return {row.event: DeclaredEvent.model_validate(row.content) for row in rows}


async def the_customer(tx: Tx) -> DeclaredCustomer | None:
    """What is declared of customers, if anything."""
    row = (await tx.execute(select(declared_customer.c.content))).first()
    return DeclaredCustomer.model_validate(row.content) if row else None


async def sources(tx: Tx) -> dict[str, Source]:
    """The upstream systems in force, by name."""
    rows = await tx.execute(select(declared_source.c.source, declared_source.c.content))
    return {row.source: Source.model_validate(row.content) for row in rows}


async def versions(tx: Tx) -> list[dict[str, Any]]:
    """Every version of every journey, newest first, without its plan."""
    columns = (definition.c.hash, definition.c.journey, definition.c.version, definition.c.active)
    query = select(*columns, definition.c.published_at, definition.c.plan["title"].as_string().label("title"))
    rows = await tx.execute(query.order_by(definition.c.journey, definition.c.version.desc()))
    return [dict(row) for row in rows.mappings()]
