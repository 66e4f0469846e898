"""What the worlds say about conditions: one that can never hold, one that always does, one that a gap turns around."""

from collections.abc import Sequence

from journey.typed.infer import Reading
from journey.typed.syntax import Node
from journey.typed.worlds import MISSING, Worlds

Read = tuple[Node, Reading]


def never(condition: Read) -> bool:
    """Whether a condition holds in no world."""
    worlds = Worlds([condition])
    return worlds.small_enough and all(worlds.truth(condition[0], world) is not True for world in worlds)


def always(condition: Read) -> bool:
    """Whether a condition holds in every world."""
    worlds = Worlds([condition])
    return worlds.small_enough and all(worlds.truth(condition[0], world) is True for world in worlds)


def turned_by_a_gap(condition: Read) -> str:
    """The field whose absence makes a condition false that reads as true without it (``customer.plan != "pro"``); ''
    if there is none."""
    worlds = Worlds([condition])
    for world in worlds if worlds.small_enough else ():
        node = condition[0]
        if worlds.truth(node, world) is None and worlds.truth(node, world, missing=False) is True:
            return ".".join(next(path for path, value in world.items() if value is MISSING))
    return ""


def never_taken(conditions: Sequence[Read]) -> list[int]:
    """Which of some conditions, asked in this order until one holds, never get their turn and hold."""
    worlds = Worlds(conditions)
    if not worlds.small_enough:
        return []
    taken: set[int] = set()
    for world in worlds:
        for number, (node, _) in enumerate(conditions):
            if worlds.truth(node, world) is True:
                taken.add(number)
                break
    return [number for number in range(len(conditions)) if number not in taken]


def covers(conditions: Sequence[Read]) -> bool:
    """Whether one of some conditions always holds, so that nothing is left for ``else``."""
    worlds = Worlds(conditions)
    return worlds.small_enough and all(
        any(worlds.truth(node, world) is True for node, _ in conditions) for world in worlds
    )
