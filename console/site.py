"""What every page has: the store, the templates, the headers, and plain words when something is wrong."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from console import words
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


class NotThere(Exception):
    """Nothing is at this address; the text says so in a sentence."""


class Site:
    """The console as its pages see it. ``temporal_ui`` is the address of Temporal's own pages, if there is one."""

    def __init__(self, db: Database, mailbox: Mailbox | None, temporal_ui: str | None, namespace: str) -> None:
        self.db = db
        self.mailbox = mailbox
        self._temporal = f"{temporal_ui.rstrip('/')}/namespaces/{quote(namespace, safe='')}" if temporal_ui else None
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(words=words, link=link, temporal=self.temporal, catches_mail=mailbox is not None)

    def temporal(self, instance_id: str) -> str | None:
        """Where Temporal shows an instance."""
        place = quote(f"journey/{instance_id}", safe="")
        return f"{self._temporal}/workflows/{place}" if self._temporal else None

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page made from a template."""
        values = {"now": now(), "path": request.url.path, "base_url": str(request.base_url).rstrip("/"), **values}
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    async def answer(self, page: "Page", request: Request) -> Response:
        """What a page answers, with the headers of all; a page that is not there or a store that is away is said."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                response = await page(self, request)
        except NotThere as problem:
            response = self.page(request, "not_there.html", 404, problem=str(problem))
        except (SQLAlchemyError, TimeoutError, OSError) as problem:
            log.warning("a page could not be made: %s", str(problem).split("\n")[0] or type(problem).__name__)
            response = self.page(request, "store_away.html", 503)
            response.headers["Retry-After"] = "5"
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def route(self, path: str, page: "Page") -> Route:
        """A page at its address."""

        async def endpoint(request: Request) -> Response:
            return await self.answer(page, request)

        return Route(path, endpoint, methods=["GET"], name=f"{page.__module__}.{page.__name__}")


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
