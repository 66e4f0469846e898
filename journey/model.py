"""The base of every value in this room: frozen, strict about unknown fields, the same in YAML, JSON and Python."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


class Mistake(ValueError):
    """What an author wrote wrong in a value, at which keys inside it, what to do, and the code of the rule."""

    def __init__(self, message: str, *path: str | int, hint: str = "", rule: str = "bad-value") -> None:
        super().__init__(message)
        self.path, self.hint, self.rule = path, hint, rule


class Frozen(BaseModel):
    """An immutable value; a field it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kinded(Frozen):
    """A value of one of several kinds; its JSON says which, even where defaults are left out."""

    kind: str

    @model_serializer(mode="wrap")
    def _with_kind(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"kind": self.kind, **handler(self)}


M = TypeVar("M", bound=Frozen)


def made(kind: type[M], values: dict[str, Any]) -> M:
    """A value of parts that are known to be right: they are not checked again, which costs more than all else at every
    turn of the machine. Use it only there."""
    fixed, fresh = _defaults(kind)
    parts = {**fixed, **values}
    for name, make in fresh:
        if name not in values:
            parts[name] = make()
    return _of(kind, parts)


def changed(value: M, update: dict[str, Any]) -> M:
    """The same value but for these parts, which are not checked (see ``made``)."""
    return _of(type(value), {**value.__dict__, **update})


@cache
def _defaults(kind: type[Frozen]) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...]]:
    """The fields in their order, each with its default; and those whose default is made anew each time."""
    fields = kind.model_fields
    fresh = tuple((name, field.default_factory) for name, field in fields.items() if field.default_factory is not None)
    return {name: field.default for name, field in fields.items()}, fresh


@cache
def _names(kind: type[Frozen]) -> frozenset[str]:
    return frozenset(kind.model_fields)


def _of(kind: type[M], parts: dict[str, Any]) -> M:
    """What pydantic's own ``model_construct`` makes, without asking which of the parts are defaults."""
    new = kind.__new__(kind)
    put = object.__setattr__
    put(new, "__dict__", parts)
    put(new, "__pydantic_fields_set__", set(_names(kind)))
    put(new, "__pydantic_extra__", None)
    put(new, "__pydantic_private__", None)
    return new
