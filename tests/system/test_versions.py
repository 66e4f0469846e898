"""A journey is edited: new customers take the new version, running ones keep theirs. A broken one stops the start."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from journey import samples
from store import definitions as stored
from tests.system import definitions
from tests.system.installation import ROOT, Installation
from tests.system.workshop import Workshop, handle
from workers.checking import checked
from workers.publish import publish
from workers.settings import Settings

OLD = """\
start: {on: test.began, key: event.order_id}
steps:
  - send: hello
  - wait: {for: test.answered, up to: 1 hour}
  - send: old-farewell
"""
NEW = OLD.replace("old-farewell", "new-farewell")


@pytest.fixture
async def house(workshop: Workshop, client: Client) -> AsyncIterator[Workshop]:
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        yield workshop


async def up_publishes(house: Workshop, folder: Path) -> list[str]:
    """What `wayfare up` does with the definitions; the mistakes."""
    settings = Settings(data=folder.parent, definitions=folder, database_url=house.db.url)
    return await asyncio.to_thread(publish, settings)


async def published_unasked(house: Workshop, folder: Path) -> None:
    """What a release that did not look at earlier versions did with the definitions."""
    library, _, sources = checked(folder, [])
    assert library is not None
    async with house.db.write() as tx:
        texts = {name: sources[f"{folder}/{name}.yaml"] for name in library.journeys}
        await stored.publish(tx, library, texts, samples.best(library))


async def test_running_journeys_keep_their_version_and_new_ones_take_the_new(
    house: Workshop, client: Client, tmp_path: Path
) -> None:
    folder = definitions.write(tmp_path / "definitions", parting=OLD)
    assert await up_publishes(house, folder) == []
    first = await house.begin("parting", customer="c-1")
    await house.rests(first)

    definitions.write(folder, parting=NEW)
    (folder / "messages/hello.md").write_text("---\nsubject: a better hello\n---\nHi!\n")
    assert await up_publishes(house, folder) == []
    second = await house.begin("parting", customer="c-2")
    await house.rests(second)
    for customer in ("c-1", "c-2"):
        await house.accept("test.answered", customer)
    assert [await house.ended(first), await house.ended(second)] == ["completed", "completed"]

    assert [name for name, _ in await house.messages(first)] == ["hello", "old-farewell"]
    assert [name for name, _ in await house.messages(second)] == ["hello", "new-farewell"]
    hashes = [(await house.row(instance_id)).def_hash for instance_id in (first, second)]
    assert hashes == [definitions.library(parting=text).journeys["parting"].hash for text in (OLD, NEW)]
    by_customer = {one.subject.split(" for ")[0] for one in house.smtp.kept if one.recipient == "c-2@example.org"}
    assert by_customer == {"a better hello", "new-farewell"}
    assert (await handle(client, first).describe()).workflow_type == "parting"


async def test_a_running_journey_whose_text_is_gone_waits_and_says_so_until_it_is_back(
    house: Workshop, tmp_path: Path
) -> None:
    folder = definitions.write(tmp_path / "definitions", parting=OLD)
    assert await up_publishes(house, folder) == []
    first = await house.begin("parting", customer="c-1")
    await house.rests(first)
    definitions.write(folder, parting=NEW)
    gone = folder / "messages/old-farewell.md"
    text = gone.read_text()
    gone.unlink()
    (refused,) = await up_publishes(house, folder)
    assert "[earlier-version]" in refused
    await published_unasked(house, folder)
    await house.accept("test.answered", "c-1")

    assert await house.troubled(first, "old-farewell") == 'the text "old-farewell" is not published any more'
    gone.write_text(text)
    assert await up_publishes(house, folder) == []
    assert await house.ended(first) == "completed"
    assert [one.subject.split()[0] for one in house.smtp.kept] == ["hello", "old-farewell"]


async def test_a_broken_definition_publishes_nothing(house: Workshop, tmp_path: Path) -> None:
    folder = definitions.write(tmp_path / "definitions", parting=OLD)
    assert await up_publishes(house, folder) == []
    definitions.write(folder, parting=NEW.replace("wait:", "wate:"))
    assert len(await up_publishes(house, folder)) >= 1
    instance_id = await house.begin("parting", customer="c-1")
    await house.rests(instance_id)
    await house.accept("test.answered", "c-1")
    assert await house.ended(instance_id) == "completed"

    assert [name for name, _ in await house.messages(instance_id)] == ["hello", "old-farewell"]


async def test_up_stops_at_a_broken_definition_with_every_mistake_and_starts_nothing(tmp_path: Path) -> None:
    folder = definitions.write(tmp_path / "definitions", parting=OLD, other=OLD)
    for name, right, wrong in (
        ("parting", "1 hour", "1 our"),
        ("other", "send: old-farewell", "send: nothing-like-it"),
    ):
        file = folder / f"{name}.yaml"
        file.write_text(file.read_text().replace(right, wrong))
    house = Installation(tmp_path / "data", folder)
    environment = {**os.environ, **house.settings.environment(), "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli", "up"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    said, mistakes = (text.decode() for text in await asyncio.wait_for(process.communicate(), 60))
    await house.close()

    assert process.returncode == 1
    assert f"{folder}/parting.yaml:7:" in mistakes and f"{folder}/other.yaml:8:" in mistakes
    assert "is running" not in said and "Traceback" not in mistakes
    assert not (house.settings.data / "run.json").exists() and not (house.settings.data / "temporal.db").exists()
    for port in (house.settings.http_port, house.settings.temporal_port, house.settings.smtp_port):
        with socket.socket() as attempt:
            assert attempt.connect_ex(("127.0.0.1", port)) != 0
