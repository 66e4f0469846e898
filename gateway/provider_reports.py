"""The door for what providers of mail report: POST /v1/mail/ses, /v1/mail/postmark, /v1/mail/sendgrid.

Each report is proven, read (`journey.returned.providers`), matched to its letter and told once. 200 means committed; a
report of a letter that is not ours is counted and passed over.
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import fetching, proofs, refusals, strict_json
from gateway.answers import Json
from gateway.desk import Desk
from gateway.patience import within
from gateway.proofs import Fetch
from journey.returned.providers import READERS, Told
from store import returns

MAIL = "/v1/mail"
MOST_VALUES = 100_000
MOST_REPORTS = 1_000
PATIENCE_SECONDS = 10.0
SECRETS = {"ses": "WAYFARE_SECRET_SES", "postmark": "WAYFARE_SECRET_POSTMARK", "sendgrid": "WAYFARE_SECRET_SENDGRID"}
"""Where each provider's proof stands: the ARN of the topic, user:password, the verification key."""


def routes(desk: Desk, fetch: Fetch = fetching.fetched) -> list[BaseRoute]:
    """The routes of this door. ``fetch`` asks SNS."""
    return desk.routes(MAIL + "/{provider}", _Reports(desk, fetch).answer, "POST", name="mail")


class _Reports:
    def __init__(self, desk: Desk, fetch: Fetch) -> None:
        self._desk = desk
        self._sns = proofs.Sns(fetch)

    async def answer(self, request: Request) -> Response:
        """1. Which provider, 2. the body and its proof, 3. the reports, 4. the commit."""
        provider = request.path_params["provider"]
        if provider not in SECRETS:
            raise refusals.UnknownSource("path", "There is no such provider here.", f"There are {', '.join(SECRETS)}.")
        secrets = tuple(self._desk.secrets.get(SECRETS[provider], ()))
        if not secrets:
            variable = SECRETS[provider]
            raise refusals.UnknownSource(
                "path", f"{provider} is not set up here.", f"Set {variable} where Wayfare runs."
            )
        body = await self._desk.body(request, batch=True)
        if provider == "ses":
            return await self._of_sns(body, secrets)
        {"postmark": proofs.postmark, "sendgrid": proofs.sendgrid}[provider](request.headers, body, secrets)
        return await self._keep(list(READERS[provider](_read(body))))

    async def _of_sns(self, body: bytes, topics: tuple[str, ...]) -> Response:
        message = _read(body)
        if not isinstance(message, dict):
            raise refusals.Malformed("body", "It is not an object.", "Let SNS send the messages as they are.")
        await self._sns.verify(message, topics)
        if message["Type"] == "SubscriptionConfirmation":
            await self._sns.confirm(message)
            return Json({"state": "confirmed"})
        if message["Type"] == "UnsubscribeConfirmation":
            return Json({"state": "ignored"})
        try:
            said = json.loads(str(message.get("Message")))
        except (ValueError, RecursionError):
            said = None  # SES says hello in plain words when it is set up
        return await self._keep(list(READERS["ses"](said)))

    async def _keep(self, reports: list[Told]) -> Response:
        found = reports[:MOST_REPORTS]
        try:
            told, unknown = await within(PATIENCE_SECONDS, self._kept(found))
        except Exception:  # noqa: BLE001  whatever the driver raises, nothing was committed, and the provider repeats it
            raise refusals.StoreAway from None
        if told:
            self._desk.intake.ring()
        return Json({"state": "taken", "told": told, "unknown": unknown})

    async def _kept(self, reports: list[Told]) -> tuple[int, int]:
        told = unknown = 0
        async with self._desk.db.write() as tx:
            for one in reports:
                news = await returns.report(tx, one)
                told, unknown = told + (news is True), unknown + (news is None)
        return told, unknown


def _read(body: bytes) -> Any:
    document = strict_json.Document(body, most_made=MOST_VALUES)
    document.check(document.top, most=MOST_VALUES, largest=2**63 - 1)
    return document.top
