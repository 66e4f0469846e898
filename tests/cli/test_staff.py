"""`wayfare staff`, as operations people use it."""

from pathlib import Path

import pytest

from cli.__main__ import run
from store.migrate import migrate
from workers.mistakes import UserMistake


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)


def staff(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the verb prints."""
    assert run(["staff", *words]) == 0
    return capsys.readouterr().out


def test_an_account_is_made_changed_linked_and_closed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There are no accounts" in staff(capsys)
    said = staff(capsys, "add", "Ada@example.org", "--role", "agent", "--team", "care-team")
    password = said.splitlines()[2].strip()
    assert len(password) > 25 and password not in staff(capsys, "list")
    assert "ada@example.org  agent  care-team" in staff(capsys, "list")

    assert "is lead from now on" in staff(capsys, "role", "ada@example.org", "lead")
    assert "ada@example.org  lead  all" in staff(capsys, "list")
    assert "/sign-in/" in staff(capsys, "link", "ada@example.org")
    assert password not in staff(capsys, "password", "ada@example.org")
    assert "cannot sign in" in staff(capsys, "close", "ada@example.org")
    assert "closed" in staff(capsys, "list")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add"], "who?"),
        (["add", "two words"], "cannot be a name"),
        (["add", "ada", "--role", "king"], "is not a role"),
        (["role", "nobody", "lead"], 'there is nobody named "nobody"'),
        (["link", "nobody"], 'there is nobody named "nobody"'),
        (["ad", "ada"], "is not something to do with accounts"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(words: list[str], said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        run(["staff", *words])


def test_a_name_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    staff(capsys, "add", "ada")
    with pytest.raises(UserMistake, match="there is somebody named ada already"):
        run(["staff", "add", "Ada"])
