"""Two leads press conflicting buttons at the same instant, on journeys that run on Temporal: one press is applied, the
other lead is told, and the audit says exactly what was applied."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from temporalio.client import Client

from console.app import routes
from gateway.bells import Routed
from store import audit, staff
from store.audit import Head
from store.tables import delivery
from tests.system import definitions
from tests.system.waiting import until
from tests.system.workshop import Workshop

ADDRESS = "http://127.0.0.1:8080"
TIMES = 200
STEPS = """\
start: {on: test.began, key: event.order_id}
steps:
  - wait: 30 days
  - wait: 31 days
"""


async def lead(shop: Workshop, name: str) -> httpx2.AsyncClient:
    """Somebody who is signed in, at a browser that rings at once."""
    async with shop.db.write() as tx:
        token = await staff.sign_in(tx, await staff.add(tx, name, "lead"), "password")

    def ring(instance_id: str, upto: int) -> None:
        shop.bells.put(Routed(bells=[(instance_id, upto, None)]))

    app = Starlette(routes=routes(shop.db, None, public_url=ADDRESS, temporal_ui=None, namespace="default", ring=ring))
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url=ADDRESS,
        cookies={"wayfare-8080": token},
        headers={"Origin": ADDRESS, "Accept": "text/html", "X-Form-Token": staff.form_token(token)},
    )


@pytest.mark.timeout(300)  # two hundred rounds, each through Temporal
async def test_of_two_leads_one_is_obeyed_and_one_is_told(workshop: Workshop, client: Client) -> None:
    await workshop.publish(definitions.library(led=STEPS))
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        instance_id = await workshop.begin("led")
        row = await workshop.rests(instance_id)
        ada, bo = await lead(workshop, "ada"), await lead(workshop, "bo")
        obeyed: list[str] = []
        for number in range(TIMES):
            acts = ("resume" if row.paused_at else "pause", "again")

            async def press(who: httpx2.AsyncClient, act: str, seen: int) -> int:
                form = {"seq": str(seen), "reason": "at the same instant", "form_token": who.headers["X-Form-Token"]}
                return (await who.post(f"/instances/{instance_id}/{act}", data=form)).status_code

            seen = row.next_seq - 1
            both = (ada, bo) if number % 2 else (bo, ada)
            answers = await asyncio.gather(*(press(who, act, seen) for who, act in zip(both, acts, strict=True)))
            assert sorted(answers) == [303, 409], (number, answers)
            obeyed.append(acts[answers.index(303)])

            async def applied(upto: int = seen + 1) -> bool:
                return bool((await workshop.row(instance_id)).acked_seq >= upto)

            await until(applied, f"order {number} is applied")
            row = await workshop.row(instance_id)
        await ada.aclose()
        await bo.aclose()

    async with workshop.db.read() as tx:
        noted = [one["what"] for one in reversed(await audit.recent(tx, 10 * TIMES))]
        orders = select(delivery.c.content, delivery.c.refused).where(delivery.c.kind == "command")
        placed = list(await tx.execute(orders.order_by(delivery.c.seq)))
        assert isinstance(await audit.verify(tx), Head)
    assert noted == obeyed and {"again"} < set(obeyed)
    assert len(placed) == TIMES and all(one.refused is None for one in placed)
