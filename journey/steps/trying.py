"""What steps share that ask for something which may fail: ``retry:`` and ``on_failure:``."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, model_validator

from journey import durations
from journey.declared.fields import DeclaredField, Fields
from journey.model import Frozen, Mistake
from journey.steps.base import Duration, Step
from journey.turn import TRIES, Desk, Into, Move, Next, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep

FAILURE = "failure"
"""The variable that says what failed: ``vars.failure.kind``, ``.reason`` and ``.step``."""
_TEXT = DeclaredField.model_validate("text")
AGAIN = "again"
"""Set while a step pauses before it tries again (``State.here``)."""


class Retry(Frozen):
    """How often something that failed is tried again, and how long after."""

    times: Annotated[int, Field(ge=1, le=100, description="how often it is tried again at most")]
    pause: Annotated[Duration, Field(description="how long before the first new try, for example 10 minutes")]
    doubling: Annotated[bool, Field(description="true: each pause is twice as long as the one before")] = False
    on: Annotated[
        tuple[str, ...] | None,
        Field(min_length=1, description="only after these kinds of failure; without it after those that may pass"),
    ] = None

    def length(self, tries: int) -> timedelta:
        """The pause after so many new tries."""
        pause = durations.parse(self.pause)
        factor = 2 ** min(tries, 30) if self.doubling else 1
        return min(pause, durations.MAX / factor) * factor


@dataclass(frozen=True)
class Failure:
    """How something failed: its kind in one word, the reason if there is one, and the sentence for the record."""

    kind: str
    reason: str
    said: str


class Trying(Step):
    """A step that asks for something which may fail. ``passing`` are the kinds of failure that may be over later,
    ``failures`` all kinds."""

    passing: ClassVar[tuple[str, ...]] = ()
    failures: ClassVar[tuple[str, ...]] = ()
    retry: Annotated[Retry | None, Field(description="try again when it fails: {times, pause, doubling, on}")] = None
    on_failure: "Annotated[tuple[AnyStep, ...] | None, Field(description='steps when it has failed for good')]" = None

    @model_validator(mode="after")
    def _known_failures(self) -> "Trying":
        for number, kind in enumerate((self.retry.on or ()) if self.retry else ()):
            if kind not in self.failures:
                known = ", ".join(self.failures)
                raise Mistake(
                    f'"{kind}" is not a way in which this can fail; it can be {known}',
                    "retry",
                    "on",
                    number,
                    rule="retry-form",
                )
        return self

    def attempt(self, desk: Desk) -> Move:
        """Ask for it, for the first time or again."""
        raise NotImplementedError

    def rested(self, desk: Desk) -> Move:
        """A rest is over that was not a pause before a new try."""
        return Next()

    def enter(self, desk: Desk) -> Move:
        return self.attempt(desk)

    def woke(self, desk: Desk) -> Move:
        if not desk.here.pop(AGAIN, False):
            return self.rested(desk)
        return desk.reading() or self.attempt(desk)  # the customer may have changed since the last try

    def failed(self, desk: Desk, failure: Failure, otherwise: Move | None = None) -> Move:
        """It did not work: try again, else go into ``on_failure``, else go on (or where ``otherwise`` leads)."""
        tries = desk.here.get(TRIES, 0)
        if self.retry and tries < self.retry.times and failure.kind in (self.retry.on or self.passing):
            desk.here |= {TRIES: tries + 1, AGAIN: True}
            pause = self.retry.length(tries)
            again = f"it is tried again in {durations.say(pause)} ({tries + 1} of {self.retry.times})"
            desk.decide(f"{failure.said}; {again}.")
            return Rest(desk.at + pause / desk.state.pace)
        if self.on_failure is None:
            desk.decide(f"{failure.said}; the journey goes on.")
            return otherwise or Next()
        desk.decide(f"{failure.said}; what to do then is written in on_failure.")
        desk.vars[FAILURE] = {"kind": failure.kind, "reason": failure.reason, "step": self.id}
        return Into("on_failure")

    def may_rest(self) -> bool:
        return self.retry is not None

    def must_rest(self) -> bool:
        return False

    def goes_on(self) -> bool:
        return True

    def label(self, block: str) -> str:
        return "it failed"

    def makes(self) -> tuple[str, ...]:
        return (FAILURE,) if self.on_failure is not None else ()

    def certain(self, block: str) -> tuple[str, ...]:
        if block == "on_failure":
            return (FAILURE,)
        return tuple(name for name in super().certain(block) if name != FAILURE)

    def shapes(self) -> dict[str, Fields]:
        return {FAILURE: dict.fromkeys(("kind", "reason", "step"), _TEXT)} if self.on_failure is not None else {}

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        if self.on_failure is not None:
            yield "on_failure", self.on_failure
