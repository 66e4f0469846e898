"""Who did what, as a page."""

from starlette.requests import Request
from starlette.responses import Response

from console.site import PAGE_SIZE, Site, asked, whole
from store import audit
from store.audit import Head


async def listed(site: Site, request: Request) -> Response:
    """The newest first; of one person or about one thing, if they are named."""
    who, about = asked(request, "who"), asked(request, "about")
    before = whole(request.query_params.get("before", ""))
    async with site.db.read() as tx:
        rows = await audit.recent(tx, PAGE_SIZE + 1, before, who=who, about=about)
    older = rows[PAGE_SIZE - 1]["number"] if len(rows) > PAGE_SIZE else None
    return site.page(
        request, "audit.html", rows=rows[:PAGE_SIZE], who=who, about=about, older=older, first=before is None
    )


async def verified(site: Site, request: Request) -> Response:
    """Whether the chain holds."""
    async with site.db.read() as tx:
        found = await audit.verify(tx)
    return site.page(request, "audit_verified.html", found=found, whole=isinstance(found, Head))
