"""The console's addresses: which page is where."""

from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from console import customers, events, incoming, journeys, mail, messages, now, sign_in, surveys, texts, told
from console.door import Door, KeyOwner
from console.site import HEADERS, NotThere, Page, Site
from store.database import Database
from store.mailbox import Mailbox

NOTHING = "There is nothing at this address."
PAGES: tuple[tuple[str, Page], ...] = (
    ("/", now.running),
    ("/customers", customers.everybody),
    ("/customers/{reference:path}", customers.one),
    ("/messages", messages.intended),
    ("/messages/texts", texts.listed),
    ("/messages/texts/{name}", texts.one),
    ("/messages/texts/{name}/html", texts.html),
    ("/surveys", surveys.listed),
    ("/surveys/{name}", surveys.one),
    ("/events", events.accepted),
    ("/events/told", told.others),
    ("/events/{receipt}", events.one),
    ("/journeys", journeys.defined),
    ("/incoming", incoming.listed),
    ("/incoming/{number}", incoming.one),
    ("/incoming/{number}/raw", incoming.raw),
    ("/mail", mail.caught),
    ("/mail.json", mail.as_json),
    ("/mail/{number}", mail.one),
    ("/mail/{number}/html", mail.html),
    ("/mail/{number}/raw", mail.raw),
    ("/account", sign_in.account),
)
"""What whoever is signed in may read."""

OPEN: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/sign-in", sign_in.form),
    ("POST", "/sign-in", sign_in.by_password),
    ("GET", "/sign-in/{token}", sign_in.link),
    ("POST", "/sign-in/{token}", sign_in.by_link),
)
"""What everybody may open."""

ACTIONS: tuple[tuple[str, Page, str], ...] = (
    ("/account", sign_in.new_password, "own account"),
    ("/sign-out", sign_in.out, "own account"),
)
"""What is done by a form: where it goes, what it does, and the right it takes."""


def routes(
    db: Database,
    mailbox: Mailbox | None,
    *,
    public_url: str,
    temporal_ui: str | None,
    namespace: str,
    key_owner: KeyOwner | None = None,
) -> list[BaseRoute]:
    """The console's pages. The last route answers for every address that nothing else has, so these routes belong
    behind all others. ``mailbox`` is None when mail goes to a server of the company's own; ``key_owner`` lets programs
    read."""
    site = Site(db, mailbox, Door(db, public_url, key_owner), temporal_ui, namespace)
    return [
        *(site.route(path, page, "", method) for method, path, page in OPEN),
        *(site.route(path, page, "read") for path, page in PAGES),
        *(site.route(path, action, right, "POST") for path, action, right in ACTIONS),
        Mount("/static", _Static(directory=Path(__file__).parent / "static")),
        _Nothing(site),
    ]


class _Static(StaticFiles):
    """The stylesheet, the script and the mark, which browsers may keep but ask about again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file with our headers."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as problem:
            response = JSONResponse({"error": NOTHING}, problem.status_code)
        response.headers.update(HEADERS | {"Cache-Control": "no-cache"})
        return response


class _Nothing(BaseRoute):
    """Answers for every address that has no page, whatever it looks like: in words to people, as JSON to programs."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Every request."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer."""
        if "text/html" in Headers(scope=scope).get("accept", ""):
            response = await self._site.answer(_nothing_here, Request(scope, receive))
        else:
            response = JSONResponse({"error": NOTHING}, 404, HEADERS)
        await response(scope, receive, send)


async def _nothing_here(site: Site, request: Request) -> Response:
    raise NotThere("There is no such page.")
