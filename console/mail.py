"""The mail catcher's pages, and their JSON twin for scripts.

The mailbox is a file read by blocking calls, so they are made in threads. What a mail's HTML says is shown in a frame
that may run nothing, load nothing and reach nothing.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from console.site import PAGE_SIZE, NotThere, Site, asked, whole
from store import identity
from store.mailbox import CaughtMessage, Mailbox

JSON_DEFAULT, JSON_MOST = 1_000, 10_000
CHUNK = 1_000

FRAME_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'"
)
"""A mail's own styles are inline by nature; nothing else of it has any power."""

NOT_CAUGHT = (
    "Mail is not caught here: it goes to the mail server named in WAYFARE_SMTP_URL. Start Wayfare without that setting"
    " to have mail caught."
)


async def caught(site: Site, request: Request) -> Response:
    """The caught messages, the newest first."""
    mailbox = site.mailbox
    if mailbox is None:
        return site.page(request, "mail_elsewhere.html")
    offset = whole(request.query_params.get("offset", "")) or 0
    rows = await asyncio.to_thread(mailbox.list, PAGE_SIZE, offset)
    count = await asyncio.to_thread(mailbox.count)
    return site.page(request, "mail.html", rows=rows, count=count, offset=offset, size=PAGE_SIZE)


async def one(site: Site, request: Request) -> Response:
    """One message: its text, its HTML in a frame, its headers, and whose it is."""
    message = await _message(site, request)
    async with site.db.read() as tx:
        recipients = [await identity.find(tx, address) for address in message.envelope_to[:10]]
    customer = next((row for row in recipients if row is not None), None)
    return site.page(request, "letter.html", message=message, customer=customer)


async def html(site: Site, request: Request) -> Response:
    """The HTML of one message, for the frame on its page."""
    message = await _message(site, request)
    return HTMLResponse(
        message.html, headers={"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    )


async def raw(site: Site, request: Request) -> Response:
    """The bytes of one message as they came over the wire, as a file."""
    message = await _message(site, request)
    assert site.mailbox is not None
    content = await asyncio.to_thread(site.mailbox.raw, message.id)
    headers = {"Content-Disposition": f'attachment; filename="message-{message.id}.eml"'}
    return Response(content, media_type="message/rfc822", headers=headers)


async def as_json(site: Site, request: Request) -> Response:
    """The caught messages as a JSON array, the newest first: ``limit``, ``offset``, ``to`` (a recipient's address)."""
    if site.mailbox is None:
        return JSONResponse({"error": NOT_CAUGHT}, 404)
    limit = _number(request, "limit", JSON_DEFAULT)
    offset = _number(request, "offset", 0)
    if limit is None or not 1 <= limit <= JSON_MOST:
        return JSONResponse({"error": f"limit is a whole number from 1 to {JSON_MOST}."}, 400)
    if offset is None:
        return JSONResponse({"error": "offset is a whole number, 0 or more."}, 400)
    rows = await asyncio.to_thread(_rows, site.mailbox, asked(request, "to"), limit, offset)
    return Response(json.dumps(rows), media_type="application/json")


def _rows(mailbox: Mailbox, recipient: str, limit: int, offset: int) -> list[dict[str, Any]]:
    found: Iterable[CaughtMessage] = mailbox.list(limit, offset)
    if recipient:
        found = islice(_sent_to(mailbox, recipient.lower()), offset, offset + limit)
    return [message.as_json() for message in found]


def _sent_to(mailbox: Mailbox, recipient: str) -> Iterator[CaughtMessage]:
    for start in range(0, mailbox.count() + 1, CHUNK):
        for message in mailbox.list(CHUNK, start):
            if recipient in (address.lower() for address in (*message.envelope_to, *message.to.split(", "))):
                yield message


def _number(request: Request, name: str, default: int) -> int | None:
    text = request.query_params.get(name)
    return default if text is None else whole(text)


async def _message(site: Site, request: Request) -> CaughtMessage:
    number = whole(request.path_params["number"])
    if site.mailbox is None:
        raise NotThere(NOT_CAUGHT)
    message = await asyncio.to_thread(site.mailbox.get, number) if number is not None else None
    if message is None:
        raise NotThere("There is no such message. The mail catcher keeps the newest 100,000.")
    return message
