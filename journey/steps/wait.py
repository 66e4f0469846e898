"""``wait:``: for a length of time, for an event or a condition with a mandatory maximum, until a date, or for a window.

``since: step`` (the default): an event counts from the moment the journey last left a wait (or began), so what arrives
while a message goes out is not missed. ``since: journey``: from the beginning of the journey; ``since: 2 days``: so far
back from this step. An event that was accepted at or before the deadline wins against the deadline.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from journey.inputs import Event
from journey.model import Mistake
from journey.steps.awaited import Awaited, Since, counts
from journey.steps.base import CalendarName, Length, Step, Use, go_on
from journey.steps.moments import INVALID, PAST, WaitDate, WaitWindow
from journey.turn import Desk, Into, Move, Next, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep

LENGTH, EVENT, DATE, WINDOW = "(length)", "(event)", "(date)", "(window)"


class WaitFor(Awaited):
    """An event or a condition, and the maximum."""

    up_to: Annotated[Length, Field(alias="up to", description="the longest wait, for example 5 days")]
    since: Since = "step"


def _form(value: Any) -> str:
    if isinstance(value, WaitDate) or (isinstance(value, dict) and "date" in value):
        return DATE
    if isinstance(value, WaitWindow) or (isinstance(value, dict) and "window" in value):
        return WINDOW
    return EVENT if isinstance(value, (dict, WaitFor)) else LENGTH


def _or_go_on(schema: dict[str, Any]) -> None:
    """For editors: in place of steps the words ``go on``."""
    for key in (PAST, INVALID):
        schema["properties"][key]["anyOf"].insert(1, {"const": "go on"})


class Wait(Step):
    """A duration, an event or a condition, a date, or a window. ``then`` is done when the event came and ``otherwise``
    when it did not; ``on_past`` when the date is past already, and ``on_invalid`` when there is none."""

    kind: ClassVar[str] = "wait"
    only_waits: ClassVar[bool] = True
    wait: Annotated[
        Annotated[Length, Tag(LENGTH)]
        | Annotated[WaitFor, Tag(EVENT)]
        | Annotated[WaitDate, Tag(DATE)]
        | Annotated[WaitWindow, Tag(WINDOW)],
        Discriminator(_form),
        Field(
            description="a length of time, or {for, if, up to, into}, or {until, up to}, or {date, at}, or {window}",
        ),
    ]
    calendar: CalendarName = None
    then: "Annotated[tuple[AnyStep, ...], Field(description='steps when the event came')]" = ()
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when it did not come in time')]" = ()
    on_past: "Annotated[tuple[AnyStep, ...] | None, Field(description='steps when the date is past, or: go on')]" = None
    on_invalid: "Annotated[tuple[AnyStep, ...] | None, Field(description='steps when it is no date, or: go on')]" = None

    model_config = ConfigDict(json_schema_extra=_or_go_on)
    _go_on = field_validator(PAST, INVALID, mode="before")(go_on)

    @model_validator(mode="after")
    def _keys_belong_to_their_forms(self) -> "Wait":
        dated, awaited = isinstance(self.wait, WaitDate), isinstance(self.wait, WaitFor)
        if not awaited and (self.then or self.otherwise):
            key = "then" if self.then else "otherwise"
            said = f'"{key}" belongs to a wait for an event; after any other wait simply go on'
            raise Mistake(said, key, rule="wait-form")
        if not dated and (self.on_past is not None or self.on_invalid is not None):
            key = PAST if self.on_past is not None else INVALID
            raise Mistake(f'"{key}" belongs to a wait until a date', key, rule="wait-form")
        if self.calendar is not None and not self._in_business_time():
            raise Mistake("no business time is counted here; calendar: has no use", "calendar", rule="wait-form")
        return self

    def _in_business_time(self) -> bool:
        return not isinstance(self.wait, WaitWindow) and bool(self.calendars())

    @model_validator(mode="after")
    def _no_silent_default(self) -> "Wait":
        if not isinstance(self.wait, WaitDate):
            return self
        if self.on_past is None:
            said = f"say what happens when the date is past already: {PAST}: go on, or {PAST}: with steps"
            raise Mistake(said, "wait", rule="date-without-answer")
        if self.on_invalid is None and not self.wait.literal:
            said = f"{INVALID}: go on, or {INVALID}: with steps"
            said = f"say what happens when {self.wait.written.date} is no date: {said}"
            raise Mistake(said, "wait", rule="date-without-answer")
        if self.on_invalid is not None and self.wait.literal:
            raise Mistake(f"the date is written here and is one; {INVALID} has no use", INVALID, rule="wait-form")
        return self

    def title(self) -> str:
        if isinstance(self.wait, str):
            return f"wait {self.wait}"
        if isinstance(self.wait, WaitDate):
            return f"wait until {self.wait.said()}"
        if isinstance(self.wait, WaitWindow):
            return f"wait for {self.wait.window}"
        return f"wait for {self.wait.for_}" if self.wait.for_ else f"wait until {self.wait.until}"

    def label(self, block: str) -> str:
        if not isinstance(self.wait, WaitFor):
            return {PAST: "it is past", INVALID: "there is no date"}.get(block, "it came")
        if block == "then":
            return "it came" if self.wait.for_ else "it is so"
        return f"not within {self.wait.up_to}"

    def past(self) -> str:
        return "on that day" if isinstance(self.wait, WaitDate) else super().past()

    def goes_on(self) -> bool:
        return not isinstance(self.wait, WaitFor)

    def may_rest(self) -> bool:
        return True

    def must_rest(self) -> bool:
        return isinstance(self.wait, str) or (isinstance(self.wait, WaitFor) and self.wait.until is None)

    def doing(self) -> str:
        return f"waits {self.title().removeprefix('wait ')}"

    def enter(self, desk: Desk) -> Move:
        if isinstance(self.wait, str):
            return Rest(desk.later(self.wait, self.calendar))
        if isinstance(self.wait, WaitDate):
            return self.wait.enter(desk, self.calendar)
        if isinstance(self.wait, WaitWindow):
            return self.wait.enter(desk)
        return Into("then") if self.wait.there(desk) else Rest(desk.later(self.wait.up_to, self.calendar))

    def woke(self, desk: Desk) -> Move:
        if not isinstance(self.wait, WaitFor):
            desk.decide(f"The {self._said()} is over.")
            return Next()
        verb = "did not come" if self.wait.for_ else "was not met"
        desk.decide(f"{self.wait.name} {verb} within {self.wait.up_to}.")
        return Into("otherwise")

    def _said(self) -> str:
        return f"wait of {self.wait}" if isinstance(self.wait, str) else self.title()

    def heard(self, desk: Desk, event: Event) -> Move | None:
        if not isinstance(self.wait, WaitFor) or not self.wait.came(desk, event, f"{event.type} came."):
            return None
        return Into("then")

    def counts(self, event: Event, desk: Desk) -> bool:
        return isinstance(self.wait, WaitFor) and counts(self.wait.since, event, desk)

    def keeps(self) -> tuple[str, ...]:
        return self.hears() if isinstance(self.wait, WaitFor) and self.wait.since != "step" else ()

    def hears(self) -> tuple[str, ...]:
        return self.wait.hears() if isinstance(self.wait, WaitFor) else ()

    def reads(self) -> tuple[str, ...]:
        return self.wait.reads() if isinstance(self.wait, (WaitFor, WaitDate)) else ()

    def reads_zone(self) -> bool:
        return isinstance(self.wait, (WaitDate, WaitWindow)) or super().reads_zone()

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        if isinstance(self.wait, str):
            return ((("wait",), self.wait),)
        return ((("wait", "up to"), self.wait.up_to),) if isinstance(self.wait, WaitFor) else ()

    def calendars(self) -> tuple[str, ...]:
        if isinstance(self.wait, WaitDate):
            return self.wait.calendars(self.calendar)
        return self.wait.calendars() if isinstance(self.wait, WaitWindow) else super().calendars()

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("wait", "for"), self.wait.for_),) if isinstance(self.wait, WaitFor) and self.wait.for_ else ()

    def takes(self) -> tuple[tuple[str, str], ...]:
        return self.wait.takes() if isinstance(self.wait, WaitFor) else ()

    def makes(self) -> tuple[str, ...]:
        return (self.wait.into,) if isinstance(self.wait, WaitFor) and self.wait.into else ()

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        if isinstance(self.wait, WaitFor):
            yield "then", self.then
            yield "otherwise", self.otherwise
        if isinstance(self.wait, WaitDate):
            yield PAST, self.on_past or ()
            if not self.wait.literal:
                yield INVALID, self.on_invalid or ()

    def uses(self) -> Iterator[Use]:
        if isinstance(self.wait, WaitDate):
            yield from self.wait.uses()
        if isinstance(self.wait, WaitFor):
            for use in self.wait.uses():
                yield replace(use, path=("wait", *use.path))
