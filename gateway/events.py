"""The door for CloudEvents: POST /v1/events, one event or a batch. With `?dry_run=1` it says what would come of an
event.

OPTIONS answers the handshake by which some senders (Azure Event Grid) ask whether they may send at all: CloudEvents,
HTTP 1.1 Web Hooks for Event Delivery, section 4. It grants nothing: each event still needs its key."""

import logging

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import bodies, envelopes, refusals
from gateway.answers import Json
from gateway.desk import Desk
from gateway.keys import Caller
from gateway.patience import within
from store.inbox import NewEvent

EVENTS = "/v1/events"

log = logging.getLogger(__name__)


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
        packed = bodies.packing(request.headers)
        if form == "batched" and _is_dry(request):
            raise refusals.Malformed("query dry_run", "A batch cannot be tried.", "Send one of its events.")
        if form == "batched":
            return await self._batch(request, caller, packed)
        body = await self._desk.body(request, packed=packed)
        in_force = await self._desk.published.now()
        event = in_force.fitting(envelopes.read(form, request.headers, body, caller.source))
        self._desk.allow(caller, [event])
        if _is_dry(request):
            return await self._foreseen(event)
        return self._desk.receipt_answer(event, await self._desk.intake.accept(event, caller.source))

    async def _foreseen(self, event: NewEvent) -> Response:
        """What the event would come to; nothing is kept."""
        try:
            return Json(await within(self._desk.limits.store_seconds, self._desk.foresight.of(event)))
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is the same
            log.warning("An event could not be foreseen: %s %s", type(error).__name__, str(error).split("\n")[0])
            raise refusals.StoreAway from None

    async def _batch(self, request: Request, caller: Caller, packed: bool) -> Response:
        """What is no event is kept in quarantine and said in the answer; it does not hold up the others."""
        body = await self._desk.body(request, batch=True, packed=packed)
        in_force = await self._desk.published.now()
        events = envelopes.read_batch(body, caller.source, in_force.fitting)
        self._desk.allow(caller, events)
        return Json(self._desk.batch_shown(await self._desk.keep_all(events, caller.source)), status=202)


def _is_dry(request: Request) -> bool:
    asked = request.query_params.get("dry_run", "0")
    if asked not in ("0", "1"):
        raise refusals.Malformed("query dry_run", "It is neither 0 nor 1.", "Send 1 to try, or leave it out.")
    return asked == "1"


def _handshake(request: Request) -> Response:
    granted = {"Allow": "POST, OPTIONS"}
    if origin := request.headers.get("webhook-request-origin"):
        granted["WebHook-Allowed-Origin"] = origin
        if "webhook-request-rate" in request.headers:
            granted["WebHook-Allowed-Rate"] = "*"
    return Response(status_code=200, headers=granted)
