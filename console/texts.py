"""The message texts in force: which there are, in which languages, who sends them, and how a customer would see each.

What a text says is shown in a frame that may run nothing and reach nothing; pictures of a text shown for a sample are
fetched, those of a text shown for a customer are not (what a customer's data names is not asked for).
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from console.mail import FRAME_POLICY
from console.site import NotThere, Site, asked
from journey import messages, samples
from journey.company import Company
from journey.definition import Journey
from journey.messages import Message, Rendered
from journey.samples import Sample
from journey.text_errors import TextProblem
from store import customers, definitions, identity
from store.database import Tx

SAMPLE_POLICY = FRAME_POLICY.replace("img-src data:", "img-src https: data:")


@dataclass(frozen=True)
class _Shown:
    """A text as it would be for somebody, or why it cannot be; whether it is a customer of the store."""

    message: Message
    languages: tuple[str, ...]
    whom: str
    real: bool
    mail: Rendered | None
    problem: str


async def listed(site: Site, request: Request) -> Response:
    """Every text, by name."""
    async with site.db.read() as tx:
        texts = await definitions.texts(tx)
        journeys = (await definitions.active(tx)).values()
        company = await definitions.the_company(tx) if texts else None
    rows = [
        {
            "name": text.message.name,
            "subject": _subject(text.message, text.sample, company),
            "languages": _languages(text.message, company),
            "kind": text.message.kind,
            "topic": text.message.topic,
            "journeys": _senders(journeys, text.message.name),
        }
        for text in texts
    ]
    return site.page(request, "texts.html", rows=rows)


async def one(site: Site, request: Request) -> Response:
    """One text, for a sample or for a customer, in one of its languages."""
    async with site.db.read() as tx:
        shown = await _shown(tx, request)
        journeys = _senders((await definitions.active(tx)).values(), shown.message.name)
        reference = asked(request, "customer")
    return site.page(
        request,
        "text.html",
        message=shown.message,
        languages=shown.languages,
        language=shown.mail.locale if shown.mail else asked(request, "language"),
        whom=shown.whom,
        real=shown.real,
        mail=shown.mail,
        problem=shown.problem,
        reference=reference,
        journeys=journeys,
    )


async def html(site: Site, request: Request) -> Response:
    """The page of one text, for the frame."""
    async with site.db.read() as tx:
        shown = await _shown(tx, request)
    policy = FRAME_POLICY if shown.real else SAMPLE_POLICY
    content = shown.mail.html if shown.mail else ""
    return HTMLResponse(content, headers={"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"})


async def _shown(tx: Tx, request: Request) -> _Shown:
    name = request.path_params["name"]
    found = await definitions.published_text(tx, name) if len(name) <= 80 else None
    if found is None:
        raise NotThere("There is no such text. It may have been taken out of the definitions.")
    company = await definitions.the_company(tx)
    facts, real = await _facts(tx, found.message, found.sample, company, asked(request, "customer"))
    url = f"{company.website}/preview-of-the-link-to-unsubscribe" if found.message.kind == "lifecycle" else ""
    mail, problem = None, ""
    try:
        mail = messages.render(found.message, facts, locale=asked(request, "language"), unsubscribe_url=url)
    except TextProblem as wrong:
        problem = str(wrong)
    who = facts["customer"].get("name") or facts["customer"].get("email") or "a customer without a name"
    return _Shown(found.message, _languages(found.message, company), str(who), real, mail, problem)


async def _facts(
    tx: Tx, message: Message, sample: dict[str, Any] | None, company: Company, reference: str
) -> tuple[dict[str, Any], bool]:
    """What the text is written with, and whether its customer is one of the store."""
    facts = _sampled(message, sample, company)
    if not reference:
        return facts, False
    row = await identity.find(tx, reference)
    if row is None:
        raise NotThere(f"We know no customer with the id or address “{reference[:60]}”.")
    return {**facts, "customer": await customers.known(tx, row["customer_id"])}, True


def _sampled(message: Message, sample: dict[str, Any] | None, company: Company) -> dict[str, Any]:
    made_up = {"customer": dict(samples.PERSON), "start": {}, "vars": {}, "journey": {"name": "", "title": ""}}
    known = samples.complete(message, Sample({**made_up, **(sample or {})})).facts
    return {**known, "company": company.facts}


def _subject(message: Message, sample: dict[str, Any] | None, company: Company | None) -> str:
    try:
        return messages.render(message, _sampled(message, sample, company)).subject if company else message.subject
    except TextProblem:
        return message.subject


def _languages(message: Message, company: Company | None) -> tuple[str, ...]:
    home = company.language if company else ""
    return tuple(dict.fromkeys((message.locale or home, *message.translations)))


def _senders(journeys: Any, name: str) -> list[Journey]:
    return [journey for journey in journeys if any(name in spot.step.sends() for spot in journey.spots.values())]
