"""Whom an event or a reference means: names to customers, new customers, and what an event says about them."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from journey import identity
from journey.identity import KINDS, Known
from store import notices
from store.clock import now
from store.database import Tx
from store.merges import merge
from store.sayings import CONTACT, FRESH, columns, said_by, sayings
from store.sql import any_of, insert_new
from store.tables import customer, customer_alias

NAME = (customer_alias.c.kind, customer_alias.c.value)
LONGEST = 320
"""Of a name, in characters."""
FURTHEST = 50
"""How many merges a redirect follows."""


async def resolve(tx: Tx, given: Mapping[str, Any], at: datetime | None = None) -> dict[str, Any]:
    """The customer an event's ``data.customer`` names, made if new, with what it says about them. Records that it shows
    to be the same person are joined. ``at`` is when it was said (now)."""
    at = at or now()
    names = names_in(given)
    known = await _known(tx, names)
    verdict = identity.who(names, {kind: record for kind, (record, _) in known.items()})
    if verdict.customer_id is None:
        person = await _create(tx, given, at)
        made = await _alias(tx, {kind: value for kind, value in names.items() if kind not in known}, person)
        if next(iter(names)) not in made:
            # Another transaction got to know this very customer while we did: it is theirs.
            await _forget(tx, person["customer_id"])
            return await resolve(tx, given, at)
        return person
    person = next(row for record, row in known.values() if record.customer_id == verdict.customer_id)
    for other in verdict.same:
        person = await merge(tx, verdict.customer_id, other, "an event named them together")
    await _alias(tx, {kind: value for kind, value in names.items() if kind not in known}, person)
    return await _bring_in(tx, person, given, at)


async def unite(
    tx: Tx, given: Mapping[str, Any], other: Mapping[str, Any], reason: str, at: datetime | None = None
) -> dict[str, Any]:
    """Somebody says that two are one: ``other`` becomes part of ``given``. Whoever is not known yet is from now on, so
    it does not matter whether this is said before or after the first event of either."""
    person = await resolve(tx, given, at)
    second = await resolve(tx, other, at)
    if person["customer_id"] == second["customer_id"]:
        return person
    return await merge(tx, person["customer_id"], second["customer_id"], reason)


def names_in(given: Mapping[str, Any]) -> dict[str, str]:
    """No longer than their column: what is cut there is compared cut."""
    return {kind: value[:LONGEST] for kind, value in identity.names(given).items()}


async def _known(tx: Tx, names: dict[str, str]) -> dict[str, tuple[Known, dict[str, Any]]]:
    """The records behind these names, locked, so that what we add to them and what journeys set do not undo each other.

    All names of a record are read only if several kinds are asked for: otherwise nothing stands against anything."""
    query = (
        select(customer_alias.c.kind, customer)
        .join(customer, customer_alias.c.customer_id == customer.c.customer_id)
        .where(any_of(NAME, names.items()))
        .order_by(customer.c.customer_id)
        .with_for_update(of=customer, key_share=True)
    )
    rows = {row["kind"]: dict(row) for row in (await tx.execute(query)).mappings()}
    found = {row["customer_id"] for row in rows.values()}
    if len(found) == 1 and next(iter(names)) in rows:
        all_names: Mapping[str, dict[str, frozenset[str]]] = {}
    else:
        all_names = await _all_names(tx, found)
    known: dict[str, tuple[Known, dict[str, Any]]] = {}
    for kind, row in rows.items():
        del row["kind"]
        record = Known(row["customer_id"], row["created_at"], all_names.get(row["customer_id"], {}))
        known[kind] = record, row
    return known


async def _all_names(tx: Tx, customer_ids: set[str]) -> dict[str, dict[str, frozenset[str]]]:
    if not customer_ids:
        return {}
    query = select(customer_alias).where(customer_alias.c.customer_id.in_(customer_ids))
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in await tx.execute(query):
        kinds = found.setdefault(row.customer_id, {})
        kinds[row.kind] = kinds.get(row.kind, frozenset()) | {row.value}
    return found


async def _create(tx: Tx, given: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    moment = now()
    blank: dict[str, Any] = {**dict.fromkeys(CONTACT), "attributes": {}, "said": {}}
    row: dict[str, Any] = {
        "customer_id": secrets.token_hex(12),
        "external_id": given.get("id") or None,
        **blank,
        **columns(blank, said_by(given, at, moment)),
        "tags": [],
        "derived": {},
        "ruled_by": FRESH,
        "due_at": None,
        "merged_into": None,
        "erased_at": None,
        "created_at": moment,
        "updated_at": moment,
    }
    await tx.execute(customer.insert().values(**row))
    await notices.changed(tx, row["customer_id"], moment, "is new", [name for name in given if given[name]])
    return row


async def _alias(tx: Tx, names: dict[str, str], person: Mapping[str, Any]) -> set[str]:
    """Note by what else the customer is known; returns the kinds that nobody else had."""
    rows = [{"kind": kind, "value": value, "customer_id": person["customer_id"]} for kind, value in names.items()]
    made = await insert_new(tx, customer_alias, rows, ["kind", "value"], returning=[customer_alias.c.kind])
    return {row.kind for row in made}


async def _forget(tx: Tx, customer_id: str) -> None:
    await tx.execute(customer_alias.delete().where(customer_alias.c.customer_id == customer_id))
    await tx.execute(customer.delete().where(customer.c.customer_id == customer_id))


async def _bring_in(tx: Tx, row: dict[str, Any], given: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Write what the event says about the customer, if it says anything new."""
    changes = columns(row, identity.news(sayings(row), said_by(given, at, now())))
    if given.get("id") and row["external_id"] is None:
        changes["external_id"] = given["id"]
    if changes:
        moment = now()
        await notices.changed(tx, row["customer_id"], moment, "has changed", sorted(changes.keys() - {"said"}))
        changes["updated_at"] = moment
        await tx.execute(update(customer).where(customer.c.customer_id == row["customer_id"]).values(**changes))
    return {**row, **changes}


async def find(tx: Tx, reference: str) -> dict[str, Any] | None:
    """A customer by our id, the shop's id, an address, a phone number or an anonymous id; ``email:grete@example.org``
    asks for that kind only. A customer that was merged leads to the one it became part of."""
    kind, _, rest = reference.partition(":")
    if kind in KINDS and rest and (found := await _named(tx, {kind: identity.name(kind, rest)})):
        return found
    row = await _row(tx, reference)
    for _ in range(FURTHEST):
        if row is None or row["merged_into"] is None:
            break
        row = await _row(tx, row["merged_into"])
    return row or await _named(tx, {kind: identity.name(kind, reference) for kind in KINDS})


async def of_names(tx: Tx, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The customer known by the strongest of these names that anybody is known by."""
    return await _named(tx, names_in(given))


async def _row(tx: Tx, customer_id: str) -> dict[str, Any] | None:
    found = (await tx.execute(select(customer).where(customer.c.customer_id == customer_id))).mappings().first()
    return dict(found) if found else None


async def _named(tx: Tx, names: dict[str, str]) -> dict[str, Any] | None:
    """The customer known by the strongest of these names."""
    asked = [(kind, value) for kind, value in names.items() if value]
    if not asked:
        return None
    query = (
        select(customer_alias.c.kind, customer)
        .join(customer, customer_alias.c.customer_id == customer.c.customer_id)
        .where(any_of(NAME, asked))
    )
    rows = {row["kind"]: dict(row) for row in (await tx.execute(query)).mappings()}
    for kind in KINDS:
        if kind in rows:
            return {name: value for name, value in rows[kind].items() if name != "kind"}
    return None
