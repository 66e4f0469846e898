"""What ``send`` and ``ask`` share: a message. The journey holds its place until it has gone or cannot go."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from journey import durations
from journey.channels import CHANNELS, EMAIL, Channel, text_of
from journey.effects import SendMessage
from journey.inputs import EffectDone
from journey.model import Mistake
from journey.steps.base import Duration
from journey.steps.trying import Failure, Trying
from journey.turn import Asked, Desk, Finish, Move, Next

WHEN_STALE = r"^(skip|ask|send [A-Za-z0-9][A-Za-z0-9_.-]*)$"
FAILURES = ("refused", "failed", "suppressed", "expired")
"""The kinds of failure of a message."""
INSTEAD = 1
"""The ordinal of the message that takes the place of one that came too late."""


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


_ONE = {"enum": list(CHANNELS)}


class Sending(Trying):
    """What happens when a message could not go in time, and when nobody can say whether it went."""

    passing: ClassVar[tuple[str, ...]] = ("refused", "failed")
    failures: ClassVar[tuple[str, ...]] = FAILURES
    stale_after: Annotated[
        Duration | None, Field(description="held up for longer than this (an outage, quiet hours), it is out of date")
    ] = None
    when_stale: Annotated[
        str,
        Field(
            pattern=WHEN_STALE,
            max_length=100,
            description="what happens to a message out of date: skip, ask (a person), or another text: send sorry-late",
        ),
    ] = "skip"
    on_unknown: Annotated[
        Literal["continue", "stop", "alert"],
        Field(description="nobody can say whether it went out: go on, end the journey, or go on and alert the staff"),
    ] = "continue"
    dedupe: Annotated[
        Duration | None, Field(description="not if the customer has had this text within so long, by whatever journey")
    ] = None

    channels: Annotated[
        tuple[Channel, ...],
        BeforeValidator(_one_or_more),
        WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1, "uniqueItems": True}]}),
        Field(
            min_length=1,
            max_length=len(CHANNELS),
            description="sms, or several in the order they are tried: [whatsapp, sms, email]; without it by mail",
        ),
    ] = (EMAIL,)

    pin: Annotated[
        bool,
        Field(description="true: who is under way gets the text as it was when this version was published"),
    ] = False

    @model_validator(mode="after")
    def _stale_after_what(self) -> "Sending":
        if self.when_stale != "skip" and self.stale_after is None:
            raise Mistake(
                "when_stale needs stale_after beside it: the time after which the message is out of date",
                "when_stale",
                rule="send-form",
            )
        return self

    @model_validator(mode="after")
    def _each_channel_once(self) -> "Sending":
        for number, channel in enumerate(self.channels):
            if channel in self.channels[:number]:
                raise Mistake(f'"{channel}" is tried already', "channels", number, rule="send-form")
        return self

    @property
    def text(self) -> str:
        """The name of the message text."""
        return str(getattr(self, self.kind))

    def sent(self, desk: Desk, done: EffectDone) -> Move:
        """The message has gone, or may have gone."""
        return Next()

    def question(self) -> str:
        """The event type that an answer to it comes as; '' if none is asked for."""
        return ""

    def not_sent(self) -> Move:
        """Where the journey goes on when the message has not gone."""
        return Next()

    def past(self) -> str:
        return "it went"

    def messages(self) -> tuple[tuple[str, str], ...]:
        named = ((self.kind, self.text), *((("when_stale", self.instead),) if self.instead else ()))
        return tuple((key, text_of(name, channel)) for key, name in named for channel in self.channels)

    def pins(self) -> tuple[str, ...]:
        return self.sends() if self.pin else ()

    @property
    def instead(self) -> str:
        """The text that is sent in place of one out of date; '' if there is none."""
        return self.when_stale.removeprefix("send ") if self.when_stale.startswith("send ") else ""

    def attempt(self, desk: Desk) -> Move:
        return Asked(self._message(desk, self.text, 0))

    def _message(self, desk: Desk, name: str, ordinal: int) -> SendMessage:
        pace = desk.state.pace
        late = self.stale_after if ordinal == 0 else None
        pinned = desk.journey.pinned if self.pin else {}
        others = {text: pinned[text] for text in (text_of(name, way) for way in self.channels) if text in pinned}
        return SendMessage(
            id=desk.effect_id(ordinal),
            message=name,
            vars=desk.vars,
            not_after=desk.at + durations.parse(late) / pace if late else None,
            ask_when_stale=self.when_stale == "ask",
            alert=self.on_unknown == "alert",
            question=self.question(),
            dedupe=durations.parse(self.dedupe).total_seconds() / pace if self.dedupe else None,
            text=pinned.get(name, ""),
            channels=self.channels if self.channels != (EMAIL,) else (),
            texts={text: digest for text, digest in others.items() if text != name},
        )

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        late = done.effect == desk.effect_id(INSTEAD)
        name = self.instead if late else self.text
        if done.outcome == "accepted":
            return self.sent(desk, done)
        failure = unsent(name, done)
        if done.outcome == "expired" and self.instead and not late:
            desk.decide(f'{failure.said}; "{self.instead}" is sent instead.')
            return Asked(self._message(desk, self.instead, INSTEAD))
        if done.outcome != "unknown":
            return self.failed(desk, failure, self.not_sent())
        if self.on_unknown == "stop":
            desk.decide(f"{failure.said}; the journey ends.")
            return Finish("unknown", f'Nobody can say whether the message "{name}" went out.')
        desk.decide(f"{failure.said}; the journey goes on.")
        return self.sent(desk, done)


def unsent(name: str, done: EffectDone) -> Failure:
    """How a message did not go."""
    reason = str(done.value.get("reason") or "")
    said = _SAY.get(done.outcome, done.outcome)
    return Failure(done.outcome, reason, f'The message "{name}" was {said}{f" ({reason})" if reason else ""}')


_SAY = {
    "refused": "refused by the customer's mail server",
    "failed": "not sent",
    "suppressed": "not sent",
    "expired": "out of date and not sent",
    "unknown": "handed over, but the connection was lost before the answer",
}
