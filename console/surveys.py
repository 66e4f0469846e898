"""What customers answered to the questions in our letters: each with its figure, and how the answers spread."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from console.site import NotThere, Site, one_of
from journey.surveys import DEFINITIONS, ENOUGH
from store import surveys
from store.clock import now

SPANS = {"30": "30 days", "90": "90 days", "365": "a year", "": "All"}


async def listed(site: Site, request: Request) -> Response:
    """Every question that was asked."""
    span = one_of(request, "days", tuple(SPANS))
    since = now() - timedelta(days=int(span)) if span else None
    async with site.db.read() as tx:
        found = await surveys.results(tx, since)
    return site.page(request, "surveys.html", found=found, spans=SPANS, span=span, enough=ENOUGH)


async def one(site: Site, request: Request) -> Response:
    """One question: the figure, its definition, the spread, and what was written."""
    name = request.path_params["name"]
    span = one_of(request, "days", tuple(SPANS))
    since = now() - timedelta(days=int(span)) if span else None
    async with site.db.read() as tx:
        found = await surveys.results(tx, since, name) if len(name) <= 80 else {}
        answers = await surveys.words(tx, name)
    if not found and not answers:
        raise NotThere("No letter of this name has asked a question.")
    return site.page(
        request,
        "survey.html",
        name=name,
        results=list(found.values()),
        definitions=DEFINITIONS,
        answers=answers,
        spans=SPANS,
        span=span,
        enough=ENOUGH,
    )
