"""The same act on many at once: first what it does and to whom, then once to each. Who has moved meanwhile is named."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console import words
from console.acting import NO_REASON
from console.forms import Form
from console.site import NotThere, Site, whole
from journey import acts as known_acts
from journey.acts import ACTS, LONGEST_REASON
from store import acts, pages
from store.acts import Wanted
from store.clock import now
from store.instances import Stale

MOST = 500
"""So many at once: more would keep everybody else's actions waiting."""
SHOWN = 50


@dataclass(frozen=True)
class Chosen:
    """One of those chosen: what it is now, where it was seen, and why the act makes no sense for it ('' if it does)."""

    row: dict[str, Any]
    seq: int
    unfit: str


async def preview(site: Site, request: Request) -> Response:
    """What it will do, and to how many."""
    name = request.state.form.text("act", 20)
    if name not in ACTS or name == "move":
        raise NotThere("There is no such thing to do with many at once.")
    chosen = await _chosen(site, request.state.form, name)
    if not chosen:
        return site.refusal(request, 422, "Nobody is chosen", "Choose some customers in the list first.")
    fit = [one for one in chosen if not one.unfit]
    return site.page(
        request,
        "many.html",
        name=name,
        act=ACTS[name],
        fit=fit,
        shown=fit[:SHOWN],
        unfit=Counter(one.unfit for one in chosen if one.unfit),
        steps=Counter((one.row["journey"], one.row["step"] or "its beginning") for one in fit).most_common(),
        problem="",
    )


async def act(site: Site, request: Request) -> Response:
    """Do it."""
    form, name, who = request.state.form, request.path_params["act"], request.state.person.name
    if name not in ACTS or name == "move" or not request.state.person.may(name):
        raise NotThere("There is no such thing to do with many at once.")
    reason = form.line("reason", LONGEST_REASON)
    if ACTS[name].why and not reason:
        return site.refusal(request, 422, "Not done", NO_REASON)
    chosen = await _chosen(site, form, name)
    moment = now()
    wanted = [
        Wanted(
            one.row["instance_id"],
            one.seq,
            known_acts.command(name, at=moment, by=who, reason=reason, step=one.row["step"] or ""),
        )
        for one in chosen
        if not one.unfit
    ]
    async with site.db.write() as tx:
        placed = await acts.give_all(
            tx, name, who, wanted, key=f"press:{form.text('press', 40)}", about={"of": len(wanted)}
        )
    for one, result in zip(wanted, placed, strict=True):
        if not isinstance(result, Stale):
            site.ring(one.instance_id, result)
    rows = {one.row["instance_id"]: one.row for one in chosen}
    moved = [rows[one.instance_id] for one, result in zip(wanted, placed, strict=True) if isinstance(result, Stale)]
    done = words.counted(len(wanted) - len(moved), "journey")
    return site.page(
        request,
        "many_done.html",
        409 if moved else 200,
        act=ACTS[name],
        done=done,
        moved=moved[:SHOWN],
        count=len(moved),
    )


async def _chosen(site: Site, form: Form, name: str) -> list[Chosen]:
    """Those whose boxes were ticked, as they are now."""
    seen = {}
    for value in form.every("one")[:MOST]:
        instance_id, _, number = value.partition(":")
        seq = whole(number)
        if instance_id.isascii() and instance_id.isalnum() and len(instance_id) <= 32 and seq is not None:
            seen[instance_id] = seq
    async with site.db.read() as tx:
        rows = await pages.instances_named(tx, list(seen))
    return [
        Chosen(
            row,
            seen[row["instance_id"]],
            known_acts.unfit(name, row["state"], row["step"], paused=row["paused_at"] is not None),
        )
        for row in rows
    ]
