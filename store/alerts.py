"""Alerts to people of the company: written down with what they tell, sent by ``activities.alerts``."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import alert

OPERATORS = ""
"""Whose alert it is when no team's variable is named."""
LEASE = timedelta(minutes=1)
"""For so long an alert belongs to the process that has taken it."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)


async def tell(tx: Tx, key: str, secret: str, title: str, text: str) -> None:
    """Tell a team (by the variable that holds its addresses) or the operators, once for each key."""
    moment = now()
    row = {"key": key, "secret": secret, "title": title[:300], "text": text, "tries": 0}
    await insert_new(tx, alert, [{**row, "created_at": moment, "due_at": moment}], ["key"])


async def take(tx: Tx, limit: int) -> list[dict[str, Any]]:
    """Alerts that are due, the oldest first. They belong to the caller for a minute; whoever dies meanwhile leaves them
    to the next one."""
    due = select(alert).where(alert.c.due_at <= now()).order_by(alert.c.alert_pk).limit(limit)
    rows = [dict(row) for row in (await tx.execute(due.with_for_update(skip_locked=True))).mappings()]
    mine = alert.c.alert_pk.in_([row["alert_pk"] for row in rows])
    await tx.execute(update(alert).where(mine).values(due_at=now() + LEASE, tries=alert.c.tries + 1))
    return rows


async def told(tx: Tx, alert_pk: int) -> None:
    """It was taken."""
    values = {"told_at": now(), "due_at": None, "problem": None}
    await tx.execute(update(alert).where(alert.c.alert_pk == alert_pk).values(**values))


async def failed(tx: Tx, row: dict[str, Any], problem: str) -> bool:
    """It was not taken; the next try is later each time, and after three days there is none. Whether it is given up."""
    moment = now()
    pause = min(FIRST_PAUSE * 2 ** min(row["tries"], 20), LONGEST_PAUSE)
    over: bool = moment + pause > row["created_at"] + GIVE_UP_AFTER
    values = {"problem": problem[:500], "due_at": None if over else moment + pause}
    await tx.execute(update(alert).where(alert.c.alert_pk == row["alert_pk"]).values(**values))
    return over
