"""The customer's own door, by the link in a message: one click to unsubscribe (RFC 8058), and a page of preferences.

Looking changes nothing, because mail scanners look at every link; only a POST does. Nobody has to log in: the token
says which message the link was in, and can be made by us alone.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from store import definitions, preferences
from store.database import Database, Tx
from store.preferences import Origin
from store.seal import Seal

PAGES = Path(__file__).parent / "pages"
LONGEST = 10_000
"""Of a form, in bytes."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def routes(db: Database, seal: Seal) -> list[BaseRoute]:
    """The page at ``/u/<token>`` and its stylesheet."""
    door = _Door(db, seal)
    return [
        Route("/u/{token}", door.look, methods=["GET", "HEAD"]),
        Route("/u/{token}", door.say, methods=["POST"]),
        Route("/preferences.css", _style, methods=["GET"]),
    ]


async def _style(request: Request) -> Response:
    return FileResponse(PAGES / "preferences.css", media_type="text/css")


class _Door:
    def __init__(self, db: Database, seal: Seal) -> None:
        self._db = db
        self._seal = seal
        loader = FileSystemLoader(PAGES)
        self._page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(
            "preferences.html"
        )

    async def look(self, request: Request) -> Response:
        async with self._db.read() as tx:
            return await self._shown(tx, await self._origin(tx, request), "")

    async def say(self, request: Request) -> Response:
        """One click of a mail program, or the form."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST:
                return PlainTextResponse("That is too much.", 413, HEADERS)
        form = parse_qs(body.decode("utf-8", "replace"))
        async with self._db.write() as tx:
            where = await self._origin(tx, request)
            if where is None:
                return await self._shown(tx, None, "")
            if form.get("List-Unsubscribe") == ["One-Click"]:
                await preferences.unsubscribe(tx, where)
                return PlainTextResponse("Unsubscribed.", 200, HEADERS)
            return await self._shown(tx, where, await _kept(tx, where, form))

    async def _origin(self, tx: Tx, request: Request) -> Origin | None:
        opened = self._seal.opened("unsubscribe", request.path_params["token"])
        return await preferences.origin(tx, opened[0]) if opened else None

    async def _shown(self, tx: Tx, where: Origin | None, done: str) -> Response:
        company = (await definitions.the_company(tx)).company
        wishes = await preferences.wishes(tx, where.customer_id) if where else None
        page = self._page.render(company=company, wishes=wishes, done=done)
        return HTMLResponse(page, 200 if where else 404, HEADERS)


async def _kept(tx: Tx, where: Origin, form: dict[str, list[str]]) -> str:
    """Keep what the form says; the sentence that thanks for it."""
    if form.get("do") == ["nothing"]:
        await preferences.say(tx, where, {}, nothing=True)
        return "We write you nothing of the kind any more."
    before = await preferences.wishes(tx, where.customer_id)
    known, wanted = set(form.get("known", ())) & before.topics.keys(), set(form.get("topic", ()))
    was = {topic: before.topics[topic] is not False and not before.nothing for topic in known}
    changed = {topic: topic in wanted for topic in sorted(known) if was[topic] != (topic in wanted)}
    await preferences.say(tx, where, changed, nothing=False if before.nothing and wanted & known else None)
    pause = form.get("pause", [""])[0]
    if pause != "keep":
        await preferences.pause(tx, where, timedelta(days=int(pause)) if pause in ("7", "30", "90") else None)
    return "Thank you. It is kept."
