"""What the console says, for people at a terminal: who is where, why something happened, and what comes next."""

from __future__ import annotations

from typing import Any

from store import acts, identity, outlook, pages, timeline
from store.clock import now
from store.database import Tx
from store.pages import Sought
from workers.mistakes import UserMistake
from workers.settings import settings_in_force
from workers.staff import opened

MOST = 500


async def listing(sought: Sought, limit: int) -> str:
    """The journeys of customers that are looked for, the last begun first."""
    async with opened(settings_in_force()) as db, db.read() as tx:
        page = await pages.instances(tx, sought, now(), None, limit)
    lines = [f"{row['instance_id']}  {_named(row)}: {_stands(row)}" for row in page.rows]
    more = [f"… and more; --limit {limit * 2} shows more"] if page.older else []
    return "\n".join(lines + more) or "Nobody is there."


async def shown(reference: str) -> str:
    """One customer: every journey, where it stands, and what happened last."""
    async with opened(settings_in_force()) as db, db.read() as tx:
        who = await _customer(tx, reference)
        rows = await pages.instances_of(tx, who["customer_id"])
        told = await timeline.of_customer(tx, who["customer_id"], 20)
    lines = [f"{who['name'] or who['email'] or who['customer_id']} ({who['customer_id']})"]
    lines += [f"  {row['journey']} {row['entry_key']}: {_stands(row)}  [{row['instance_id']}]" for row in rows]
    lines += ["", "What happened last:"]
    last = [row for row in told if row["kind"] != "why"]
    lines += [f"  {row['at']:%Y-%m-%d %H:%M}  {row['kind']:<8} {_line(row['text'])}" for row in last]
    return "\n".join(lines)


async def coming(reference: str) -> str:
    """What is expected for one customer in the next 30 days."""
    async with opened(settings_in_force()) as db, db.read() as tx:
        who = await _customer(tx, reference)
        expected = await outlook.of(tx, who["customer_id"])
    lines = []
    for one in expected:
        sure = ", ".join(one.expected.conditions) or "certain"
        clash = f"; {one.clash}" if one.clash else ""
        what = f"{one.expected.kind} {one.expected.name}"
        lines.append(f"{one.expected.at:%Y-%m-%d %H:%M}  {what} ({one.journey}): {sure}{clash}")
    return "\n".join(lines) or "Nothing is expected in the next 30 days, as things stand."


async def why(reference: str, word: str) -> str:
    """Why something happened or did not: the reasons at a step or about a message, with the rule and what it read, the
    version of the definition, and the event before them."""
    async with opened(settings_in_force()) as db, db.read() as tx:
        who = await _customer(tx, reference)
        rows = await pages.instances_of(tx, who["customer_id"])
        lines: list[str] = []
        for row in rows:
            told = await timeline.of_instance(tx, row["instance_id"], MOST)
            about = list(_about(told, word))
            if about:
                lines += [f"{row['journey']} {row['entry_key']}, version {row['version']} ({row['def_hash'][:12]}):"]
                heard = await acts.heard(tx, row["instance_id"])
                named = [f"{one['type']} ({one['receipt']})" for one in reversed(heard) if one["type"]]
                lines += [f"  it heard {', '.join(named)}"] if named else []
                lines += [line for one in about for line in _reason(one)]
    if not lines:
        raise UserMistake(
            f'nothing of this customer has to do with "{word}". wayfare show {reference} lists what happened; name a'
            " message or a step"
        )
    return "\n".join(lines)


def _about(told: list[dict[str, Any]], word: str) -> list[dict[str, Any]]:
    """The rows about a message or a step; the event that came last before each of them, too."""
    found: list[dict[str, Any]] = []
    event: dict[str, Any] | None = None
    for row in told:
        if row["kind"] in ("event", "started"):
            event = row
        detail = row["detail"]
        if not word or word in (detail.get("step"), detail.get("name")) or f'"{word}"' in row["text"]:
            if event is not None and event not in found:
                found.append(event)
            if row not in found:
                found.append(row)
    return found


def _reason(row: dict[str, Any]) -> list[str]:
    lines = [f"  {row['at']:%Y-%m-%d %H:%M:%S}  {row['kind']:<8} {_line(row['text'])}"]
    detail = row["detail"]
    if detail.get("rule"):
        lines.append(f"      rule: {detail['rule']} is {'met' if detail.get('result') else 'not met'}")
    lines += [f"      {name} = {value!r}" for name, value in sorted((detail.get("values") or {}).items())]
    return lines


async def _customer(tx: Tx, reference: str) -> dict[str, Any]:
    found = await identity.find(tx, reference)
    if found is None:
        raise UserMistake(f'we know no customer with the id or address "{reference}"')
    return found


def _named(row: dict[str, Any]) -> str:
    who = row["name"] or row["email"] or row["external_id"] or row["customer_id"]
    return f"{who}, {row['journey']} {row['entry_key']}".strip()


def _stands(row: dict[str, Any]) -> str:
    if row["state"] == "ended":
        return f"ended as {row['outcome']} on {row['ended_at']:%Y-%m-%d %H:%M}"
    until = f" until {row['wake_at']:%Y-%m-%d %H:%M}" if row["wake_at"] else ""
    trouble = f"; needs attention: {row['trouble']}" if row["trouble"] else ""
    return f"{row['doing'] or 'begins'}{until}{trouble}"


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
