"""The file of secrets for calls: each belongs to one host, and a mistake in it names no value."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.services import Secret
from workers import secrets
from workers.mistakes import UserMistake


def test_each_secret_is_bound_to_its_host(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_text("desk-token: {host: desk.example.org, value: Bearer x y}\nother:\n  host: 10.0.0.5\n  value: '7'\n")
    assert secrets.read(file) == {
        "desk-token": Secret("desk.example.org", "Bearer x y"),
        "other": Secret("10.0.0.5", "7"),
    }


def test_no_file_and_an_empty_one_hold_no_secret(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").touch()
    assert secrets.read(None) == secrets.read(tmp_path / "empty.yaml") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("desk: hunter2", "wrong at desk; write name: {host: desk.example.org, value: Bearer …}"),
        ("desk: {value: hunter2}", "wrong at desk.host;"),
        ("desk: {host: a.example}", "wrong at desk.value;"),
        ("desk: {host: a.example, value: hunter2, note: x}", "wrong at desk.note;"),
        ('desk: {host: a.example, value: "hunter2\\r\\nX-Other: 1"}', "wrong at desk.value;"),
        ("desk: {host: a.example, value: hunter2ü}", "wrong at desk.value;"),
        ('desk: {host: "", value: hunter2}', "wrong at desk.host;"),
        ("desk: {host: a.example, value: 12}\nother: {host: 7, value: hunter2}", "wrong at desk.value, other.host;"),
        ("- hunter2", "wrong at the file;"),
        ("desk: [hunter2", "is not YAML"),
        ("desk: !!python/object/apply:os.system [hunter2]", "is not YAML"),
    ],
)
def test_a_mistake_is_named_by_its_place_and_shows_no_secret(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_text(text)
    with pytest.raises(UserMistake) as told:
        secrets.read(file)
    assert str(told.value).startswith(f"WAYFARE_CALL_SECRETS: {file} ") and said in str(told.value)
    assert "hunter2" not in str(told.value)


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match=r"nowhere\.yaml cannot be read \(No such file or directory\)"):
        secrets.read(tmp_path / "nowhere.yaml")
    with pytest.raises(UserMistake, match=r"cannot be read \(Is a directory\)"):
        secrets.read(tmp_path)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_bytes(b"\xff\xfe\x00hunter2")
    with pytest.raises(UserMistake, match="is not YAML"):
        secrets.read(file)
