"""`wayfare notices`, as operations people use it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import update

from cli.__main__ import run
from journey.declared.subscriber import Subscriber
from store import notices, timeline
from store.clock import now
from store.database import Database
from store.migrate import migrate
from store.tables import notice
from tests.store.makers import GRETE, resolve
from workers.mistakes import UserMistake

CRM = {"subscriber": "crm", "title": "The CRM", "to": "nats:changes", "changes": ["customer.noted"]}


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)
    return url


async def one_dead(url: str) -> None:
    """Two notices to the CRM: one is dead, one waits."""
    db = Database(url)
    async with db.write() as tx:
        await notices.publish(tx, {"crm": Subscriber.model_validate(CRM)})
    person = (await resolve(db, **GRETE))["customer_id"]
    async with db.write() as tx:
        await timeline.add(tx, [timeline.entry(person, f"k-{n}", now(), "note", "x") for n in range(2)])
        dead = update(notice).where(notice.c.notice_pk == 1).values(state="dead", reason="it answers 500", attempts=33)
        await tx.execute(dead)
    await db.close()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["notices", *words]) == 0
    return capsys.readouterr().out


def test_dead_notices_are_seen_with_the_reason_and_tried_again(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nobody was told anything yet" in said(capsys)
    asyncio.run(one_dead(url))
    listed = said(capsys, "list", "crm", "--state", "dead")
    assert "crm: 1 waiting, 0 delivered, 1 dead." in listed
    assert "33 tries: it answers 500" in listed and listed.count("customer.noted") == 1
    assert "0 notices are tried again" in said(capsys, "again", "other")
    assert "1 notices are tried again" in said(capsys, "again", "crm")
    assert "crm: 2 waiting, 0 delivered, 0 dead." in said(capsys)


@pytest.mark.parametrize("words", [["list", "--state", "lost"], ["forget"]])
def test_a_mistake_is_told(url: str, words: list[str]) -> None:
    with pytest.raises(UserMistake):
        run(["notices", *words])
