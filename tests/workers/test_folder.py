"""The data folder: its lock, its key, its run.json."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workers import folder
from workers.mistakes import UserMistake
from workers.settings import Settings


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    key = folder.api_key(settings)
    assert key == folder.api_key(settings) and len(key) > 30
    assert stat.S_IMODE((tmp_path / "data" / "api_key").stat().st_mode) == 0o600


def test_a_key_from_the_environment_goes_before_the_kept_one(tmp_path: Path) -> None:
    folder.api_key(Settings(data=tmp_path))
    assert folder.api_key(Settings(data=tmp_path, api_key="mine")) == "mine"


def test_an_emptied_key_file_gets_a_new_key(tmp_path: Path) -> None:
    (tmp_path / "api_key").touch()
    key = folder.api_key(Settings(data=tmp_path))
    assert key and key == folder.api_key(Settings(data=tmp_path))


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: folder.api_key(Settings(data=tmp_path)), range(20)))
    assert len(keys) == 1


def test_a_folder_that_cannot_be_made_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        UserMistake, match=r"the data folder .*file/data cannot be used \(Not a directory\).*WAYFARE_DATA"
    ):
        folder.prepare(tmp_path / "file" / "data")


def test_a_lock_is_free_again_when_its_owner_has_gone(tmp_path: Path) -> None:
    refused = pytest.raises(UserMistake, match=f"already running here .process {os.getpid()}")
    with folder.locked(tmp_path), refused, folder.locked(tmp_path):
        pass
    with folder.locked(tmp_path):
        pass


def test_half_a_run_file_counts_as_none(tmp_path: Path) -> None:
    folder.run_file(tmp_path).write_text('{"console": "http')
    assert folder.read_run_file(tmp_path) is None
