"""Which step of the old version is which of the new one.

Container by container, from the outside in: first what says the same in the same order, then what goes by the same
name, then what is of the same kind between the same neighbours (a wait that is longer now has another derived name).
What is left is looked for anywhere: by the name that survives renaming, at last by what it says.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from journey.changes.values import own
from journey.definition import Journey
from journey.steps import Step

Container = tuple[str, str]
"""Where steps stand: the id of the step they are in, and the way in; no id at the top (``steps``, ``goal``, …). A way
among several goes by its words (``choose/0/do`` would be another one when a branch is put before it)."""


@dataclass(frozen=True)
class Placed:
    """A step, where it stands, and what is before it there (None: it is the first)."""

    step: Step
    inside: Container
    before: Step | None


def placed(journey: Journey) -> dict[str, Placed]:
    """Every step by its id, in reading order."""
    return {entry.step.id: entry for container, steps in _tops(journey) for entry in _placed(steps, container)}


def _tops(journey: Journey) -> Iterator[tuple[Container, tuple[Step, ...]]]:
    for watch in journey.watches:
        place = "goal" if watch is journey.goal else f"exit/{watch.on}/{watch.as_}"
        yield ("", place), watch.do
    yield ("", "steps"), journey.steps


def _placed(steps: tuple[Step, ...], container: Container) -> Iterator[Placed]:
    before: Step | None = None
    for step in steps:
        yield Placed(step, container, before)
        before = step
        for block, inner in step.blocks():
            yield from _placed(inner, (step.id, way(step, block)))


def way(step: Step, block: str) -> str:
    """What a way goes by."""
    return step.label(block) if "/" in block else block


def same_ways(old: Step, new: Step) -> dict[str, str]:
    """The ways of the old step by what they go by in the new one; edited ones are paired in their order."""
    before, after = ([way(step, block) for block, _ in step.blocks()] for step in (old, new))
    gone, fresh = [name for name in before if name not in after], [name for name in after if name not in before]
    return {name: name for name in before if name in after} | dict(zip(gone, fresh, strict=False))


def pairs(old: Mapping[str, Placed], new: Mapping[str, Placed]) -> dict[str, str]:
    """The ids of the old steps that are still there, each with its id in the new version."""
    found: dict[str, str] = {}
    before, after = _containers(old), _containers(new)
    open_containers = [(container, container) for container in before if not container[0] and container in after]
    while open_containers:
        here, there = open_containers.pop()
        for one, other in _beside(before[here], after[there]):
            found[one.id] = other.id
            ways = same_ways(one, other).items()
            inner = [((one.id, way), (other.id, name)) for way, name in ways]
            open_containers += [(way, name) for way, name in inner if way in before and name in after]
    _anywhere(old, new, found, lambda step: f"{step.kind} {step.uid}")
    _anywhere(old, new, found, lambda step: repr(step.model_copy(update={"id": "", "was": None})))
    return {name: found[name] for name in old if name in found}


def _containers(entries: Mapping[str, Placed]) -> dict[Container, list[Step]]:
    made: dict[Container, list[Step]] = {}
    for entry in entries.values():
        made.setdefault(entry.inside, []).append(entry.step)
    return made


def _beside(old: list[Step], new: list[Step]) -> Iterator[tuple[Step, Step]]:
    """The steps of two containers that are the same."""
    words = [_words(step) for step in old], [_words(step) for step in new]
    matcher = SequenceMatcher(None, *words, autojunk=False)
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation == "equal":
            yield from zip(old[a:b], new[c:d], strict=True)
            continue
        left, right = old[a:b], new[c:d]
        for key in (lambda step: (step.kind, step.uid), lambda step: (step.kind, "")):
            for step in list(left):
                other = next((one for one in right if key(one) == key(step)), None)
                if other is not None:
                    left.remove(step)
                    right.remove(other)
                    yield step, other


def _words(step: Step) -> str:
    """What a step says itself, without the steps inside."""
    return repr((step.kind, own(step.model_dump(mode="json", by_alias=True, exclude_none=True))))


def _anywhere(
    old: Mapping[str, Placed], new: Mapping[str, Placed], found: dict[str, str], key: Callable[[Step], str]
) -> None:
    taken = set(found.values())
    left: dict[str, list[str]] = {}
    for name, entry in new.items():
        if name not in taken:
            left.setdefault(key(entry.step), []).append(name)
    for name, entry in old.items():
        if name not in found and left.get(key(entry.step)):
            found[name] = left[key(entry.step)].pop(0)


def translated(
    inside: Container, known: Mapping[str, str], old: Mapping[str, Placed], new: Mapping[str, Placed]
) -> Container:
    """A container of the old version as one of the new version, as far as it is known."""
    owner, block = inside
    if owner not in known:
        return (f"?{owner}" if owner else ""), block
    ways = same_ways(old[owner].step, new[known[owner]].step)
    return known[owner], ways.get(block, f"?{block}")
