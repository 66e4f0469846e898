"""What a text can name when it is written for one instance: customer, start, vars, company, journey."""

from typing import Any

from sqlalchemy import select

from store import customers, definitions
from store.database import Tx
from store.tables import definition, instance


async def facts(tx: Tx, instance_id: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The names of a text and their values, read now."""
    query = (
        select(instance.c.customer_id, instance.c.entry, instance.c.journey, definition.c.plan)
        .join(definition, definition.c.hash == instance.c.def_hash)
        .where(instance.c.instance_id == instance_id)
    )
    row = (await tx.execute(query)).one()
    company = await definitions.the_company(tx)
    return {
        "customer": await customers.known(tx, row.customer_id),
        "start": row.entry["event"].get("data", {}),
        "vars": variables,
        "company": {"name": company.company, "website": company.website, "reply_to": company.reply_to},
        "journey": {"name": row.journey, "title": row.plan["title"]},
    }
