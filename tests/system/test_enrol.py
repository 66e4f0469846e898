"""Whoever is taken into a journey goes on from where they stand, on a real Temporal server, and gets nothing of the
past."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from temporalio.client import Client

from store import definitions as kept
from store import enrolling, rules
from store.clock import now
from store.tables import customer, inbox, instance
from tests.store.people import RULES
from tests.system import definitions
from tests.system.waiting import until
from tests.system.workshop import Workshop

ONBOARDING = """\
start: {on: purchase.completed, key: event.order_id}
steps:
  - send: before
  - wait: {for: setup.completed, up to: 1 hour}
    otherwise:
      - send: behind
      - finish: late
"""


async def test_whoever_is_taken_in_goes_on_from_there_and_gets_nothing_of_the_past(
    workshop: Workshop, client: Client
) -> None:
    async with workshop.routing(workshop.engine(client)), workshop.working(client):
        await workshop.accept("purchase.completed", order_id="o-1")
        settled = select(inbox.c.event_pk).where(inbox.c.state == "unmatched")
        await until(lambda: workshop.rows(settled), "the purchase is routed before there is a journey")
        await workshop.publish(definitions.library(onboarding=ONBOARDING))
        async with workshop.db.write() as tx:
            await rules.publish(tx, RULES)
            almost = now() - timedelta(minutes=59, seconds=58)
            await tx.execute(update(inbox).values(occurred_at=almost))
            [who] = await tx.scalars(select(customer.c.customer_id))
            journey = (await kept.active(tx))["onboarding"]
            [one] = await enrolling.take_in(tx, journey, who, "buyers", 1.0)
            assert one.place is not None and one.place.passed == ("before",)
            [instance_id] = await tx.scalars(select(instance.c.instance_id))

        assert await workshop.ended(instance_id) == "late"
        assert [name for name, _ in await workshop.messages(instance_id)] == ["behind"]
