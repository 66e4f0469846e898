"""Worked examples beside the journeys: given a customer and these events at these times, expect this.

They are run in virtual time by ``wayfare test`` and the test suite.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from journey import durations
from journey.model import Frozen, Mistake


def _after(text: str) -> str:
    durations.parse(text)
    return text


After = Annotated[str, AfterValidator(_after)]

KINDS = ("send", "notify", "note", "set", "task", "call", "start", "clock", "finish")

CLOCK = r"^\S+ (started|warned|breached|paused|resumed|stopped)$"
"""What can be expected of a clock: its name, and what happens to it."""

ANSWERED = ("send", "notify", "task", "call", "start", "throttle")
"""The effects and tasks whose answer a scenario may give."""


class Happening(Frozen):
    """An event, so long after the start."""

    after: Annotated[After, Field(description="how long after the start it comes, for example 3 days")]
    type: Annotated[str, Field(min_length=1, description="the event type")]
    data: Annotated[dict[str, Any], Field(description="what the event carries")] = Field(default_factory=dict)
    customer: Annotated[dict[str, Any], Field(description="fields of the record that change with it")] = Field(
        default_factory=dict
    )


class Given(Frozen):
    """How the world answers an effect; what nobody speaks of goes well, at once. Several entries for the same thing
    are used one after the other; the last stays in force."""

    mail: Annotated[Literal["away"] | None, Field(description="away: nothing can be sent, it is held until then")] = (
        None
    )
    from_: Annotated[After, Field(alias="from", description="since when it is away")] = "0 seconds"
    until: Annotated[After | None, Field(description="until when it is away, since the start")] = None
    send: Annotated[str | None, Field(description="a message")] = None
    notify: Annotated[str | None, Field(description="a team")] = None
    task: Annotated[str | None, Field(description="a task, by its name: somebody does it")] = None
    call: Annotated[str | None, Field(description="a call, by its name")] = None
    start: Annotated[str | None, Field(description="another journey")] = None
    throttle: Annotated[str | None, Field(description="a budget, by its name")] = None
    outcome: Annotated[
        str | None,
        Field(min_length=1, description="accepted, refused, failed, unreachable, full, …; a task's outcome"),
    ] = None
    ends_as: Annotated[
        str | None, Field(alias="ends as", min_length=1, description="the outcome with which the other journey ends")
    ] = None
    after: Annotated[After, Field(description="how long it takes: the answer, the task, the other journey")] = (
        "0 seconds"
    )
    reason: Annotated[str | None, Field(description="why it did not go")] = None
    value: Annotated[dict[str, Any], Field(description="what the answer holds, or what was filled in")] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _one_thing(self) -> "Given":
        if sum(getattr(self, name) is not None for name in ("mail", *ANSWERED)) != 1:
            raise Mistake(f"this names exactly one of mail, {', '.join(ANSWERED)}", rule="scenario-form")
        if self.mail is not None and self.until is None:
            raise Mistake("say until when the mail server is away, for example until: 2 days", rule="scenario-form")
        if self.ends_as is not None and (self.start is None or self.outcome not in (None, "accepted")):
            raise Mistake("only another journey that has started can end", "ends as", rule="scenario-form")
        if self.mail is None and self.outcome is None and self.ends_as is None and not self.value:
            raise Mistake("say how it goes, for example outcome: refused", rule="scenario-form")
        return self


class Expectation(Frozen):
    """What must happen, so long after the start: exactly one thing."""

    at: Annotated[After, Field(description="how long after the start, for example 3 days")]
    send: Annotated[str | None, Field(description="a message that goes out")] = None
    notify: Annotated[str | None, Field(description="a team that is told")] = None
    note: Annotated[str | None, Field(description="the note as it is written, or its beginning")] = None
    set: Annotated[str | None, Field(description="what is set, for example customer.plan")] = None
    task: Annotated[str | None, Field(description="a task that is opened")] = None
    team: Annotated[str | None, Field(description="the team that gets the task; without it any team may")] = None
    call: Annotated[str | None, Field(description="a call, by its name")] = None
    start: Annotated[str | None, Field(description="another journey that is started")] = None
    clock: Annotated[
        str | None,
        Field(pattern=CLOCK, description="a clock started, warned, breached, paused, resumed or stopped"),
    ] = None
    finish: Annotated[str | None, Field(description="the outcome it ends with")] = None
    outcome: Annotated[str | None, Field(description="how it went, if it did not go: refused, failed, …")] = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Expectation":
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise Mistake(f"an expectation names exactly one of {', '.join(KINDS)}", rule="scenario-form")
        if self.team is not None and self.task is None:
            raise Mistake('"team" says who gets a task; it stands beside task:', "team", rule="scenario-form")
        return self

    @property
    def kind(self) -> str:
        """Which of them it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def offset(self) -> timedelta:
        """When, since the start."""
        return durations.parse(self.at)


class Scenario(Frozen):
    """One story. ``expect`` is all that happens, in order; ``sends``, ``outcome`` and ``vars`` speak of the whole,
    with or without it."""

    name: Annotated[str, Field(min_length=1, description="what happens in it, in a few words")]
    begins: Annotated[
        str | None, Field(description="when it begins, in the customer's zone: 2026-03-27 09:00; without it on any day")
    ] = None
    customer: Annotated[dict[str, Any], Field(description="what is known of the customer")] = Field(
        default_factory=dict
    )
    start: Annotated[dict[str, Any], Field(description="data of the starting event")] = Field(default_factory=dict)
    given: Annotated[tuple[Given, ...], Field(description="how the world answers, where it does not go well")] = ()
    events: Annotated[tuple[Happening, ...], Field(description="what comes after the start")] = ()
    expect: Annotated[tuple[Expectation, ...], Field(description="all that happens, in order")] = ()
    sends: Annotated[tuple[str, ...] | None, Field(description="the messages, in order, and nothing else is sent")] = (
        None
    )
    outcome: Annotated[str | None, Field(description="how it ends, whenever that is")] = None
    vars: Annotated[dict[str, Any], Field(description="what some variables are in the end")] = Field(
        default_factory=dict
    )

    @field_validator("begins")
    @classmethod
    def _moment(cls, value: str | None) -> str | None:
        try:
            moment = datetime.fromisoformat(value) if value is not None else None
        except ValueError:
            moment = datetime.max.replace(tzinfo=UTC)
        if moment is not None and moment.tzinfo is not None:
            raise ValueError(f'"{value}" is not a local date and time; write for example 2026-03-27 09:00')
        return value

    @property
    def is_short(self) -> bool:
        """Whether it speaks of the whole."""
        return self.sends is not None or self.outcome is not None or bool(self.vars)


class Scenarios(Frozen):
    """All stories of one journey (``definitions/scenarios/<journey>.yaml``)."""

    journey: Annotated[str, Field(description="the journey whose stories these are")]
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1, description="the stories")]
