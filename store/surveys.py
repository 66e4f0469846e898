"""Questions in letters, and their answers. One answer each: the first word is the event ``survey.answered``, which the
journey hears; a later word changes the record and is ``survey.changed``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from journey.inputs import ANSWERED
from journey.surveys import Result, result
from journey.texts.scales import SCALES
from store import own_events
from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import customer, message, survey

CHANGED = "survey.changed"
MOST_CHANGES = 9
"""Of one answer; a link that goes from hand to hand cannot flood the journeys."""
LONGEST = 4_000
"""Of a comment, in characters."""


@dataclass(frozen=True)
class Question:
    """One question to one customer, and what they have said so far."""

    send_key: str
    customer_id: str
    name: str
    scale: str
    question: str
    locale: str
    score: int | None
    comment: str | None
    answered_at: datetime | None
    changes: int

    @property
    def closed(self) -> bool:
        """Whether the answer has been changed as often as may be."""
        return self.changes >= MOST_CHANGES


async def ask(tx: Tx, send_key: str, name: str, scale: str, question: str) -> None:
    """Note that a letter asks; again changes nothing."""
    owner = select(message.c.customer_id).where(message.c.send_key == send_key)
    row = {
        "send_key": send_key,
        "customer_id": (await tx.execute(owner)).scalar_one(),
        "name": name,
        "scale": scale,
        "question": question,
        "asked_at": now(),
    }
    await insert_new(tx, survey, [row], ["send_key"])


async def find(tx: Tx, beginning: str) -> Question | None:
    """The question of the letter whose key begins so; None if there is none (any more), as for who was erased."""
    there = survey.c.send_key.between(beginning, beginning + "z" * max(52 - len(beginning), 0))
    columns = [survey.c[name] for name in Question.__dataclass_fields__ if name != "locale"]
    query = (
        select(*columns, message.c.locale)
        .join(message, message.c.send_key == survey.c.send_key)
        .join(customer, customer.c.customer_id == survey.c.customer_id)
        .where(there, customer.c.erased_at.is_(None))
    )
    row = (await tx.execute(query)).mappings().first()
    return Question(**{**row, "locale": row["locale"] or ""}) if row else None


async def answer(tx: Tx, asked: Question, score: int | None, comment: str) -> bool:
    """Keep the customer's word. False if it says nothing new, or has been changed too often."""
    said = {"score": score, "comment": comment.strip()[:LONGEST] or None}
    if asked.answered_at is None:
        first = survey.c.answered_at.is_(None)
        if not await _keep(tx, asked, first, {**said, "answered_at": now()}):
            return False
        return await _tell(tx, asked, ANSWERED, f"answer:{asked.send_key}", said)
    if asked.closed or said == {"score": asked.score, "comment": asked.comment}:
        return False
    changes = asked.changes + 1
    if not await _keep(tx, asked, survey.c.changes == asked.changes, {**said, "changed_at": now(), "changes": changes}):
        return False
    return await _tell(tx, asked, CHANGED, f"answer:{asked.send_key}:{changes}", said)


async def _keep(tx: Tx, asked: Question, still: Any, values: dict[str, Any]) -> bool:
    mine = update(survey).where(survey.c.send_key == asked.send_key, still)
    return (await tx.execute(mine.values(**values))).rowcount == 1


async def _tell(tx: Tx, asked: Question, kind: str, event_id: str, said: dict[str, Any]) -> bool:
    about = await own_events.about(tx, asked.send_key)
    data = {**about, "ask": asked.send_key, "survey": asked.name, "scale": asked.scale, **said}
    await own_events.tell(tx, asked.customer_id, kind, event_id, {k: v for k, v in data.items() if k != "key"})
    return True


async def results(tx: Tx, since: datetime | None = None, name: str = "") -> dict[tuple[str, str], Result]:
    """What each question came to, by its text and scale; asked counts letters that went out."""
    window = [survey.c.asked_at >= since] if since else []
    mine = [survey.c.name == name] if name else []
    went = message.c.state.in_(("accepted", "unknown"))
    base = select(survey.c.name, survey.c.scale).where(*window, *mine).group_by(survey.c.name, survey.c.scale)
    joined = survey.join(message, message.c.send_key == survey.c.send_key)
    answered = func.count(survey.c.answered_at)
    asked_query = base.add_columns(func.count(), answered).select_from(joined).where(went)
    asked = {(row[0], row[1]): (row[2], row[3]) for row in await tx.execute(asked_query)}
    scores: dict[tuple[str, str], dict[int, int]] = {}
    counting = base.add_columns(survey.c.score, func.count()).where(survey.c.score.is_not(None))
    for row in await tx.execute(counting.select_from(survey).group_by(survey.c.score)):
        scores.setdefault((row[0], row[1]), {})[row[2]] = row[3]
    return {key: result(key[1], *asked[key], scores.get(key, {})) for key in sorted(asked)}


async def words(tx: Tx, name: str, limit: int = 100) -> list[dict[str, Any]]:
    """The newest answers to a question, with who gave them, those with a comment first among equals in time."""
    query = (
        select(survey, customer.c.name.label("customer_name"), customer.c.email)
        .join(customer, customer.c.customer_id == survey.c.customer_id)
        .where(survey.c.name == name, survey.c.answered_at.is_not(None))
        .order_by(survey.c.answered_at.desc())
        .limit(limit)
    )
    return [dict(row) for row in (await tx.execute(query)).mappings()]


def fits(scale: str, score: int | None) -> bool:
    """Whether a score is one of the scale's; words alone have none."""
    found = SCALES.get(scale)
    return score is None if found is None else score is not None and score in found.scores
