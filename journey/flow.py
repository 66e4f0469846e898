"""The paths through a journey: which step can follow which."""

from collections.abc import Iterable, Iterator

from journey.definition import Journey, Spot, walk
from journey.steps import Step


def following(spot: Spot) -> tuple[str, ...]:
    """The steps that can come directly after this one."""
    step = spot.step
    targets = [*spot.blocks.values(), step.goes_to(), spot.after if step.goes_on() else None]
    return tuple(dict.fromkeys(target for target in targets if target is not None))


def ways(spot: Spot) -> Iterator[tuple[str, str]]:
    """The ways out of a step: the block it goes into ('' straight on), and the step that comes next."""
    yield from ((block, target) for block, target in spot.blocks.items() if target is not None)
    straight = [spot.step.goes_to(), spot.after if spot.step.goes_on() else None]
    yield from (("", target) for target in straight if target is not None)


def reachable(journey: Journey, standing: Iterable[str] | None = None) -> frozenset[str]:
    """The steps that some customer may reach; with ``standing``, one who stands at one of these steps now."""
    begun = [journey.first] if standing is None else standing
    open_ids = [*begun, *(watch.do[0].id for watch in journey.watches if watch.do)]
    found: set[str] = set()
    while open_ids:
        step_id = open_ids.pop()
        if step_id not in found and step_id in journey.spots:
            found.add(step_id)
            open_ids += following(journey.spots[step_id])
    return frozenset(found)


def endless(journey: Journey) -> Iterator[str]:
    """The steps that lead back to themselves without a wait between."""
    for step_id, spot in journey.spots.items():
        if spot.step.goes_to() and _leads_back(journey, step_id):
            yield step_id


def _leads_back(journey: Journey, origin: str) -> bool:
    open_ids = list(following(journey.spots[origin]))
    seen: set[str] = set()
    while open_ids:
        step_id = open_ids.pop()
        if step_id == origin:
            return True
        if step_id in seen or step_id not in journey.spots or journey.spots[step_id].step.must_rest():
            continue
        seen.add(step_id)
        open_ids += following(journey.spots[step_id])
    return False


def closing_steps(journey: Journey) -> Iterator[str]:
    """The ids of the steps in exits and goal, in reading order."""
    for watch in journey.watches:
        for step in walk(watch.do):
            yield step.id


def preceding(journey: Journey) -> dict[str, list[str]]:
    """For each step the steps that can come directly before it."""
    found: dict[str, list[str]] = {step_id: [] for step_id in journey.spots}
    for step_id, spot in journey.spots.items():
        for target in following(spot):
            if target in found:
                found[target].append(step_id)
    return found


def at_once_before(journey: Journey, before: dict[str, list[str]], step_id: str) -> list[Step]:
    """The other steps that may be done in the same moment before this one, nearest first; see ``preceding``."""
    found: dict[str, Step] = {}
    open_ids = list(before.get(step_id, ()))
    while open_ids:
        nearest = open_ids.pop(0)
        if nearest not in found and nearest != step_id and not journey.spots[nearest].step.may_rest():
            found[nearest] = journey.spots[nearest].step
            open_ids += before[nearest]
    return list(found.values())


def sent_at_once(journey: Journey, before: dict[str, list[str]]) -> dict[str, int]:
    """How many messages at most have gone out in the same moment before each step; see ``preceding``."""
    counts: dict[str, int] = {}

    def most(step_id: str) -> int:
        if step_id not in counts:
            counts[step_id] = 0  # a way that leads back here adds nothing
            ways = [one for one in before[step_id] if not journey.spots[one].step.may_rest()]
            counts[step_id] = max((bool(journey.spots[one].step.sends()) + most(one) for one in ways), default=0)
        return counts[step_id]

    for step_id in before:  # in reading order, so that a long file is no deep recursion
        most(step_id)
    return counts
