"""What is on record of one case (a complaint, by its number): its runs, what happened and why, every letter as it was
sent, tasks and what people did with them, clocks with their pauses."""

import base64
import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select

from store.clock import now
from store.database import Tx
from store.tables import customer, delivery, instance, message, task, task_act
from store.tables import timeline as table

Part = dict[str, Any]


async def of(tx: Tx, journey: str, key: str) -> tuple[Part, list[Part]]:
    """What the case is, and its parts in the order of time; no parts if there is no such case."""
    mine = (instance.c.journey == journey) & (instance.c.entry_key == key)
    runs = [
        dict(row) for row in (await tx.execute(select(instance).where(mine).order_by(instance.c.started_at))).mappings()
    ]
    ids = [run["instance_id"] for run in runs]
    parts = [_run(run) for run in runs]
    for found in (_heard, _happened, _letters, _tasks):
        parts += await found(tx, ids)
    parts.sort(key=lambda part: (part["at"], part["kind"]))
    about = {"kind": "case", "journey": journey, "key": key, "made_at": _said(now()), "customers": await _who(tx, runs)}
    return about, parts


async def _who(tx: Tx, runs: list[dict[str, Any]]) -> list[Part]:
    ids = sorted({run["customer_id"] for run in runs})
    columns = (customer.c.customer_id, customer.c.external_id, customer.c.name, customer.c.email)
    rows = await tx.execute(select(*columns).where(customer.c.customer_id.in_(ids)).order_by(customer.c.customer_id))
    return [dict(row) for row in rows.mappings()]


def _run(run: dict[str, Any]) -> Part:
    ended = _said(run["ended_at"]) if run["ended_at"] else None
    said = {
        "instance": run["instance_id"],
        "version": run["def_hash"],
        "state": run["state"],
        "outcome": run["outcome"],
    }
    return {"kind": "run", "at": _said(run["started_at"]), "ended_at": ended, "began_with": run["entry"], **said}


async def _heard(tx: Tx, ids: list[str]) -> list[Part]:
    """Events and commands, in the order in which the runs received them."""
    rows = await _rows(tx, delivery, ids, delivery.c.seq)
    return [
        {
            "kind": row["kind"], "at": _said(row["created_at"]), "instance": row["instance_id"], "seq": row["seq"],
            "content": row["content"], "refused": row["refused"],
        }
        for row in rows
        if row["kind"] != "entry"
    ]  # fmt: skip


async def _happened(tx: Tx, ids: list[str]) -> list[Part]:
    """The timeline: decisions with their rules and the values they read; what concerns a clock is marked as such."""
    return [
        {
            "kind": "clock" if "clock" in (row["detail"].get("values") or {}) else f"timeline:{row['kind']}",
            "at": _said(row["at"]), "instance": row["instance_id"], "text": row["text"], "detail": row["detail"],
        }
        for row in await _rows(tx, table, ids, table.c.entry_pk)
    ]  # fmt: skip


async def _letters(tx: Tx, ids: list[str]) -> list[Part]:
    """Every letter of the ledger, with its bytes as they were handed over."""
    said = (
        "send_key",
        "name",
        "kind",
        "recipient",
        "subject",
        "state",
        "reason",
        "message_id",
        "locale",
        "text_version",
    )
    return [
        {
            "kind": "letter", "at": _said(row["created_at"]), "instance": row["instance_id"],
            "decided_at": _said(row["decided_at"]) if row["decided_at"] else None,
            **{f"letter_{name}" if name == "kind" else name: row[name] for name in said},
            "bytes": base64.b64encode(row["body"]).decode() if row["body"] is not None else None,
            "sha256": hashlib.sha256(row["body"]).hexdigest() if row["body"] is not None else None,
        }
        for row in await _rows(tx, message, ids, message.c.created_at)
    ]  # fmt: skip


async def _tasks(tx: Tx, ids: list[str]) -> list[Part]:
    said = (
        "task_id",
        "name",
        "team",
        "title",
        "text",
        "state",
        "outcome",
        "answers",
        "reason",
        "completed_by",
        "assignee",
    )
    parts = []
    for row in await _rows(tx, task, ids, task.c.opened_at):
        times = {name: _said(row[name]) if row[name] else None for name in ("due_at", "closed_at")}
        acts = select(task_act).where(task_act.c.task_id == row["task_id"]).order_by(task_act.c.act_pk)
        done = [
            {name: act[name] for name in ("kind", "by", "person", "text", "detail")} | {"at": _said(act["at"])}
            for act in (await tx.execute(acts)).mappings()
        ]
        part = {"kind": "task", "at": _said(row["opened_at"]), "instance": row["instance_id"], "acts": done}
        parts.append(part | times | {name: row[name] for name in said})
    return parts


async def _rows(tx: Tx, found: Table, ids: list[str], order: Any) -> list[dict[str, Any]]:
    query = select(found).where(found.c.instance_id.in_(ids)).order_by(order)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


def _said(at: datetime) -> str:
    return at.isoformat()
