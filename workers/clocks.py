"""Clocks of running journeys, for people at a terminal. Mistakes are sentences (UserMistake)."""

from __future__ import annotations

from datetime import datetime

from journey import durations
from journey.model import Mistake
from store import deadlines
from store.clock import now
from store.deadlines import Deadline
from workers.keys import opened
from workers.mistakes import UserMistake


async def listing(journey: str) -> str:
    """Every clock that runs, the first due first."""
    async with opened() as db, db.read() as tx:
        found = await deadlines.running(tx, journey=journey)
    return _lines(found, "run" if len(found) != 1 else "runs")


async def forecast(within: str, journey: str) -> str:
    """What is breached, or will be within so long if nothing happens."""
    async with opened() as db, db.read() as tx:
        try:
            until = await deadlines.horizon(tx, within)
        except Mistake as problem:
            raise UserMistake(f"--within: {problem}") from None
        found = await deadlines.running(tx, until=until, journey=journey)
    return _lines(found, f"will be breached by {until:%Y-%m-%d %H:%M} UTC, if nothing happens")


async def kept(since: str) -> str:
    """How many clocks were kept, by journey and clock."""
    try:
        moment = now() - durations.parse(since)
    except Mistake as problem:
        raise UserMistake(f"--since: {problem}") from None
    async with opened() as db, db.read() as tx:
        rows = await deadlines.attained(tx, moment)
    lines = [
        f"{one.journey}  {one.clock}  {one.share:.0%} kept ({one.kept} of {one.kept + one.missed})" for one in rows
    ]
    return "\n".join(lines or ["No clock has ended."])


def _lines(found: list[Deadline], verb: str) -> str:
    lines = [_line(one) for one in found]
    count = f"{len(found)} {'clock' if len(found) == 1 else 'clocks'}"
    return "\n".join([*lines, f"{count if found else 'No clock'} {verb}."])


def _line(one: Deadline) -> str:
    due = "breached" if one.breached else f"due {_said(one.due_at)}" if one.due_at else f"stands: {one.held}"
    return "  ".join((due, one.name, one.journey, one.key or "-", one.customer, f"({one.length}, {one.kind})"))


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
