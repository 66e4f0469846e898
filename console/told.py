"""What other systems were told of changes here: delivered, waiting for the next try, or dead."""

from starlette.requests import Request
from starlette.responses import Response

from console import words
from console.site import PAGE_SIZE, Site, one_of, whole
from store import notices

STATES = tuple(words.NOTICES)


async def others(site: Site, request: Request) -> Response:
    """The notices, the newest first."""
    state = one_of(request, "state", STATES)
    before = whole(request.query_params.get("before", ""))
    async with site.db.read() as tx:
        rows = await notices.listed(tx, PAGE_SIZE + 1, state=state, before=before)
        by_subscriber = await notices.counts(tx)
    counts = {one: sum(many for (_, at), many in by_subscriber.items() if at == one) for one in STATES}
    older = rows[PAGE_SIZE - 1]["notice_pk"] if len(rows) > PAGE_SIZE else None
    shown = rows[:PAGE_SIZE]
    return site.page(request, "told.html", state=state, rows=shown, counts=counts, older=older, first=before is None)
