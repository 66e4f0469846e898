"""`wayfare audit`, as operations people use it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import update

from cli.__main__ import run
from store.database import Database
from store.migrate import migrate
from store.tables import audit as table
from workers.mistakes import UserMistake


@pytest.fixture(autouse=True)
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)
    return url


def audit(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the verb prints."""
    assert run(["audit", *words]) == 0
    return capsys.readouterr().out


def test_what_was_done_is_listed_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nobody has done anything yet" in audit(capsys)
    run(["staff", "add", "ada"])
    run(["staff", "role", "ada", "lead"])
    capsys.readouterr()
    assert "the terminal: change staff, staff ada" in audit(capsys, "list")
    said = audit(capsys, "verify")
    head = said.split()[-1]
    assert "The chain holds: 2 rows" in said
    assert "The chain holds" in audit(capsys, "verify", "--head", head)
    with pytest.raises(UserMistake, match="rows were cut off"):
        run(["audit", "verify", "--head", "0" * 64])


def test_a_changed_row_is_told(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["staff", "add", "ada"])

    async def change() -> None:
        db = Database(url)
        async with db.write() as tx:
            await tx.execute(update(table).values(who="bo"))
        await db.close()

    asyncio.run(change())
    with pytest.raises(UserMistake, match="the chain is broken at row 1"):
        run(["audit", "verify"])
    with pytest.raises(UserMistake, match="is not something to do with the audit"):
        run(["audit", "check"])
