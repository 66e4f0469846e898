"""Every message ever intended: sent, held back, or not sent and why."""

from starlette.requests import Request
from starlette.responses import Response

from console import words
from console.site import PAGE_SIZE, Site, one_of
from store import lanes, outbox, pages
from store.pages import Place

STATES = tuple(words.MESSAGES)


async def intended(site: Site, request: Request) -> Response:
    """The messages, the newest first."""
    state = one_of(request, "state", STATES)
    before = Place.parse(request.query_params.get("before", ""))
    async with site.db.read() as tx:
        found = await pages.messages(tx, state, before, PAGE_SIZE)
        counts = await outbox.counts(tx)
        held_up = await lanes.closed(tx)
    return site.page(
        request,
        "messages.html",
        state=state,
        rows=found.rows,
        counts=counts,
        lanes=held_up,
        older=found.older,
        first=before is None,
    )
