"""Carrying out what upstream systems order: commands for running instances, in the order in which they were
accepted."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.bells import Routed
from journey import identity as names_of
from journey import reserved
from journey.commands import Cancel, Command, Pause, Resume
from store import identity, inbox, instances
from store.database import Tx

OURS = f"{reserved.PREFIX}instance."
"""Before the types of our own events. No sender may use them."""
ORDERS: Mapping[str, Callable[..., Command]] = {"cancel": Cancel, "hold": Pause, "resume": Resume}
"""What may be ordered, and the command it is."""


async def carry_out(tx: Tx, row: dict[str, Any]) -> Routed:
    """Give the command to every running instance that is meant, and write down to which."""
    data, what = row["data"], str(row["type"]).removeprefix(OURS)
    meant = await _meant(tx, data)
    routed, told = Routed(), []
    for one in meant:
        given = ORDERS[what](at=row["accepted_at"], by=row["source"], reason=data.get("reason", ""))
        try:
            seq = await instances.command(tx, one["instance_id"], given, key=f"event:{row['event_pk']}")
        except instances.Stale:
            continue
        told.append({"journey": data["journey"], "instance": one["instance_id"], "seq": seq})
        routed.bells.append((one["instance_id"], seq, None))
    result: dict[str, Any] = {"started": [], "heard": told, "not_started": []}
    if not told:
        result["reason"] = f"no instance of {data['journey']} that is meant is running"
    await inbox.settle(tx, row["event_pk"], "routed" if told else "unmatched", result, _owner(meant))
    return routed


async def _meant(tx: Tx, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    customer_id = None
    if data.get("customer"):
        named = names_of.names(data["customer"])
        found = [await identity.find(tx, f"{kind}:{value}") for kind, value in named.items()]
        known = [one for one in found if one is not None]
        if not known:
            return []
        customer_id = known[0]["customer_id"]
    return await instances.running_of(tx, data["journey"], key=data.get("key"), customer_id=customer_id)


def _owner(meant: list[dict[str, Any]]) -> str | None:
    owners = {one["customer_id"] for one in meant}
    return owners.pop() if len(owners) == 1 else None
