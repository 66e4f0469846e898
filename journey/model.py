"""The base of every value in this room: frozen, strict about unknown fields, the same in YAML, JSON and Python."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value; a field it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
