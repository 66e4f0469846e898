"""`wayfare evidence`: the pack of a case from the store, whole; and what was changed in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from cli.__main__ import run
from journey.commands import Pause
from journey.effects import AddNote, OpenTask
from journey.turn import Decision
from journey.work import Work
from store import evidence as store_evidence
from store import instances, ledger, record, task_acts, tasks
from store.clock import now
from store.database import Database
from store.ledger import Letter
from store.migrate import migrate
from store.tables import message
from store.task_acts import Act, Comment
from tests.cli.test_clocks import work
from tests.store.makers import begun
from workers.mistakes import UserMistake

BODY = b"Subject: Our answer\r\n\r\nDear Mrs Hermann, \xc3\xa4\r\n"


async def case(db: Database) -> str:
    """A case with a letter, a task with a comment, a decision on a clock, a note, a command; its instance."""
    instance_id = await begun(db, key="k-1")
    clock = Decision(id="1.0", at=now(), step=None, text="The clock a pauses: we have asked.", values={"clock": "a"})
    writes = (
        OpenTask(id="task-call/1/0", task="call", team="care", title="Call", awaited=False),
        AddNote(id="note/1/0", text="She is kind."),
    )
    async with db.write() as tx:
        await record.write(tx, Work(instance_id=instance_id, writes=writes, decisions=(clock,)))
        row = await ledger.intend(tx, instance_id, "send/1/0", "answer", "transactional")
        await ledger.written(
            tx, row.send_key, Letter("grete@example.org", "Our answer", BODY, "<m@x>", "transactional")
        )
        await tx.execute(update(message).values(state="accepted", decided_at=now()))
        task_id = tasks.task_id(instance_id, "task-call/1/0")
        await task_acts.comment(tx, task_id, Act("Ada"), Comment("See the photo."))
        await instances.command(tx, instance_id, Pause(at=now(), by="Ada", reason="she asked"))
    return instance_id


async def test_everything_that_is_on_record_is_in_the_pack(db: Database) -> None:
    instance_id = await case(db)
    async with db.read() as tx:
        about, parts = await store_evidence.of(tx, "onboarding", "k-1")
        nobody = await store_evidence.of(tx, "onboarding", "k-2")
    assert nobody[1] == [] and [one["name"] for one in about["customers"]] == ["Grete Hermann"]
    kinds: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        assert part["instance"] == instance_id
        kinds.setdefault(part["kind"], []).append(part)
    assert {"run", "command", "clock", "letter", "task", "timeline:note", "timeline:task"} <= set(kinds)
    [letter], [task], [clock] = kinds["letter"], kinds["task"], kinds["clock"]
    assert base64.b64decode(letter["bytes"]) == BODY and letter["state"] == "accepted"
    assert [act["text"] for act in task["acts"]] == ["See the photo."]
    assert "we have asked" in clock["text"] and kinds["command"][0]["content"]["reason"] == "she asked"
    assert [part["at"] for part in parts] == sorted(part["at"] for part in parts)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a case, and a folder to write into."""
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)
    monkeypatch.setenv("WAYFARE_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    work(url, case)
    return tmp_path


def test_a_pack_is_written_verified_and_a_changed_byte_is_found(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evidence", "k-1", "--journey", "onboarding"]) == 0
    assert "1 letters among them" in capsys.readouterr().out
    file = place / "evidence-k-1.json"
    assert json.loads(file.read_bytes())["parts"][0]["part"]["key"] == "k-1"
    assert run(["evidence", "verify", str(file)]) == 0
    assert "is as it was written" in capsys.readouterr().out
    file.write_bytes(file.read_bytes().replace(b"See the photo.", b"See no photo.."))
    assert run(["evidence", "verify", str(file)]) == 1
    assert "(task, " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [(["k-2"], 'no case "k-2"'), (["verify"], "say which file"), (["verify", "gone.json"], "No such file")],
)
def test_what_is_not_there_is_said(place: Path, words: list[str], said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        run(["evidence", *words])
