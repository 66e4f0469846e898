"""`wayfare settings`: every setting, its value in force, its default and its meaning."""

from __future__ import annotations

from typing import Annotated

import typer


def settings(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON, for scripts.")] = False,
) -> int:
    """Show every setting, its value and its meaning."""
    import json

    from workers.settings import settings_in_force

    rows = settings_in_force().rows()
    if as_json:
        print(json.dumps([row._asdict() for row in rows], indent=2))
        return 0
    for row in rows:
        default = f"set here; the default is {row.default}" if row.given else "the default"
        print(f"{row.name}={row.value}\n    {row.sentence}\n    ({default})")
    return 0
