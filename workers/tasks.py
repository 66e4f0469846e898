"""Tasks, for people at a terminal. Mistakes are sentences (UserMistake)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from journey import forms
from journey.declared.fields import DeclaredField
from store import task_acts, task_lists, tasks
from store.clock import now
from store.database import Tx
from store.task_acts import Act, Comment, Done
from store.task_lists import STATES, Sought
from workers.keys import opened
from workers.mistakes import UserMistake

SHORT = 12
"""So much of a task's id is shown, and enough to name it."""
ACTS = ("claim", "assign", "comment", "follow-up", "complete")


@dataclass(frozen=True)
class Wanted:
    """Which tasks are to be listed."""

    state: str
    team: str
    assignee: str
    late: bool
    limit: int


@dataclass(frozen=True)
class Said:
    """What was written beside an act."""

    to: str = ""
    team: str = ""
    text: str = ""
    files: Sequence[str] = ()
    at: str = ""
    outcome: str = ""
    answers: Sequence[str] = ()


async def listing(wanted: Wanted) -> str:
    """Tasks in the order in which they are due, one line each."""
    if wanted.state not in STATES:
        raise UserMistake(f'"{wanted.state}" is no state of a task: {", ".join(STATES)}')
    sought = Sought(wanted.state, wanted.team, wanted.assignee, "", wanted.late)
    async with opened() as db, db.read() as tx:
        rows = await task_lists.listed(tx, sought, max(1, wanted.limit))
    lines = [_line(row, now()) for row in rows]
    return "\n".join([*lines, f"{len(rows)} {'task' if len(rows) == 1 else 'tasks'}."])


async def teams() -> str:
    """How much is open in each team."""
    async with opened() as db, db.read() as tx:
        rows = await task_lists.counts(tx)
    lines = [f"{row['team']}: {row['open']} open, {row['late']} late, {row['nobodys']} nobody's" for row in rows]
    return "\n".join(lines or ["No task is open."])


async def shown(task: str) -> str:
    """A whole task."""
    async with opened() as db, db.read() as tx:
        row = await task_lists.one(tx, await _named(tx, task))
    assert row is not None, "it was just found"
    book = row["playbook"]
    parts = [
        _line(row, now()),
        row["text"],
        "\n".join(["Check:", *(f"  - {point}" for point in book["check"])]) if book.get("check") else "",
        f"Say: {book['say']}" if book.get("say") else "",
        *(_reply(one) for one in book.get("replies", ())),
        "\n".join(
            ["Fill in:", *(f"  {name}: {_asked(field)}" for name, field in row["form"].items())] if row["form"] else ()
        ),
        f"Outcomes: {', '.join(row['outcomes'])}" if row["outcomes"] else "",
        "\n".join(
            f"{act['at']:%Y-%m-%d %H:%M}  {act['by'] or 'the rule'}  {act['kind']}: {_done(act)}" for act in row["acts"]
        ),
        f"Answers: {json.dumps(row['answers'], ensure_ascii=False)}" if row["answers"] else "",
    ]
    return "\n\n".join(part for part in parts if part)


async def acted(what: str, task: str, by: str, said: Said) -> str:
    """Do something with a task; what became of it."""
    if what not in ACTS:
        raise UserMistake(f'"{what}" is nothing to do with a task: {", ".join(("list", "show", "teams", *ACTS))}')
    if not by.strip():
        raise UserMistake("say who you are: --by ada")
    try:
        async with opened() as db, db.write() as tx:
            task_id = await _named(tx, task)
            done = await _do(tx, what, task_id, Act(by.strip()), said)
    except (task_acts.Changed, task_acts.Unknown) as problem:
        raise UserMistake(f"{task}: {problem}") from None
    except tasks.NotFilledIn as problem:
        raise UserMistake(" ".join(problem.problems)) from None
    return _line(done.row, now())


async def _do(tx: Tx, what: str, task_id: str, act: Act, said: Said) -> Done:
    if what == "claim":
        return await task_acts.claim(tx, task_id, act)
    if what == "assign":
        return await task_acts.hand_over(tx, task_id, act, to=said.to, team=said.team, why=said.text)
    if what == "comment":
        if not said.text.strip():
            raise UserMistake('write something: --text "She is on holiday until Monday."')
        files = [{"name": one.rpartition("/")[2] or one, "url": one} for one in said.files]
        return await task_acts.comment(tx, task_id, act, Comment(said.text.strip(), files))
    if what == "follow-up":
        return await task_acts.follow_up(tx, task_id, act, _moment(said.at), said.text)
    row = await task_lists.one(tx, task_id)
    form = row["form"] if row is not None else {}
    return await task_acts.complete(tx, task_id, act, said.outcome, dict(_answer(form, one) for one in said.answers))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UserMistake(f"--at {text}: a moment is written 2026-12-01T09:00Z") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _answer(form: dict[str, Any], text: str) -> tuple[str, Any]:
    """A field and its value. Texts are taken as they are; everything else is JSON (true, 7)."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UserMistake(f"--answer {text}: write name=value")
    known = {name: DeclaredField.model_validate(form[name])} if name in form else {}
    return name, forms.typed(known, {name: value}).get(name, value)


async def _named(tx: Tx, beginning: str) -> str:
    found = await task_lists.named(tx, beginning) if beginning else []
    if len(found) != 1:
        many = (
            f"{len(found)} tasks begin with {beginning}: write more of it"
            if found
            else f'no task is called "{beginning}"'
        )
        raise UserMistake(f"{many}; `wayfare tasks list` shows them")
    return found[0]


def _line(row: dict[str, Any], moment: datetime) -> str:
    state = row["state"] if row["state"] != "open" else _due(row["due_at"], moment)
    who = row["assignee"] or "nobody"
    name = row.get("customer_name") or row.get("customer_email") or ""
    outcome = f": {row['outcome']}" if row["outcome"] else ""
    return "  ".join(
        part for part in (row["task_id"][:SHORT], f"{state}{outcome}", row["team"], who, row["title"], name) if part
    )


def _due(at: datetime | None, moment: datetime) -> str:
    if at is None:
        return "no time"
    late, length = at < moment, abs(at - moment)
    hours, minutes = divmod(int(length / timedelta(minutes=1)), 60)
    said = f"{hours // 24} d {hours % 24} h" if hours >= 48 else f"{hours} h {minutes} min"
    return f"late by {said}" if late else f"due in {said}"


def _reply(reply: dict[str, str]) -> str:
    if "problem" in reply:
        return f"Reply {reply['name']} cannot be written: {reply['problem']}"
    return f"Reply {reply['name']} ({reply['subject']}):\n{reply['text'].strip()}"


def _asked(field: dict[str, Any]) -> str:
    known = DeclaredField.model_validate(field)
    kind = "one of " + ", ".join(known.one_of) if known.one_of else known.type or "several values"
    return f"{kind}, may be left out" if known.optional else kind


def _done(act: dict[str, Any]) -> str:
    files = "".join(f" [{one['name']}: {one['url']}]" for one in act["detail"].get("attachments", ()))
    return f"{act['text']}{files}"
