"""What the doors of the customer record share: whom a path means, pages of lists, a store that answers in time."""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from starlette.requests import Request

from gateway import refusals
from gateway.answers import Json
from gateway.desk import Desk
from gateway.fields import line_fault
from gateway.patience import within
from gateway.strict_json import shown
from store import dossier, editing, identity, merges
from store.database import Tx
from store.pages import Page, Place

MOST, USUAL = 200, 50
"""Rows of a page: at most, and if nothing is said."""

T = TypeVar("T")
Work = Callable[[Tx], Awaitable[T]]

log = logging.getLogger(__name__)

_ANSWERS = (refusals.Refused, editing.Unfit, editing.SaidOtherwise, merges.CannotPart, merges.UnknownMerge)
"""What the store says of the request itself; anything else is the store's own trouble."""


async def read(desk: Desk, work: Work[T]) -> T:
    """What work reads. Raises `RecordAway` if the store does not answer in time."""

    async def reading() -> T:
        async with desk.db.read() as tx:
            return await work(tx)

    return await _patiently(desk, reading)


async def write(desk: Desk, work: Work[T]) -> T:
    """Work in one transaction; what it comes to. Raises `RecordAway` if it is not committed in time."""

    async def writing() -> T:
        async with desk.db.write() as tx:
            return await work(tx)

    return await _patiently(desk, writing)


async def _patiently(desk: Desk, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        return await within(desk.limits.store_seconds * 2, work())
    except _ANSWERS:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is the same
        log.warning("The record did not answer: %s %s", type(error).__name__, str(error).split("\n")[0])
        raise refusals.RecordAway from None


async def meant(tx: Tx, request: Request) -> str:
    """Our id of the customer in the path. Raises `UnknownCustomer`."""
    return await known(tx, request.path_params["customer"], "path")


async def known(tx: Tx, reference: str, place: str) -> str:
    """Our id of the customer behind a reference. Raises `UnknownCustomer`."""
    found = None if line_fault(reference, characters=400) else await identity.find(tx, reference)
    if found is None:
        remedy = "Name them by the shop's id, or by email:…, phone:… or anonymous:…."
        raise refusals.UnknownCustomer(place, f'We know no customer "{shown(reference)}".', remedy)
    return str(found["customer_id"])


async def whole(tx: Tx, customer_id: str) -> dict[str, Any]:
    """The record of somebody who was there a moment ago."""
    found = await dossier.found(tx, customer_id)
    assert found is not None, "found in this very transaction"
    return found


def asked(request: Request, name: str, most: int = 200) -> str:
    """What narrows a list; '' if it is not said."""
    value = request.query_params.get(name)
    if value is not None and (fault := line_fault(value, characters=most)):
        raise refusals.Malformed(f"query {name}", *fault)
    return (value or "").strip()


def page_asked(request: Request) -> tuple[Place | None, int]:
    """Where the page begins, and how many rows it has."""
    size = request.query_params.get("limit", str(USUAL))
    if not (size.isascii() and size.isdigit() and len(size) < 4 and 1 <= int(size) <= MOST):
        raise refusals.Malformed("query limit", "This is no number of rows.", f"Send 1 to {MOST}.")
    begins = request.query_params.get("after")
    place = Place.parse(begins) if begins is not None else None
    if begins is not None and place is None:
        raise refusals.Malformed("query after", "No page begins there.", "Take `next` from the page before.")
    return place, int(size)


def page_shown(page: Page, name: str, row_shown: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Json:
    """A page as an answer: its rows under a name, and where the `next` one begins."""
    return Json({name: [row_shown(row) for row in page.rows], "next": str(page.older) if page.older else None})
