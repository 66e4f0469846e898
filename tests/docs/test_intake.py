"""What the page about sending events shows is executed against a running gateway, and its answers are the page's."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import run
from journey.load import check
from store.migrate import migrate
from tests.gateway.server import KEY, Answer, Server
from tests.journey.folders import shipped_files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/intake.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [text for kind, text in BLOCKS if kind == "bash"]
ANSWERED = re.findall(r"^```bash\n((?:(?!^```).)*?)^```\n\n```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PROGRAMS = [text for kind, text in BLOCKS if kind == "python"]
SOURCES = [text for kind, text in BLOCKS if kind == "yaml"]
VERBS = [line.removeprefix("$ wayfare ") for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]
NAMED = ("<receipt>", "revoke", "<order.schema.json>")
"""In verbs that need something which is not there on a fresh store."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One gateway for the whole page."""
    with Server(tmp_path_factory.mktemp("page")) as running:
        running.publish(shipped_files())
        yield running


def curl(server: Server, command: str) -> Answer:
    """Do what a curl command says, as far as this page needs it."""
    words = shlex.split(command.replace("\\\n", " ").replace("$KEY", KEY).replace("$URL", ""))
    assert words.pop(0) == "curl"
    method, body, path = "GET", None, ""
    headers: dict[str, str | None] = {"Authorization": None, "Content-Type": None}
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0).encode()
        else:
            path = word
    return server.ask(method, path, body, headers)


def like(shown: Any, real: Any) -> bool:
    """Whether an answer is as shown; … stands for anything."""
    if isinstance(shown, dict):
        return isinstance(real, dict) and shown.keys() == real.keys() and all(like(shown[k], real[k]) for k in shown)
    if isinstance(shown, list):
        return isinstance(real, list) and len(shown) == len(real) and all(map(like, shown, real))
    if isinstance(shown, str) and "…" in shown:
        return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), str(real)) is not None
    return bool(shown == real)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_is_answered_with_a_2xx(server: Server, command: str) -> None:
    answer = curl(server, command)
    assert 200 <= answer.status < 300, answer.json


@pytest.mark.parametrize(("command", "shown"), ANSWERED)
def test_the_answers_look_as_the_page_shows(tmp_path: Path, command: str, shown: str) -> None:
    with Server(tmp_path) as fresh:
        fresh.publish(shipped_files())
        answer = curl(fresh, command).json
        assert like(json.loads(shown.replace('"default"', '"shop"')), answer), answer


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_of_the_page_runs(server: Server, program: str) -> None:
    exec(compile(program, "docs/intake.md", "exec"), {"URL": f"http://127.0.0.1:{server.port}", "KEY": KEY})


@pytest.mark.parametrize("source", SOURCES)
def test_every_file_of_the_page_is_free_of_mistakes(source: str) -> None:
    kind, name = source.splitlines()[0].split(": ")
    _, problems = check(shipped_files() | {f"{kind}s/{name}.yaml": source})
    assert [problem.render() for problem in problems if not problem.warning] == []


def test_the_verbs_of_the_page_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)
    monkeypatch.setenv("WAYFARE_DEFINITIONS", str(ROOT / "definitions"))
    monkeypatch.chdir(tmp_path)
    for verb in VERBS:
        if not any(word in verb for word in NAMED):
            assert run(shlex.split(verb)) == 0, verb
