"""The order of keys in each kind of file: that of the models, in which the manual tells them."""

from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from journey.layout.source import Group, Scalar
from journey.shape import BLOCKS
from journey.steps import STEPS, Step

LATER = (
    "up to", "since", "into", "fields", "example", "do", "then", "outcomes", "overtaken by", "otherwise", "on_past",
    "on_invalid", "on_failure", "else",
)  # fmt: skip
"""Keys that come after the others, in this order: limits after what is waited for, and what is long at the end."""


@dataclass(frozen=True)
class Kind:
    """What a group is: described by ``model``, a step of any kind, or one whose keys the author chose (``free``) and
    whose values are of that model."""

    model: type[BaseModel] | None = None
    step: bool = False
    free: bool = False


def put_in_order(value: Scalar | Group, kind: Kind) -> None:
    """Sort the keys of every mapping that a model describes; all others stay as they are."""
    if not isinstance(value, Group):
        return
    model = kind.model
    if not value.is_list and kind.step:
        model = next((STEPS[entry.key] for entry in value.entries if entry.key in STEPS), None)
    if not value.is_list and not kind.free and model is not None:
        keys = _keys(model)
        value.entries.sort(key=lambda entry: keys.index(entry.key) if entry.key in keys else len(keys))
    for entry in value.entries:
        if value.is_list:
            put_in_order(entry.value, kind)
        elif kind.free:
            put_in_order(entry.value, Kind(model))
        else:
            put_in_order(entry.value, _inside(model, entry.key or ""))


def _keys(model: type[BaseModel]) -> list[str]:
    names = [field.alias or name for name, field in model.model_fields.items()]
    names.sort(key=lambda name: LATER.index(name) + 1 if name in LATER else 0)
    first = ("id", "was", model.kind) if issubclass(model, Step) else ()  # what it is called, and what it does
    return [*first, *(name for name in names if name not in first)]


def _inside(model: type[BaseModel] | None, key: str) -> Kind:
    """What a key holds."""
    for name, field in model.model_fields.items() if model is not None else ():
        if key in (name, field.alias):
            if key in BLOCKS:
                return Kind(step=True)
            return Kind(_model_in(field.annotation), free=_is_free(field.annotation))
    return Kind()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _is_free(annotation: Any) -> bool:
    return get_origin(annotation) is dict
