"""`wayfare schema`: the JSON Schemas that editors use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def schema(
    folder: Annotated[Path | None, typer.Argument(help="Where to write; <definitions>/schemas without it.")] = None,
) -> int:
    """Write the JSON Schemas of every kind of definition file, for completion in editors."""
    from journey.schema import KINDS
    from journey.schema import schema as made
    from workers.settings import settings_in_force

    place = folder or settings_in_force().definitions / "schemas"
    place.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        file = place / f"{kind}.schema.json"
        file.write_text(json.dumps(made(kind), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{file} is written.")
    return 0
