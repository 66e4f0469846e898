"""Mail that came in: replies, reports and machines, each whole, with the letter that it belongs to."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.site import PAGE_SIZE, NotThere, Site, one_of, whole
from store import identity, incoming

KINDS = {
    "": "All",
    "unmatched": "Belonging to no letter",
    "reply": "Replies",
    "bounce": "Came back",
    "complaint": "Called spam",
    "machine": "Machines",
    "unreadable": "Unreadable",
}


async def listed(site: Site, request: Request) -> Response:
    """The newest first."""
    kind = one_of(request, "kind", tuple(KINDS))
    before = whole(request.query_params.get("before", ""))
    async with site.db.read() as tx:
        rows = await incoming.page(tx, kind, before, PAGE_SIZE + 1)
        counts = await incoming.counts(tx)
    older = rows[PAGE_SIZE - 1]["incoming_pk"] if len(rows) > PAGE_SIZE else None
    return site.page(
        request,
        "incoming.html",
        rows=rows[:PAGE_SIZE],
        kinds=KINDS,
        kind=kind,
        counts=counts,
        older=older,
        first=before is None,
    )


async def one(site: Site, request: Request) -> Response:
    """One mail: what was written, and what it is about. Of one that belongs to no letter, who may have sent it."""
    mail = await _found(site, request)
    async with site.db.read() as tx:
        letter = await incoming.letter(tx, mail["send_key"]) if mail["send_key"] else None
        perhaps = await identity.find(tx, f"email:{mail['sender']}") if mail["sender"] and letter is None else None
    return site.page(request, "incoming_one.html", mail=mail, letter=letter, perhaps=perhaps, kinds=KINDS)


async def raw(site: Site, request: Request) -> Response:
    """The mail as it came, to be saved and opened with a mail program."""
    mail = await _found(site, request)
    name = f'attachment; filename="mail-{mail["incoming_pk"]}.eml"'
    return Response(mail["raw"], media_type="message/rfc822", headers={"Content-Disposition": name})


async def _found(site: Site, request: Request) -> dict[str, Any]:
    number = whole(request.path_params["number"])
    async with site.db.read() as tx:
        mail = await incoming.one(tx, number) if number is not None else None
    if mail is None:
        raise NotThere("There is no such mail.")
    return mail
