"""The companies that customers belong to, made known by events."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import customer, organisation


async def known_as(tx: Tx, given: Mapping[str, Any]) -> str | None:
    """Our id of the organisation that these data name (``id``, ``name``, ``attributes``), made if new."""
    external_id = given.get("id")
    if not isinstance(external_id, str) or not external_id.strip():
        return None
    moment = now()
    said = given.get("attributes")
    fresh: dict[str, Any] = {
        "organisation_id": secrets.token_hex(12),
        "external_id": external_id[:255],
        "name": _name(given),
        "attributes": said if isinstance(said, dict) else {},
        "created_at": moment,
        "updated_at": moment,
    }
    await insert_new(tx, organisation, [fresh], ["external_id"])
    query = select(organisation).where(organisation.c.external_id == fresh["external_id"])
    row = (await tx.execute(query.with_for_update(key_share=True))).mappings().one()
    attributes = {**row["attributes"], **fresh["attributes"]}
    name = fresh["name"] or row["name"]
    if (attributes, name) != (row["attributes"], row["name"]):
        mine = organisation.c.organisation_id == row["organisation_id"]
        values = {"attributes": attributes, "name": name, "updated_at": moment}
        await tx.execute(update(organisation).where(mine).values(**values))
    return str(row["organisation_id"])


def _name(given: Mapping[str, Any]) -> str | None:
    return str(given["name"])[:255] if given.get("name") else None


async def get(tx: Tx, organisation_id: str | None) -> dict[str, Any] | None:
    """One organisation."""
    if organisation_id is None:
        return None
    query = select(organisation).where(organisation.c.organisation_id == organisation_id)
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def people(tx: Tx, organisation_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """Its people among the customers, by name."""
    mine = (customer.c.organisation_id == organisation_id) & customer.c.merged_into.is_(None)
    query = select(customer.c.customer_id, customer.c.name, customer.c.email, customer.c.external_id).where(mine)
    rows = await tx.execute(query.order_by(customer.c.name, customer.c.customer_id).limit(limit))
    return [dict(row) for row in rows.mappings()]
