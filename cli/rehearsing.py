"""Scenarios played, and what is told of them: how each went, what was seen instead, what none of them reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.definitions import Definitions
from journey.coverage import Coverage, Reached, coverage
from journey.odd_days import Oddity, oddities
from journey.problems import Place
from journey.rehearsal import Result, rehearse
from journey.rewriting import OnOneLine, Seen, rewritten
from journey.scenarios import Scenario, Scenarios
from workers.mistakes import UserMistake


@dataclass(frozen=True)
class Story:
    """A scenario, where it stands (the file without ``.yaml``, its number there), how it went, and on which odd days
    it goes otherwise."""

    file: str
    number: int
    scenario: Scenario
    result: Result
    place: Place
    odd: Sequence[Oddity] = ()

    @property
    def passed(self) -> bool:
        """Whether it went as expected, and on odd days the same."""
        return self.result.passed and not self.odd

    def render(self) -> str:
        """What was seen instead."""
        told = [] if self.result.passed else [self.result.render()]
        return "\n".join([*told, *(one.render() for one in self.odd)])


@dataclass(frozen=True)
class Played:
    """All stories that were played, and how much of each journey they reach."""

    results: Sequence[Story]
    coverages: Sequence[Coverage]

    @classmethod
    def of(cls, found: Definitions, only: str = "", *, odd_days: bool = True) -> Played:
        """Play every scenario, or those of one journey."""
        files = {file: told for file, told in found.library.scenarios.items() if only in ("", told.journey)}
        stories = [story for file, told in files.items() for story in _stories(found, file, told, odd_days=odd_days)]
        names = [name for name in found.library.journeys if only in ("", name)]
        return cls(stories, [_coverage(found, name, stories) for name in names])

    @property
    def failed(self) -> int:
        """How many went otherwise than expected."""
        return sum(not story.passed for story in self.results)

    def below(self, least: float) -> list[Coverage]:
        """The journeys of which less is reached, in percent."""
        return [one for one in self.coverages if one.percent < least]


def _stories(found: Definitions, file: str, told: Scenarios, *, odd_days: bool) -> Iterator[Story]:
    tree = found.tree(f"scenarios/{file}.yaml")
    for number, scenario in enumerate(told.scenarios):
        result = rehearse(found.library, told.journey, scenario)
        odd = tuple(oddities(found.library, told.journey, scenario, result.trace)) if odd_days else ()
        yield Story(file, number, scenario, result, tree.place(("scenarios", number)), odd)


def _coverage(found: Definitions, name: str, stories: Sequence[Story]) -> Coverage:
    reached = Reached()
    for story in stories:
        if story.result.journey == name:
            reached.add(story.result.trace)
    return coverage(found.library.journeys[name], found.tree(f"{name}.yaml"), reached)


def tell(played: Played) -> None:
    """Each scenario, and what was seen where it went otherwise."""
    for story in played.results:
        print(f"{'ok  ' if story.passed else 'FAIL'} {story.result.journey}: {story.result.scenario}")
        if not story.passed:
            print(f"{story.place.file}:{story.place.line}\n{story.render()}")
    print(f"{len(played.results) - played.failed} of {len(played.results)} scenarios went as expected.")


def tell_coverage(played: Played, least: float) -> None:
    """How much of each journey is reached, and everything that is not."""
    print("Reached: " + ", ".join(f"{one.journey} {one.percent:.0f} %" for one in played.coverages) + ".")
    for problem in (problem for one in played.coverages for problem in one.missing):
        print(problem.render())
    for one in played.below(least):
        print(f"Of {one.journey} {one.percent:.1f} percent is reached; at least {least:g} is wanted.")


def rewrite(found: Definitions, played: Played) -> None:
    """Write what was seen into the scenarios that went otherwise."""
    for file in {story.file: None for story in played.results if not story.result.passed}:
        path = Path(found.file(f"scenarios/{file}.yaml"))
        stories = [story for story in played.results if story.file == file and not story.result.passed]
        seen = [Seen(one.number, one.scenario, one.result.rows, one.result.trace) for one in stories]
        try:
            path.write_text(rewritten(path.read_text(encoding="utf-8"), seen), encoding="utf-8")
        except OnOneLine as scenario:
            raise UserMistake(
                f"{path}:{scenario.line}: This scenario stands between braces and cannot be written anew there. "
                "Write its keys below each other."
            ) from scenario
        print(f"{path}: {len(seen)} written anew. Read the difference before you keep it.")
