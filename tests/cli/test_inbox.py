"""`wayfare inbox`, as operations people use it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import run
from store.database import Database
from store.migrate import migrate
from tests.store.makers import accept, new_event, rows
from workers.mistakes import UserMistake


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with an event that is new, one without a rule, and one that could not be read."""
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)
    made = [new_event("e-1"), new_event("e-2", "no.rule"), new_event("e-3")]
    made[1] = made[1].__class__(**{**vars(made[1]), "state": "unmatched", "reason": "no rule is for it"})
    made[2] = made[2].__class__(**{**vars(made[2]), "state": "quarantined", "reason": "bad", "envelope": "{}"})
    work(url, lambda db: accept(db, *made))
    return url


def work(url: str, what: Callable[[Database], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        db = Database(url)
        try:
            return await what(db)
        finally:
            await db.close()

    return asyncio.run(go())


def inbox(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the verb prints."""
    assert run(["inbox", *words]) == 0
    return capsys.readouterr().out


def states(url: str) -> list[str]:
    return [row["state"] for row in work(url, lambda db: rows(db, "inbox"))]


def test_the_list_says_how_many_are_where_and_why(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = inbox(capsys)
    assert said.startswith("Events: 1 new, 0 routed, 1 unmatched, 0 parked, 1 quarantined.")
    assert [word in said for word in ("e-1", "e-2", "no rule is for it", "e-3", "bad")] == [True] * 5
    only = inbox(capsys, "list", "--state", "unmatched", "--type", "no.rule", "--source", "shop")
    assert "e-2" in only and "e-1" not in only and "e-3" not in only


def test_one_event_is_shown_with_what_its_sender_wrote(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    receipt = work(url, lambda db: rows(db, "inbox"))[0]["receipt"]
    said = inbox(capsys, "show", receipt)
    assert receipt in said and '"order_id": "o-1"' in said


def test_events_are_driven_once_more_and_those_that_cannot_be_say_why(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "1 events would be driven once more." in inbox(capsys, "again", "--state", "unmatched", "--dry-run")
    assert states(url) == ["new", "unmatched", "quarantined"]
    assert "1 events are driven once more." in inbox(capsys, "again", "--state", "unmatched")
    assert states(url) == ["new", "new", "quarantined"]
    receipt = work(url, lambda db: rows(db, "inbox"))[2]["receipt"]
    said = inbox(capsys, "again", receipt)
    assert f"{receipt} stays: /data: It is missing." in said and "0 events" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["again"], "say which"),
        (["list", "--state", "lost"], "is no state of an event"),
        (["show", "none"], "there is no event with the receipt"),
        (["shew"], "is nothing to do with the inbox"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(url: str, words: list[str], said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        run(["inbox", *words])
