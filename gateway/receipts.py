"""The door for receipts: GET /v1/receipts/{id} says what became of an event."""

import logging
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import refusals
from gateway.answers import Json
from gateway.desk import RECEIPTS, Desk
from gateway.keys import READ
from gateway.patience import within
from store import inbox, instances
from store.database import Tx

# Nothing else is looked up: PostgreSQL fails on a NUL where SQLite finds nothing.
_RECEIPT = re.compile(r"[A-Za-z0-9_.:-]{1,80}", re.ASCII)

log = logging.getLogger(__name__)


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of this door."""
    return desk.routes(RECEIPTS + "/{receipt}", _Receipts(desk).answer, "GET", name="receipt")


class _Receipts:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, request: Request) -> Response:
        """What became of an event, by its receipt."""
        await self._desk.caller(request, READ)
        return Json(await self._find(request.path_params["receipt"]))

    async def _read(self, receipt: str) -> dict[str, Any] | None:
        async with self._desk.db.read() as tx:
            found = await inbox.receipt(tx, receipt)
            return None if found is None else await self._told(tx, found)

    async def _told(self, tx: Tx, found: dict[str, Any]) -> dict[str, Any]:
        """With what each instance made of it, where it stands now, and where a person may look."""
        result = found["result"]
        told = [*result.get("started", ()), *result.get("heard", ())]
        now = await instances.standings(tx, [one["instance"] for one in told if "instance" in one])
        for one in told:
            if (row := now.get(one.get("instance", ""))) is not None:
                seq = one.get("seq", 1)
                one["applied"] = row["acked_seq"] >= seq
                one["now"] = {name: row[name] for name in ("state", "step", "doing", "wake_at", "outcome")}
                one["version"] = row["version"]
        if (customer_id := found.pop("customer_id", None)) is not None:
            found["customer_url"] = f"{self._desk.public_url}/customers/{customer_id}"
        return found

    async def _find(self, receipt: str) -> dict[str, Any]:
        found = None
        if _RECEIPT.fullmatch(receipt):
            try:
                found = await within(self._desk.limits.store_seconds, self._read(receipt))
            except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is the same
                log.warning("A receipt could not be read: %s %s", type(error).__name__, str(error).split("\n")[0])
                raise refusals.StoreAway from None
        if found is None:
            raise refusals.UnknownReceipt(
                "receipt", "There is no such receipt.", "Take it from the answer to an event."
            )
        return found
