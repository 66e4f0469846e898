"""The activities that only touch the store: write a turn down, read a customer, take from a budget, begin another
journey, fetch deliveries."""

from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from journey.customer import choose
from journey.effects import ReadCustomer, StartJourney, TakeFrom
from journey.inputs import Event
from journey.work import Deliveries, Delivery, Work
from store import beginnings, budgets, calendars, customers, definitions, inbox, instances, record, retiming
from store.database import Database, Tx

BEHIND = timedelta(seconds=1)
"""When to look again whether the router has caught up."""


class Records:
    """The activities ``record``, ``read_customer``, ``throttle``, ``start_journey`` and ``fetch``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @activity.defn(name="record")
    async def record(self, work: dict[str, Any]) -> None:
        """Write a turn down."""
        async with self._db.write() as tx:
            await record.write(tx, Work.model_validate(work))

    @activity.defn(name="read_customer")
    async def read_customer(self, work: dict[str, Any]) -> dict[str, Any]:
        """Write a turn down, and read the fields of the customer that the journey names, and the local time."""
        job = Work.model_validate(work)
        assert isinstance(job.effect, ReadCustomer)
        async with self._db.write() as tx:
            await record.write(tx, job)
            owner = await instances.owner(tx, job.instance_id)
            known = await customers.known(tx, owner.customer_id)
            answer: dict[str, Any] = {"outcome": "done", "value": choose(known, job.effect.fields)}
            if (wanted := job.effect.local) is not None:
                zone = str(known.get("time_zone") or "")
                local = await calendars.local_time(tx, zone, wanted.calendars, wanted.at)
                answer["local"] = local.model_dump(mode="json", exclude_defaults=True)
        return answer

    @activity.defn(name="throttle")
    async def throttle(self, work: dict[str, Any]) -> dict[str, Any]:
        """Write a turn down, and take from a customer's budget."""
        job = Work.model_validate(work)
        assert isinstance(job.effect, TakeFrom)
        async with self._db.write() as tx:
            await record.write(tx, job)
            owner = await instances.owner(tx, job.instance_id)
            taken = await budgets.take(tx, owner.customer_id, job.instance_id, job.effect)
        return {"outcome": "accepted" if taken else "full"}

    @activity.defn(name="start_journey")
    async def start_journey(self, work: dict[str, Any]) -> dict[str, Any]:
        """Write a turn down, and begin another journey for the same customer; the sweeper starts its workflow."""
        job = Work.model_validate(work)
        assert isinstance(job.effect, StartJourney)
        async with self._db.write() as tx:
            await beginnings.one_decides(tx)
            await record.write(tx, job)
            return await beginnings.begin_for(tx, job.instance_id, job.effect)

    @activity.defn(name="fetch")
    async def fetch(self, instance_id: str, after: int, accepted_by: str | None = None) -> dict[str, Any]:
        """The deliveries after a number, in order. With a moment (ISO 8601), only once every event accepted by then has
        been routed: one of them may be for this instance, and it would win against its deadline."""
        async with self._db.read() as tx:
            if accepted_by is not None and await _unrouted(tx, datetime.fromisoformat(accepted_by)):
                raise ApplicationError("the router is behind", next_retry_delay=BEHIND)
            rows = await instances.after(tx, instance_id, after)
            found = tuple([await _delivery(tx, instance_id, row) for row in rows])
        return Deliveries(deliveries=found).model_dump(mode="json", exclude_defaults=True)


async def _delivery(tx: Tx, instance_id: str, row: dict[str, Any]) -> Delivery:
    """An entry of the sequence. The plan of a migration and the calendars of a new time are put in here: they reach the
    workflow by its history."""
    content = row["content"]
    if row["kind"] == "event":
        return Delivery(seq=row["seq"], event=Event.model_validate(content))
    if content["kind"] in ("migrate", "retime"):
        content = content | await retiming.what_counts(tx, instance_id)
    if content["kind"] == "migrate":
        content = {name: value for name, value in content.items() if name != "was"}
        content |= {"plan": await definitions.plan(tx, content["version"])}
    return Delivery.model_validate({"seq": row["seq"], "command": content})


async def _unrouted(tx: Tx, moment: datetime) -> bool:
    """Whether an event accepted by then still waits for the router."""
    waiting = await inbox.waiting(tx, 1)
    return bool(waiting) and bool(waiting[0]["accepted_at"] <= moment)
