"""What every page has: the store, the templates, the headers, and plain words when something is wrong."""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from console import forms, words
from console.company_sign_in import Company
from console.counts import Counts
from console.door import Door
from console.pulse import Pulse
from journey.rights import RIGHTS, ROLES
from store.clock import now
from store.database import Database
from store.mailbox import Mailbox

log = logging.getLogger(__name__)

PAGE_SIZE = 50
PATIENCE_SECONDS = 10.0
SEARCH_LENGTH = 200

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What goes with every answer, unless the answer itself says otherwise."""


def _press() -> str:
    """The name of one press of a button, for a form that may be sent twice."""
    return secrets.token_hex(12)


class NotThere(Exception):
    """Nothing is at this address; the text says so in a sentence."""


Ring = Callable[[str, int], None]
"""Says soon to an instance that deliveries up to a number are there."""


def _to_be_swept(instance_id: str, upto: int) -> None:
    """Nobody rings from here: the sweeper of the process with the router does, within seconds."""


class Site:
    """The console as its pages see it. ``temporal_ui`` is the address of Temporal's own pages, if any; ``ring``
    tells running journeys at once what was ordered."""

    def __init__(
        self,
        db: Database,
        mailbox: Mailbox | None,
        door: Door,
        temporal_ui: str | None,
        namespace: str,
        ring: Ring | None = None,
        pace: float = 1.0,
        company: Company | None = None,
    ) -> None:
        self.db = db
        self.door = door
        self.pace = pace
        self.company = company
        self.pulse = Pulse(db)
        self.counts = Counts(db)
        self.ring = ring or _to_be_swept
        self.mailbox = mailbox
        self._temporal = f"{temporal_ui.rstrip('/')}/namespaces/{quote(namespace, safe='')}" if temporal_ui else None
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            words=words, link=link, press=_press, temporal=self.temporal, catches_mail=mailbox is not None, roles=ROLES
        )

    def temporal(self, instance_id: str) -> str | None:
        """Where Temporal shows an instance."""
        place = quote(f"journey/{instance_id}", safe="")
        return f"{self._temporal}/workflows/{place}" if self._temporal else None

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page made from a template."""
        known = {"now": now(), "path": request.url.path, "base_url": str(request.base_url).rstrip("/")}
        known |= {"me": getattr(request.state, "person", None), "form_token": self.door.form_token(request)}
        values = {**known, **values}
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def refusal(self, request: Request, status: int, title: str, problem: str, back: str = "/") -> HTMLResponse:
        """A page that says why something was not done, and the way back."""
        words_back = "Go back and look again" if back != "/" else "To the first page"
        return self.page(
            request, "refused.html", status, title=title, problem=problem, back=back, back_words=words_back
        )

    async def answer(self, page: "Page", request: Request, right: str = "") -> Response:
        """What a page answers, with the headers of all; a page that is not there or a store that is away is said.
        ``right``: what whoever asks must be allowed (``journey.rights``); '' for pages that are open to everybody."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                response = await self._admit(request, right) or await page(self, request)
        except NotThere as problem:
            response = self.page(request, "not_there.html", 404, problem=str(problem))
        except forms.TooMuch:
            response = self.refusal(request, 413, "Too much", "This is more than the form can take.")
        except (SQLAlchemyError, TimeoutError, OSError) as problem:
            log.warning("a page could not be made: %s", str(problem).split("\n")[0] or type(problem).__name__)
            response = self.page(request, "store_away.html", 503)
            response.headers["Retry-After"] = "5"
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    async def _admit(self, request: Request, right: str) -> Response | None:
        """None if the page may answer; else what is answered instead. 1. Who is it? 2. Does a form come from one of
        our pages? 3. May they?"""
        person = request.state.person = await self.door.person(request)
        if request.method == "POST":
            request.state.form = await forms.read(request)
            if self._forged(request, signed_in=person is not None):
                return self.refusal(request, 403, "Not done", "This did not come from a page of the console.")
        if not right:
            return None
        if person is None:
            return self._sign_in_first(request)
        if not person.may(right):
            needed = RIGHTS[right]
            return self.refusal(
                request, 403, "Not yours to do", f"This takes a role of {needed} or more; you are {person.role}."
            )
        return None

    def _forged(self, request: Request, *, signed_in: bool) -> bool:
        given, expected = request.state.form.text("form_token", 200), self.door.form_token(request)
        wrong_token = signed_in and not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
        return self.door.foreign(request) or wrong_token

    def _sign_in_first(self, request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"error": "Sign in, or show an API key that may read: Authorization: Bearer …"}, 401)
        if request.method != "GET":
            return self.refusal(request, 403, "Not done", "You are not signed in any more. Sign in, then do it again.")
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(link("/sign-in", next=wanted if wanted != "/" else ""), 303)

    def route(self, path: str, page: "Page", right: str, method: str = "GET") -> Route:
        """A page at its address, or what its form does."""

        async def endpoint(request: Request) -> Response:
            return await self.answer(page, request, right)

        return Route(path, endpoint, methods=[method], name=f"{page.__module__}.{page.__name__}")


Page = Callable[[Site, Request], Awaitable[Response]]
"""One page: from a request to an answer."""


def link(path: str, **parameters: object) -> str:
    """An address with the parameters that have a value."""
    given = {name: str(value) for name, value in parameters.items() if value not in (None, "", 0)}
    return f"{path}?{urlencode(given)}" if given else path


def asked(request: Request, name: str) -> str:
    """A parameter of the address as one short line; '' if it is not there."""
    text = request.query_params.get(name, "").encode("utf-8", "replace").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:SEARCH_LENGTH]


def one_of(request: Request, name: str, known: tuple[str, ...], default: str = "") -> str:
    """A parameter that must be one of a few words; anything else counts as the default."""
    value = request.query_params.get(name, "")
    return value if value in known else default


def whole(text: str) -> int | None:
    """A whole number as it may stand in an address, small enough for every database."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
