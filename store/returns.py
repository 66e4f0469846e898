"""What becomes of a letter after it was sent, whoever says so: the mail server at once, a report by mail, a provider's
webhook, the customer. Each is told once: to the ledger, to the record, and as an event to the journeys."""

from typing import Any

from sqlalchemy import delete, select

from journey.returned.bounces import verdict
from journey.returned.providers import Told
from journey.returned.reports import Bounce
from store import outbox, own_events, reach
from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import message, soft_bounce

BOUNCED, COMPLAINED, DELIVERED = "message.bounced", "message.complained", "message.delivered"
REPLIED, OPENED, CLICKED = "message.replied", "message.opened", "message.clicked"


async def by_id(tx: Tx, *message_ids: str) -> str | None:
    """The letter with one of these message ids (ours, the provider's, or its key), the likeliest first; None if none is
    ours."""
    for one in message_ids:
        mine = (message.c.message_id == f"<{one}>") | (message.c.remote_id == one) | (message.c.send_key == one)
        key: str | None = (await tx.execute(select(message.c.send_key).where(mine).limit(1))).scalar_one_or_none()
        if key:
            return key
    return None


async def by_beginning(tx: Tx, beginning: str) -> str | None:
    """The letter whose key begins so."""
    there = message.c.send_key.between(beginning, beginning + "z" * max(52 - len(beginning), 0))
    key: str | None = (await tx.execute(select(message.c.send_key).where(there).limit(1))).scalar_one_or_none()
    return key


async def delivered(tx: Tx, send_key: str) -> bool:
    """The customer's mail server has taken it. This settles a doubt about it. False if that was known."""
    letter = await _letter(tx, send_key)
    if letter.message_id:
        await outbox.learn(tx, letter.message_id, "accepted", "it is reported to have arrived")
    await works(tx, letter.mark)
    return await _tell(tx, letter, DELIVERED, f"delivered:{send_key}", {})


async def bounced(tx: Tx, send_key: str, bounce: Bounce) -> bool:
    """It came back. False if that was known."""
    letter = await _letter(tx, send_key)
    kind = "hard" if bounce.hard else "soft"
    code = "" if bounce.code in bounce.reason else bounce.code
    said = f"{code} {bounce.reason}".strip() or "no reason was given"
    if letter.message_id:
        await outbox.learn(tx, letter.message_id, "refused", f"it came back: {said}")
    stopped = await _count(tx, letter, bounce, said)
    data = {"bounce": kind, "code": bounce.code or None, "reason": bounce.reason or None, "suppressed": stopped}
    return await _tell(tx, letter, BOUNCED, f"bounced:{kind}:{send_key}", data)


async def _count(tx: Tx, letter: Any, bounce: Bounce, said: str) -> bool:
    """Count a bounce; whether its address gets nothing more."""
    if letter.mark is None:
        return False
    soft = []
    if not bounce.hard:
        row = {"mark": letter.mark, "send_key": letter.send_key, "at": now()}
        await insert_new(tx, soft_bounce, [row], ["mark", "send_key"])
        soft = list(await tx.scalars(select(soft_bounce.c.at).where(soft_bounce.c.mark == letter.mark)))
    found = verdict(bounce.hard, said, soft, now())
    if found is None:
        return False
    await reach.suppress(tx, letter.mark, found.reason, "bounce", found.until)
    await works(tx, letter.mark)
    return True


async def complained(tx: Tx, send_key: str, said: str) -> bool:
    """The customer calls it spam: the address gets nothing more. False if that was known."""
    letter = await _letter(tx, send_key)
    if letter.mark is not None:
        await reach.suppress(tx, letter.mark, f"its owner called a letter spam ({said})", "complaint")
    return await _tell(tx, letter, COMPLAINED, f"complained:{send_key}", {})


async def followed(tx: Tx, send_key: str, event_id: str, link: str) -> bool:
    """A link of it was followed by the customer. False if that was known."""
    letter = await _letter(tx, send_key)
    await works(tx, letter.mark)
    return await _tell(tx, letter, CLICKED, event_id, {"link": link})


async def opened(tx: Tx, send_key: str) -> bool:
    """It was opened. False if that was known."""
    return await _tell(tx, await _letter(tx, send_key), OPENED, f"opened:{send_key}", {})


async def replied(tx: Tx, send_key: str, number: int, said: dict[str, Any]) -> bool:
    """The customer answered by a mail of their own, which is kept under a number."""
    letter = await _letter(tx, send_key)
    await works(tx, letter.mark)
    return await _tell(tx, letter, REPLIED, f"replied:{number}", {**said, "mail": str(number)})


async def report(tx: Tx, told: Told) -> bool | None:
    """What a provider reports. False if it was known, None if it is about no letter of ours."""
    send_key = await by_id(tx, *told.ids)
    if send_key is None:
        return None
    match told.kind:
        case "delivered":
            return await delivered(tx, send_key)
        case "bounced":
            return await bounced(tx, send_key, told.bounce or Bounce(hard=False))
        case "complained":
            return await complained(tx, send_key, told.note)
        case "opened":
            return await opened(tx, send_key)
        case "clicked":
            return await followed(tx, send_key, f"clicked:{send_key}:{told.event_id}"[:250], told.link)


async def works(tx: Tx, mark: str | None) -> None:
    """The address shows that it works: letters that came back softly count no more."""
    if mark is not None:
        await tx.execute(delete(soft_bounce).where(soft_bounce.c.mark == mark))


async def _letter(tx: Tx, send_key: str) -> Any:
    columns = (message.c.send_key, message.c.customer_id, message.c.message_id, message.c.mark, message.c.kind)
    return (await tx.execute(select(*columns).where(message.c.send_key == send_key))).one()


async def _tell(tx: Tx, letter: Any, kind: str, event_id: str, data: dict[str, Any]) -> bool:
    if letter.kind == "staff":
        return False
    about = await own_events.about(tx, letter.send_key)
    return await own_events.tell(tx, letter.customer_id, kind, event_id, {**about, **data})
