"""Exit codes tell the truth."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workers.mistakes import UserMistake
from workers.run_main import exit_code_of

ROOT = Path(__file__).parents[2]


def fails(error: BaseException) -> int:
    def main() -> int:
        raise error

    return exit_code_of(main)


def test_done_is_zero() -> None:
    async def main() -> None:
        pass

    assert exit_code_of(lambda: None) == exit_code_of(lambda: 0) == exit_code_of(main()) == 0


def test_the_code_of_a_verb_is_kept() -> None:
    assert exit_code_of(lambda: 1) == 1


def test_a_mistake_of_the_user_is_one_and_said_in_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert fails(UserMistake("port 80 is in use")) == 1
    assert capsys.readouterr().err == "port 80 is in use\n"


def test_a_fault_of_ours_is_three_with_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert fails(ZeroDivisionError("oops")) == 3
    assert "the fault is ours" in (error := capsys.readouterr().err) and "ZeroDivisionError: oops" in error


def test_at_a_terminal_the_traceback_goes_to_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WAYFARE_DATA", str(tmp_path))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert fails(ZeroDivisionError("oops")) == 3
    (file,) = tmp_path.glob("fault-*.txt")
    assert "Traceback" in file.read_text()
    assert str(file) in (error := capsys.readouterr().err) and "Traceback" not in error


def test_an_interrupt_is_130_and_an_exit_keeps_its_code() -> None:
    assert fails(KeyboardInterrupt()) == 130
    assert (fails(SystemExit(7)), fails(SystemExit()), fails(SystemExit("words"))) == (7, 0, 1)


def test_the_process_leaves_with_the_code_and_all_it_printed() -> None:
    code = "from workers.run_main import run_main; run_main(lambda: print('last words') or 4)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (4, "last words\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "Start everything on this machine"),
        (["settings"], 0, "WAYFARE_HTTP_PORT=8080"),
        (["uup"], 1, "Did you mean 'up'?"),
        (
            ["serve", "--roles", "gatway"],
            1,
            "there is no role gatway; there are gateway, console, router, worker. Did you",
        ),
        (["up", "--speed", "fast"], 1, "--speed fast: a speed is"),
    ],
)
def test_the_command_line_answers_in_words(words: list[str], code: int, said: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("WAYFARE_", "TEMPORAL_"))}
    result = subprocess.run(
        [sys.executable, "-m", "cli", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == code
    assert said in result.stdout + result.stderr


def test_wrong_settings_are_all_named_by_every_verb() -> None:
    env = {**os.environ, "WAYFARE_HTTP_PORT": "abc", "WAYFARE_DEMO": "maybe"}
    result = subprocess.run(
        [sys.executable, "-m", "cli", "mailbox"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "WAYFARE_HTTP_PORT=abc: a port is" in result.stderr and "WAYFARE_DEMO=maybe: it is switched" in result.stderr
