"""The step kinds: one file each, and this one visible table."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from journey.steps.ask import Ask
from journey.steps.base import Step
from journey.steps.call import Call
from journey.steps.choose import Branch, Choose
from journey.steps.clock import ClockStep, Warned
from journey.steps.collect import Collect
from journey.steps.finish import FinishStep
from journey.steps.goto import Goto
from journey.steps.note import Note
from journey.steps.notify import Notify
from journey.steps.race import Lane, Race
from journey.steps.repeat import Repeat
from journey.steps.send import Send
from journey.steps.sending import Sending
from journey.steps.set import Set
from journey.steps.split import Arm, Split
from journey.steps.start import End, StartStep
from journey.steps.task import Task
from journey.steps.throttle import Throttle
from journey.steps.trying import Trying
from journey.steps.wait import Wait

STEPS: dict[str, type[Step]] = {
    "send": Send,
    "ask": Ask,
    "wait": Wait,
    "race": Race,
    "collect": Collect,
    "choose": Choose,
    "split": Split,
    "repeat": Repeat,
    "set": Set,
    "note": Note,
    "notify": Notify,
    "task": Task,
    "call": Call,
    "start": StartStep,
    "throttle": Throttle,
    "clock": ClockStep,
    "goto": Goto,
    "finish": FinishStep,
}


def kind_of(value: Any) -> str | None:
    """The kind of a step as written: the one key that names a kind; None if there is none or more than one."""
    if isinstance(value, Step):
        return value.kind
    kinds = [key for key in value if key in STEPS] if isinstance(value, dict) else []
    return kinds[0] if len(kinds) == 1 else None


AnyStep = Annotated[
    Annotated[Send, Tag("send")]
    | Annotated[Ask, Tag("ask")]
    | Annotated[Wait, Tag("wait")]
    | Annotated[Race, Tag("race")]
    | Annotated[Collect, Tag("collect")]
    | Annotated[Choose, Tag("choose")]
    | Annotated[Split, Tag("split")]
    | Annotated[Repeat, Tag("repeat")]
    | Annotated[Set, Tag("set")]
    | Annotated[Note, Tag("note")]
    | Annotated[Notify, Tag("notify")]
    | Annotated[Task, Tag("task")]
    | Annotated[Call, Tag("call")]
    | Annotated[StartStep, Tag("start")]
    | Annotated[Throttle, Tag("throttle")]
    | Annotated[ClockStep, Tag("clock")]
    | Annotated[Goto, Tag("goto")]
    | Annotated[FinishStep, Tag("finish")],
    Discriminator(kind_of),
]

_WITH_STEPS = (
    Trying, Sending, Send, Ask, Notify, Branch, Choose, Wait, Lane, Race, Arm, Split, Repeat, Throttle, Call, End,
    StartStep, Task, Warned, ClockStep,
)  # fmt: skip
for _model in _WITH_STEPS:
    _model.model_rebuild(_types_namespace={**globals(), "Field": Field})

__all__ = ["STEPS", "AnyStep", "Step", "kind_of"]
