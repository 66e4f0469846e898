"""The step kinds: one file each, and this one visible table."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from journey.steps.base import Step
from journey.steps.choose import Branch, Choose
from journey.steps.finish import FinishStep
from journey.steps.note import Note
from journey.steps.notify import Notify
from journey.steps.send import Send
from journey.steps.set import Set
from journey.steps.wait import Wait

STEPS: dict[str, type[Step]] = {
    "send": Send,
    "wait": Wait,
    "choose": Choose,
    "set": Set,
    "note": Note,
    "notify": Notify,
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
    | Annotated[Wait, Tag("wait")]
    | Annotated[Choose, Tag("choose")]
    | Annotated[Set, Tag("set")]
    | Annotated[Note, Tag("note")]
    | Annotated[Notify, Tag("notify")]
    | Annotated[FinishStep, Tag("finish")],
    Discriminator(kind_of),
]

for _model in (Branch, Choose, Wait):
    _model.model_rebuild(_types_namespace={"AnyStep": AnyStep, "Branch": Branch, "Annotated": Annotated})

__all__ = ["STEPS", "AnyStep", "Step", "kind_of"]
