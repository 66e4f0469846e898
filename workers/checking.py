"""Check the definitions folder: everything that is wrong in it, without the store and without starting anything."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from journey.library import Library
from journey.load import check
from journey.problems import Problem
from journey.rules.earlier import Earlier
from store.definition_files import read_folder


def checked(folder: Path, in_use: Sequence[Earlier] = ()) -> tuple[Library | None, list[Problem], dict[str, str]]:
    """The library in a folder (None if there is any mistake), every problem, and the texts by the names shown.
    ``in_use`` are the versions that customers are on."""
    files, unreadable = read_folder(folder)
    prefix = f"{folder}/"
    sources = {prefix + path: text for path, text in files.items()}
    unread = {problem.place.file for problem in unreadable}
    # As empty files they count as there, but broken; what follows from that is not worth a word.
    empty = dict.fromkeys((file.removeprefix(prefix) for file in unread), "")
    with _all_of_it_kept():
        library, problems = check({**empty, **files}, prefix, in_use)
    told = sorted([*unreadable, *(problem for problem in problems if problem.place.file not in unread)])
    return None if unreadable else library, told, sources


@contextmanager
def _all_of_it_kept() -> Iterator[None]:
    """Nearly all that is made while files are checked stays to the end; to look for garbage in it again and again takes
    a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
