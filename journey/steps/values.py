"""Values as authors write them: taken as written, or worked out when they begin with ``= ``, as in a spreadsheet."""

from collections.abc import Iterator
from typing import Any

from journey.conditions import Judgement
from journey.steps.base import Use
from journey.turn import Desk


def formula(given: Any) -> str | None:
    """The expression of a value that begins with ``= ``; None for every other value."""
    return given[2:] if isinstance(given, str) and given.startswith("= ") else None


def work_out(desk: Desk, given: Any) -> tuple[Any, str]:
    """A value with every formula inside it worked out, and the first reason why one cannot be ('' if all can)."""
    source = formula(given)
    if source is not None:
        judgement: Judgement = desk.judge(source)
        return judgement.value, f"{source}: {judgement.problem}" if judgement.problem else ""
    if isinstance(given, dict):
        found = {key: work_out(desk, item) for key, item in given.items()}
        return {key: value for key, (value, _) in found.items()}, _first(problem for _, problem in found.values())
    if isinstance(given, list):
        items = [work_out(desk, item) for item in given]
        return [value for value, _ in items], _first(problem for _, problem in items)
    return given, ""


def uses(given: Any, path: tuple[str | int, ...]) -> Iterator[Use]:
    """The formulas inside a value, each with where it stands."""
    source = formula(given)
    if source is not None:
        yield Use(path, source, condition=False)
    elif isinstance(given, (dict, list)):
        for key, item in given.items() if isinstance(given, dict) else enumerate(given):
            yield from uses(item, (*path, key))


def _first(problems: Iterator[str]) -> str:
    return next((problem for problem in problems if problem), "")
