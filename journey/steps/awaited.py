"""What a wait or a lane of a race waits for: an event, or a condition on the customer and the journey's variables.

A condition is judged when the step is reached, at every event that is heard while the instance rests, and whenever a
field of the customer that it reads has changed (the router then delivers ``customer.changed``).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from journey import conditions, durations
from journey.inputs import CUSTOMER_CHANGED, Event
from journey.model import Frozen, Mistake
from journey.steps.base import EventType, Expression, Use, Variable
from journey.turn import Desk

ON_EVENT = ("event", "start", "vars", "customer", "now")
STANDING = ("start", "vars", "customer")


def _since(text: str) -> str:
    if text not in ("step", "journey"):
        try:
            durations.parse(text)
        except ValueError:
            if "business" in text:
                raise  # it is said better there
            raise Mistake(
                f'"{text}" is not possible here; write step, journey, or how far to look back: 2 days', rule="wait-form"
            ) from None
    return text


Since = Annotated[
    str,
    Field(
        max_length=60,
        description="which events count: step, those since the last wait; journey, since it began; 2 days, so far back",
    ),
    AfterValidator(_since),
]


def lookback(since: str) -> timedelta | None:
    """How far before the step an event may have come; None for ``step`` and ``journey``."""
    return None if since in ("step", "journey") else durations.parse(since)


def counts(since: str, event: Event, desk: Desk) -> bool:
    """Whether an event from the mailbox is young enough for a step that is entered now."""
    back = lookback(since)
    if back is not None:
        return event.at >= desk.at - back / desk.state.pace
    return since == "journey" or event.at >= desk.moved_at


class Awaited(Frozen):
    """``for`` an event (which ones says ``if``), or ``until`` a condition holds."""

    for_: Annotated[EventType | None, Field(alias="for", description="the event type")] = None
    if_: Annotated[Expression | None, Field(alias="if", description="which of these events counts")] = None
    until: Annotated[
        Expression | None, Field(description="a condition on customer.* and vars.*, in place of an event")
    ] = None
    into: Annotated[Variable | None, Field(description="a name: the event's data is kept as vars.<name>")] = None

    @model_validator(mode="after")
    def _one_thing(self) -> "Awaited":
        if (self.for_ is None) == (self.until is None):
            raise Mistake("say what is waited for: for: an event, or until: a condition", rule="wait-form")
        for key, value in (("if", self.if_), ("into", self.into)):
            if self.until is not None and value is not None:
                raise Mistake(f'"{key}" belongs to for: an event; after until: there is none', key, rule="wait-form")
        return self

    @property
    def name(self) -> str:
        """The event or the condition, for sentences."""
        return self.for_ or self.until or ""

    def hears(self) -> tuple[str, ...]:
        """The event types that can be what is waited for, or tell of it."""
        return (self.for_ or CUSTOMER_CHANGED,)

    def there(self, desk: Desk) -> bool:
        """Whether the condition holds already, with the reason on record; an event never is."""
        return self.until is not None and desk.holds(self.until)

    def came(self, desk: Desk, event: Event, said: str) -> bool:
        """Whether this event is what is waited for, or the condition holds with it; kept and put on record if so."""
        if self.until is not None:
            return self._holds_now(desk, event, self.until)
        if event.type != self.for_:
            return False
        if self.if_ is None:
            desk.decide(said)
        elif not desk.holds(self.if_, event, f"{event.type} came"):
            return False
        if self.into:
            desk.vars[self.into] = event.data
        return True

    def _holds_now(self, desk: Desk, event: Event, until: str) -> bool:
        """Only an event that says how the customer is now, and comes while the instance rests, tells anything new."""
        knows = event.type == CUSTOMER_CHANGED or bool(event.customer)
        if desk.wake_at is None or not knows or not desk.judge(until, event).holds:
            return False
        return desk.holds(until, event)

    def reads(self) -> tuple[str, ...]:
        """The customer's fields that the condition reads when the step is reached."""
        return conditions.fields(self.until, "customer") if self.until else ()

    def takes(self) -> tuple[tuple[str, str], ...]:
        """The variable that keeps the event's data, with the event's type."""
        return ((self.into, self.for_),) if self.into and self.for_ else ()

    def uses(self) -> Iterator[Use]:
        """The expressions inside."""
        if self.if_ is not None:
            yield Use(("if",), self.if_, names=ON_EVENT, event=self.for_ or "")
        if self.until is not None:
            yield Use(("until",), self.until, names=STANDING)
