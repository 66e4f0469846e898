"""What became of a message, told to everybody: the ledger, the customer's timeline, the instance, the workflow."""

import re
from typing import Any

from activities.writing import what
from journey.channels import EMAIL
from journey.effects import SendMessage
from journey.work import Work
from store import alerts, instances, ledger, timeline
from store.clock import now
from store.database import Tx
from store.ledger import Row


async def close(tx: Tx, work: Work, row: Row, state: str, reason: str) -> dict[str, Any]:
    """Decide a message without an attempt."""
    await ledger.settle(tx, row.send_key, row.epoch, state, reason)
    return await tell(tx, work, row.send_key, state, reason, row.channel)


async def tell(tx: Tx, work: Work, key: str, state: str, reason: str | None, channel: str = EMAIL) -> dict[str, Any]:
    """Put the decision on the customer's timeline, and take back that the instance waits. Returns the answer."""
    owner = await instances.owner(tx, work.instance_id)
    verb = {"accepted": "was sent", "unknown": "may have been sent"}.get(state, "was not sent")
    by = "" if channel == EMAIL else f" by {channel}"
    text = f"{what(work)} {verb}{by}{f': {reason}' if reason else ''}."
    kind = "staff" if work.effect is not None and work.effect.kind == "notify" else "message"
    detail = {"send_key": key, "state": state, **({"channel": channel} if channel != EMAIL else {})}
    row = timeline.entry(
        owner.customer_id, f"message:{key}", now(), kind, text, instance_id=work.instance_id, detail=detail
    )
    await timeline.add(tx, [row])
    if owner.trouble:
        await instances.trouble(tx, work.instance_id, None)
    told = answer(state, reason, channel)
    if isinstance(work.effect, SendMessage) and work.effect.alert and state == "unknown":
        hint = "`wayfare outbox` and the customer's page show it."
        await alerts.tell(tx, f"doubt:{key}", alerts.OPERATORS, "Wayfare: a message in doubt", f"{text} {hint}")
    if isinstance(work.effect, SendMessage) and work.effect.question:
        told["value"]["message"] = key  # by this name an answer says which question it belongs to
    return told


def answer(state: str, reason: str | None, channel: str = EMAIL) -> dict[str, Any]:
    """What the workflow is told."""
    value = {"reason": nameless(reason)} if reason and state != "accepted" else {}
    return {"outcome": state, "value": {**value, "channel": channel} if channel != EMAIL else value}


def nameless(reason: str) -> str:
    """Without e-mail addresses, which mail servers repeat in their answers: what an activity says stays in Temporal's
    history. The ledger and the timeline keep the whole reason."""
    return re.sub(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+", "...", reason)
