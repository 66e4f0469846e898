"""Conversations: which letters came before one of the same thread, and what the customer answered last."""

import re

from sqlalchemy import and_, select

from store.database import Tx
from store.tables import incoming, instance, message, message_text

LONGEST = 850
"""Of the ids in a header, in characters: a line has no more than 998 bytes."""
_FIT = re.compile(r"[!-;=?-~]{3,200}")


async def before(tx: Tx, send_key: str, thread: str) -> list[str]:
    """The message ids of a conversation, the oldest first, without their brackets: our letters about the same case, of
    which every text says that it belongs to this thread, and the customer's answers to them."""
    case = select(instance.c.journey, instance.c.customer_id, instance.c.entry_key).join(
        message, message.c.instance_id == instance.c.instance_id
    )
    journey, customer_id, entry_key = (await tx.execute(case.where(message.c.send_key == send_key))).one()
    same = and_(instance.c.journey == journey, instance.c.customer_id == customer_id, instance.c.entry_key == entry_key)
    texts = select(message_text.c.name).where(message_text.c.content["thread"].as_string() == thread)
    ours = (
        select(message.c.send_key, message.c.message_id, message.c.decided_at)
        .join(instance, instance.c.instance_id == message.c.instance_id)
        .where(same, message.c.name.in_(texts), message.c.state.in_(("accepted", "unknown")))
        .where(message.c.send_key != send_key, message.c.decided_at.is_not(None))
    )
    letters = (await tx.execute(ours)).all()
    keys = [row.send_key for row in letters]
    theirs = select(incoming.c.message_id, incoming.c.received_at).where(
        incoming.c.send_key.in_(keys), incoming.c.kind == "reply"
    )
    said = [(row.decided_at, row.message_id.strip("<>")) for row in letters]
    said += [(row.received_at, row.message_id) for row in await tx.execute(theirs)]
    return [one for _, one in sorted(said) if _FIT.fullmatch(one)]


def lines(ids: list[str]) -> dict[str, str]:
    """The header lines by which a mail program puts a letter into its conversation (RFC 5322 3.6.4)."""
    if not ids:
        return {}
    kept = ids[:1] + ids[1:][-9:]
    while len(" ".join(kept)) + 3 * len(kept) > LONGEST and len(kept) > 1:
        del kept[1 if len(kept) > 2 else 0]
    return {"In-Reply-To": f"<{ids[-1]}>", "References": " ".join(f"<{one}>" for one in kept)}
