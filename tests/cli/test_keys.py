"""`wayfare keys`, as operations people use it."""

import re
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


def keys(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the verb prints."""
    assert run(["keys", *words]) == 0
    return capsys.readouterr().out


def test_a_key_is_shown_once_and_listed_without_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There are no keys" in keys(capsys)
    said = keys(
        capsys, "add", "shop", "--may", "send", "--type", "purchase.*", "--per-second", "5", "--note", "new till"
    )
    key = next(line.strip() for line in said.splitlines() if line.startswith("  wayfare_"))
    listed = keys(capsys, "list")
    assert key not in listed
    assert re.search(r"shop +send +purchase\.\* +5 +\d{4}-.* live +new till", listed)


def test_a_third_live_key_is_refused_until_one_is_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    first = keys(capsys, "add", "shop").split()[2]
    keys(capsys, "add", "shop")
    with pytest.raises(UserMistake, match="has 2 live keys already"):
        run(["keys", "add", "shop"])
    assert "is revoked" in keys(capsys, "revoke", first)
    keys(capsys, "add", "shop")
    assert keys(capsys, "list").count("revoked") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add"], "cannot be a source"),
        (["add", "a b"], "cannot be a source"),
        (["add", "wayfare"], "is Wayfare itself"),
        (["add", "shop", "--may", "everything"], "is nothing a key may be for"),
        (["add", "shop", "--per-second", "0"], "a number above 0"),
        (["revoke", "none"], "there is no live key"),
        (["ad", "shop"], "is not something to do with keys"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(words: list[str], said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        run(["keys", *words])
