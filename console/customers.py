"""Customers: the list, and one customer whole, with everything that happened and why."""

from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import beginning, dossier, words
from console.now import explain
from console.site import PAGE_SIZE, NotThere, Site, asked
from store import identity, outbox, outlook, pages, purchases
from store.pages import Place

ENTRIES = 100
"""How many rows of a timeline one page shows."""


async def everybody(site: Site, request: Request) -> Response:
    """All customers, or those that a text finds."""
    text = asked(request, "q")
    before = Place.parse(request.query_params.get("before", ""))
    async with site.db.read() as tx:
        found = await pages.customers(tx, text, before, PAGE_SIZE)
    return site.page(request, "customers.html", text=text, rows=found.rows, older=found.older, first=before is None)


async def one(site: Site, request: Request) -> Response:
    """One customer by our id; the shop's own id and every address lead there."""
    reference = request.path_params["reference"]
    before = Place.parse(request.query_params.get("before", ""))
    if not reference:
        return RedirectResponse("/customers", 307)
    async with site.db.read() as tx:
        found = await identity.find(tx, reference) if _possible(reference) else None
        if found is None:
            raise NotThere(f"We know no customer with the id or address “{words.short(reference)}”.")
        customer_id = found["customer_id"]
        if customer_id != reference:
            return RedirectResponse(f"/customers/{customer_id}", 307)
        bought = await purchases.of_customer(tx, customer_id)
        journeys = await pages.instances_of(tx, customer_id)
        await explain(tx, journeys)
        letters = await outbox.of_customer(tx, customer_id)
        entries = await pages.entries(tx, customer_id, before, ENTRIES)
        shown = await dossier.of(tx, found)
        coming = await outlook.of(tx, customer_id)
        begins = await beginning.offers(tx, customer_id) if request.state.person.may("start") else []
    return site.page(
        request,
        "customer.html",
        customer=found,
        **shown,
        begins=begins,
        coming=coming,
        purchases=bought,
        journeys=journeys,
        letters=letters,
        subjects={letter["send_key"]: letter["subject"] for letter in letters},
        days=[
            (day, list(rows)) for day, rows in groupby(map(readable, entries.rows), lambda row: words.day(row["at"]))
        ],
        older=entries.older,
        first=before is None,
    )


def _possible(reference: str) -> bool:
    """Whether a database takes it as a text at all: PostgreSQL refuses NUL."""
    return "\0" not in reference and reference.encode("utf-8", "replace").decode() == reference


def readable(entry: dict[str, Any]) -> dict[str, Any]:
    """A timeline row with its rule, if it has one, and the values that were read or said, in pairs."""
    detail = entry["detail"]
    values = {"why": detail.get("values"), "event": detail}.get(entry["kind"]) or {}
    return {**entry, "rule": detail.get("rule") if entry["kind"] == "why" else "", "pairs": sorted(values.items())}
