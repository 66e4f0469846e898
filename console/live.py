"""Says to open pages that something has changed, by server-sent events; each page then fetches itself anew.

One look a second at the ends of what only grows (timeline, inbox, audit), shared by all pages of this process.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.pulse import LOOK_SECONDS
from console.site import Site

PING_SECONDS = 15.0
"""So often a silent stream says that it is there; whoever is not signed in any more is let go then."""


async def stream(site: Site, request: Request) -> Response:
    """The stream of one open page."""
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_said(site, request), media_type="text/event-stream", headers=headers)


async def _said(site: Site, request: Request) -> AsyncIterator[str]:
    seen, told = await site.pulse.mark(), time.monotonic()
    yield "retry: 3000\n\n"
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        mark = await site.pulse.mark()
        if mark != seen:
            seen, told = mark, time.monotonic()
            yield f"event: change\nid: {mark}\ndata: \n\n"
        elif time.monotonic() - told >= PING_SECONDS:
            if await site.door.person(request) is None:
                return
            told = time.monotonic()
            yield ": still here\n\n"
