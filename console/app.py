"""The console's addresses: which page is where."""

from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from console import (
    acting,
    audits,
    beginning,
    closeup,
    customers,
    events,
    export,
    incoming,
    journeys,
    live,
    mail,
    many,
    messages,
    now,
    picture,
    sign_in,
    surveys,
    tasks,
    texts,
    told,
    views,
)
from console.company_sign_in import Company
from console.door import Door, KeyOwner
from console.site import HEADERS, NotThere, Page, Ring, Site
from journey.acts import ACTS
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
    ("/tasks", tasks.queue),
    ("/tasks/{task_id}", tasks.one),
    ("/surveys", surveys.listed),
    ("/surveys/{name}", surveys.one),
    ("/events", events.accepted),
    ("/events/told", told.others),
    ("/events/{receipt}", events.one),
    ("/journeys", journeys.defined),
    ("/incoming", incoming.listed),
    ("/incoming/{number}", incoming.one),
    ("/incoming/{number}/raw", incoming.raw),
    ("/journeys/{journey}", journeys.one),
    ("/mail", mail.caught),
    ("/mail.json", mail.as_json),
    ("/mail/{number}", mail.one),
    ("/mail/{number}/html", mail.html),
    ("/mail/{number}/raw", mail.raw),
    ("/account", sign_in.account),
    ("/instances/{instance_id}", closeup.one),
    ("/live", live.stream),
)
"""What whoever is signed in may read."""

OPEN: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/sign-in", sign_in.form),
    ("POST", "/sign-in", sign_in.by_password),
    ("GET", "/sign-in/company", sign_in.leave),
    ("GET", "/sign-in/company/back", sign_in.come_back),
    ("GET", "/sign-in/{token}", sign_in.link),
    ("POST", "/sign-in/{token}", sign_in.by_link),
    ("GET", "/pictures.css", picture.style),
)
"""What everybody may open."""

LEADS: tuple[tuple[str, Page, str], ...] = (
    ("/audit", audits.listed, "audit"),
    ("/audit/verified", audits.verified, "audit"),
)
"""What only some may read: where, what, and the right it takes."""

ACTIONS: tuple[tuple[str, Page, str], ...] = (
    ("/account", sign_in.new_password, "own account"),
    ("/sign-out", sign_in.out, "own account"),
    *((f"/instances/{{instance_id}}/{name}", acting.on_one(name), name) for name in ACTS),
    *((f"/messages/{{key}}/{word}", acting.on_message(word), right) for word, right in acting.MESSAGE_WORDS.items()),
    *((f"/tasks/{{task_id}}/{what}", tasks.act(what), "task") for what in tasks.ACTS),
    ("/customers/{customer_id}/note", acting.note, "note"),
    ("/customers/{customer_id}/start", beginning.start, "start"),
    ("/journeys/{journey}/hold", journeys.whole("hold"), "hold"),
    ("/journeys/{journey}/drain", journeys.whole("drain"), "drain"),
    ("/journeys/{journey}/lift", journeys.lift, "hold"),
    ("/views", views.save, "own account"),
    ("/views/drop", views.drop, "own account"),
    ("/export", export.journeys, "export"),
    ("/many", many.preview, "many"),
    ("/many/{act}", many.act, "many"),
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
    ring: Ring | None = None,
    pace: float = 1.0,
    company: Company | None = None,
) -> list[BaseRoute]:
    """The console's pages. The last route answers for every address that nothing else has, so these routes belong
    behind all others. ``mailbox`` is None when mail goes to a server of the company's own; ``key_owner`` lets programs
    read."""
    site = Site(db, mailbox, Door(db, public_url, key_owner), temporal_ui, namespace, ring, pace, company)
    return [
        *(site.route(path, page, "", method) for method, path, page in OPEN),
        *(site.route(path, page, "read") for path, page in PAGES),
        *(site.route(path, page, right) for path, page, right in LEADS),
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
