"""What is asked about tasks, read with care, and tasks as they are shown."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway import refusals
from gateway.fields import line_fault, moment
from gateway.refusals import Fault
from store import task_acts
from store.database import Tx
from store.task_acts import Act, Comment, Done
from store.task_lists import STATES, Place, Sought

USUAL, MOST = 50, 200
TEXT_MOST, ATTACHMENTS_MOST = 5_000, 20
_AFTER = re.compile(r"([0-9T:+.-]{20,40})~([a-z2-7]{1,32})", re.ASCII)
_URL = re.compile(r"https?://[^\s<>\"]{1,1000}")

Do = Callable[[Tx, str, Act], Awaitable[Done]]


@dataclass(frozen=True)
class Asked:
    """A list that is wanted."""

    sought: Sought
    limit: int
    after: Place | None


def asked(given: Mapping[str, str]) -> Asked:
    """The list that the address names. Raises `Malformed`."""
    known = ("state", "team", "assignee", "customer", "late", "limit", "after")
    for name in given:
        if name not in known:
            raise refusals.Malformed(f"query {name}", "It is not known here.", f"There are {', '.join(known)}.")
    state, late = given.get("state", "open"), given.get("late", "false")
    if state not in (*STATES, ""):
        raise refusals.Malformed("query state", "There is no such state.", f"There are {', '.join(STATES)}.")
    if late not in ("true", "false"):
        raise refusals.Malformed("query late", "It is neither true nor false.", "Leave it out, or send late=true.")
    words = {name: _word(given, name) for name in ("team", "assignee", "customer")}
    sought = Sought(state, words["team"], words["assignee"], words["customer"], late == "true")
    return Asked(sought, _limit(given.get("limit", str(USUAL))), _after(given.get("after")))


def _word(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "")
    if name in given and (fault := line_fault(value, characters=80)):
        raise refusals.Malformed(f"query {name}", *fault)
    return value


def _limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= MOST:
        raise refusals.Malformed("query limit", "It is not a number that fits.", f"Send 1 to {MOST}.")
    return int(text)


def _after(text: str | None) -> Place | None:
    found = _AFTER.fullmatch(text or "")
    try:
        at = datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        at = None
    if text is not None and (found is None or at is None or at.tzinfo is None):
        raise refusals.Malformed("query after", "It is no place in a list.", "Take `next` from the answer before.")
    return Place(at, found[2]) if found is not None and at is not None else None


def place_after(row: Mapping[str, Any]) -> str:
    """How a list goes on after this task."""
    place = Place.of(dict(row))
    return f"{place.due_at.isoformat().replace('+00:00', '+0000')}~{place.task_id}"


# Acts


@dataclass(frozen=True)
class Kind:
    """One kind of act: the keys of its body beside those of all acts, and what it does."""

    keys: tuple[str, ...]
    read: Callable[[Mapping[str, Any]], Do]


def act(what: str, given: Mapping[str, Any], source: str) -> tuple[Act, Do]:
    """Who acts, and what is to be done. Raises `Malformed`."""
    kind = ACTS[what]
    known = ("id", "by", "revision", *kind.keys)
    for name in given:
        if name not in known:
            raise refusals.Malformed(f"/{name}", "It is not known here.", f"Send {', '.join(known)}.")
    by = _line(given, "by", 80, needed=True)
    key = _line(given, "id", 150)
    return Act(by, f"{source}:{key}" if key else "", _revision(given.get("revision"))), kind.read(given)


def _revision(value: Any) -> int | None:
    """A whole number, which in JSON may be written 7.0."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1 or not 0 <= value < 2**31:
        raise refusals.Malformed("/revision", "It is not a whole number.", "Send the revision that was shown.")
    return int(value)


def _claim(given: Mapping[str, Any]) -> Do:
    return task_acts.claim


def _assign(given: Mapping[str, Any]) -> Do:
    to, team, why = _line(given, "to", 80), _line(given, "team", 80), _line(given, "reason", 300)

    async def do(tx: Tx, task_id: str, act: Act) -> Done:
        return await task_acts.hand_over(tx, task_id, act, to=to, team=team, why=why)

    return do


def _comment(given: Mapping[str, Any]) -> Do:
    text, files = given.get("text"), given.get("attachments") or []
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT_MOST:
        raise refusals.Malformed("/text", "It is no text that fits.", f"Send 1 to {TEXT_MOST:,} characters.")
    if not isinstance(files, list) or len(files) > ATTACHMENTS_MOST:
        raise refusals.Malformed("/attachments", "It is no list that fits.", f"Send at most {ATTACHMENTS_MOST}.")
    said = Comment(text.strip(), [_attachment(one, number) for number, one in enumerate(files)])

    async def do(tx: Tx, task_id: str, act: Act) -> Done:
        return await task_acts.comment(tx, task_id, act, said)

    return do


def _attachment(given: Any, number: int) -> dict[str, str]:
    """A file by its name and address; nothing is fetched."""
    place = f"/attachments/{number}"
    if not isinstance(given, dict) or set(given) != {"name", "url"}:
        raise refusals.Malformed(place, "It is not a name and an address.", 'Send {"name": ..., "url": ...}.')
    if fault := line_fault(given["name"], characters=200):
        raise refusals.Malformed(f"{place}/name", *fault)
    if not isinstance(given["url"], str) or not _URL.fullmatch(given["url"]):
        raise refusals.Malformed(f"{place}/url", "It is no address of the web.", "Send https://...")
    return {"name": given["name"], "url": given["url"]}


def _follow_up(given: Mapping[str, Any]) -> Do:
    at = moment(given["at"]) if given.get("at") is not None else None
    if isinstance(at, Fault):
        raise refusals.Malformed("/at", *at)
    why = _line(given, "reason", 300)

    async def do(tx: Tx, task_id: str, act: Act) -> Done:
        return await task_acts.follow_up(tx, task_id, act, at, why)

    return do


def _complete(given: Mapping[str, Any]) -> Do:
    outcome, answers = _line(given, "outcome", 80), given.get("answers")
    if answers is not None and not isinstance(answers, dict):
        raise refusals.Malformed("/answers", "It is not an object.", "Send what the form asks for, by its names.")
    filled = {name: value for name, value in (answers or {}).items() if value is not None}

    async def do(tx: Tx, task_id: str, act: Act) -> Done:
        return await task_acts.complete(tx, task_id, act, outcome, filled)

    return do


def _line(given: Mapping[str, Any], name: str, most: int, *, needed: bool = False) -> str:
    value = given.get(name)
    if (value is not None or needed) and (fault := line_fault(value, characters=most)):
        raise refusals.Malformed(f"/{name}", *fault)
    return value or ""


ACTS: Mapping[str, Kind] = {
    "claim": Kind((), _claim),
    "assign": Kind(("to", "team", "reason"), _assign),
    "comment": Kind(("text", "attachments"), _comment),
    "follow-up": Kind(("at", "reason"), _follow_up),
    "complete": Kind(("outcome", "answers"), _complete),
}
"""What may be done with a task."""


# What is shown

_SHOWN = (
    "name", "title", "team", "assignee", "skill", "priority", "state", "due_at", "follow_up_at", "opened_at",
    "closed_at", "outcome", "completed_by", "reason", "revision",
)  # fmt: skip


def brief(row: Mapping[str, Any]) -> dict[str, Any]:
    """A task in a list."""
    whose = {"id": row["external_id"], "name": row["customer_name"], "email": row["customer_email"]}
    return {
        "task": row["task_id"],
        **{name: row[name] for name in _SHOWN},
        "outcomes": row["outcomes"],
        "customer": {"customer": row["customer_id"], **{name: value for name, value in whose.items() if value}},
        "journey": row["journey"],
        "key": row["entry_key"],
        "instance": row["instance_id"],
    }


def whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """One task with its form, its playbook and what was done with it."""
    acts = [
        {name: one[name] for name in ("kind", "by", "at", "person", "text")} | dict(one["detail"])
        for one in row["acts"]
    ]
    more = {name: row[name] for name in ("text", "form", "answers", "playbook", "journey_title")}
    return brief(row) | more | {"acts": acts}
