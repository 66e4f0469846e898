"""What a text can name when it is written for one instance: customer, start, vars, company, journey."""

from typing import Any

from sqlalchemy import bindparam

from journey.company import Company
from store import definitions
from store.customers import RECORD, seen
from store.database import Tx
from store.tables import customer, definition, instance


async def facts(tx: Tx, instance_id: str, variables: dict[str, Any], company: Company | None = None) -> dict[str, Any]:
    """The names of a text and their values, read now; the company too, unless it is at hand."""
    row = dict((await tx.execute(_OF_ONE, {"of": instance_id})).mappings().one())
    company = company or await definitions.the_company(tx)
    return {
        "customer": await seen(tx, row),
        "start": row["entry"]["event"].get("data", {}),
        "vars": variables,
        "company": company.facts,
        "journey": {"name": row["journey"], "title": row["title"]},
        "track": row["track"],
    }


_OF_ONE = (
    RECORD.add_columns(
        instance.c.entry,
        instance.c.journey,
        definition.c.plan["title"].as_string().label("title"),
        definition.c.plan["track"].label("track"),
    )
    .join(instance, instance.c.customer_id == customer.c.customer_id)
    .join(definition, definition.c.hash == instance.c.def_hash)
    .where(instance.c.instance_id == bindparam("of"))
)
