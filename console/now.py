"""Who waits where, for what and until when; and first of all what needs attention."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console import finding, steps, words
from console.finding import AGE, DUE, STATES, address
from console.site import PAGE_SIZE, Site
from journey.acts import ACTS
from store import definitions, lanes, pages, views
from store.clock import now
from store.database import Tx
from store.pages import Place

URGENT = 8
"""So many of the most urgent tasks and clocks are named."""


async def running(site: Site, request: Request) -> Response:
    """The journeys of customers, filtered, with counts."""
    sought = finding.sought(request)
    before = Place.parse(request.query_params.get("before", ""))
    moment = now()
    tallies = await site.counts.tallies()
    needy = await site.counts.of("needy", lambda tx: pages.needy(tx, now()))
    attention = await site.counts.of("attention", lambda tx: pages.attention(tx, now()))
    async with site.db.read() as tx:
        found = await pages.instances(tx, sought, moment, before, PAGE_SIZE)
        clocks = await pages.due_clocks(tx, moment, URGENT) if attention.clocks_over + attention.clocks_soon else []
        tasks = await pages.due_tasks(tx, moment, URGENT) if attention.tasks_over + attention.tasks_soon else []
        held_up = [lane for lane in await lanes.closed(tx) if lane["state"] != "draining"]
        await explain(tx, found.rows)
        kept = await views.of(tx, request.state.person.staff_id)
        journey = (await definitions.active(tx)).get(sought.journey)
    paces = [row["pace"] for row in found.rows if row["pace"] and row["pace"] != 1]
    return site.page(
        request,
        "now.html",
        sought=sought,
        rows=found.rows,
        older=found.older,
        first=before is None,
        totals={state: sum(_by_journey(tallies, needy, state).values()) for state in STATES},
        journeys=_by_journey(tallies, needy, sought.state),
        attention=attention,
        clocks=clocks,
        tasks=[one for one in tasks if request.state.person.of_team(one["team"])],
        lanes=held_up,
        address=partial(address, sought),
        query=finding.tidy(request.url.query),
        views=kept,
        dues=DUE,
        ages=AGE,
        steps=list(journey.spots) if journey else [],
        outcomes=sorted({t["outcome"] for t in tallies if t["outcome"] and t["journey"] == sought.journey}),
        pace=max(paces, default=None),
        acts={name: act for name, act in ACTS.items() if name != "move"},
    )


async def explain(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """Add to instances where their step stands in its journey, what follows, and since when they are there."""
    plans = {version: await definitions.pinned(tx, version) for version in {row["def_hash"] for row in rows}}
    for row in rows:
        journey = plans[row["def_hash"]]
        row["place"] = steps.place(journey, row["step"])
        row["upcoming"] = steps.upcoming(journey, row["step"]) if row["wake_at"] else []
        row["since"] = words.moment(row["moved_at"]) or row["started_at"]


def _by_journey(tallies: list[dict[str, Any]], needy: dict[str, int], state: str) -> dict[str, int]:
    """How many of each journey are in this state; every journey that anybody was ever in has its place."""
    found: dict[str, int] = {}
    for tally in tallies:
        count = tally["count"] if tally["state"] == state else 0
        found[tally["journey"]] = found.get(tally["journey"], 0) + count
    return {name: needy.get(name, 0) for name in found} if state == "attention" else found
