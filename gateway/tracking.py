"""The doors for clients of the Segment HTTP tracking API: POST /v1/track, /v1/identify, …, /v1/batch, and the short
ones of analytics.js, which first asks for its settings. RudderStack's clients speak it too.

Measured with the clients themselves: RudderStack's send everything again unless they get exactly 200, and any refusal
without `code` and `message` counts as passing; Segment's drop a whole batch on a 4xx. So a message that cannot be used
is put aside with its reason, and its batch still gets its 200. Browsers send the key in the body, and as plain text.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import answers, bodies, envelopes, refusals, strict_json, tracked
from gateway.desk import Desk
from gateway.keys import Caller
from journey.declared.source import Source
from store.clock import now
from store.inbox import NewEvent

_WHOLE = (*tracked.CALLS, "batch")
PATHS = {name: name for name in _WHOLE} | {name[0]: name for name in _WHOLE} | {"import": "batch"}
"""The last part of each address, and what it takes."""
BEACON = "/beacon/v1/batch"
"""Where RudderStack's pages send when they are left: a beacon has no headers, so the key stands in the address."""
ADDRESSES = {f"/v1/{last}": takes for last, takes in PATHS.items()} | {BEACON: "batch"}

SETTINGS = "/v1/projects/{key}/settings"
ANYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
}
"""Pages of any origin may send: the key says whose they are, and nothing is ever read here."""
PREFLIGHT = ANYWHERE | {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, x-retry-count",
    "Access-Control-Max-Age": "86400",
}


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of these doors."""
    made: list[BaseRoute] = []
    for path, takes in ADDRESSES.items():
        ask = answers.refusing(_Tracking(desk, takes).answer, desk.limits, ANYWHERE)
        made.append(answers.Door(path, ask, methods=["POST", "OPTIONS"], name=f"tracking {path}"))
        made.append(answers.Door(path, answers.Only("POST, OPTIONS", desk.limits)))
    ask = answers.refusing(_Settings(desk).answer, desk.limits, ANYWHERE)
    made.append(answers.Door(SETTINGS, ask, methods=["GET", "OPTIONS"], name="tracking settings"))
    made.append(answers.Door(SETTINGS, answers.Only("GET, HEAD, OPTIONS", desk.limits)))
    return made


class _Settings:
    """What analytics.js asks for before it sends anything: where to, and what else to load (nothing)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, request: Request) -> Response:
        """The settings of a write key."""
        if request.method == "OPTIONS":
            return _preflight(request)
        key = request.path_params["key"]
        await self._desk.caller(request, key=key)
        host = self._desk.public_url or str(request.base_url).rstrip("/")
        to = {"apiKey": key, "apiHost": f"{host.partition('://')[2]}/v1", "protocol": host.partition("://")[0]}
        return answers.Json(
            {
                "integrations": {"Segment.io": {**to, "unbundledIntegrations": [], "addBundledMetadata": False}},
                "plan": {"track": {}, "identify": {}, "group": {}},
                "metrics": {"sampleRate": 0},
                "edgeFunction": {},
            },
            headers=ANYWHERE,
        )


def _preflight(request: Request) -> Response:
    """Which headers a page may send: those that it asks for, since none of them means anything but the key."""
    asked = request.headers.get("access-control-request-headers")
    return Response(status_code=204, headers=PREFLIGHT | ({"Access-Control-Allow-Headers": asked} if asked else {}))


class _Tracking:
    def __init__(self, desk: Desk, takes: str) -> None:
        self._desk = desk
        self._takes = takes

    async def answer(self, request: Request) -> Response:
        """1. Who, if the header says it, 2. the body, 3. who, if the body says it, 4. the events, 5. the commit."""
        if request.method == "OPTIONS":
            return _preflight(request)
        caller = await self._desk.caller(request) if "authorization" in request.headers else None
        packed = bodies.packing(request.headers)
        body = await self._desk.body(request, batch=True, packed=packed)
        document = strict_json.Document(body, most_made=envelopes.MOST_MADE_IN_BATCH)
        if not isinstance(document.top, dict):
            raise refusals.Malformed("body", "It is not an object.", "Send what the tracking API describes.")
        beacon = request.query_params.get("writeKey") if request.url.path.rstrip("/") == BEACON else None
        caller = caller or await self._desk.caller(request, key=beacon or _key_in(document.top))
        events = await self._events(document, caller)
        self._desk.allow(caller, events)
        await self._desk.keep_all(events, caller.source)
        return answers.Json({"success": True}, headers=ANYWHERE)

    async def _events(self, document: strict_json.Document, caller: Caller) -> list[NewEvent]:
        """What is in the body, without what the source ignores."""
        in_force = await self._desk.published.now()
        source = _source_of(caller, in_force.sources)
        top = document.top
        batch = top.get("batch") if self._takes == "batch" else [top | {"type": self._takes}]
        if not isinstance(batch, list):
            raise refusals.Malformed("/batch", "It is not a list.", 'Send {"batch": [{...}, {...}]}.')
        moment = now()
        sent_at = top.get("sentAt")

        def read(message: dict[str, Any]) -> NewEvent | None:
            return tracked.event_of(message, source, in_force.events, caller.source, moment, sent_at)

        return envelopes.each_of(document, batch, caller.source, read)


def _key_in(top: dict[str, Any]) -> str:
    """The write key in a body: beside the batch, in the message, or in the first message of the batch."""
    batch = top.get("batch")
    first = batch[0] if isinstance(batch, list) and batch and isinstance(batch[0], dict) else {}
    for place in (top, first):
        if isinstance(key := place.get("writeKey"), str) and key:
            return key
    raise refusals.NoKey


def _source_of(caller: Caller, sources: Mapping[str, Source]) -> Source:
    """The table for a caller's messages: of its own source, else the one called `segment`, else the built-in one."""
    mine = sources.get(caller.source)
    if mine is not None and mine.sent_by == "segment":
        return mine
    usual = sources.get("segment")
    return usual if usual is not None and usual.sent_by == "segment" else tracked.BARE
