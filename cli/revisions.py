"""Definitions as they are in a folder, in one file, or in a revision of git."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from journey import load
from journey.changes.libraries import Side
from store.definition_files import read_folder
from workers.mistakes import UserMistake
from workers.settings import settings_in_force

GIT = "git:"


def side(spec: str) -> Side:
    """``definitions``, ``definitions/onboarding.yaml``, ``git:HEAD~3`` (the folder in force as it was then),
    ``git:main:definitions/onboarding.yaml``."""
    if not spec.startswith(GIT):
        return _from_disk(Path(spec))
    revision, _, path = spec.removeprefix(GIT).partition(":")
    return _from_git(revision, Path(path) if path else settings_in_force().definitions)


def _from_disk(place: Path) -> Side:
    if not place.exists():
        raise UserMistake(f"{place} is not there. Write a folder, a file, or git:<revision>.")
    folder = place if place.is_dir() else place.parent
    files, unreadable = read_folder(folder)
    if unreadable:
        raise UserMistake("\n".join(problem.render() for problem in unreadable))
    return _side(files, place.name if place.is_file() else "", str(place))


def _from_git(revision: str, place: Path) -> Side:
    folder = place.parent if place.suffix in (".yaml", ".yml") else place
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    inside = folder.resolve().relative_to(top.resolve()).as_posix()
    packed = _git(top, "archive", "--format=tar", revision, "--", inside)
    files = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None and Path(member.name).suffix in (".yaml", ".yml", ".md", ".html", ".mjml", ".ics"):
                path = Path(member.name).relative_to(inside).as_posix()
                files[path] = content.read().decode("utf-8", "replace")
    return _side(files, place.name if folder != place else "", f"{GIT}{revision}")


def _git(folder: Path, *words: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True).stdout  # noqa: S607  whichever git is on the path
    except FileNotFoundError:
        raise UserMistake("git is not installed here.") from None
    except subprocess.CalledProcessError as error:
        raise UserMistake(f"git says: {error.stderr.decode(errors='replace').strip()}") from None


def _side(files: dict[str, str], only: str, shown: str) -> Side:
    """The journeys that can be read; of a file that one alone. The rest only if there is no mistake in it."""
    journeys, problems = load.journeys(files)
    if only:
        wanted = [problem for problem in problems if problem.place.file == only]
        if wanted:
            raise UserMistake(f"{shown} cannot be read:\n" + "\n".join(problem.render() for problem in wanted))
        return Side({only.rpartition(".")[0]: journeys[only.rpartition(".")[0]]})
    if problems:
        raise UserMistake(f"{shown} cannot be read:\n" + "\n".join(problem.render() for problem in problems))
    return Side(journeys, load.check(files)[0])
