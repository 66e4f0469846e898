"""``send: welcome``: a message to the customer. The journey holds its place until the message has gone or cannot go."""

from typing import Annotated, ClassVar

from pydantic import Field

from journey.effects import SendMessage
from journey.inputs import EffectDone
from journey.steps.base import Name, Step
from journey.turn import Asked, Desk, Move, Next


class Send(Step):
    """The name of a text in ``definitions/messages/``."""

    kind: ClassVar[str] = "send"
    send: Annotated[Name, Field(description="the name of a text in definitions/messages/, without .md")]

    def enter(self, desk: Desk) -> Move:
        return Asked(SendMessage(id=desk.effect_id(), message=self.send, vars=desk.vars))

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        if done.outcome != "accepted":
            reason = f" ({done.value['reason']})" if done.value.get("reason") else ""
            said = _SAY.get(done.outcome, done.outcome)
            desk.decide(f'The message "{self.send}" was {said}{reason}; the journey goes on.')
        return Next()


_SAY = {
    "refused": "refused by the customer's mail server",
    "failed": "not sent",
    "suppressed": "not sent",
    "unknown": "handed over, but the connection was lost before the answer",
}
