"""What the record learns from an accepted event: whom it is about, and what it says beyond that.

One function for each type of event that means something to the record itself, in one visible table.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey import reserved
from journey.declared.values import Violation
from journey.identity import STILL_TRUE_AFTER
from journey.record import contacts
from journey.record.rules import Rules, named
from store import bookings, complaints, consents, derived, identity, organisations, owned, purchases, segments, timeline
from store.consents import Word
from store.database import Tx


@dataclass
class Lesson:
    """An event as the record sees it: its row in the inbox, its customer, its data without the customer, when it
    happened, the rules in force; what did not fit and was left out; and the record as conditions see it after that."""

    event: Mapping[str, Any]
    customer_id: str
    data: dict[str, Any]
    at: datetime
    rules: Rules
    unfit: list[Violation] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name of this event for what it leaves in other tables."""
        return f"event:{self.event['event_pk']}"

    def said(self, name: str, length: int = 255) -> str | None:
        """A value of the event as a text that a column takes; None if it is not there or no plain value."""
        value = self.data.get(name)
        plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        return str(value)[:length] if plain and value != "" else None


async def learn(tx: Tx, event: Mapping[str, Any], rules: Rules) -> Lesson:
    """Write what an event says into the record; the same event again changes nothing."""
    at = event["occurred_at"] or event["accepted_at"]
    data = {name: value for name, value in event["data"].items() if name != "customer"}
    given, unfit = await taken(tx, event["data"]["customer"], rules)
    person = await identity.resolve(tx, given, at)
    lesson = Lesson(event, person["customer_id"], data, at, rules, unfit)
    said = (given.get("consent"), str(event["source"]), at)
    consented = await agreed(tx, lesson.customer_id, lesson.key, *said)
    shown = contacts.line(str(event["type"]), data)
    taught = LESSONS.get(event["type"])
    if taught is not None:
        await taught(tx, lesson)
    await timeline.add(tx, [_line(lesson, shown)])
    if taught is not None or consented or shown.came_by:
        await derived.refresh(tx, lesson.customer_id)
    lesson.known = await segments.follow(tx, lesson.customer_id, str(event["type"]))
    return lesson


def _line(lesson: Lesson, shown: contacts.Line) -> dict[str, Any]:
    """How the event stands on the timeline, with what was left out of the record."""
    ours = lesson.event["source"] == reserved.SOURCE and shown.words
    came = lesson.event["type"] if ours else f"{lesson.event['type']} came from {lesson.event['source']}"
    text = f"{came}{': ' if shown.words else ''}{shown.words}"
    text += "" if text.endswith((".", "!", "?")) else "."
    out = [f" Left out: {named(one)}. {one.what} {one.remedy}" for one in lesson.unfit]
    return timeline.entry(
        lesson.customer_id,
        lesson.key,
        lesson.at if shown.came_by else lesson.event["accepted_at"],
        shown.kind,
        text + "".join(out),
        detail=lesson.data,
        came_by=shown.came_by,
    )


async def taken(tx: Tx, given: Mapping[str, Any], rules: Rules) -> tuple[dict[str, Any], list[Violation]]:
    """What is taken of an event's customer: attributes that fit, and the organisation by our id of it."""
    attributes = given.get("attributes") or {}
    unfit = rules.unfit(attributes)
    out = {named(violation) for violation in unfit}
    taken = {**given, "attributes": {name: value for name, value in attributes.items() if name not in out}}
    if isinstance(theirs := given.get("organisation"), Mapping):
        taken["organisation_id"] = await organisations.known_as(tx, theirs)
    return taken, unfit


async def agreed(tx: Tx, customer_id: str, key: str, consent: Any, source: str, at: datetime) -> bool:
    """Consent that comes with the customer (topic to yes or no); whether any of it is new. Like every value of the
    record, a word that is only repeated counts as said again after a day."""
    if not isinstance(consent, Mapping):
        return False
    said = {str(topic)[:80]: given for topic, given in consent.items() if isinstance(given, bool)}
    before = await consents.last(tx, customer_id) if said else {}
    words = [Word(topic, given, at, source) for topic, given in said.items() if _is_news(before.get(topic), given, at)]
    return await consents.say(tx, customer_id, key, words) > 0


def _is_news(before: tuple[bool, datetime] | None, given: bool, at: datetime) -> bool:
    return before is None or before[0] != given or not before[1] <= at < before[1] + STILL_TRUE_AFTER


async def _consent(tx: Tx, lesson: Lesson) -> None:
    topic = lesson.said("topic", 80)
    if topic is None:
        return
    proof = lesson.data.get("proof")
    word = Word(
        topic=topic,
        given=lesson.event["type"] == "consent.given",
        at=lesson.at,
        source=str(lesson.event["source"]),
        how=lesson.said("how"),
        text_version=lesson.said("text_version", 120),
        proof=proof if isinstance(proof, dict) else {},
    )
    await consents.say(tx, lesson.customer_id, lesson.key, [word])


async def _bought(tx: Tx, lesson: Lesson) -> None:
    await purchases.bought(tx, lesson.customer_id, lesson.event["event_pk"], lesson.data, lesson.at)


async def _given_back(tx: Tx, lesson: Lesson) -> None:
    kind = "return" if lesson.event["type"] == "purchase.returned" else "refund"
    await purchases.given_back(tx, lesson.customer_id, lesson.event["event_pk"], kind, lesson.data, lesson.at)


async def _registered(tx: Tx, lesson: Lesson) -> None:
    catalogue = lesson.rules.products
    await owned.register(tx, lesson.customer_id, lesson.key, lesson.data, lesson.at, catalogue)


async def _updated(tx: Tx, lesson: Lesson) -> None:
    await owned.renew(tx, lesson.customer_id, lesson.data)


async def _gone(tx: Tx, lesson: Lesson) -> None:
    why = "replaced" if lesson.event["type"] == "migration.completed" else "given back"
    await owned.end(tx, lesson.customer_id, lesson.data, why, lesson.at)


async def _complained(tx: Tx, lesson: Lesson) -> None:
    state = str(lesson.event["type"]).removeprefix("complaint.")
    await complaints.moved(tx, lesson.customer_id, state, lesson.data, lesson.at)


async def _points(tx: Tx, lesson: Lesson) -> None:
    sign = 1 if lesson.event["type"] == "points.given" else -1
    await bookings.book(tx, lesson.customer_id, lesson.event["event_pk"], lesson.data, lesson.at, sign=sign)


async def _merged(tx: Tx, lesson: Lesson) -> None:
    """``other`` is the same person; without a name in it there is nobody to merge."""
    other = lesson.data.get("other")
    if isinstance(other, dict) and identity.names_in(other):
        await _unite(tx, lesson, other)


async def _aliased(tx: Tx, lesson: Lesson) -> None:
    """``previous_id`` may have been an id or an anonymous one; whoever comes by either is this customer."""
    previous = lesson.said("previous_id")
    if previous is not None:
        await _unite(tx, lesson, {"anonymous_id": previous})
        await _unite(tx, lesson, {"id": previous})


async def _unite(tx: Tx, lesson: Lesson, other: dict[str, Any]) -> None:
    reason = f"{lesson.event['source']} said so"
    person = await identity.unite(tx, lesson.event["data"]["customer"], other, reason, lesson.at)
    lesson.customer_id = person["customer_id"]


LESSONS: Mapping[str, Callable[[Tx, Lesson], Awaitable[None]]] = {
    "complaint.accepted": _complained,
    "complaint.answered": _complained,
    "complaint.opened": _complained,
    "complaint.rejected": _complained,
    "complaint.withdrawn": _complained,
    "consent.given": _consent,
    "consent.withdrawn": _consent,
    "customer.aliased": _aliased,
    "customer.merged": _merged,
    "migration.completed": _gone,
    "points.given": _points,
    "points.spent": _points,
    "product.registered": _registered,
    "product.returned": _gone,
    "product.updated": _updated,
    "purchase.completed": _bought,
    "purchase.refunded": _given_back,
    "purchase.returned": _given_back,
}
