"""`wayfare fmt`: files laid out, and what is said about it."""

import shutil
from pathlib import Path

import pytest

from tests.cli.inside import SHIPPED, wayfare


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))


def test_what_ships_needs_no_new_layout() -> None:
    done = wayfare("fmt", "--check")
    assert done.code == 0, done.out
    assert done.out == "Every file is in the one layout.\n"


def test_check_names_the_files_and_changes_none_and_fmt_lays_them_out(folder: Path) -> None:
    journey, scenarios = folder / "onboarding.yaml", folder / "scenarios/onboarding.yaml"
    tidy = {file: file.read_text() for file in (journey, scenarios)}
    messy = {file: text.replace("  on: ", "  on:   ").replace("- {at: ", "-   {at:  ") for file, text in tidy.items()}
    for file, text in messy.items():
        file.write_text(text)
    done = wayfare("fmt", "--check", definitions=folder)
    assert done.code == 1
    assert done.out == f"{journey} would be laid out anew.\n{scenarios} would be laid out anew.\n"
    assert {file: file.read_text() for file in messy} == messy
    assert wayfare("fmt", str(scenarios), definitions=folder).code == 0
    assert (journey.read_text(), scenarios.read_text()) == (messy[journey], tidy[scenarios])
    assert wayfare("fmt", definitions=folder).code == 0
    assert journey.read_text() == tidy[journey]


def test_a_file_that_cannot_be_read_is_told_at_its_place_and_left_alone(folder: Path) -> None:
    file = folder / "onboarding.yaml"
    file.write_text(file.read_text() + "steps: [\n")
    before = file.read_text()
    done = wayfare("fmt", definitions=folder)
    assert done.code == 1
    assert f"{file}:" in done.out
    assert file.read_text() == before


def test_a_file_that_is_not_there_is_said() -> None:
    done = wayfare("fmt", "nowhere.yaml")
    assert done.code == 1
    assert done.err.endswith("nowhere.yaml is not there.\n")
