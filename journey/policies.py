"""What holds for all journeys together (``definitions/policies.yaml``): when mail may go, how much of it, whose journey
comes first, what waits for a person, and what the providers can take.

Policies are live: a change holds for everybody who is under way.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from journey import durations
from journey.model import Frozen, Mistake
from journey.steps.base import Duration, Name
from journey.time import hours

RATE = r"^\d{1,6}(\.\d+)? per (second|minute|hour|day)$"
PER = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
Topic = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


def _week(text: str) -> str:
    hours.week(text)
    return text


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a day; write for example 2026-12-01') from None
    return text


class Cap(Frozen):
    """So many messages to one customer within so long, over all journeys."""

    at_most: Annotated[int, Field(alias="at most", ge=1, le=1000, description="how many messages")]
    within: Annotated[Duration, Field(description="in any span of this length, for example 7 days")]

    @property
    def span(self) -> timedelta:
        """The length of the span."""
        return durations.parse(self.within)


class Precedence(Frozen):
    """While one journey runs for a customer, others give way."""

    while_: Annotated[Name, Field(alias="while", description="the journey that runs")]
    then: Annotated[
        Literal["hold", "mute", "end"],
        Field(description="hold: their mail waits; mute: it is not sent, they go on; end: they end"),
    ]
    journeys: Annotated[tuple[Name, ...], Field(min_length=1, description="the journeys that give way")]
    resume_after: Annotated[
        Duration | None, Field(description="they go on only so long after the other one has ended")
    ] = None

    @property
    def afterwards(self) -> timedelta:
        """How long it still holds after the other journey has ended."""
        return durations.parse(self.resume_after) if self.resume_after else timedelta()


class Release(Frozen):
    """Mail that waits until a person lets it go (drafts)."""

    journeys: Annotated[tuple[Name, ...], Field(description="all mail of these journeys")] = ()
    messages: Annotated[tuple[Name, ...], Field(description="these messages, whatever journey sends them")] = ()


class WarmUp(Frozen):
    """A new sender begins with few messages a day."""

    begins: Annotated[str, AfterValidator(_day), Field(description="the first day, for example 2026-12-01")]
    per_day: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(alias="per day", min_length=1, max_length=120, description="how many on each day; then no limit"),
    ]

    def limit(self, day: date) -> int | None:
        """How many may go on a day; None: any number."""
        number = (day - date.fromisoformat(self.begins)).days
        return self.per_day[max(number, 0)] if number < len(self.per_day) else None


class Rate(Frozen):
    """What one provider can take."""

    at_most: Annotated[
        str | None, Field(alias="at most", pattern=RATE, description="for example 50 per second or 3000 per hour")
    ] = None
    after_an_outage: Annotated[
        str, Field(alias="after an outage", pattern=RATE, description="how fast what was held goes out")
    ] = "20 per second"
    warm_up: Annotated[WarmUp | None, Field(alias="warm up", description="a schedule for a new sender")] = None

    @property
    def per_second(self) -> float | None:
        """The limit; None if there is none."""
        return per_second(self.at_most) if self.at_most else None


class Policies(Frozen):
    """All of ``policies.yaml``. Service mail (transactional, legal) is exempt from hours, caps and precedence."""

    hours: Annotated[
        str | None,
        AfterValidator(lambda text: _week(text) if text else text),
        Field(max_length=200, description="when mail may go, in the customer's zone: 8:00-21:00; sun closed"),
    ] = None
    caps: Annotated[tuple[Cap, ...], Field(max_length=10, description="how many messages one customer gets")] = ()
    order: Annotated[tuple[Name, ...], Field(description="the journeys, the most important first")] = ()
    precedence: Annotated[tuple[Precedence, ...], Field(description="which journeys give way while another runs")] = ()
    needs_consent: Annotated[
        tuple[Topic, ...], Field(alias="needs consent", description="topics only for customers who said yes")
    ] = ()
    release: Annotated[Release, Field(description="mail that waits until a person lets it go")] = Release()
    providers: Annotated[dict[str, Rate], Field(description="what each channel's provider can take")] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _each_once(self) -> "Policies":
        for position, name in enumerate(self.order):
            if name in self.order[:position]:
                raise Mistake(f'"{name}" is already in the order', "order", position)
        for number, one in enumerate(self.precedence):
            if one.while_ in one.journeys:
                raise Mistake("a journey cannot give way to itself", "precedence", number, "journeys")
        return self

    def rank(self, journey: str) -> int:
        """The place of a journey in the order; those that are not in it come last, all alike."""
        return self.order.index(journey) if journey in self.order else len(self.order)

    def rate(self, channel: str) -> Rate:
        """What a channel's provider can take."""
        return self.providers.get(channel) or Rate()


def per_second(text: str) -> float:
    """``3000 per hour`` as so many a second."""
    count, _, unit = text.split()
    return float(count) / PER[unit]
