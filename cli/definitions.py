"""What the verbs that read definitions share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from journey import yaml_tree
from journey.definition import Journey
from journey.layout.files import kind_of_folder
from journey.library import Library
from journey.problems import did_you_mean, render_all
from journey.yaml_tree import Tree
from workers.checking import checked
from workers.mistakes import UserMistake
from workers.settings import settings_in_force


@dataclass(frozen=True)
class Definitions:
    """A definitions folder that is free of mistakes: what it says, and its texts by the names shown."""

    folder: Path
    library: Library
    sources: Mapping[str, str]

    def file(self, path: str) -> str:
        """The name shown of a file in the folder."""
        return f"{self.folder}/{path}"

    def tree(self, path: str) -> Tree:
        """A file in the folder as data with places."""
        shown = self.file(path)
        return yaml_tree.read(self.sources[shown], shown)[0]


def definitions_or_mistakes(folder: Path | None = None) -> Definitions:
    """The definitions in force, or those of a folder; every mistake in them otherwise."""
    place = folder or settings_in_force().definitions
    library, problems, sources = checked(place)
    if library is None:
        raise UserMistake(render_all(problems, sources))
    return Definitions(place, library, sources)


def library_or_mistakes() -> Library:
    """What the definitions in force say; every mistake in them otherwise."""
    return definitions_or_mistakes().library


def journey_named(library: Library, name: str) -> Journey:
    """One journey."""
    if name not in library.journeys:
        raise UserMistake(f'There is no journey "{name}". {did_you_mean(name, library.journeys)}')
    return library.journeys[name]


def yaml_files(given: list[Path]) -> list[tuple[Path, str]]:
    """The YAML files among these files and folders (the definitions in force without any), each with its path inside
    the definitions folder, which says what kind of file it is."""
    root = settings_in_force().definitions
    found: dict[Path, str] = {}
    for place in given or [root]:
        if not place.exists():
            raise UserMistake(f"{place} is not there.")
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.suffix in (".yaml", ".yml") or file == place:
                found[file] = _inside(file, root if file.resolve().is_relative_to(root.resolve()) else place)
    return list(found.items())


def _inside(file: Path, folder: Path) -> str:
    """Where a file stands in a definitions folder; a file from elsewhere by the name of its own folder."""
    base = folder if folder.is_dir() else folder.parent
    path = file.resolve().relative_to(base.resolve()).as_posix()
    return f"{base.name}/{path}" if "/" not in path and kind_of_folder(base.name) else path
