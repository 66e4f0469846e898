"""A message of an upstream system that speaks its own language, and the event that its source makes of it.

What the sender wrote is kept beside the event: when the same message comes again it is compared with that, not with
what our table makes of it, which may have changed; and a message that no rule was for can be translated later.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway import fields, refusals
from gateway.customer_form import FIELDS, check_customer
from journey import reserved
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from journey.translation import Untranslated, translate
from store.inbox import NewEvent

NAMELESS = "nameless"


@dataclass(frozen=True)
class Arrival:
    """One message: its name, its id, when it happened, what its sender wrote, and the part of it that does not change
    when it is sent again."""

    name: str
    id: str
    at: datetime | None
    message: dict[str, Any]
    lasting: dict[str, Any]


def event_of(
    arrival: Arrival, source: Source, events: Mapping[str, DeclaredEvent], now: datetime, sender: str = ""
) -> NewEvent | None:
    """The event to keep, or None if the source ignores such messages. `sender` is the source for deduplication (the
    source's own name without it). A message that comes to no event is put aside, unmatched, with the reason; or
    `NotWanted` is raised if its source says so."""
    made = translate(source, arrival.name, arrival.message, now)
    if isinstance(made, Untranslated):
        if made.ignored:
            return None
        if source.otherwise == "refuse":
            raise refusals.NotWanted("body", f"{made.reason}.", f"Add a rule to sources/{source.source}.yaml.")
        return _kept(arrival, sender or source.source, _named(arrival.name), arrival.message, made.reason)
    data = {**made.data, "customer": _without_faults(made.data["customer"])}
    reason = _fault(made.type, data, events, made.left_out)
    return _kept(arrival, sender or source.source, _named(made.type), data, reason)


def _without_faults(customer: Any) -> Any:
    """A customer without the fields that cannot be right: an order is not lost for a mistyped phone number."""
    if not isinstance(customer, dict):
        return customer
    return {
        name: value for name, value in customer.items() if value is None or not (name in FIELDS and FIELDS[name](value))
    }


def _fault(kind: str, data: dict[str, Any], events: Mapping[str, DeclaredEvent], left_out: tuple[str, ...]) -> str:
    """Why nobody could use this event; '' if it is as it should be."""
    not_read = f" Not read: {'; '.join(left_out)}." if left_out else ""
    if why_not := reserved.why_not(kind):
        return f"{why_not} Change the rule that makes it one."
    try:
        check_customer(data)
    except refusals.UnclearCustomer as refusal:
        return f"{refusal.problem.sentence()}{not_read}"
    if (declared := events.get(kind)) is not None:
        told = [f"/data{one.pointer}: {one.what} {one.remedy}" for one in declared.check(data)]
        return f"{' '.join(told)}{not_read}" if told else ""
    return ""


def _kept(arrival: Arrival, sender: str, kind: str, data: dict[str, Any], reason: str) -> NewEvent:
    said = {"source": sender, "id": arrival.id, "name": arrival.name, "message": arrival.message}
    lasting = json.dumps(arrival.lasting, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return NewEvent(
        source=sender,
        event_id=_short(arrival.id),
        type=kind,
        occurred_at=arrival.at,
        data=data,
        envelope=json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        body_hash=hashlib.sha256(lasting.encode()).hexdigest(),
        state="unmatched" if reason else "new",
        reason=reason,
    )


def _named(name: str) -> str:
    return NAMELESS if fields.line_fault(name, characters=255) else name


def _short(identity: str) -> str:
    """Within the column, and still one id for one message."""
    if not fields.line_fault(identity, characters=255):
        return identity
    return f"long-{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()}"
