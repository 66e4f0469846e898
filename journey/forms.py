"""Whether what a person filled in is what a task asked for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from journey.declared.fields import DeclaredField, Fields
from journey.declared.values import check


def typed(form: Fields, said: Mapping[str, str]) -> dict[str, Any]:
    """What was written into a form of text fields, as values of the types that are asked for; what is empty is left
    out, and what cannot be read stays as it was written, so that it can be told."""
    return {name: _value(field, said[name]) for name, field in form.items() if said.get(name, "").strip()}


def _value(field: DeclaredField, text: str) -> Any:
    if field.one_of is not None or field.type in TEXTS:
        return text.strip()
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


TEXTS = ("text", "date", "moment", "amount", "currency")
"""Types whose values are written as text."""


def wrong(form: Fields, outcomes: Sequence[str], outcome: str, answers: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with an outcome and its answers, in sentences; nothing if it can be taken."""
    found = []
    if outcomes and outcome not in outcomes:
        said = f'"{outcome}" is not an outcome of this task' if outcome else "The outcome is missing"
        found.append(f"{said}. Choose one of {', '.join(outcomes)}.")
    for violation in check(form, answers, closed=True):
        found.append(f"{violation.pointer.removeprefix('/')}: {violation.what} {violation.remedy}")
    return found
