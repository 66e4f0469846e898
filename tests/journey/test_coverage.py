"""Every branch of the machine and of the kinds of steps is taken by the tests that say how they behave.

The same in a terminal, with the lines that are missing:

    .venv/bin/python -m tests.journey.test_coverage
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WHAT = ("clocks", "machine", "steering", "steps", "turn", "walking")
"""What is covered whole: these modules of ``journey``."""
STORIES = (
    "test_asking", "test_channels", "test_checks", "test_commands", "test_conditions_awaited", "test_deadlines",
    "test_durations", "test_frame", "test_kinds", "test_machine", "test_others", "test_paths", "test_send",
    "test_tasks", "test_trying", "time/test_clocks", "time/test_dates", "time/test_held_back", "time/test_retiming",
    "time/test_waits",
)  # fmt: skip
"""The tests that tell how the machine behaves, each a story; random lives are left out, for they prove no meaning."""


def covered(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the stories with every branch watched. The environment's own coverage, if there is one, stays as it is."""
    tests = [f"tests/journey/{name}.py" for name in STORIES]
    watched = [f"--cov=journey.{name}" for name in WHAT]
    report = ["--cov-branch", "--cov-report=term-missing:skip-covered", "--cov-fail-under=100"]
    settings = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-o", "addopts=--import-mode=importlib"]
    command = [sys.executable, "-m", "pytest", *settings, *tests, *watched, *report]
    return subprocess.run(
        command, cwd=ROOT, env={"COVERAGE_FILE": str(folder / "coverage"), "PATH": "/usr/bin:/bin"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip


def test_every_branch_of_the_machine_and_the_kinds_of_steps_is_taken(tmp_path: Path) -> None:
    done = covered(tmp_path)

    assert done.returncode == 0 and "Required test coverage of 100% reached" in done.stdout, done.stdout


def test_what_is_covered_is_all_there_is_to_the_machine() -> None:
    """A new file of the machine has to be named here, and nothing else decides what happens next."""
    law = (ROOT / "journey/machine.py").read_text().split('"""')[1]

    assert all((ROOT / f"journey/{name}.py").exists() or (ROOT / f"journey/{name}").is_dir() for name in WHAT)
    assert {word for word in ("walking.py", "steering.py", "steps/") if f"``{word}``" in law} == {
        "walking.py", "steering.py", "steps/",
    }  # fmt: skip


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        outcome = covered(Path(place))
    print(outcome.stdout)
    raise SystemExit(outcome.returncode)
