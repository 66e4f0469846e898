"""The secrets for headers of calls: one file, read when the worker starts; each is bound to one host."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from activities.services import Secret
from workers.mistakes import UserMistake


class _Line(BaseModel):
    """One entry of the file."""

    model_config = ConfigDict(extra="forbid")

    host: Annotated[str, Field(min_length=1)]
    value: Annotated[str, Field(min_length=1, pattern=r"^[\x20-\x7e]+$")]


_FILE = TypeAdapter(dict[str, _Line])


def read(path: Path | None) -> dict[str, Secret]:
    """The secrets by name; none without a file. Raises UserMistake, which names no value."""
    if path is None:
        return {}
    try:
        given = yaml.safe_load(path.read_text())
        lines = _FILE.validate_python(given or {})
    except OSError as error:
        raise UserMistake(f"WAYFARE_CALL_SECRETS: {path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UserMistake(f"WAYFARE_CALL_SECRETS: {path} is not YAML.") from None
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, one["loc"])) or "the file" for one in error.errors()}))
        expected = "write name: {host: desk.example.org, value: Bearer …}"
        raise UserMistake(f"WAYFARE_CALL_SECRETS: {path} is wrong at {places}; {expected}.") from None
    return {name: Secret(line.host, line.value) for name, line in lines.items()}
