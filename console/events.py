"""Accepted events: what each of them started or advanced, or why it matched nothing."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console import words
from console.site import PAGE_SIZE, NotThere, Site, one_of, whole
from store import inbox, pages

STATES = tuple(words.EVENTS)


async def accepted(site: Site, request: Request) -> Response:
    """The events, the newest first."""
    state = one_of(request, "state", STATES)
    before = whole(request.query_params.get("before", ""))
    async with site.db.read() as tx:
        rows = await inbox.recent(tx, state, PAGE_SIZE + 1, before)
        counts = await inbox.counts(tx)
    for row in rows:
        row["became"] = became(row)
    older = rows[PAGE_SIZE - 1]["event_pk"] if len(rows) > PAGE_SIZE else None
    return site.page(
        request,
        "events.html",
        state=state,
        rows=rows[:PAGE_SIZE],
        counts=counts,
        older=older,
        first=before is None,
    )


async def one(site: Site, request: Request) -> Response:
    """One event, whole, by its receipt."""
    receipt = request.path_params["receipt"]
    known = receipt.isascii() and receipt.isalnum()
    async with site.db.read() as tx:
        event = await pages.event(tx, receipt) if known else None
        if event is None:
            raise NotThere(f"There is no event with the receipt “{words.short(receipt)}”.")
        heard_by = await inbox.heard_by(tx, event["event_pk"])
    return site.page(request, "event.html", event=event, became=became(event), heard_by=heard_by)


def became(event: dict[str, Any]) -> list[str]:
    """What an event came to, in sentences."""
    result = event["result"] or {}
    tried = words.counted(event["attempts"], "time")
    if event["state"] == "quarantined":
        reason = result.get("reason", "nobody knows why")
        return [f"It was tried {tried} and set aside: {reason}" if event["attempts"] else f"It was set aside: {reason}"]
    if event["state"] == "new":
        again = f"It was tried {tried} and will be tried again: {result.get('reason', '')}"
        return [again if event["attempts"] else "It waits to be routed."]
    said = [f"It started {began['journey']}." for began in result.get("started", ())]
    said += [f"{heard['journey']} heard it." for heard in result.get("heard", ())]
    said += [f"{refused['journey']} did not start: {refused['reason']}." for refused in result.get("not_started", ())]
    return said + ([words.capital(f"{result['reason']}.")] if result.get("reason") else [])
