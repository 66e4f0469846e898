"""Who comes and what they do: a population as people write it (``definitions/populations/<name>.yaml``)."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator

from journey import durations
from journey.model import Frozen, Mistake
from journey.population.chance import read
from journey.steps.base import EventType, Expression, Name

TELLS = ("send", "notify", "task", "call", "start", "throttle")
"""What a journey does that customers, teams and services react to, by the kind of its line."""


def _by_chance(text: str) -> str:
    read(text)
    return text


def _length(text: str) -> str:
    durations.parse(text)
    return text


ByChance = Annotated[str, Field(max_length=100), AfterValidator(_by_chance)]
Percent = Annotated[float, Field(ge=0, le=100, strict=False)]


class Segment(Frozen):
    """A part of the customers, and what is on their record."""

    percent: Annotated[Percent, Field(description="its share of the customers")]
    as_: Annotated[Name, Field(alias="as", description="its name")]
    customer: Annotated[dict[str, Any], Field(description="fields of the record")] = Field(default_factory=dict)


class Reaction(Frozen):
    """One thing that may follow: an event of this customer, or how what was asked for went (``outcome``)."""

    percent: Annotated[Percent, Field(description="how often, of 100")]
    after: Annotated[ByChance, Field(description="2 days, about 2 days, or between 1 hour and 3 days")] = "0 seconds"
    event: Annotated[EventType | None, Field(description="the event type")] = None
    data: Annotated[
        dict[str, Any], Field(description="its data; = … is worked out, {number} counts this customer's events")
    ] = Field(default_factory=dict)
    customer: Annotated[dict[str, Any], Field(description="fields of the record that change with it")] = Field(
        default_factory=dict
    )
    outcome: Annotated[str | None, Field(min_length=1, description="how it went: refused, failed, done, …")] = None
    value: Annotated[dict[str, Any], Field(description="what the answer holds")] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_thing(self) -> "Reaction":
        if (self.event is None) == (self.outcome is None):
            raise Mistake(
                "this says either which event comes (event: …) or how it went (outcome: …)", rule="population-form"
            )
        return self


class Behaviour(Frozen):
    """What follows when something happens: one of several things, each with its share; the rest does nothing."""

    when: Annotated[
        str, Field(min_length=1, max_length=200, description="arrives, an event type, or for example: send welcome")
    ]
    if_: Annotated[Expression | None, Field(alias="if", description="only then")] = None
    one_of: Annotated[tuple[Reaction, ...], Field(alias="one of", min_length=1, description="what may follow")]

    @field_validator("one_of")
    @classmethod
    def _at_most_everybody(cls, reactions: tuple[Reaction, ...]) -> tuple[Reaction, ...]:
        total = sum(reaction.percent for reaction in reactions)
        if total > 100.001:
            raise Mistake(
                f"the shares add up to {total:g} percent; they can add up to 100 at most", rule="population-form"
            )
        return reactions

    @model_validator(mode="after")
    def _known_moment(self) -> "Behaviour":
        word, _, name = self.when.partition(" ")
        if name and word not in TELLS:
            known = " or ".join(f"{kind} <name>" for kind in TELLS)
            raise Mistake(
                f'"{self.when}" is no moment; write arrives, an event type, {known}', "when", rule="population-form"
            )
        if not name and any(reaction.outcome for reaction in self.one_of):
            raise Mistake(
                "an outcome answers what a journey does, for example when: send welcome", "when", rule="population-form"
            )
        return self


class Population(Frozen):
    """So many customers over so long a time, and how they behave."""

    population: Annotated[Name, Field(description="the population's name: the file's name without .yaml")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="what it is, in a few words")]
    begins: Annotated[date, Field(strict=False, description="the first day, for example 2026-01-05")]
    lasts: Annotated[str, Field(description="how long, for example 52 weeks"), AfterValidator(_length)]
    customers: Annotated[int, Field(ge=1, le=10_000_000, description="how many")]
    arrive: Annotated[
        ByChance | None, Field(description="when they come, since the first day; without it evenly over the whole time")
    ] = None
    segments: Annotated[tuple[Segment, ...], Field(description="the mix; the shares add up to 100")] = ()
    happens: Annotated[tuple[Behaviour, ...], Field(min_length=1, description="what follows from what")]

    @field_validator("segments")
    @classmethod
    def _whole(cls, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        total = sum(segment.percent for segment in segments)
        if segments and abs(total - 100) > 0.001:
            raise Mistake(f"the shares add up to {total:g} percent; they must add up to 100", rule="population-form")
        return segments
