"""`wayfare fmt`: definition files in one layout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def fmt(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; every YAML file of the definitions without any.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say which files would change; fail if any.")] = False,
) -> int:
    """Lay out definition files: keys in their order, two spaces, comments kept. What they mean stays the same.

    Examples:

      wayfare fmt

      wayfare fmt definitions/onboarding.yaml

      wayfare fmt --check                    in CI
    """
    from cli.definitions import yaml_files
    from journey.layout.files import laid_out
    from journey.problems import Problem, render_all
    from store.definition_files import read_file

    changed = unreadable = 0
    for file, path in yaml_files(files or []):
        text = read_file(file, str(file))
        if isinstance(text, Problem):
            print(text.render())
            unreadable += 1
            continue
        made, problems = laid_out(text, path, str(file))
        if problems:
            print(render_all(problems, {str(file): text}))
            unreadable += any(not problem.warning for problem in problems)
        elif made != text:
            changed += 1
            print(f"{file} {'would be laid out anew' if check else 'is laid out anew'}.")
            if not check:
                file.write_text(made, encoding="utf-8")
    if not changed and not unreadable:
        print("Every file is in the one layout.")
    return 1 if unreadable or (check and changed) else 0
