"""The door for CloudEvents: POST /v1/events, one event or a batch.

OPTIONS answers the handshake by which some senders (Azure Event Grid) ask whether they may send at all: CloudEvents,
HTTP 1.1 Web Hooks for Event Delivery, section 4. It grants nothing: each event still needs its key.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import envelopes, refusals
from gateway.answers import Json
from gateway.desk import Desk
from gateway.keys import Caller
from store.inbox import NewEvent, Receipt

EVENTS = "/v1/events"


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of this door."""
    return desk.routes(EVENTS, _Events(desk).answer, "POST", "OPTIONS", name="events")


class _Events:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, request: Request) -> Response:
        """1. Who, and can we read it, 2. the body, 3. the event, 4. the commit, 5. the receipt."""
        if request.method == "OPTIONS":
            return _handshake(request)
        caller = await self._desk.caller(request)
        form = envelopes.form_of(request.headers)
        if form == "batched":
            return await self._batch(request, caller)
        body = await self._desk.body(request)
        in_force = await self._desk.published.now()
        event = in_force.fitting(envelopes.read(form, request.headers, body, caller.source))
        self._desk.allow(caller, [event])
        return self._single(event, await self._desk.intake.accept(event))

    def _single(self, event: NewEvent, receipt: Receipt) -> Response:
        answer = self._desk.receipt_shown(receipt) | ({"reason": event.reason} if event.reason else {})
        if receipt.state != "conflict":
            return Json(answer, status=202)
        refusal = refusals.OtherBody(
            "/id",
            "An event with this source and id was accepted before, and it said something else. The first one is kept.",
            "Give each event an id of its own; to send an event again, send exactly the same one.",
        )
        return Json(refusal.as_json() | answer, status=refusal.status)

    async def _batch(self, request: Request, caller: Caller) -> Response:
        """What is no event is kept in quarantine and said in the answer; it does not hold up the others."""
        body = await self._desk.body(request, batch=True)
        in_force = await self._desk.published.now()
        events = envelopes.read_batch(body, caller.source, in_force.fitting)
        self._desk.allow(caller, events)
        return Json(self._desk.batch_shown(await self._desk.keep_all(events)), status=202)


def _handshake(request: Request) -> Response:
    granted = {"Allow": "POST, OPTIONS"}
    if origin := request.headers.get("webhook-request-origin"):
        granted["WebHook-Allowed-Origin"] = origin
        if "webhook-request-rate" in request.headers:
            granted["WebHook-Allowed-Rate"] = "*"
    return Response(status_code=200, headers=granted)
