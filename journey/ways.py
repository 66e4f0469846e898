"""The ways through a step, in words: what leads into each of its blocks."""

from typing import Any

from journey.definition import Journey
from journey.steps import Step
from journey.turn import Way

_BLOCKS = {"then": "it came", "do": "each round"}


def ways(journey: Journey) -> tuple[Way, ...]:
    """Every way that can be taken: exits, goal, then the blocks of every step in reading order."""
    outs = [Way("", f"exit/{number}") for number in range(len(journey.exit))]
    outs += [Way("", "goal")] if journey.goal else []
    inside = [Way(spot.step.id, block) for spot in journey.spots.values() for block, _ in spot.step.blocks()]
    return (*outs, *inside)


def label(step: Step, block: str) -> str:
    """What leads into a block, in a few words: a condition, an event, ``not within 5 days``, the name of an arm."""
    parts = block.split("/")
    if len(parts) == 1:
        limit = getattr(step, "up_to", None) or getattr(getattr(step, step.kind), "up_to", None)
        return f"not within {limit}" if block == "otherwise" and limit else _BLOCKS.get(block, block)
    branch: Any = getattr(step, parts[0])
    for part in parts[1:-1]:
        branch = branch[int(part)] if part.isdigit() else getattr(branch, part)
    if getattr(branch, "percent", None) is not None:
        return f"{branch.percent:g} % {branch.as_}"
    words = [getattr(branch, name, None) for name in ("for_", "if_", "as_")]
    return next((str(word) for word in words if word), parts[-1])
