"""One customer meets everybody on the real stack: a budget, another system, a person, another journey, a question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select
from temporalio.client import Client

from store import tasks
from store.tables import instance, task
from tests.ports import free_port
from tests.system import definitions
from tests.system.waiting import until
from tests.system.workshop import Workshop, handle

STORY = """\
start: {{on: test.began, key: event.order_id}}
exit: [{{on: test.left, as: left}}]
steps:
  - throttle: helping
    at most: 1
    per: 1 week
    otherwise: [{{finish: enough}}]
  - call: open-ticket
    url: http://127.0.0.1:{port}/tickets/{{{{ start.order_id }}}}
    body: {{order: = start.order_id}}
    into: ticket
    retry: {{times: 3, pause: 0.1 seconds}}
    on_failure: [{{finish: unreachable}}]
  - task: call-customer
    team: care-team
    title: Call about ticket {{{{ vars.ticket.body.id }}}}
    form: {{reached: yes/no}}
    due: 1 day
    up to: 1 week
    into: talk
    outcomes: [{{as: helped, do: []}}]
    otherwise: [{{finish: stalled}}]
  - start: helper
    with: {{order_id: = start.order_id}}
    up to: 1 day
    into: help
    ends with this: true
    otherwise: [{{finish: stalled}}]
  - ask: hello
    up to: 1 day
    into: answer
    then: [{{finish: content}}]
    otherwise: [{{finish: silent}}]
"""
HELPER = """\
start: {on: helper.wanted, key: event.order_id}
steps:
  - wait: {for: helper.done, up to: 1 hour}
  - finish: helped
"""


@pytest.fixture(autouse=True)
def quick_sweeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the store delivers by itself is rung for at the sweeper's next round."""
    monkeypatch.setattr("gateway.bells.SWEEP_SECONDS", 0.1)


@pytest.fixture
async def desk() -> AsyncIterator[tuple[int, list[str]]]:
    """Another system that is busy when it is first asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.headers["Idempotency-Key"])
        return web.json_response({"id": 9}, status=201) if len(asked) > 1 else web.Response(status=503)

    app, port = web.Application(), free_port()
    app.router.add_post("/tickets/{order}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield port, asked
    await runner.cleanup()


async def one(shop: Workshop, query: Any) -> Any:
    async def there() -> Any:
        return next(iter(await shop.rows(query)), None)

    return await until(there, str(query))


async def test_a_journey_meets_budget_service_person_other_journey_and_question(
    workshop: Workshop, client: Client, desk: tuple[int, list[str]]
) -> None:
    port, asked = desk
    await workshop.publish(definitions.library(story=STORY.format(port=port), helper=HELPER))
    hosts = frozenset({f"127.0.0.1:{port}"})
    async with workshop.working(client, call_hosts=hosts), workshop.routing(workshop.engine(client)):
        instance_id = await workshop.begin("story", customer="c-1", order_id="o-1")

        opened = await one(workshop, select(task).where(task.c.instance_id == instance_id))
        assert (opened.title, opened.team, opened.state) == ("Call about ticket 9", "care-team", "open")
        assert len(asked) == 2 and asked[0] == asked[1]
        await workshop.rests(instance_id, "task-call-customer")
        async with workshop.db.write() as tx:
            await tasks.complete(tx, opened.task_id, "helped", {"reached": True}, "Ada")

        child = await one(workshop, select(instance).where(instance.c.journey == "helper"))
        await workshop.rests(child.instance_id)
        await workshop.rests(instance_id, "start-helper")
        await workshop.accept("helper.done", "c-1")
        assert await workshop.ended(child.instance_id) == "helped"

        await workshop.rests(instance_id, "ask-hello")
        message = (await workshop.rows(select(instance.c.snapshot).where(instance.c.instance_id == instance_id)))[0]
        named = message.snapshot["here"]["message"]
        await workshop.accept("survey.answered", "c-1", ask="another", score=1)
        await workshop.accept("survey.answered", "c-1", ask=named, score=9)
        assert await workshop.ended(instance_id) == "content"

        second = await workshop.begin("story", customer="c-1", order_id="o-2")
        assert await workshop.ended(second) == "enough"
        assert await handle(client, instance_id).result() == "content"


async def test_what_is_under_way_is_taken_back_when_its_journey_ends(
    workshop: Workshop, client: Client, desk: tuple[int, list[str]]
) -> None:
    port, _ = desk
    await workshop.publish(definitions.library(story=STORY.format(port=port), helper=HELPER))
    hosts = frozenset({f"127.0.0.1:{port}"})
    async with workshop.working(client, call_hosts=hosts), workshop.routing(workshop.engine(client)):
        first = await workshop.begin("story", customer="c-1")
        await workshop.rests(first, "task-call-customer")
        await workshop.accept("test.left", "c-1")
        assert await workshop.ended(first) == "left"
        assert (await one(workshop, select(task))).state == "cancelled"

        second = await workshop.begin("story", customer="c-2")
        await workshop.rests(second, "task-call-customer")
        row = await one(workshop, select(task).where(task.c.instance_id == second))
        async with workshop.db.write() as tx:
            await tasks.complete(tx, row.task_id, "helped", {"reached": True}, "Ada")
        child = await one(workshop, select(instance).where(instance.c.journey == "helper"))
        await workshop.rests(second, "start-helper")
        await workshop.accept("test.left", "c-2")

        assert await workshop.ended(second) == "left"
        assert await workshop.ended(child.instance_id) == "cancelled"
