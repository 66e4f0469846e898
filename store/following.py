"""Links of a letter that were followed, and letters that were opened: who did it, and whether it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from journey import scanners
from store import consents, definitions, own_events, returns
from store.clock import now
from store.database import Tx
from store.tables import inbox, message

TOPIC = "tracking"
"""What a customer declines who does not want to be watched; or consents to, if `policies.yaml` needs that."""
LOOKED_AT = "looked-at"
OTHERS = "a program looked at several links of the letter"


@dataclass(frozen=True)
class Letter:
    """A letter whose links lead by way of us."""

    send_key: str
    customer_id: str
    links: Sequence[str]
    sent_at: datetime | None


async def letter(tx: Tx, beginning: str) -> Letter | None:
    """The letter whose key begins so; None if there is none (any more)."""
    send_key = await returns.by_beginning(tx, beginning)
    columns = (message.c.send_key, message.c.customer_id, message.c.links, message.c.decided_at)
    row = (await tx.execute(select(*columns).where(message.c.send_key == send_key))).first()
    return Letter(row.send_key, row.customer_id, row.links or (), row.decided_at) if row else None


async def allowed(tx: Tx, send_key: str) -> bool:
    """Whether the customer of a letter may be watched: they have not declined it, and consent if that is needed."""
    owner = select(message.c.customer_id).where(message.c.send_key == send_key)
    said = (await consents.in_force(tx, (await tx.execute(owner)).scalar_one())).get(TOPIC)
    policies = await definitions.the_policies(tx)
    return said is True or (said is None and TOPIC not in policies.needs_consent)


async def follow(tx: Tx, found: Letter, number: int, method: str, headers: Mapping[str, str]) -> str:
    """Note that a link was followed; why it does not count, '' if it is told in a moment."""
    why = await _not_told(tx, found, method, headers)
    if why:
        return why
    mine = f"clicked:{found.send_key}:{number}"
    lately = await _others(tx, found, mine)
    if lately:
        await _take_back(tx, found, lately)
        return OTHERS
    await returns.followed(tx, found.send_key, mine, found.links[number])
    later = (inbox.c.source == own_events.OURS) & (inbox.c.event_id == mine) & (inbox.c.state == "new")
    await tx.execute(update(inbox).where(later, inbox.c.attempts == 0).values(next_try_at=now() + scanners.SOON))
    return ""


async def look(tx: Tx, found: Letter, method: str, headers: Mapping[str, str]) -> bool:
    """Note that a letter was opened; whether that is told."""
    return not await _not_told(tx, found, method, headers) and await returns.opened(tx, found.send_key)


async def _not_told(tx: Tx, found: Letter, method: str, headers: Mapping[str, str]) -> str:
    if why := scanners.program(method, headers, found.sent_at, now()):
        return why
    declined = (await consents.in_force(tx, found.customer_id)).get(TOPIC) is False
    return "the customer does not want it" if declined else ""


async def _others(tx: Tx, found: Letter, mine: str) -> list[Any]:
    """Other links of this letter that were followed a moment ago, those that were taken back among them."""
    mark = f":{found.send_key}:"
    query = select(inbox.c.event_pk, inbox.c.event_id).where(
        inbox.c.source == own_events.OURS,
        inbox.c.accepted_at > now() - scanners.SOON,
        or_(*(inbox.c.event_id.between(f"{before}{mark}", f"{before}{mark}~") for before in ("clicked", LOOKED_AT))),
    )
    return [row for row in await tx.execute(query) if row.event_id != mine]


async def _take_back(tx: Tx, found: Letter, lately: Sequence[Any]) -> None:
    """What was about to be told is not: the id is free for the day on which a person follows the link."""
    for row in lately:
        name = f"{LOOKED_AT}:{found.send_key}:{row.event_pk}"
        gone = {"event_id": name, "state": "unmatched", "result": {"reason": OTHERS}}
        mine = (inbox.c.event_pk == row.event_pk) & (inbox.c.state == "new")
        await tx.execute(update(inbox).where(mine).values(**gone))
