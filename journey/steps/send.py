"""``send: welcome``: a message to the customer. The journey holds its place until the message has gone or cannot go.

With a ``window`` a message that comes while it is closed is held back, alone: the journey goes on, and the message goes
out beside the way when the window opens.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from journey.state import Aside
from journey.steps.base import Name
from journey.steps.moments import Window, is_calendar, window_of
from journey.steps.sending import Sending
from journey.steps.trying import AGAIN
from journey.time import business
from journey.turn import Desk, Move, Next


class Send(Sending):
    """The name of a text in ``definitions/messages/``."""

    kind: ClassVar[str] = "send"
    send: Annotated[Name, Field(description="the name of a text in definitions/messages/, without .md")]
    window: Annotated[
        Window | None, Field(description="hours in which it may go out; outside them it waits alone, not the journey")
    ] = None

    def words(self) -> str:
        return f"✉ {self.send}"

    def enter(self, desk: Desk) -> Move:
        if self.window is None:
            return self.attempt(desk)
        calendar = window_of(desk, self.window)
        opens, used = business.next_open(calendar, desk.wall.now), desk.wall.used(calendar)
        if opens == desk.wall.now:
            desk.decide(f"It is within {self.window} now.", values=used)
            return self.attempt(desk)
        opening, here = desk.wall.real(opens), dict(desk.here)
        aside = Aside(at=opening, step=self.uid, what="send", visit=desk.visits[self.uid], here=here)
        desk.put_aside([*desk.asides, aside])
        said = f'"{self.send}" is held back until {self.window} opens on {desk.wall.say(opens)}; the journey goes on.'
        desk.decide(said, values=used)
        return Next()

    def aside(self, desk: Desk, aside: Aside) -> Move:
        desk.here.pop(AGAIN, None)
        return self.attempt(desk)

    def reads_zone(self) -> bool:
        return self.window is not None

    def calendars(self) -> tuple[str, ...]:
        return (self.window,) if self.window is not None and is_calendar(self.window) else ()

    def beside(self) -> bool:
        return self.window is not None
