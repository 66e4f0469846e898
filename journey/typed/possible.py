"""What the worlds say about conditions: one that can never hold, one that always does, one that a gap turns around."""

from collections.abc import Sequence
from dataclasses import dataclass

from journey.typed.infer import Reading
from journey.typed.syntax import Node
from journey.typed.worlds import MISSING, Worlds

Read = tuple[Node, Reading]


@dataclass(frozen=True)
class Verdict:
    """What the worlds say of one condition: whether it holds in none or in all of them, and the field whose absence
    makes it false although it reads as true without it (``customer.plan != "pro"``), if there is one."""

    never: bool = False
    always: bool = False
    turned_by: str = ""


def look(condition: Read) -> Verdict:
    """Go through the worlds of a condition; of too many nothing is said."""
    node, worlds = condition[0], Worlds([condition])
    if not worlds.small_enough:
        return Verdict()
    never = always = True
    gap = ""
    for world in worlds:
        truth = worlds.truth(node, world)
        never, always = never and truth is not True, always and truth is True
        if truth is None and not gap and worlds.truth(node, world, missing=False) is True:
            gap = ".".join(next(path for path, value in world.items() if value is MISSING))
    return Verdict(never, always, gap)


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
