"""Whether what a person filled in is what a task asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from journey.declared.fields import Fields
from journey.declared.values import check


def wrong(form: Fields, outcomes: Sequence[str], outcome: str, answers: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with an outcome and its answers, in sentences; nothing if it can be taken."""
    found = []
    if outcomes and outcome not in outcomes:
        said = f'"{outcome}" is not an outcome of this task' if outcome else "The outcome is missing"
        found.append(f"{said}. Choose one of {', '.join(outcomes)}.")
    for violation in check(form, answers, closed=True):
        found.append(f"{violation.pointer.removeprefix('/')}: {violation.what} {violation.remedy}")
    return found
