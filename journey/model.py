"""The base of every value in this room: frozen, strict about unknown fields, the same in YAML, JSON and Python."""

from typing import Any

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
