"""The activities that only touch the store: write a turn down, read a customer, fetch deliveries."""

from typing import Any

from temporalio import activity

from journey.customer import choose
from journey.effects import ReadCustomer
from journey.inputs import Event
from journey.work import Deliveries, Delivery, Work
from store import customers, instances, record
from store.database import Database


class Records:
    """The activities ``record``, ``read_customer`` and ``fetch``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @activity.defn(name="record")
    async def record(self, work: dict[str, Any]) -> None:
        """Write a turn down."""
        async with self._db.write() as tx:
            await record.write(tx, Work.model_validate(work))

    @activity.defn(name="read_customer")
    async def read_customer(self, work: dict[str, Any]) -> dict[str, Any]:
        """Write a turn down, and read the fields of the customer that the journey names."""
        job = Work.model_validate(work)
        assert isinstance(job.effect, ReadCustomer)
        async with self._db.write() as tx:
            await record.write(tx, job)
            instance = await instances.get(tx, job.instance_id)
            assert instance is not None
            known = await customers.known(tx, instance["customer_id"])
        return {"outcome": "done", "value": choose(known, job.effect.fields)}

    @activity.defn(name="fetch")
    async def fetch(self, instance_id: str, after: int) -> dict[str, Any]:
        """The deliveries after a number, in order."""
        async with self._db.read() as tx:
            rows = await instances.after(tx, instance_id, after)
        found = tuple(Delivery(seq=row["seq"], event=Event.model_validate(row["content"])) for row in rows)
        return Deliveries(deliveries=found).model_dump(mode="json", exclude_defaults=True)
