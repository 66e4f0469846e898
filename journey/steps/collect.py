"""``collect: purchase.completed``: several events of one type become one list, so that one message can speak of all.

It is open for ``up to`` from the moment it is reached; with ``quiet`` it closes earlier, when none came for so long.
The event that started the journey is the first of the list, if it is of this type.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from journey import durations
from journey.inputs import Event
from journey.steps.awaited import ON_EVENT
from journey.steps.base import CalendarName, Duration, EventType, Expression, Length, Step, Use, Variable
from journey.turn import Desk, Move, Next, Rest

OPENED, CLOSES = "opened", "closes"
MOST = 100


class Collect(Step):
    """The event type, how long it is open, and the list it makes."""

    kind: ClassVar[str] = "collect"
    collect: Annotated[EventType, Field(description="the event type")]
    if_: Annotated[Expression | None, Field(alias="if", description="which of these events are collected")] = None
    up_to: Annotated[Length, Field(alias="up to", description="how long it is open at most, for example 1 hour")]
    calendar: CalendarName = None
    quiet: Annotated[Duration | None, Field(description="it closes earlier when none came for so long")] = None
    at_most: Annotated[int, Field(alias="at most", ge=1, le=MOST, description="it closes when there are so many")] = (
        MOST
    )
    into: Annotated[Variable, Field(description="a name: the list of the events' data is kept as vars.<name>")]

    def title(self) -> str:
        return f"collect {self.collect}"

    def doing(self) -> str:
        return f"collects {self.collect}"

    def enter(self, desk: Desk) -> Move:
        first = self.collect == desk.journey.start.on and desk.visits[self.uid] == 1
        desk.vars[self.into] = [desk.start] if first else []
        closes = desk.later(self.up_to, self.calendar)
        desk.here |= {OPENED: desk.at.isoformat(), CLOSES: closes.isoformat()}
        return self._go_on(desk, desk.at)

    def heard(self, desk: Desk, event: Event) -> Move | None:
        if event.type != self.collect:
            return None
        if self.if_ is not None and not desk.holds(self.if_, event, f"{event.type} came"):
            return None
        desk.vars[self.into] = [*self._collected(desk), event.data]
        return self._go_on(desk, max(event.at, _kept(desk, OPENED)))

    def _go_on(self, desk: Desk, last: datetime) -> Move:
        """Rest on after the last event, or close when there are enough."""
        if len(self._collected(desk)) >= self.at_most:
            return self.woke(desk)
        closes = _kept(desk, CLOSES)
        if self.quiet is not None:
            closes = min(closes, last + durations.parse(self.quiet) / desk.state.pace)
        return Rest(closes)

    def woke(self, desk: Desk) -> Move:
        found = desk.vars[self.into] = self._collected(desk)
        count = len(found)
        desk.decide(f"{count or 'No'} {self.collect} {'was' if count == 1 else 'were'} collected.")
        return Next()

    def _collected(self, desk: Desk) -> list[Any]:
        """What has come so far; nothing, for one who was moved here from another version in the middle of a wait."""
        found = desk.vars.get(self.into)
        return found if isinstance(found, list) else []

    def may_rest(self) -> bool:
        return True

    def must_rest(self) -> bool:
        return self.at_most > 1

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("up to",), self.up_to), *(((("quiet",), self.quiet),) if self.quiet else ()))

    def hears(self) -> tuple[str, ...]:
        return (self.collect,)

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("collect",), self.collect),)

    def makes(self) -> tuple[str, ...]:
        return (self.into,)

    def uses(self) -> Iterator[Use]:
        if self.if_ is not None:
            yield Use(("if",), self.if_, names=ON_EVENT, event=self.collect)


def _kept(desk: Desk, name: str) -> datetime:
    """A moment of this visit; for one who was moved here in the middle of a wait, the end of that wait."""
    text = desk.here.get(name)
    return datetime.fromisoformat(text) if text else desk.wake_at or desk.at
