"""A real store on which faults can be laid, and events to send."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from store.database import Database, Tx
from store.tables import inbox, metadata


class UnsteadyDatabase(Database):
    """The real store, until told to fail: `fault` before a transaction, answers lost after its commit, or `hang`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.transactions = 0
        self.fault: Exception | None = None
        self.answers_to_lose = 0
        self.hang = False

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction, or the fault."""
        self.transactions += 1
        if self.hang:
            await asyncio.Event().wait()
        if self.fault:
            raise self.fault
        async with super().write() as tx:
            yield tx
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            raise ConnectionError("gone after COMMIT")


def new_database(folder: Path) -> UnsteadyDatabase:
    """An empty store in `folder`."""
    file = folder / "store.db"
    engine = create_engine(f"sqlite:///{file}")
    metadata.create_all(engine)
    engine.dispose()
    return UnsteadyDatabase(f"sqlite+aiosqlite:///{file}")


async def ids_in(db: Database) -> list[str]:
    """The ids of all events in the inbox, in order of acceptance."""
    async with db.read() as tx:
        return list(await tx.scalars(select(inbox.c.event_id).order_by(inbox.c.event_pk)))


def purchase(event_id: str = "e-1", **changes: Any) -> dict[str, Any]:
    """A purchase as a shop posts it, as plain JSON; `changes` replace its top keys."""
    data = {
        "customer": {"id": "c-1", "email": "grete@example.org", "name": "Grete Hermann"},
        "order_id": "o-1",
        "product": {"sku": "P-1", "name": "Lamp", "needs_setup": True},
        "amount": "49.00",
        "currency": "EUR",
    }
    return {"id": event_id, "type": "purchase.completed", "data": data} | changes


def body(event_id: str = "e-1", **changes: Any) -> bytes:
    """The same, as bytes."""
    return json.dumps(purchase(event_id, **changes)).encode()


def body_with_customer(event_id: str = "e-1", **customer: Any) -> bytes:
    """A purchase of somebody with exactly these keys."""
    return body(event_id, data={"customer": customer})
