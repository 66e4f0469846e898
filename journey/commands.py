"""What people order a running journey to do. Each is one input of the machine, in the same sequence as events.

A command that does not fit changes nothing, and the turn says why (``Turn.refused``).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from journey.model import Kinded
from journey.time.calendar import Calendar
from journey.time.wall import LocalTime

CANCELLED = "cancelled"
ERASED = "erased"


class Order(Kinded):
    """What all commands share: when it was accepted (UTC), who gave it and why."""

    at: datetime
    by: str = ""
    reason: str = ""


class Pause(Order):
    """Keep the place: nothing is begun until somebody resumes. Deadlines go on; exit and goal still count."""

    kind: Literal["pause"] = "pause"


class Resume(Order):
    """Go on. What came meanwhile is applied in its order. ``waits``: ``keep`` the deadlines (one that has passed takes
    effect now) or ``extend`` them by the length of the pause."""

    kind: Literal["resume"] = "resume"
    waits: Literal["keep", "extend"] = "keep"


class Skip(Order):
    """Leave the step where it stands, as if it were done, and go on after it. ``step``: only if it stands there."""

    kind: Literal["skip"] = "skip"
    step: str = ""


class MoveTo(Order):
    """Go on with another step, by its id. ``step``: only if it stands there."""

    kind: Literal["move"] = "move"
    to: str
    step: str = ""


class Cancel(Order):
    """End the journey at once, without closing steps."""

    kind: Literal["cancel"] = "cancel"
    outcome: str = CANCELLED


class Migrate(Order):
    """Go on with another version of the journey. ``version`` is its content hash and ``plan`` what it says (filled in
    and ``local`` what counts as local time then, both filled in when it is delivered); ``from_version`` the version it
    must be on. A step keeps its place by its uid, or goes where
    ``map`` says, or ends with the outcome that ``ends`` says. ``waits``: ``keep`` a deadline, or ``restart`` the step.
    """

    kind: Literal["migrate"] = "migrate"
    version: str
    from_version: str = ""
    plan: dict[str, Any] = Field(default_factory=dict)
    local: LocalTime | None = None
    map: dict[str, str] = Field(default_factory=dict)
    ends: dict[str, str] = Field(default_factory=dict)
    waits: Literal["keep", "restart"] = "keep"


class Erase(Order):
    """End the journey and forget what it knows of the customer."""

    kind: Literal["erase"] = "erase"


class Retime(Order):
    """A calendar is another one by now: clocks that count in it get their new time. ``local`` is what counts from now
    on, ``was`` the calendars that counted, by their versions (both filled in when it is delivered)."""

    kind: Literal["retime"] = "retime"
    local: LocalTime | None = None
    was: dict[str, Calendar] = Field(default_factory=dict)


Command = Retime | Pause | Resume | Skip | MoveTo | Cancel | Migrate | Erase
AnyCommand = Annotated[Command, Field(discriminator="kind")]
