"""A person begins a journey for a customer, as if one of the customer's events came once more."""

from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import words
from console.site import NotThere, Site
from journey.inputs import Event
from journey.routing import Refusal, wish
from store import audit, beginnings, customers, definitions, identity, inbox, timeline
from store.beginnings import Begun
from store.clock import now
from store.database import Tx

OFFERED = 20


class Order(NamedTuple):
    """Who begins it and why, and how fast its time passes."""

    who: str
    reason: str
    pace: float


async def offers(tx: Tx, customer_id: str) -> list[dict[str, Any]]:
    """What may be begun for a customer: the journeys in force, each with every event of theirs that begins it."""
    starts: dict[str, list[Any]] = {}
    for journey in (await definitions.active(tx)).values():
        starts.setdefault(journey.start.on, []).append(journey)
    events = await inbox.of_customer(tx, customer_id, list(starts), OFFERED)
    return [
        {"journey": journey.journey, "title": journey.title, "receipt": event["receipt"], "at": event["accepted_at"]}
        for event in events
        for journey in starts[event["type"]]
    ]


async def start(site: Site, request: Request) -> Response:
    """Begin one."""
    customer_id, who = request.path_params["customer_id"], request.state.person.name
    back = f"/customers/{customer_id}"
    name, _, receipt = request.state.form.text("what", 200).partition(" ")
    reason = request.state.form.line("reason", 300)
    async with site.db.write() as tx:
        await beginnings.one_decides(tx)
        found = await _found(tx, customer_id, name, receipt)
        begun = await _begin(tx, customer_id, name, found, Order(who, reason, site.pace))
    if isinstance(begun, str):
        return site.refusal(request, 409, "It does not begin", f"{words.capital(begun)}.", back)
    site.ring(begun.launch.instance_id, 1)
    return RedirectResponse(back, 303)


async def _found(tx: Tx, customer_id: str, name: str, receipt: str) -> dict[str, Any]:
    """The event, which must be this customer's; NotThere for anything else."""
    known = await identity.find(tx, customer_id) if customer_id.isascii() and customer_id.isalnum() else None
    if known is None or known["customer_id"] != customer_id:
        raise NotThere("We know no such customer.")
    journey = (await definitions.active(tx)).get(name)
    mine = await inbox.of_customer(tx, customer_id, [journey.start.on], 1_000) if journey else []
    event = next((one for one in mine if one["receipt"] == receipt), None)
    if event is None:
        raise NotThere("This customer has no such event, or there is no such journey.")
    return event


async def _begin(tx: Tx, customer_id: str, name: str, found: dict[str, Any], order: Order) -> Begun | str:
    """What has begun, or why it does not."""
    journey = (await definitions.active(tx))[name]
    event = Event(type=found["type"], data=found["data"], at=now())
    wanted = wish(journey, event.data, await customers.known(tx, customer_id), event.at)
    if isinstance(wanted, Refusal):
        return wanted.reason
    begun = await beginnings.begin(tx, wanted, customer_id, event, pace=order.pace)
    if isinstance(begun, str):
        return begun
    await timeline.add(tx, [{**begun.line, "text": f"{journey.title} began, by {order.who}."}])
    detail = {"journey": name, "event": found["receipt"]}
    about = f"instance {begun.launch.instance_id}"
    await audit.note(tx, order.who, "start", about, customer_id=customer_id, reason=order.reason, detail=detail)
    return begun
