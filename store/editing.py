"""Changing the record directly, by people and programs: at once, and with a line on the timeline.

Events are the usual way. What is changed here starts no journeys by itself; those that wait for a condition on the
customer are told, and segments are asked again. Everything may be asked for twice and is done once.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey.declared.values import Violation
from journey.effects import UpdateCustomer
from journey.record.rules import Rules
from store import changes, consents, customers, derived, identity, learning, merges, timeline
from store.beginnings import one_decides
from store.clock import now
from store.consents import Word
from store.database import Tx


class Unfit(Exception):
    """Attributes that do not fit what is declared; nothing was written."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(f"{len(violations)} attributes do not fit")
        self.violations = list(violations)


class SaidOtherwise(Exception):
    """The same id came before with another content; the first one is kept."""


@dataclass(frozen=True)
class Change:
    """What is to be written: a customer as events name them, and tags. ``source`` says who asks, ``because`` why
    somebody enters or leaves a segment by it."""

    given: Mapping[str, Any]
    source: str
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    at: datetime = field(default_factory=now)
    because: str = ""


@dataclass(frozen=True)
class Written:
    """Our id of the customer; whether they are new, and whether anything has changed."""

    customer_id: str
    new: bool
    changed: bool


async def upsert(tx: Tx, change: Change, in_force: Rules) -> Written:
    """Make or change a customer. Raises Unfit."""
    unfit = in_force.unfit(change.given.get("attributes") or {})
    if unfit:
        raise Unfit(unfit)
    await one_decides(tx)
    known = await identity.of_names(tx, change.given)
    given, _ = await learning.taken(tx, change.given, in_force)
    person = await identity.resolve(tx, given, change.at)
    customer_id = str(person["customer_id"])
    key = f"edit:{secrets.token_hex(8)}"
    agreed = await learning.agreed(tx, customer_id, key, change.given.get("consent"), change.source, change.at)
    if agreed:
        await derived.refresh(tx, customer_id)
    tagged = await _tag(tx, person, change)
    if known is not None and known["updated_at"] == person["updated_at"] and not (agreed or tagged):
        return Written(customer_id, new=False, changed=False)
    text = f"{change.source} wrote into the record: {', '.join(_said(change))}."
    await timeline.add(tx, [timeline.entry(customer_id, key, now(), "set", text)])
    await changes.changed(tx, customer_id, change.because or f"{change.source} changed the record")
    return Written(customer_id, known is None, changed=True)


async def _tag(tx: Tx, person: Mapping[str, Any], change: Change) -> bool:
    """Add and remove tags; whether that changes anything."""
    tags = set(person["tags"])
    if (tags | set(change.add_tags)) - set(change.remove_tags) == tags:
        return False
    write = UpdateCustomer(id="tags", add_tags=tuple(change.add_tags), remove_tags=tuple(change.remove_tags))
    await customers.change(tx, person["customer_id"], write)
    return True


def _said(change: Change) -> list[str]:
    """The names of what was written."""
    tags = ["tags"] if change.add_tags or change.remove_tags else []
    return [*sorted({*change.given} - {"attributes"}), *sorted(change.given.get("attributes") or {}), *tags]


async def note(tx: Tx, customer_id: str, key: str, text: str, by: str) -> bool:
    """Write a note of the staff; whether it is new. Raises SaidOtherwise if one of this key says something else."""
    there = await timeline.get(tx, customer_id, f"note:{key}")
    if there is None:
        await timeline.note(tx, customer_id, key, text, by, now())
    elif there["text"] != text:
        raise SaidOtherwise
    return there is None


async def consent(tx: Tx, customer_id: str, key: str, word: Word) -> bool:
    """Keep a word of consent; whether it is new. Raises SaidOtherwise if one of this key says something else."""
    if not await consents.say(tx, customer_id, key, [word]):
        if await consents.said(tx, customer_id, key, word):
            return False
        raise SaidOtherwise
    await derived.refresh(tx, customer_id)
    said = "agrees to" if word.given else "does not want"
    how = f" ({word.how})" if word.how else ""
    text = f"The customer {said} {word.topic}{how}, {word.source} says."
    await timeline.add(tx, [timeline.entry(customer_id, f"consent:{key}", now(), "set", text)])
    await changes.changed(tx, customer_id, f"{word.source} told of a consent")
    return True


async def merge(tx: Tx, customer_id: str, other_id: str, reason: str) -> dict[str, Any]:
    """Make ``other_id`` a part of ``customer_id``; the merge as ``store.merges.of_customer`` tells it."""
    await one_decides(tx)
    await merges.merge(tx, customer_id, other_id, reason)
    await changes.changed(tx, customer_id, "two customers became one")
    return (await merges.of_customer(tx, customer_id))[0]


async def part(tx: Tx, merge_id: str) -> str:
    """Undo a merge; the customer who is there again. Raises ``merges.UnknownMerge`` and ``merges.CannotPart``."""
    await one_decides(tx)
    made = await merges.get(tx, merge_id)
    return str(made["other_id"]) if made["undone_at"] else await merges.undo(tx, merge_id)
