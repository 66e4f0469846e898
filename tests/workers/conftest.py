"""Every test of this room gets a data folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.supervised import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "data")
