"""The inbox, for people at a terminal: what is where and why, and driving events once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway import redrive
from gateway.published import InForce
from store import definitions, inbox
from workers.keys import opened
from workers.mistakes import UserMistake

STATES = ("new", "routed", "unmatched", "parked", "quarantined")
AT_ONCE = 200


async def listing(state: str, source: str, kind: str, limit: int) -> str:
    """How many events are in each state, and the first ones that fit."""
    _known(state)
    async with opened() as db, db.read() as tx:
        counts = await inbox.counts(tx)
        rows = await inbox.found(tx, state=state, source=source, kind=kind, limit=limit)
    summary = ", ".join(f"{counts.get(one, 0):,} {one}" for one in STATES)
    lines = [_line(row) for row in rows]
    return "\n".join([f"Events: {summary}.", *([""] if lines else []), *lines])


async def one(receipt: str) -> str:
    """All that is kept of one event."""
    async with opened() as db, db.read() as tx:
        rows = await inbox.found(tx, receipts=[receipt], limit=1)
    if not rows:
        raise UserMistake(f'there is no event with the receipt "{receipt}"')
    [row] = rows
    said = [_line(row), f"  tries: {row['attempts']}", f"  result: {row['result']}", "", redrive.shown(row["envelope"])]
    return "\n".join(said)


async def again(receipts: Sequence[str], state: str, source: str, kind: str, *, dry_run: bool) -> str:
    """Drive events once more: those of these receipts, or all that fit."""
    if not receipts and not state:
        raise UserMistake("say which: receipts, or --state unmatched, parked or quarantined")
    _known(state)
    async with opened() as db:
        async with db.read() as tx:
            in_force = InForce(await definitions.events(tx), await definitions.sources(tx))
        driven, lines, after = 0, [], 0
        while True:
            async with db.write() as tx:
                rows = await inbox.found(
                    tx, state=state, source=source, kind=kind, receipts=receipts, after=after, limit=AT_ONCE
                )
                for row in rows:
                    reason = await redrive.again(tx, row["event_pk"], in_force)
                    driven += not reason
                    lines += [f"{row['receipt']} stays: {reason}"] if reason else []
                if dry_run:
                    await tx.rollback()
            if not rows:
                break
            after = rows[-1]["event_pk"]
    what = "would be" if dry_run else "are"
    return "\n".join([*lines, f"{driven:,} events {what} driven once more."])


def _known(state: str) -> None:
    if state and state not in STATES:
        raise UserMistake(f'"{state}" is no state of an event: {", ".join(STATES)}')


def _line(row: dict[str, Any]) -> str:
    reason = (row["result"] or {}).get("reason", "")
    said = (
        f"{row['receipt']}  {row['accepted_at']:%Y-%m-%d %H:%M:%S}  {row['state']:<11}  {row['source']}  {row['type']}"
    )
    return f"{said}  {row['event_id']}" + (f"\n  {reason}" if reason else "")
