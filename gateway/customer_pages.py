"""What all pages for customers have: they need no login and no script, and tell nobody else what they show."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway import wordings
from store import definitions
from store.database import Tx

PAGES = Path(__file__).parent / "pages"
LONGEST = 30_000
"""Of a form, in bytes."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
AWAY = {**HEADERS, "Retry-After": "30"}
Form = dict[str, list[str]]
Bell = Callable[[], None]
Answer = Callable[[Request], Awaitable[Response]]

_ENVIRONMENT = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined)


class TooLong(Exception):
    """A form is larger than any that our pages have."""


def style() -> BaseRoute:
    """The stylesheet of all these pages."""

    async def answer(request: Request) -> Response:
        return FileResponse(PAGES / "customer.css", media_type="text/css")

    return Route("/customer.css", answer, methods=["GET"])


def page(path: str, look: Answer, say: Answer) -> list[BaseRoute]:
    """The two routes of a page: looking, which changes nothing, and saying something."""
    return [Route(path, safe(look), methods=["GET", "HEAD"]), Route(path, safe(say), methods=["POST"])]


def safe(answer: Answer) -> Answer:
    """The answer, or a sentence if the form is too long or the store is away."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except TooLong:
            return PlainTextResponse("That is too much.", 413, HEADERS)
        except (SQLAlchemyError, TimeoutError, OSError):
            return PlainTextResponse("That did not work. Please try again in a minute.", 503, AWAY)

    return answered


async def form(request: Request) -> Form:
    """What a form says. Raises TooLong."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            raise TooLong
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=500)
    except ValueError:
        raise TooLong from None


async def shown(tx: Tx, template: str, language: str, status: int = 200, /, **values: Any) -> Response:
    """A page in a language that we speak."""
    company = (await definitions.the_company(tx)).company
    words = wordings.of(language)
    content = _ENVIRONMENT.get_template(template).render(company=company, words=words, **values)
    return HTMLResponse(content, status, {**HEADERS, "Content-Language": words.language})


async def gone(tx: Tx, request: Request) -> Response:
    """The page of a link that we did not make, or whose message is not there any more, in the browser's language."""
    return await shown(tx, "gone.html", request.headers.get("accept-language", "")[:2], 404)
