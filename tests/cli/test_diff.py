"""`wayfare diff`: against a folder, a file, a revision of git."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.inside import SHIPPED, wayfare


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))


@pytest.fixture
def repository(folder: Path) -> Path:
    """The definitions in git, and a wait made longer since the last commit."""
    for words in (("init", "-q"), ("add", "."), ("-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "one")):
        subprocess.run(["git", "-C", str(folder.parent), *words], check=True)
    longer(folder)
    return folder


def longer(folder: Path) -> None:
    file = folder / "onboarding.yaml"
    file.write_text(file.read_text().replace("wait: 4 days", "wait: 6 days"))


LONGER = '"wait 4 days" waits 2 days longer: 6 days instead of 4 days.'


def test_two_folders_or_two_files_are_compared(folder: Path) -> None:
    longer(folder)
    for old, new in ((SHIPPED, folder), (SHIPPED / "onboarding.yaml", folder / "onboarding.yaml")):
        done = wayfare("diff", str(old), str(new))
        assert done.code == 0, done.err
        assert LONGER in done.out
    back = wayfare("diff", str(folder), str(SHIPPED))
    assert '"wait 6 days" waits 2 days shorter' in back.out


def test_without_arguments_it_says_what_changed_since_the_last_commit(repository: Path) -> None:
    done = wayfare("diff", definitions=repository)
    assert done.code == 0, done.err
    assert LONGER in done.out
    assert wayfare("diff", "git:HEAD", "git:HEAD", definitions=repository).out == "Nothing has changed in meaning.\n"


def test_a_file_of_a_revision_is_compared_with_a_file(repository: Path) -> None:
    file = repository / "onboarding.yaml"
    assert LONGER in wayfare("diff", f"git:HEAD:{file}", str(file), definitions=repository).out


def test_the_changes_are_data_for_programs(repository: Path) -> None:
    listed = json.loads(wayfare("diff", "--json", definitions=repository).out)
    first = listed[0]
    assert (first["about"], first["kind"], first["affects"]) == ("onboarding", "step-identity", "moved")
    assert {change["kind"] for change in listed} == {"step-identity", "wait-longer"}


def test_mistakes_are_said_in_words(repository: Path) -> None:
    assert "nowhere is not there." in wayfare("diff", "nowhere", definitions=repository).err
    wrong = wayfare("diff", "git:nobody", definitions=repository)
    assert wrong.code == 1
    assert wrong.err.startswith("git says: ") or "git says: " in wrong.err
    file = repository / "onboarding.yaml"
    file.write_text(file.read_text() + "steps: [\n")
    broken = wayfare("diff", definitions=repository)
    assert broken.code == 1
    assert "cannot be read" in broken.err and "onboarding.yaml:" in broken.err
