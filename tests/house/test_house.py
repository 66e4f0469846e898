"""The house keeps its own rules: its map, its directions, its sizes and the purity of journey/."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.trees import ROOT, files, functions, names_used, pyproject, rooms, tree

LONGEST_FUNCTION = 60
LONGEST_FILE = 500

# Time and chance are inputs of journey/, files are handed to it as text, and everything else is somebody else's room.
WORLDLY = {
    "builtins.breakpoint", "builtins.input", "builtins.open", "builtins.print",
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow",
    "uuid.getnode", "uuid.uuid1", "uuid.uuid4",
}  # fmt: skip


def contract(name: str) -> dict[str, object]:
    found: list[dict[str, object]] = pyproject()["tool"]["importlinter"]["contracts"]
    return next(one for one in found if one["id"] == name)


def layers() -> set[str]:
    rows = contract("rooms")["layers"]
    assert isinstance(rows, list)
    return {room.strip() for row in rows for room in row.split("|")}


def map_of_rooms() -> dict[str, str]:
    """The rows of the README's map: room -> its sentence."""
    section = (ROOT / "README.md").read_text().partition("\n## The rooms\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)/` +\| (.+?) +\|$", section, re.MULTILINE))


def test_every_room_says_in_its_docstring_what_the_readmes_map_says_of_it() -> None:
    docstrings = {room: ast.get_docstring(tree(Path(room, "__init__.py"))) or "" for room in rooms()}
    drawn = map_of_rooms()

    assert {room: drawn.get(room) for room in rooms()} == {
        room: " ".join(doc.split()) for room, doc in docstrings.items()
    }


def test_the_readmes_map_shows_no_folder_that_is_not_there() -> None:
    assert [room for room in map_of_rooms() if not (ROOT / room).is_dir()] == []


def test_every_room_has_its_place_in_the_import_directions() -> None:
    assert set(rooms()) == layers() == set(pyproject()["tool"]["importlinter"]["root_packages"])


def test_every_room_is_type_checked() -> None:
    assert set(rooms()) <= set(pyproject()["tool"]["mypy"]["files"])


def test_every_function_fits_in_one_look() -> None:
    long = [
        f"{path}:{function.lineno}: {function.name} has {length} lines"
        for path in files(*rooms(), "benchmarks")
        for function, length in functions(path)
        if length > LONGEST_FUNCTION and "migrations" not in path.parts  # a migration is a list, and is never changed
    ]
    assert long == []


def test_no_file_is_longer_than_a_person_reads_at_a_sitting() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in files(*rooms(), "benchmarks", "tests")}

    assert {str(path): length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_pure_room_asks_neither_the_clock_nor_chance_nor_the_disk() -> None:
    assert list(worldly("journey")) == []


def test_only_workers_reads_the_environment() -> None:
    readers = [
        f"{path}:{line}: {name}"
        for path in files(*(room for room in rooms() if room != "workers"))
        for name, line in names_used(path)
        if name in {"os.environ", "os.environb", "os.getenv"} or name.startswith("os.environ.")
    ]
    assert readers == []


def test_no_verb_reads_the_environment_behind_typers_back() -> None:
    given = [
        f"{path}:{node.lineno}"
        for path in files("cli")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg == "envvar"
    ]
    assert given == []


@pytest.mark.parametrize(
    ("room", "line", "broken"),
    [
        ("journey", "import sqlalchemy", "journey/ touches nothing outside the process"),
        ("journey", "from store import database", "Rooms"),
        ("gateway", "import console", "Rooms"),
        ("journey/machine.py", "import yaml", "A workflow reaches only the machine"),
    ],
)
def test_a_planted_import_against_the_directions_turns_the_check_red(
    tmp_path: Path, room: str, line: str, broken: str
) -> None:
    for name in rooms():
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / room if room.endswith(".py") else tmp_path / room / "__init__.py"
    target.write_text(target.read_text() + f"\n{line}\n")

    answer = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert re.search(rf"{re.escape(broken)}.* BROKEN", answer.stdout), answer.stdout


def test_a_planted_look_at_the_clock_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pure = tmp_path / "journey"
    pure.mkdir()
    (pure / "a.py").write_text("from datetime import datetime as moment\n\n\ndef f():\n    return moment.now()\n")
    (pure / "b.py").write_text(
        "import datetime\nimport uuid\n\nx = uuid.uuid4()\ny = datetime.datetime.utcnow\nz = open('f')\n"
    )
    (pure / "c.py").write_text("from random import random\n")
    monkeypatch.setattr("tests.house.trees.ROOT", tmp_path)

    assert list(worldly("journey")) == [
        "journey/a.py:5: datetime.datetime.now",
        "journey/b.py:4: uuid.uuid4",
        "journey/b.py:5: datetime.datetime.utcnow",
        "journey/b.py:6: builtins.open",
        "journey/c.py:1: random.random",
    ]


def worldly(room: str) -> list[str]:
    """Every place of a room that reaches for the world, the clock or chance."""
    found = {
        (str(path), line, name)
        for path in files(room)
        for name, line in names_used(path)
        if name in WORLDLY or name.startswith("random.")
    }
    return [f"{path}:{line}: {name}" for path, line, name in sorted(found)]
