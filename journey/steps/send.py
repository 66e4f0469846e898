"""``send: welcome``: a message to the customer. The journey holds its place until the message has gone or cannot go."""

from typing import Annotated, ClassVar

from pydantic import Field

from journey.steps.base import Name
from journey.steps.sending import Sending


class Send(Sending):
    """The name of a text in ``definitions/messages/``."""

    kind: ClassVar[str] = "send"
    send: Annotated[Name, Field(description="the name of a text in definitions/messages/, without .md")]

    def words(self) -> str:
        return f"✉ {self.send}"
