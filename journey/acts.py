"""What a person may do to a journey that a customer is on: in words, and the command that it is.

One act is one command in the instance's sequence. It is given by somebody who has seen where the instance stands, and
takes effect once, there, or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from journey.commands import Cancel, Command, MoveTo, Pause, Resume, Skip

LONGEST_REASON = 300


@dataclass(frozen=True)
class Act:
    """``verb`` is what the button says, ``says`` what it does, ``done`` what is said of many to whom it was done.
    ``why``: whether a reason must be given. ``grave``: it cannot be taken back."""

    verb: str
    says: str
    done: str
    why: bool = False
    grave: bool = False


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "pause": Act(
            "Pause",
            "It keeps its place, and nothing is begun until somebody resumes it. Exit and goal still count.",
            "paused",
        ),
        "resume": Act("Resume", "It goes on; what came meanwhile is applied in its order.", "resumed"),
        "skip": Act(
            "Skip this step", "It leaves the step as if that were done, and goes on after it.", "moved on", why=True
        ),
        "move": Act("Move to a step", "It goes on with the step you choose.", "moved", why=True),
        "again": Act(
            "Do this step again",
            "The step where it stands begins once more; a message of that step is sent once more.",
            "begun again",
            why=True,
        ),
        "cancel": Act(
            "End this journey",
            "It ends at once, without its closing steps. This cannot be taken back.",
            "ended",
            why=True,
            grave=True,
        ),
    }
)
"""Every act by its name, in the order in which they are offered; the name is also the right that it takes."""


def unfit(name: str, state: str, step: str | None, *, paused: bool) -> str:
    """Why an act makes no sense for an instance that stands so; '' if it does. The machine has the last word."""
    if state != "running":
        return "it has ended"
    if name == "pause" and paused:
        return "it is paused already"
    if name == "resume" and not paused:
        return "it is not paused"
    if name in ("skip", "again", "move") and not step:
        return "it has not begun yet"
    return ""


def command(
    name: str,
    *,
    at: datetime,
    by: str,
    reason: str = "",
    step: str = "",
    to: str = "",
    waits: Literal["keep", "extend"] = "keep",
) -> Command:
    """The command that an act is; ``step`` is where the instance was seen, ``to`` where it is to go."""
    said: dict[str, Any] = {"at": at, "by": by, "reason": reason[:LONGEST_REASON]}
    if name == "pause":
        return Pause(**said)
    if name == "resume":
        return Resume(**said, waits=waits)
    if name == "skip":
        return Skip(**said, step=step)
    if name == "cancel":
        return Cancel(**said)
    return MoveTo(**said, step=step, to=to if name == "move" else step)
