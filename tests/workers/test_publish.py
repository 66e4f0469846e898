"""Publishing what a folder says: whole, or not at all."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from store.database import Database
from tests.cli.inside import SHIPPED, wayfare
from tests.store.makers import begun, rows
from workers.checking import checked
from workers.publish import publish
from workers.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, own_url: str) -> Settings:
    shutil.copytree(SHIPPED, tmp_path / "definitions")
    return Settings(database_url=own_url, definitions=tmp_path / "definitions")


async def _begun(url: str, settings: Settings) -> None:
    library = checked(settings.definitions)[0]
    assert library is not None
    db = Database(url)
    try:
        await begun(db, library.journeys["onboarding"])
    finally:
        await db.close()


async def _published(url: str) -> list[str]:
    db = Database(url)
    try:
        return [row["content"]["body"] for row in await rows(db, "message_text", name="setup-guide")]
    finally:
        await db.close()


def test_a_text_that_somebody_under_way_could_not_get_is_not_published(settings: Settings, own_url: str) -> None:
    """The new onboarding keeps a room and its text names it; Grete is on the version that never asked for one."""
    asyncio.run(_begun(own_url, settings))
    assert publish(settings) == []
    journey, text = settings.definitions / "onboarding.yaml", settings.definitions / "messages/setup-guide.md"
    before = text.read_text()
    journey.write_text(journey.read_text().replace("steps:\n", "steps:\n  - set: {vars.room: kitchen}\n", 1))
    text.write_text(before + "\nFor your {{ vars.room }}.\n")

    told = publish(settings)

    assert len(told) == 1 and "[earlier-version]" in told[0] and "version 1 of onboarding" in told[0]
    assert "room" not in asyncio.run(_published(own_url))[0]
    said = wayfare("check", "--running", definitions=settings.definitions, WAYFARE_DATABASE_URL=own_url)
    assert said.code == 1 and "[earlier-version]" in said.out
    assert wayfare("check", definitions=settings.definitions).code == 0

    text.write_text(before + "\nFor your {{ vars.room | default: 'home' }}.\n")
    assert publish(settings) == []
    assert "room" in asyncio.run(_published(own_url))[0]
