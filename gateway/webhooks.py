"""The door for upstream systems that send messages of their own: POST /v1/sources/{source}.

Shopify, Stripe, any sender of Standard Webhooks, or any system that can post JSON with a key: `definitions/sources/`
says which, and what their messages become. Such senders cannot mend what they send, so nothing they sign is refused for
what it says: what comes to no event is put aside with its reason.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import arrivals, bodies, quarantine, refusals, strict_json
from gateway.answers import Json
from gateway.desk import Desk
from gateway.published import InForce
from gateway.senders import SENDERS
from gateway.senders.base import Sender
from journey.declared.source import SIGNED, Source
from store.clock import now
from store.inbox import NewEvent

SOURCES = "/v1/sources"
MOST_VALUES = 100_000
LARGEST = 2**63 - 1
"""Others count their orders far beyond 2^53; tables make texts of such numbers."""


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of this door."""
    return desk.routes(SOURCES + "/{source}", _Webhooks(desk).answer, "POST", name="source")


class _Webhooks:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, request: Request) -> Response:
        """1. Which source, and who vouches for it, 2. the body and its signature, 3. the event, 4. the commit."""
        in_force = await self._desk.published.now()
        source = in_force.sources.get(request.path_params["source"])
        if source is None or source.sent_by not in SENDERS:
            raise refusals.UnknownSource("path", "There is no such source here.", "Declare it in definitions/sources/.")
        secrets = await self._vouched(request, source)
        body = await self._desk.body(request, batch=True, packed=bodies.packing(request.headers))
        sender = SENDERS[source.sent_by]
        sender.verify(request.headers, body, secrets, now())
        document = strict_json.Document(body, most_made=MOST_VALUES)
        event = self._read(request, document, source, sender, in_force)
        if event is None:
            return Json({"source": source.source, "state": "ignored"})
        [(kept, receipt)] = await self._desk.keep_all([event], source.source)
        reason = {"reason": kept.reason} if kept.reason else {}
        return Json(self._desk.receipt_shown(receipt) | reason)

    async def _vouched(self, request: Request, source: Source) -> tuple[str, ...]:
        """The secrets with which the sender may have signed; none if its key has vouched for it."""
        if source.sent_by not in SIGNED:
            await self._desk.caller(request, source=source.source)
            return ()
        secrets = self._desk.secrets.get(source.secret or "", ())
        if not secrets:
            raise refusals.NotSetUp(
                "secret", f"The secret of {source.source} is not there.", f"Set {source.secret} where Wayfare runs."
            )
        return tuple(secrets)

    def _read(
        self, request: Request, document: strict_json.Document, source: Source, sender: Sender, in_force: InForce
    ) -> NewEvent | None:
        """The event; None if such messages are ignored."""
        message, moment = document.top, now()
        try:
            document.check(message, most=MOST_VALUES, largest=LARGEST)
            if not isinstance(message, dict):
                raise refusals.Malformed("body", "It is not an object.", "Send one message as {...}.")
        except refusals.Malformed as refusal:
            return quarantine.unreadable(message, source.source, refusal)
        label = sender.label(request.headers, message, source, moment)
        lasting = sender.lasting(message)
        arrival = arrivals.Arrival(label.name, label.id or quarantine.id_of(lasting), label.at, message, lasting)
        return arrivals.event_of(arrival, source, in_force.events, moment)
