"""Worked examples beside the journeys: given a customer and these events at these times, expect this.

They are run in virtual time by ``wayfare test`` and the test suite.
"""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from journey import durations
from journey.model import Frozen


def _after(text: str) -> str:
    durations.parse(text)
    return text


After = Annotated[str, AfterValidator(_after)]

KINDS = ("send", "notify", "note", "set", "finish")


class Happening(Frozen):
    """An event, so long after the start."""

    after: After
    type: Annotated[str, Field(min_length=1)]
    data: dict[str, Any] = Field(default_factory=dict)
    customer: Annotated[dict[str, Any], Field(description="fields of the record that change with it")] = Field(
        default_factory=dict
    )


class Expectation(Frozen):
    """What must happen, so long after the start: exactly one of send, notify, note, set, finish."""

    at: After
    send: str | None = None
    notify: str | None = None
    note: Annotated[str | None, Field(description="the note as it is written, or its beginning")] = None
    set: Annotated[str | None, Field(description="what is set, for example customer.plan")] = None
    finish: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Expectation":
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"an expectation names exactly one of {', '.join(KINDS)}")
        return self

    @property
    def kind(self) -> str:
        """Which of the five it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def offset(self) -> timedelta:
        """When, since the start."""
        return durations.parse(self.at)


class Scenario(Frozen):
    """One story."""

    name: Annotated[str, Field(min_length=1)]
    customer: dict[str, Any] = Field(default_factory=dict)
    start: Annotated[dict[str, Any], Field(description="data of the starting event")] = Field(default_factory=dict)
    events: tuple[Happening, ...] = ()
    expect: tuple[Expectation, ...] = ()


class Scenarios(Frozen):
    """All stories of one journey (``definitions/scenarios/<journey>.yaml``)."""

    journey: str
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1)]
