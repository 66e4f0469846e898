"""The doors at which the customer record is read: find, one customer whole, what they bought, have, said and heard.

Lists go from the newest to the oldest, a page at a time; `next` is where the following page begins.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import customer_changes
from gateway.answers import Ask, Json
from gateway.desk import Desk
from gateway.keys import SEE
from gateway.record import MOST, asked, meant, page_asked, page_shown, read, whole
from store import bookings, complaints, customers, dossier, owned, pages, rules, segments
from store.database import Tx

CUSTOMERS = "/v1/customers"
ONE = CUSTOMERS + "/{customer}"


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of these doors and of those of `customer_changes`. `{customer}` is our id, the shop's, or
    `email:...`, `phone:...`, `anonymous:...`."""
    see, edit = _Customers(desk), customer_changes.Changes(desk)
    every: tuple[tuple[str, str, dict[str, Ask]], ...] = (
        ("customers", CUSTOMERS, {"GET": see.listed, "POST": edit.written}),
        ("customer", ONE, {"GET": see.shown}),
        ("purchases", ONE + "/purchases", {"GET": see.purchases}),
        ("products", ONE + "/products", {"GET": see.products}),
        ("loyalty", ONE + "/loyalty", {"GET": see.loyalty}),
        ("complaints", ONE + "/complaints", {"GET": see.complaints}),
        ("timeline", ONE + "/timeline", {"GET": see.timeline}),
        ("history", ONE + "/history", {"GET": see.history}),
        ("notes", ONE + "/notes", {"GET": see.notes, "POST": edit.noted}),
        ("consents", ONE + "/consents", {"POST": edit.consented}),
        ("merges", ONE + "/merges", {"POST": edit.merged}),
        ("undo", "/v1/merges/{merge}/undo", {"POST": edit.parted}),
        ("segments", "/v1/segments", {"GET": see.segments}),
    )
    return [route for name, path, asks in every for route in desk.routes_of(path, asks, name=name)]


class _Customers:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def listed(self, request: Request) -> Response:
        """Customers; `q`, `segment` and `organisation` narrow the list."""
        await self._desk.caller(request, SEE)
        text, segment, company = (asked(request, name) for name in ("q", "segment", "organisation"))
        before, size = page_asked(request)

        async def work(tx: Tx) -> pages.Page:
            return await pages.customers(tx, text, before, size, segment=segment, organisation=company)

        return page_shown(await read(self._desk, work), "customers", dossier.short)

    async def shown(self, request: Request) -> Response:
        """One customer, whole."""
        return await self._about(request, whole)

    async def purchases(self, request: Request) -> Response:
        """What a customer bought, with its lines and what came back."""
        await self._desk.caller(request, SEE)
        before, size = page_asked(request)

        async def work(tx: Tx) -> pages.Page:
            return await pages.purchases_of(tx, await meant(tx, request), before, size)

        return page_shown(await read(self._desk, work), "purchases", _purchase)

    async def products(self, request: Request) -> Response:
        """What a customer has, what they had, and what may suit them."""

        async def work(tx: Tx, customer_id: str) -> dict[str, Any]:
            known = await customers.known(tx, customer_id)
            every = await owned.of_customer(tx, customer_id, history=True)
            return {
                "products": known["products"],
                "recommended": known["recommended"],
                "history": [_piece(row) for row in every],
            }

        return await self._about(request, work)

    async def loyalty(self, request: Request) -> Response:
        """The points and the rank of a customer, and what was booked beside their purchases."""

        async def work(tx: Tx, customer_id: str) -> dict[str, Any]:
            known = await customers.known(tx, customer_id)
            booked = await bookings.of_customer(tx, customer_id, MOST)
            standing = {name: known.get(name) for name in ("points", "tier", "points_to_next_tier")}
            return standing | {"bookings": [_only(row, "booked_at", "points", "reason") for row in booked]}

        return await self._about(request, work)

    async def complaints(self, request: Request) -> Response:
        """The complaints of a customer and where each stands."""
        names = ("external_id", "order_id", "sku", "text", "state", "opened_at", "updated_at")

        async def work(tx: Tx, customer_id: str) -> dict[str, Any]:
            return {"complaints": [_only(row, *names) for row in await complaints.of_customer(tx, customer_id, MOST)]}

        return await self._about(request, work)

    async def timeline(self, request: Request) -> Response:
        """Everything that happened to a customer; `kind` narrows it."""
        return await self._entries(request, asked(request, "kind", 16), "entries")

    async def notes(self, request: Request) -> Response:
        """The notes of the staff."""
        return await self._entries(request, "note", "notes")

    async def _entries(self, request: Request, kind: str, name: str) -> Response:
        await self._desk.caller(request, SEE)
        before, size = page_asked(request)

        async def work(tx: Tx) -> pages.Page:
            return await pages.entries(tx, await meant(tx, request), before, size, kind=kind)

        return page_shown(await read(self._desk, work), name, _entry)

    async def history(self, request: Request) -> Response:
        """What changed the record itself: words of consent, segments, merges."""
        return await self._about(request, dossier.history)

    async def segments(self, request: Request) -> Response:
        """The segments in force, each with the number of its customers."""
        await self._desk.caller(request, SEE)

        async def work(tx: Tx) -> list[dict[str, Any]]:
            sizes = await segments.sizes(tx)
            said = (await rules.in_force(tx)).segments
            return [
                {"segment": name, "title": one.title, "if": one.if_, "customers": sizes.get(name, 0)}
                for name, one in sorted(said.items())
            ]

        return Json({"segments": await read(self._desk, work)})

    async def _about(self, request: Request, work: Any) -> Response:
        """What work says about the customer in the path."""
        await self._desk.caller(request, SEE)

        async def reading(tx: Tx) -> dict[str, Any]:
            found: dict[str, Any] = await work(tx, await meant(tx, request))
            return found

        return Json(await read(self._desk, reading))


def _only(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return _only(row, "at", "kind", "text", "detail") | ({"journey": row["journey"]} if row.get("journey") else {})


def _purchase(row: Mapping[str, Any]) -> dict[str, Any]:
    lines = [_only(one, "sku", "name", "version", "quantity", "returned", "amount") for one in row["lines"]]
    return _only(row, "order_id", "amount", "refunded", "currency", "state", "purchased_at") | {"lines": lines}


def _piece(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("sku", "name", "version", "serial", "quantity", "since", "warranty_until", "ended_at", "ended_why")
    return _only(row, *names)
