"""What changed in the steps of a journey: added, removed, moved, renamed, and what each one says."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from journey.changes.matching import Container, Placed, pairs, placed, translated
from journey.changes.model import Change
from journey.changes.values import compared, own, told
from journey.definition import Journey, walk
from journey.steps import Step


def changed_steps(before: Journey, after: Journey) -> Iterator[Change]:
    """The changes, in the reading order of the new version; what is gone comes last."""
    old, new = placed(before), placed(after)
    known = pairs(old, new)
    back = {there: name for name, there in known.items()}
    moved = _moved(old, new, known)
    for name, entry in new.items():
        if name not in back:
            if entry.inside[0] in back or not entry.inside[0]:  # what is inside something new is told with it
                yield _added(after.journey, entry, new)
            continue
        former = old[back[name]]
        yield from _identity(after.journey, former.step, entry.step)
        if name in moved:
            text = f"{_what(entry.step)} stands {_place(entry, new)} instead of {_place(former, old)}."
            yield Change(after.journey, "step-moved", text, step=name)
        yield from _said(after.journey, former.step, entry.step)
    for name, entry in old.items():
        if name not in known and (entry.inside[0] in known or not entry.inside[0]):
            text = f"Gone: {entry.step.title()}{_inside(entry.step)}, which stood {_place(entry, old)}."
            yield Change(after.journey, "step-removed", text, step=name)


def _added(journey: str, entry: Placed, entries: Mapping[str, Placed]) -> Change:
    text = f"New {_place(entry, entries)}: {entry.step.title()}{_inside(entry.step)}."
    return Change(journey, "step-added", text, step=entry.step.id)


def _inside(step: Step) -> str:
    count = sum(1 for _, block in step.blocks() for _ in walk(block))
    return f" (with {count} step{'s' if count != 1 else ''} inside)" if count else ""


def _what(step: Step) -> str:
    return f'"{step.title()}"'


def _place(entry: Placed, entries: Mapping[str, Placed]) -> str:
    """Where a step stands, in words."""
    owner, block = entry.inside
    if entry.before is not None:
        return f'after "{entry.before.title()}"'
    if not owner:
        return "at the beginning" if block == "steps" else f"at the beginning of {block.partition('/')[0]}"
    return f'first in the way "{block}" of "{entries[owner].step.title()}"'


def _identity(journey: str, former: Step, step: Step) -> Iterator[Change]:
    """A step that goes by another name, with or without ``was``."""
    if former.id == step.id:
        return
    if step.uid == former.uid:
        text = f'The step "{former.id}" is called "{step.id}" now, and stays the same step.'
        yield Change(journey, "step-renamed", text, "nobody", step.id, former.id, step.id)
        return
    text = (
        f'To them the step "{former.id}" is gone and "{step.id}" is new. To keep it the same step, write at it '
        f"was: {former.uid}"
    )
    yield Change(journey, "step-identity", text, "moved", step.id, former.id, step.id)


def _said(journey: str, former: Step, step: Step) -> Iterator[Change]:
    dumps = [one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in (former, step)]
    for path, old, new in compared(own(dumps[0]), own(dumps[1])):
        kind, text = told(_what(former), path, old, new)
        yield Change(journey, kind, text, step=step.id, old=old, new=new)


def _moved(old: Mapping[str, Placed], new: Mapping[str, Placed], known: Mapping[str, str]) -> set[str]:
    """The new ids of steps that stand elsewhere: in another container, or out of the old order."""
    moved = {
        there for name, there in known.items() if translated(old[name].inside, known, old, new) != new[there].inside
    }
    containers: dict[Container, list[str]] = {}
    for name, entry in old.items():
        if name in known and known[name] not in moved:
            containers.setdefault(entry.inside, []).append(known[name])
    order = {name: number for number, name in enumerate(new)}
    for names in containers.values():
        moved |= set(names) - _in_order(names, [order[name] for name in names])
    return moved


def _in_order(names: Sequence[str], places: Sequence[int]) -> set[str]:
    """The most of them that are in one order (the longest increasing subsequence); the others have moved."""
    tails: list[int] = []
    links: list[int | None] = []
    for number, place in enumerate(places):
        at = bisect_left([places[tail] for tail in tails], place)
        links.append(tails[at - 1] if at else None)
        tails[at : at + 1] = [number]
    kept: set[str] = set()
    at_end = tails[-1] if tails else None
    while at_end is not None:
        kept.add(names[at_end])
        at_end = links[at_end]
    return kept
