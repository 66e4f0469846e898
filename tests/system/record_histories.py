"""Plays the scenes whose histories are kept in ``histories/`` and writes them down anew:

    .venv/bin/python -m tests.system.record_histories [scene ...]

Do this when the workflow was changed in a way that running journeys cannot follow, and say so in CHANGELOG.md.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio.client import Client

from journey.library import Library
from journey.load import load
from store.definition_files import read_folder
from store.migrate import migrate
from tests.system import definitions
from tests.system.installation import ROOT
from tests.system.smtp_server import SmtpServer
from tests.system.temporal import runs_of, temporal_server
from tests.system.waiting import until
from tests.system.workshop import Workshop, handle
from workers.run_main import run_main

HISTORIES = Path(__file__).with_name("histories")
FAST = 864_000.0  # 1 day = 0.1 seconds
PRODUCT = {"sku": "P-1", "name": "Lamp", "needs_setup": True}
SMALL = {
    "held": """\
start: {on: test.began, key: event.order_id}
exit: [{on: test.left, as: left}]
steps: [{send: welcome}]
""",
    "patient": """\
start: {on: test.began, key: event.order_id}
steps:
  - wait: {for: test.answered, if: event.number == 70, up to: 1 hour, into: answer}
  - note: "{{ vars.answer.number }}"
""",
}

Scene = Callable[[Workshop, Client], Awaitable[str]]


def shipped() -> Library:
    """The definitions of the repository."""
    files, problems = read_folder(ROOT / "definitions")
    assert problems == []
    return load(files)


async def onboarding_activated(shop: Workshop, client: Client) -> str:
    await shop.publish(shipped())
    async with shop.working(client), shop.routing(shop.engine(client), FAST / 10):
        instance_id = await shop.begin("onboarding", "purchase.completed", customer="c-1", product=PRODUCT)
        await until(lambda: _sent(shop, instance_id, 2), "the guide is sent")
        order = (await shop.row(instance_id)).entry["event"]["data"]["order_id"]
        await shop.accept("setup.completed", "c-1", order_id=order)
        assert await shop.ended(instance_id) == "activated"
    return instance_id


async def onboarding_stalled(shop: Workshop, client: Client) -> str:
    await shop.publish(shipped())
    async with shop.working(client), shop.routing(shop.engine(client), FAST):
        instance_id = await shop.begin("onboarding", "purchase.completed", product=PRODUCT)
        assert await shop.ended(instance_id) == "stalled"
    return instance_id


async def complaint(shop: Workshop, client: Client) -> str:
    await shop.publish(shipped())
    facts: dict[str, Any] = {"customer": "c-1", "order_id": "o-1", "complaint_id": "k-1", "product": PRODUCT}
    async with shop.working(client), shop.routing(shop.engine(client), FAST / 10):
        instance_id = await shop.begin("complaint", "complaint.opened", text="It flickers.", **facts)
        await shop.rests(instance_id)
        await shop.accept("complaint.answered", "c-1", complaint_id="k-1", text="We send a new one.")
        await until(lambda: _sent(shop, instance_id, 3), "the answer is sent")
        await shop.rests(instance_id)
        await shop.accept("complaint.accepted", "c-1", complaint_id="k-1")
        await until(lambda: _sent(shop, instance_id, 4), "the question is sent")
        await shop.accept("survey.answered", "c-1", complaint_id="k-1", score=3, comment="It took long.")
        assert await shop.ended(instance_id) == "resolved"
    return instance_id


async def held_then_exit(shop: Workshop, client: Client) -> str:
    await shop.publish(definitions.library(**SMALL))
    await shop.smtp.down()
    async with shop.working(client), shop.routing(shop.engine(client)):
        instance_id = await shop.begin("held", customer="c-1")
        await shop.troubled(instance_id, "no connection")
        await shop.accept("test.left", "c-1")
        assert await shop.ended(instance_id) == "left"
    return instance_id


async def continued_as_new(shop: Workshop, client: Client) -> str:
    await shop.publish(definitions.library(**SMALL))
    async with shop.working(client), shop.routing(shop.engine(client)):
        instance_id = await shop.begin("patient", customer="c-1")
        await shop.rests(instance_id)
        for number in range(1, 71):
            await shop.accept("test.answered", "c-1", number=number)
        assert await shop.ended(instance_id) == "completed"
    return instance_id


async def rung_before_its_first_task(shop: Workshop, client: Client) -> str:
    await shop.publish(definitions.library(**SMALL))
    async with shop.routing(shop.engine(client)):
        instance_id = await shop.begin("patient", customer="c-1")
        await shop.accept("test.answered", "c-1", number=70)

        async def rung() -> bool:
            if not await shop.engine(client).runs(instance_id):
                return False
            events = (await handle(client, instance_id).fetch_history()).events
            return any(event.HasField("workflow_execution_signaled_event_attributes") for event in events)

        await until(rung, "the bell arrives before any worker is there")
        async with shop.working(client):
            assert await shop.ended(instance_id) == "completed"
    return instance_id


async def _sent(shop: Workshop, instance_id: str, count: int) -> bool:
    return [state for _, state in await shop.messages(instance_id)].count("accepted") >= count


SCENES: dict[str, Scene] = {
    "onboarding-activated": onboarding_activated,
    "onboarding-stalled": onboarding_stalled,
    "complaint": complaint,
    "held-then-exit": held_then_exit,
    "continued-as-new": continued_as_new,
    "rung-before-its-first-task": rung_before_its_first_task,
}


async def record(client: Client, folder: Path, name: str) -> None:
    """Play one scene, and write the history of each of its runs."""
    url = f"sqlite+aiosqlite:///{folder / name}.db"
    await asyncio.to_thread(migrate, url)
    async with SmtpServer() as smtp:
        shop = Workshop(url, smtp)
        instance_id = await SCENES[name](shop, client)
        await shop.close()
    await handle(client, instance_id).result(rpc_timeout=None)
    for number, run_id in enumerate(await runs_of(client, instance_id)):
        workflow = client.get_workflow_handle(f"journey/{instance_id}", run_id=run_id)
        history = json.loads((await workflow.fetch_history()).to_json())
        file = HISTORIES / f"{name}.{number + 1}.json"
        file.write_text(json.dumps(_without_places(history), indent=1) + "\n")
        print(f"{file.name}: {len(history['events'])} events")


def _without_places(value: Any) -> Any:
    """Without the names of the machine and of folders on it."""
    if isinstance(value, dict):
        return {key: "" if key == "stackTrace" else _without_places(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_places(inner) for inner in value]
    return "a worker" if isinstance(value, str) and re.match(r"\d+@", value) else value


async def main(names: list[str]) -> int:
    HISTORIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with temporal_server(Path(folder)) as client:
            for name in names or SCENES:
                await record(client, Path(folder), name)
    return 0


if __name__ == "__main__":
    run_main(main(sys.argv[1:]))
