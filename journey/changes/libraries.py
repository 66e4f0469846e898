"""What changed between two sets of definitions: journeys, texts, company, and what is declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from journey.changes.model import WHOM, Change
from journey.changes.steps import changed_steps
from journey.changes.values import compared, own, say, told
from journey.definition import OURS, Journey, Watch
from journey.library import Library


@dataclass(frozen=True)
class Side:
    """One of the two: its journeys, and everything else if it is free of mistakes."""

    journeys: Mapping[str, Journey]
    library: Library | None = field(default=None)


def changes(old: Side, new: Side) -> list[Change]:
    """Every change of meaning, journey by journey, then the texts and the rest."""
    found = [change for name in sorted({*old.journeys, *new.journeys}) for change in _journey(name, old, new)]
    if old.library is not None and new.library is not None:
        found += _rest(old.library, new.library)
    return found


def _journey(name: str, old: Side, new: Side) -> Iterator[Change]:
    before, after = old.journeys.get(name), new.journeys.get(name)
    if before is None and after is not None:
        yield Change(name, "journey-added", f"The journey is new: {after.title}; it begins with {after.start.on}.")
    elif after is None:
        yield Change(name, "journey-removed", "The journey is gone: it begins for nobody any more.")
    elif before is not None and before.hash != after.hash:
        yield from _frame(before, after)
        yield from changed_steps(before, after)


def _frame(old: Journey, new: Journey) -> Iterator[Change]:
    for key in ("title", "owner"):
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield Change(new.journey, key, f"The {key} is {after} instead of {before}.", "nobody", "", before, after)
    for path, before, after in compared(_said(old.start), _said(new.start)):
        kind, text = told("The start", path, before, after)
        yield Change(new.journey, f"start-{kind}", text, old=before, new=after)
    for path, before, after in compared(_head(old), _head(new)):
        kind, text = told("The journey", path, before, after)
        yield Change(new.journey, kind, text, old=before, new=after)
    yield from _watches(old, new)


def _head(journey: Journey) -> dict[tuple[str, ...], Any]:
    plain = journey.model_dump(mode="json", by_alias=True, exclude_none=True)
    known = ("journey", "title", "owner", "start", "exit", "goal", "steps", *OURS)
    return own({key: value for key, value in plain.items() if key not in known})


def _watches(old: Journey, new: Journey) -> Iterator[Change]:
    """Exits and the goal, by event and outcome."""
    before, after = ({(watch.on, watch.as_): watch for watch in side.watches} for side in (old, new))
    for key, watch in after.items():
        word = _word(new, watch)
        if key not in before:
            text = f'New {word}: {watch.on} ends the journey at any moment as "{watch.as_}".'
            yield Change(new.journey, f"{word}-added", text)
            continue
        for path, was, now in compared(_said(before[key]), _said(watch)):
            kind, text = told(f"The {word} by {watch.on}", path, was, now)
            yield Change(new.journey, f"{word}-{kind}", text, old=was, new=now)
        if word != _word(old, before[key]):
            yield Change(new.journey, "goal", f"{watch.on} is the {word} now, not the {_word(old, before[key])}.")
    for key, watch in before.items():
        if key not in after:
            word = _word(old, watch)
            text = f'Gone: the {word} by {watch.on} ("{watch.as_}"). It does not end the journey any more.'
            yield Change(new.journey, f"{word}-removed", text)


def _word(journey: Journey, watch: Watch) -> str:
    return "goal" if watch is journey.goal else "exit"


def _said(value: BaseModel) -> dict[tuple[str, ...], Any]:
    return own(value.model_dump(mode="json", by_alias=True, exclude_none=True))


def _rest(old: Library, new: Library) -> Iterator[Change]:
    for name in sorted({*old.messages, *new.messages}):
        yield from _message(name, old, new)
    for path, before, after in compared(_said(old.company), _said(new.company)):
        text = f"{' '.join(path)} is {say(after)} instead of {say(before)}."
        yield Change("company", "company", text[0].upper() + text[1:], "all", "", before, after)
    for word in ("events", "calendars", "products", "segments"):
        yield from _named(word, getattr(old, word, {}), getattr(new, word, {}))
    yield from _declared("customer", "The customer", old.customer, new.customer)
    yield from _declared("loyalty", "The programme", old.loyalty, new.loyalty)


def _declared(about: str, subject: str, old: BaseModel | None, new: BaseModel | None) -> Iterator[Change]:
    before, after = (_said(one) if one else {} for one in (old, new))
    for path, was, now in compared(before, after):
        yield Change(about, "declared", told(subject, path, was, now)[1], "all", "", was, now)


def _message(name: str, old: Library, new: Library) -> Iterator[Change]:
    before, after, about = old.messages.get(name), new.messages.get(name), f"messages/{name}"
    if before is None:
        yield Change(about, "text-added", "The text is new.", "nobody")
    elif after is None:
        yield Change(about, "text-removed", "The text is gone: whoever would still get it gets nothing.", "all")
    else:
        was, now = _said(before), _said(after)
        for key in dict.fromkeys(path[0] for path, _, _ in compared(was, now)):
            one, other = was.get((key,)), now.get((key,))
            words = f': "{say(other)}" instead of "{say(one)}"' if key == "subject" and one and other else ""
            yield Change(about, "text", f"Its {key} changes{words}.", "all", "", one, other)


def _named(word: str, old: Mapping[str, BaseModel], new: Mapping[str, BaseModel]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        about = f"{word}/{name}"
        if name not in old:
            yield Change(about, "declared", "It is new.", "nobody")
        elif name not in new:
            yield Change(about, "declared", "It is gone.", "all")
        else:
            for path, before, after in compared(_said(old[name]), _said(new[name])):
                yield Change(about, "declared", told("It", path, before, after)[1], "all", "", before, after)


def told_by_reach(found: list[Change]) -> Iterator[str]:
    """The changes as lines, by whom they reach."""
    for affects, words in WHOM.items():
        reached = [change for change in found if change.affects == affects]
        if reached:
            yield words
        about = ""
        for change in reached:
            if change.about != about:
                about = change.about
                yield f"  {about}"
            yield f"    {change.text}"
