"""`wayfare diff`: what changed in meaning."""

from __future__ import annotations

from typing import Annotated

import typer


def diff(
    old: Annotated[str, typer.Argument(help="A folder, a file, or git:<revision>.")] = "git:HEAD",
    new: Annotated[str, typer.Argument(help="The same; the definitions in force without it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> int:
    """Say what changed between two sets of definitions in meaning, not in text, and whom it reaches.

    Without arguments: what you have changed since the last commit.

    Examples:

      wayfare diff

      wayfare diff git:main

      wayfare diff git:v1.0 git:v1.1

      wayfare diff old/onboarding.yaml definitions/onboarding.yaml --json
    """
    import json
    from dataclasses import asdict

    from cli.revisions import side
    from journey.changes.libraries import changes, told_by_reach
    from workers.settings import settings_in_force

    before, after = side(old), side(new or str(settings_in_force().definitions))
    found = changes(before, after)
    if as_json:
        print(json.dumps([asdict(change) for change in found], indent=2, ensure_ascii=False))
        return 0
    if not found:
        print("Nothing has changed in meaning.")
    for line in told_by_reach(found):
        print(line)
    if before.library is None or after.library is None:
        print("Only journeys were compared.")
    return 0
