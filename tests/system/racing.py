"""What the tests of the races share: journeys that wait, an engine whose answers get lost, bells that never ring."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from sqlalchemy import update
from temporalio.client import Client

from gateway.bells import Routed
from journey.engine import EngineDown
from journey.inputs import Event
from journey.work import Launch
from store.clock import now
from store.tables import instance
from tests.store.makers import a_journey
from tests.system.waiting import until
from tests.system.workshop import Workshop
from workflows.engine import TemporalEngine

CAME = "a.came"
HEARS = a_journey(
    start={"on": "purchase.completed", "key": "event.order_id"},
    steps=[{"wait": {"for": CAME, "up to": "9 days", "since": "journey"}, "id": "1"}, {"finish": "heard", "id": "2"}],
)
COUNTING = """\
start: {on: test.began, key: event.order_id}
exit: [{on: test.left, as: left}]
on merge: keep oldest
steps:
  - send: hello
  - wait: {for: test.answered, up to: 1 hour, into: first}
  - wait: {for: test.answered, up to: 1 hour, into: second}
  - wait: {for: test.answered, up to: 1 hour, into: third}
  - note: "{{ vars.first.number }} {{ vars.second.number }} {{ vars.third.number }}"
"""
ALONE = COUNTING.replace("{on: test.began, key: event.order_id}", "{on: test.alone}")
"""Of this one each customer has one at a time."""
HURRYING = """\
start: {on: test.hurried, key: event.order_id}
steps:
  - wait: {for: test.answered, up to: 2 seconds}
    then: [{finish: answered}]
    otherwise: [{finish: silent}]
"""
LISTENING = """\
start: {on: test.listened, key: event.order_id}
steps:
  - wait: {for: test.answered, if: event.number == 200, up to: 1 hour}
  - finish: done
"""


class Silence:
    """In the place of bells: the process dies before one rings."""

    def put(self, routed: Routed) -> None:
        """Nobody is told."""


class Mumbling(TemporalEngine):
    """Temporal does what it is asked, and every second answer is lost on its way back."""

    def __init__(self, client: Client, task_queue: str) -> None:
        super().__init__(client, task_queue)
        self.asked = itertools.count()

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        """Start, and perhaps say so."""
        await super().start(journey, launch, afresh=afresh)
        self._answer()

    async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
        """Ring, and perhaps say so."""
        known = await super().ring(instance_id, upto, event)
        self._answer()
        return known

    def _answer(self) -> None:
        if next(self.asked) % 2 == 0:
            raise EngineDown("the answer was lost")


async def answers(shop: Workshop, customer: str, *numbers: int) -> None:
    """Customers answer, in this order."""
    for number in numbers:
        await shop.accept("test.answered", customer, number=number)


async def applied(shop: Workshop, instance_id: str, seq: int) -> None:
    """Until the instance has applied that number."""

    async def enough() -> bool:
        return bool((await shop.row(instance_id)).acked_seq >= seq)

    await until(enough, f"number {seq} is applied", within=60)


async def past(moment: datetime) -> bool:
    """Whether it is past."""
    return now() > moment


async def unrung(shop: Workshop) -> None:
    """As if nothing had been rung for a while: the sweeper looks soon."""
    long_ago = now() - timedelta(minutes=1)
    async with shop.db.write() as tx:
        await tx.execute(update(instance).values(rung_at=long_ago))
    await shop.bells.sweep()
