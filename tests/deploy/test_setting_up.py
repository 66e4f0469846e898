"""What a person sees while .venv is made, and when it cannot be made; and that the locked lists can be trusted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from requirements import install
from tests.house.trees import ROOT, pyproject

PIP_WITH_NEWS = """\
Looking in indexes: https://pypi.org/simple
WARNING: Location 'file:///nowhere/' is ignored: it is neither a file nor a directory.
Collecting alpha==1.0 (from -r run.txt (line 1))
  Downloading alpha-1.0-py3-none-any.whl (43.9 MB)
Installing collected packages: alpha
Successfully installed alpha-1.0
"""
PIP_WITHOUT_WHEEL = """\
WARNING: Location 'file:///nowhere/' is ignored: it is neither a file nor a directory.
Collecting alpha==1.0 (from -r run.txt (line 1))
ERROR: Could not find a version that satisfies the requirement alpha==1.0 (from versions: none)
ERROR: No matching distribution found for alpha==1.0
"""


class Checkout:
    """A folder with a lock file and a .venv whose Python is a script that says what pip would say."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.lock = folder / "requirements" / "run.txt"
        self.calls = folder / "calls"
        venv = folder / ".venv"
        for name, value in {
            "ROOT": folder,
            "HERE": self.lock.parent,
            "VENV": venv,
            "PYTHON": venv / "bin/python",
        }.items():
            monkeypatch.setattr(install, name, value)
        self.lock.parent.mkdir(parents=True)
        self.lock.write_text("alpha==1.0 \\\n    --hash=sha256:00\n    # via wayfare\n")
        self.pip_says(PIP_WITH_NEWS)

    def pip_says(self, text: str, code: int = 0) -> None:
        install.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        (self.folder / "pip.out").write_text(text)
        install.PYTHON.write_text(
            f"""#!/bin/sh
            echo "$*" >> {self.calls}
            case "$*" in
                *"pip install"*) cat {self.folder}/pip.out; exit {code};;
                *purelib*) echo {self.folder};;
                *) echo 3.11;;
            esac
            """
        )
        install.PYTHON.chmod(0o755)

    def times_installed(self) -> int:
        return self.calls.read_text().count("pip install")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path / "checkout", monkeypatch)


def test_progress_is_shown_in_a_few_plain_lines(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    install.main("run")

    assert capsys.readouterr().out.splitlines() == [
        "  fetching 1 packages listed in requirements/run.txt",
        "  alpha (43 MB)",
        "  unpacking",
        "  ready after 0 s",
    ]


def test_nothing_is_done_again_until_the_list_changes(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    install.main("run")
    capsys.readouterr()
    install.main("run")
    assert (checkout.times_installed(), capsys.readouterr().out) == (1, "")

    checkout.lock.write_text("alpha==2.0\n")
    install.main("run")
    assert checkout.times_installed() == 2


def test_the_packages_of_the_tests_serve_running_too(checkout: Checkout) -> None:
    checkout.lock.with_name("dev.txt").write_text("alpha==1.0\nbeta==1.0\n")
    install.main("dev")
    install.main("run")

    assert checkout.times_installed() == 1


def test_pips_error_is_shown_in_full_with_a_sentence_and_without_noise(checkout: Checkout) -> None:
    checkout.pip_says(PIP_WITHOUT_WHEEL, code=1)

    with pytest.raises(install.Refused) as refusal:
        install.main("run")

    said = str(refusal.value)
    assert "ERROR: Could not find a version that satisfies the requirement alpha==1.0 (from versions: none)" in said
    assert "There is no wheel of alpha==1.0 for this platform" in said
    assert "is ignored" not in said


def test_what_failed_is_tried_again_the_next_time(checkout: Checkout) -> None:
    checkout.pip_says(PIP_WITHOUT_WHEEL, code=1)
    with pytest.raises(install.Refused):
        install.main("run")
    checkout.pip_says(PIP_WITH_NEWS)
    install.main("run")

    assert checkout.times_installed() == 2


def test_a_checkout_that_was_moved_counts_as_one_without_venv(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.main("run")
    assert install.python_of_venv() == "3.11"

    monkeypatch.setattr(install, "ROOT", checkout.folder / "elsewhere")
    assert install.python_of_venv() == ""


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "OLDEST", (9, 9))

    with pytest.raises(install.Refused, match=r"needs Python 9\.9 or newer, and \S+ is Python 3\.[\s\S]*PYTHON=python"):
        install.main("run")


def test_the_oldest_python_is_the_one_the_project_names() -> None:
    assert pyproject()["project"]["requires-python"] == ">=" + ".".join(str(part) for part in install.OLDEST)


def test_a_debian_without_venv_is_told_which_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(install.Refused, match="apt install python3-venv"):
        install.make_venv()


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'", "could not be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one that is locked"),
        (
            "ERROR: Could not install packages due to an OSError: No space left on device",
            "When what pip says is mended",
        ),
    ],
)
def test_every_other_failure_has_its_sentence(complaint: str, sentence: str) -> None:
    assert sentence in install.advice(complaint)


def test_make_without_a_python_says_so() -> None:
    answer = subprocess.run(
        ["make", "run", "PYTHON=no-such-python"], check=False, cwd=ROOT, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip

    assert answer.returncode != 0
    assert "There is no no-such-python here." in answer.stdout


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]

    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in text


def test_the_tests_run_with_the_very_versions_that_run_in_production() -> None:
    assert locked("run").items() <= locked("dev").items()


def test_the_locked_lists_are_those_of_the_project_file() -> None:
    project = pyproject()
    wanted = {"run": project["project"]["dependencies"], "dev": project["dependency-groups"]["dev"]}

    for name, requirements in wanted.items():
        for requirement in map(Requirement, requirements):
            version = locked(name).get(canonicalize_name(requirement.name))
            assert version, f"{requirement.name} is not in requirements/{name}.txt: make lock"
            assert requirement.specifier.contains(version), f"{requirement} is locked at {version}: make lock"


def test_ci_runs_the_menus_tests() -> None:
    script = ROOT / ".ci" / "run"

    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111
    assert script.read_text().rstrip().endswith("make test")
