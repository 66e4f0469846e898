"""The measured journeys as people usually write them with temporalio: one regular activity per effect.

They lack what Wayfare's journeys carry along in the same figures: a ledger with a barrier (a try that broke off after
the mail server took the message is simply made again), a timeline with reasons, a record of where each customer stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow

LIMIT = timedelta(seconds=30)


@dataclass
class Order:
    """The workflow's argument: who, and what was bought."""

    customer_id: str
    order_id: str
    product: str

    @property
    def address(self) -> str:
        """The customer's e-mail address."""
        return f"{self.customer_id}@example.org"


@workflow.defn
class FixedByHand:
    """Three messages, two waits, three updates."""

    @workflow.run
    async def run(self, order: Order) -> str:
        await _send(order, 1)
        await _set(order, "first")
        await workflow.sleep(1)
        await _send(order, 2)
        await _set(order, "second")
        await workflow.sleep(1)
        await _send(order, 3)
        await _set(order, "third")
        return "completed"


@workflow.defn
class SixNodesByHand:
    """Message, delay, split on an attribute, message, exit."""

    @workflow.run
    async def run(self, order: Order) -> str:
        await _send(order, 1)
        await workflow.sleep(1)
        plan = await workflow.execute_activity("plan_of", order.customer_id, start_to_close_timeout=LIMIT)
        if plan == "pro":
            await _send(order, 2)
        return "exit"


@workflow.defn
class OneMailByHand:
    """One message."""

    @workflow.run
    async def run(self, order: Order) -> str:
        await _send(order, 1)
        return "completed"


@workflow.defn
class Bare:
    """Nothing but one activity, which says when it ran."""

    @workflow.run
    async def run(self) -> datetime:
        moment: datetime = await workflow.execute_activity("moment", start_to_close_timeout=LIMIT, result_type=datetime)
        return moment


async def _send(order: Order, number: int) -> None:
    await workflow.execute_activity("send", args=[order, number], start_to_close_timeout=LIMIT)


async def _set(order: Order, stage: str) -> None:
    await workflow.execute_activity("set_stage", args=[order.customer_id, stage], start_to_close_timeout=LIMIT)
