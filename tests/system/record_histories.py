"""Plays the scenes whose histories are kept in ``histories/`` and writes them down anew:

    .venv/bin/python -m tests.system.record_histories [scene ...]

Do this when the workflow was changed in a way that running journeys cannot follow, and say so in CHANGELOG.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import select
from temporalio.client import Client

from journey.commands import Cancel, Erase, Migrate, MoveTo, Pause, Resume, Skip
from journey.library import Library
from journey.load import load
from store import tasks
from store.clock import now
from store.definition_files import read_folder
from store.migrate import migrate
from store.tables import task
from tests.ports import free_port
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

STEERED = """\
start: {on: test.began, key: event.order_id}
steps:
  - send: hello
  - wait: {for: test.answered, up to: 1 hour, into: answer}
  - send: goodbye
  - wait: {for: test.answered, up to: 1 hour}
"""
CLOCKS = """\
start: {on: test.began, key: event.order_id}
steps:
  - clock: {start: answer, kind: internal, due: 10 days}
    warn: [{at: 50%, do: [{note: warned}]}]
    breach: [{note: breached}]
  - clock: {start: law, kind: statutory, due: 300 days}
  - clock: {pause: answer, reason: we have asked, until: test.replied, up to: 300 days}
  - send: hello
    window: daily 23:58-24:00
  - wait: {for: test.answered, up to: 300 days}
  - clock: {stop: answer}
  - clock: {stop: law}
"""
NEIGHBOURS = """\
start: {on: test.began, key: event.order_id}
steps:
  - task: call-them
    team: care-team
    title: Call {{ customer.name }}
    form: {reached: yes/no}
    due: 1 day
    up to: 300 days
    into: talk
    outcomes: [{as: helped, do: []}]
  - call: desk
    url: http://127.0.0.1:PORT/tickets
    body: {reached: = vars.talk.reached}
    into: ticket
    on_failure: [{finish: no-ticket}]
  - set: {customer.plan: pro}
  - throttle: tickets
    at most: 1
    per: 1 week
    otherwise: [{finish: enough}]
  - choose:
      - if: customer.plan == "pro"
        do: []
      - else: [{finish: unknown}]
  - start: other
    up to: 300 days
    into: result
  - ask: how-is-it
    up to: 300 days
    into: answer
  - note: "{{ vars.ticket.body.id }} {{ vars.result.outcome }} {{ vars.answer.score }}"
"""
OTHER = """\
start: {on: test.other}
steps: [{wait: 1 day}, {finish: helped}]
"""

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


async def steered(shop: Workshop, client: Client) -> str:
    """Paused, heard meanwhile, gone on with; left, moved back, moved to another version, and ended by a person."""
    await shop.publish(definitions.library(steered=STEERED))
    newer = definitions.library(steered=STEERED + "  - note: Migrated.\n")
    async with shop.working(client), shop.routing(shop.engine(client)):
        instance_id = await shop.begin("steered", customer="c-1")
        await shop.rests(instance_id)
        await shop.order(client, instance_id, Pause(at=now()))
        await shop.accept("test.answered", "c-1", number=7)
        await until(lambda: _heard(shop, instance_id, 3), "the answer is kept")
        await shop.order(client, instance_id, Resume(at=now()))
        await until(lambda: _sent(shop, instance_id, 2), "the journey goes on")
        await shop.rests(instance_id)
        await shop.order(client, instance_id, MoveTo(at=now(), to="send-hello"))
        await until(lambda: _sent(shop, instance_id, 3), "it is sent again")
        await shop.rests(instance_id)
        await shop.order(client, instance_id, Skip(at=now(), step="wait-for-test.answered"))
        await until(lambda: _sent(shop, instance_id, 4), "the wait is left")
        await shop.rests(instance_id)
        await shop.publish(newer)
        await shop.order(client, instance_id, Migrate(at=now(), version=newer.journeys["steered"].hash))
        await shop.order(client, instance_id, Cancel(at=now(), outcome="given-up", reason="a test"))
        assert await shop.ended(instance_id) == "given-up"
    return instance_id


async def erased(shop: Workshop, client: Client) -> str:
    await shop.publish(definitions.library(steered=STEERED))
    async with shop.working(client), shop.routing(shop.engine(client)):
        instance_id = await shop.begin("steered", customer="c-1")
        await shop.rests(instance_id)
        await shop.order(client, instance_id, Erase(at=now()))
        await shop.ended(instance_id)
    return instance_id


async def clocks(shop: Workshop, client: Client) -> str:
    """A clock that stands, goes on by an event, warns and is breached; a message that waits alone for its window."""
    await shop.publish(definitions.library(clocks=CLOCKS))
    async with shop.working(client), shop.routing(shop.engine(client), FAST):
        instance_id = await shop.begin("clocks", customer="c-1")
        await shop.rests(instance_id)
        await shop.accept("test.replied", "c-1")
        await until(lambda: _noted(shop, instance_id, "breached"), "the clock is breached")
        await until(lambda: _sent(shop, instance_id, 1), "the window has opened")
        await shop.accept("test.answered", "c-1")
        assert await shop.ended(instance_id) == "completed"
        assert await shop.said(instance_id, "note") == ["warned", "breached"]
    return instance_id


async def neighbours(shop: Workshop, client: Client) -> str:
    """Work for a person, a call, another journey, a question: each is answered from outside."""
    async with desk() as port:
        journeys = {"neighbours": NEIGHBOURS.replace("PORT", str(port)), "other": OTHER}
        await shop.publish(definitions.library(**journeys))
        inside = frozenset({f"127.0.0.1:{port}"})
        async with shop.working(client, inside), shop.routing(shop.engine(client), FAST):
            instance_id = await shop.begin("neighbours", customer="c-1")
            await shop.rests(instance_id)
            async with shop.db.write() as tx:
                opened = (await tx.execute(select(task.c.task_id))).scalar_one()
                await tasks.complete(tx, opened, "helped", {"reached": True}, "Ada")
            await shop.bells.knock(instance_id)
            await shop.rests(instance_id, "ask-how-is-it")
            await shop.accept("survey.answered", "c-1", score=9)
            assert await shop.ended(instance_id) == "completed"
            assert await shop.said(instance_id, "note") == ["7 helped 9"]
    return instance_id


@contextlib.asynccontextmanager
async def desk() -> AsyncIterator[int]:
    """Another system, which opens a ticket for everybody; its port."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"id": 7})

    app, port = web.Application(), free_port()
    app.router.add_post("/tickets", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield port
    finally:
        await runner.cleanup()


async def _heard(shop: Workshop, instance_id: str, number: int) -> bool:
    return bool((await shop.row(instance_id)).acked_seq >= number)


async def _noted(shop: Workshop, instance_id: str, note: str) -> bool:
    return note in await shop.said(instance_id, "note")


async def _sent(shop: Workshop, instance_id: str, count: int) -> bool:
    return [state for _, state in await shop.messages(instance_id)].count("accepted") >= count


SCENES: dict[str, Scene] = {
    "onboarding-activated": onboarding_activated,
    "onboarding-stalled": onboarding_stalled,
    "complaint": complaint,
    "held-then-exit": held_then_exit,
    "continued-as-new": continued_as_new,
    "rung-before-its-first-task": rung_before_its_first_task,
    "steered": steered,
    "erased": erased,
    "clocks": clocks,
    "neighbours": neighbours,
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
