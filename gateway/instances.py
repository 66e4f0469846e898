"""The door by which upstream systems steer running journeys: POST /v1/instances/{journey}/cancel, hold or resume.

An order is an accepted event like any other: kept before it is answered, known by its id when it is sent again, and
carried out in the order of acceptance. So an order that follows a purchase finds the journey that the purchase has
begun, however soon it follows."""

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import bodies, refusals, strict_json
from gateway.customer_form import faults_of
from gateway.desk import Desk
from gateway.fields import line_fault
from gateway.keys import STEER
from gateway.orders import ORDERS, OURS
from journey import identity
from store.inbox import NewEvent

INSTANCES = "/v1/instances"


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of this door."""
    return desk.routes(f"{INSTANCES}/{{journey}}/{{what}}", _Instances(desk).answer, "POST", name="instances")


class _Instances:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, request: Request) -> Response:
        """1. Who, 2. which order, 3. its body, 4. the commit, 5. the receipt."""
        caller = await self._desk.caller(request, STEER)
        what = request.path_params["what"]
        if what not in ORDERS:
            raise refusals.UnknownOrder("path", "There is no such order.", f"Send one of {', '.join(ORDERS)}.")
        given = strict_json.parse(await self._desk.body(request, packed=bodies.packing(request.headers)))
        event = _event(given, caller.source, request.path_params["journey"], what)
        return self._desk.receipt_answer(event, await self._desk.intake.accept(event, caller.source))


def _event(given: dict[str, Any], source: str, journey: str, what: str) -> NewEvent:
    unknown = sorted(given.keys() - {"id", "key", "customer", "reason"})
    if unknown:
        raise refusals.Malformed(f"/{unknown[0]}", "It is not known here.", "Send id, key, customer and reason.")
    _check(given, journey)
    data = {"journey": journey, **{name: given[name] for name in ("key", "customer", "reason") if given.get(name)}}
    said = {"specversion": "1.0", "id": given["id"], "source": source, "type": OURS + what, "data": data}
    envelope = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(envelope.encode()).hexdigest()
    return NewEvent(source, given["id"], OURS + what, None, data, envelope, digest)


def _check(given: dict[str, Any], journey: str) -> None:
    if fault := line_fault(journey, characters=80):
        raise refusals.Malformed("path", *fault)
    for name, most in (("id", 255), ("key", 200), ("reason", 300)):
        value = given.get(name)
        if (value is not None or name == "id") and (fault := line_fault(value, characters=most)):
            raise refusals.Malformed(f"/{name}", *fault)
    customer = given.get("customer")
    if customer is None and given.get("key") is None:
        raise refusals.Malformed("/key", "Neither key nor customer is there.", "Say which instance is meant.")
    if customer is None:
        return
    if not isinstance(customer, dict) or not identity.names(customer) or faults_of(customer):
        raise refusals.Malformed("/customer", "It does not say who it is.", 'Send {"id": ...} or {"email": ...}.')
