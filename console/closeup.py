"""One customer's run of one journey, whole: where it stands and what it waits for, what it heard, did and was told."""

from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from console import picture, steps, words
from console.customers import readable
from console.site import NotThere, Site, link, whole
from journey import acts as known_acts
from journey.clocks import BREACH
from journey.definition import Journey
from journey.rights import Person
from store import acts, definitions, pages, timeline
from store.database import Tx

HEARD, TOLD = 100, 300


async def one(site: Site, request: Request) -> Response:
    """The page."""
    instance_id = request.path_params["instance_id"]
    async with site.db.read() as tx:
        row = await found(tx, instance_id)
        journey = await definitions.pinned(tx, row["def_hash"])
        heard = await acts.heard(tx, instance_id, HEARD)
        letters = await pages.messages_of(tx, instance_id)
        tasks = await pages.tasks_of(tx, instance_id)
        told = await timeline.of_instance(tx, instance_id, TOLD)
    me: Person = request.state.person
    drawn = picture.inline(
        journey, lambda step: link("/", journey=row["journey"], step=step), here=row["step"], slim=True
    )
    return site.page(
        request,
        "closeup.html",
        row=row,
        place=steps.place(journey, row["step"]),
        upcoming=steps.upcoming(journey, row["step"]) if row["wake_at"] else [],
        since=words.moment(row["moved_at"]) or row["started_at"],
        drawn=Markup(drawn),  # noqa: S704  made by us of escaped parts
        offers=_offers(row, journey, me),
        places=[(step_id, title(journey, step_id)) for step_id in journey.spots if step_id in journey.places],
        orders=[_order(one, row) for one in heard if one["kind"] == "command"],
        placed=whole(request.query_params.get("placed", "")),
        heard=[one for one in heard if one["kind"] != "command"],
        letters=letters,
        tasks=[one for one in tasks if me.of_team(one["team"])],
        told=[readable({**one, "journey": None}) for one in reversed(told)],
        variables=sorted(((row["snapshot"] or {}).get("vars") or {}).items()),
        began_with=sorted((row["entry"].get("event") or {}).get("data", {}).items()),
        clocks=_clocks(row["snapshot"] or {}),
    )


async def found(tx: Tx, instance_id: str) -> dict[str, Any]:
    """The row of one, or NotThere."""
    possible = instance_id.isascii() and instance_id.isalnum() and len(instance_id) <= 32
    row = await pages.instance_of(tx, instance_id) if possible else None
    if row is None:
        raise NotThere("No customer is or was on a journey of this number.")
    return row


def title(journey: Journey, step_id: str) -> str:
    """A step for a list to choose from: its place, what it does, and its name."""
    return f"{list(journey.spots).index(step_id) + 1}. {journey.spots[step_id].step.title()} ({step_id})"


def _offers(row: dict[str, Any], journey: Journey, me: Person) -> list[dict[str, Any]]:
    """What this person may do now, each with what comes of it."""
    offers = []
    for name, act in known_acts.ACTS.items():
        paused = row["paused_at"] is not None
        if me.may(name) and not known_acts.unfit(name, row["state"], row["step"], paused=paused):
            offers.append({"name": name, "act": act, "then": _then(name, row, journey)})
    return offers


def _then(name: str, row: dict[str, Any], journey: Journey) -> str:
    spot = journey.spots.get(row["step"] or "")
    if spot is None:
        return ""
    if name == "skip":
        return f"It leaves “{spot.step.title()}”, and next comes: {steps.named(journey, spot.after)}."
    if name == "again":
        return f"“{spot.step.title()}” begins once more."
    return ""


def _order(one: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """A command that was given: by whom, what, and what became of it."""
    content = one["content"]
    applied = one["seq"] <= row["acked_seq"]
    if one["refused"]:
        fate = words.State(f"not done: {one['refused']}", "bad")
    else:
        fate = words.State("done", "good") if applied else words.State("is being told", "busy")
    to = f" to {content['to']}" if content.get("to") else ""
    said = {name: str(content.get(name) or "") for name in ("by", "reason")}
    return {"seq": one["seq"], "at": one["created_at"], "what": f"{content['kind']}{to}", "fate": fate, **said}


def _clocks(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    """The clocks beside its way, each with when its time is over, as far as it runs."""
    over = {
        aside["clock"]: words.moment(aside["at"])
        for aside in snapshot.get("asides") or ()
        if aside["what"] == BREACH and aside.get("clock")
    }
    return [
        {
            "name": name,
            "due": over.get(name),
            "kind": clock["kind"],
            "length": clock["due"],
            "held": (clock.get("hold") or {}).get("reason", ""),
            "breached": BREACH in (clock.get("done") or ()),
        }
        for name, clock in (snapshot.get("clocks") or {}).items()
    ]
