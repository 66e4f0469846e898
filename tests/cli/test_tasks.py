"""`wayfare tasks`, as people at a terminal use it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import run
from journey.effects import Playbook
from store.clock import now
from store.database import Database
from store.migrate import migrate
from tests.store.makers import begun, rows
from tests.store.test_task_acts import employ, opened, opens
from workers.mistakes import UserMistake

FORM = {"reached": "yes/no", "note": "optional text", "mood": {"one of": ["good", "bad"], "optional": True}}
BOOK = Playbook(check=("Is she at home?",), say="Hello.", replies=("sorry", "gone"))


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with two tasks: one that is late and one that is due."""
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)

    async def make(db: Database) -> None:
        instance_id = await begun(db)
        await employ(db)
        more: dict[str, Any] = {"form": FORM, "outcomes": ("helped",), "playbook": BOOK, "text": "The lamp is dark."}
        effects = [
            opened(1, due_at=now() - timedelta(hours=3, minutes=30), **more),
            opened(2, due_at=now() + timedelta(days=5, minutes=1), team="leads", title="Decide"),
            opened(3, title="Sometime"),
        ]
        await opens(db, instance_id, *effects)

    work(url, make)
    return url


def work(url: str, what: Callable[[Database], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        db = Database(url)
        try:
            return await what(db)
        finally:
            await db.close()

    return asyncio.run(go())


def the(url: str, title: str) -> str:
    found: str = next(row["task_id"] for row in work(url, lambda db: rows(db, "task")) if row["title"] == title)
    return found


def tasks(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the verb prints."""
    assert run(["tasks", *words]) == 0
    return capsys.readouterr().out


def test_the_list_says_what_is_late_and_when_the_rest_is_due(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    late, due, never, count = tasks(capsys).splitlines()
    assert "late by 3 h 30 min  care  nobody  Call  Grete Hermann" in late
    assert "due in 5 d 0 h  leads  nobody  Decide" in due and "no time" in never and count == "3 tasks."
    assert tasks(capsys, "list", "--late").splitlines()[-1] == "1 task."
    assert "care: 2 open, 1 late, 2 nobody's" in tasks(capsys, "teams")


def test_a_task_is_taken_worked_on_and_done(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    task = the(url, "Call")[:12]
    assert "ada  Call" in tasks(capsys, "claim", task, "--by", "ada")
    tasks(capsys, "comment", task, "--by", "ada", "--text", "See this.", "--attach", "https://files.example.org/p.jpg")
    tasks(capsys, "follow-up", task, "--by", "ada", "--at", "2027-01-04T09:00", "--text", "she is away")
    tasks(capsys, "follow-up", task, "--by", "ada")
    tasks(capsys, "assign", task, "--by", "ada", "--to", "bob", "--text", "I am off")
    said = tasks(capsys, "show", task)
    for part in (
        "The lamp is dark.", "Check:\n  - Is she at home?", "Say: Hello.", "Reply sorry (sorry):\nDear Grete Hermann",
        "Reply gone cannot be written", "reached: yes/no\n", "note: text, may be left out", "mood: one of good, bad",
        "Outcomes: helped", "[p.jpg: https://files.example.org/p.jpg]", "again on 2027-01-04 09:00 UTC: she is away",
        "nobody need look again", "handed over to bob: I am off",
    ):  # fmt: skip
        assert part in said
    answers = ["--answer", "reached=true", "--answer", "note=7", "--answer", "mood=good"]
    assert "done: helped" in tasks(capsys, "complete", task, "--by", "bob", "--outcome", "helped", *answers)
    [row] = [row for row in work(url, lambda db: rows(db, "task")) if row["state"] == "done"]
    assert row["answers"] == {"reached": True, "note": "7", "mood": "good"}
    assert 'Answers: {"reached": true' in tasks(capsys, "show", task)


def test_when_nothing_is_open_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)
    assert (tasks(capsys, "teams"), tasks(capsys)) == ("No task is open.\n", "0 tasks.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dance"], '"dance" is nothing to do with a task'),
        (["list", "--state", "asleep"], '"asleep" is no state of a task'),
        (["show"], 'no task is called ""'),
        (["show", "zzz"], 'no task is called "zzz"'),
        (["claim", "TASK"], "say who you are"),
        (["claim", "TASK", "--by", "dan"], "dan is not of the team care"),
        (["assign", "TASK", "--by", "ada", "--team", "ghosts"], "there is no team ghosts"),
        (["comment", "TASK", "--by", "ada"], "write something"),
        (["follow-up", "TASK", "--by", "ada", "--at", "soon"], "a moment is written"),
        (["complete", "TASK", "--by", "ada", "--answer", "reached"], "write name=value"),
        (["complete", "TASK", "--by", "ada", "--answer", "height=7"], "The outcome is missing"),
    ],
)
def test_what_cannot_be_done_is_said(url: str, words: list[str], said: str) -> None:
    named = [the(url, "Call") if word == "TASK" else word for word in words]
    with pytest.raises(UserMistake, match=said):
        run(["tasks", *named])


def test_a_beginning_that_means_several_tasks_is_not_enough(url: str) -> None:
    """Of 33 ids in base 32 two begin with the same letter."""

    async def many(db: Database) -> None:
        instance_id = (await rows(db, "instance"))[0]["instance_id"]
        await opens(db, instance_id, *(opened(number) for number in range(10, 43)))

    work(url, many)
    first = [row["task_id"][0] for row in work(url, lambda db: rows(db, "task"))]
    with pytest.raises(UserMistake, match="write more of it"):
        run(["tasks", "show", max(first, key=first.count)])
