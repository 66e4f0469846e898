"""What the record learns from an accepted event: whom it is about, and what it says beyond that.

One function for each type of event that means something to the record itself, in one visible table.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store import customers, identity
from store.database import Tx


@dataclass(frozen=True)
class Lesson:
    """An event as the record sees it: its row in the inbox, its customer's row, its data without the customer, and when
    it happened."""

    event: Mapping[str, Any]
    person: dict[str, Any]
    data: dict[str, Any]
    at: datetime

    @property
    def customer_id(self) -> str:
        """Whose record it is."""
        return str(self.person["customer_id"])


async def learn(tx: Tx, event: Mapping[str, Any]) -> Lesson:
    """Write what an event says into the record; the same event again changes nothing."""
    at = event["occurred_at"] or event["accepted_at"]
    data = {name: value for name, value in event["data"].items() if name != "customer"}
    person = await identity.resolve(tx, event["data"]["customer"], at)
    lesson = Lesson(event, person, data, at)
    taught = LESSONS.get(event["type"])
    return await taught(tx, lesson) if taught else lesson


async def _bought(tx: Tx, lesson: Lesson) -> Lesson:
    await customers.bought(tx, lesson.customer_id, lesson.event["event_pk"], lesson.data, lesson.at)
    return lesson


async def _refunded(tx: Tx, lesson: Lesson) -> Lesson:
    await customers.refunded(tx, lesson.customer_id, lesson.data.get("order_id"))
    return lesson


async def _merged(tx: Tx, lesson: Lesson) -> Lesson:
    """``other`` is the same person; without a name in it there is nobody to merge."""
    other = lesson.data.get("other")
    if not isinstance(other, dict) or not identity.names_in(other):
        return lesson
    reason = f"{lesson.event['source']} said so"
    person = await identity.unite(tx, lesson.event["data"]["customer"], other, reason, lesson.at)
    return Lesson(lesson.event, person, lesson.data, lesson.at)


LESSONS: Mapping[str, Callable[[Tx, Lesson], Awaitable[Lesson]]] = {
    "purchase.completed": _bought,
    "purchase.refunded": _refunded,
    "customer.merged": _merged,
}
