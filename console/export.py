"""A list as CSV for a spreadsheet: nothing in it is taken for a formula, whatever customers are called."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.finding import sought
from console.site import Site
from store import audit, pages
from store.clock import now
from store.pages import Place, Sought

AT_ONCE = 1_000
MOST = 200_000
COLUMNS = (
    "customer_id", "name", "email", "external_id", "journey", "entry_key", "version", "state", "outcome", "step",
    "doing", "wake_at", "started_at", "ended_at", "trouble",
)  # fmt: skip
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> str:
    """A value for a spreadsheet. What would begin a formula begins with an apostrophe, as OWASP advises."""
    text = value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(RISKY) else text


async def journeys(site: Site, request: Request) -> Response:
    """The list as the address asks for it, whole; that somebody took it is written down."""
    found = sought(request)
    async with site.db.write() as tx:
        await audit.note(tx, request.state.person.name, "export", "list of journeys", reason=request.url.query[:300])
    headers = {"Content-Disposition": 'attachment; filename="journeys.csv"'}
    return StreamingResponse(_rows(site, found), media_type="text/csv; charset=utf-8", headers=MutableHeaders(headers))


async def _rows(site: Site, found: Sought) -> AsyncIterator[str]:
    yield _line(COLUMNS)
    place: Place | None = None
    for _ in range(MOST // AT_ONCE):
        async with site.db.read() as tx:
            page = await pages.instances(tx, found, now(), place, AT_ONCE)
        yield "".join(_line([cell(row[column]) for column in COLUMNS]) for row in page.rows)
        place = page.older
        if place is None:
            return


def _line(cells: Any) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow(cells)
    return written.getvalue()
