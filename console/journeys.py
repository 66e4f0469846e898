"""The journeys themselves: what starts each, its versions, and how its runs have ended."""

from datetime import timedelta
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import picture
from console.site import NotThere, Page, Site, link
from journey.acts import LONGEST_REASON
from journey.definition import Journey
from store import audit, definitions, halts, pages
from store.clock import now


async def defined(site: Site, request: Request) -> Response:
    """Every journey that was ever published."""
    tallies = await site.counts.tallies()
    async with site.db.read() as tx:
        versions = await definitions.versions(tx)
        active = await definitions.active(tx)
        stopped = await halts.in_force(tx)
    found: dict[str, dict[str, Any]] = {}
    for version in versions:  # the newest of each journey comes first
        row = found.setdefault(version["journey"], {**version, "versions": 0, "in_force": None})
        row["versions"] += 1
        if version["active"]:
            row |= {name: version[name] for name in ("title", "published_at")} | {"in_force": version["version"]}
    for name, row in found.items():
        row["definition"] = active.get(name)
        row["halt"] = stopped.get(name)
        row |= _runs([tally for tally in tallies if tally["journey"] == name])
    rows = sorted(found.values(), key=lambda row: (row["in_force"] is None, row["journey"]))
    return site.page(request, "journeys.html", rows=rows)


def _runs(tallies: list[dict[str, Any]]) -> dict[str, Any]:
    """How many run, and how many ended with which outcome, the most frequent first."""
    outcomes = [(tally["outcome"], tally["count"]) for tally in tallies if tally["state"] == "ended"]
    return {
        "running": sum(tally["count"] for tally in tallies if tally["state"] == "running"),
        "ended": sum(count for _, count in outcomes),
        "outcomes": sorted(outcomes, key=lambda outcome: (-outcome[1], outcome[0])),
    }


def whole(how: str) -> Page:
    """The page that holds or drains a whole journey."""

    async def stop(site: Site, request: Request) -> Response:
        return await _stop(site, request, how)

    stop.__name__ = how
    return stop


async def _stop(site: Site, request: Request, how: str) -> Response:
    name, who = await _known(site, request), request.state.person.name
    reason = request.state.form.line("reason", LONGEST_REASON)
    if not reason:
        return site.refusal(request, 422, "Not done", "Say why: it is written down, and others will ask.", "/journeys")
    async with site.db.write() as tx:
        done = await halts.stop(tx, name, how, who, reason)
        if done:
            await audit.note(tx, who, f"{how} journey", f"journey {name}", reason=reason)
    if not done:
        return site.refusal(request, 409, "Somebody was quicker", f"{name} is stopped already.", "/journeys")
    return RedirectResponse("/journeys", 303)


async def lift(site: Site, request: Request) -> Response:
    """Let a journey go on."""
    name, who = await _known(site, request), request.state.person.name
    async with site.db.write() as tx:
        done = await halts.lift(tx, name)
        if done:
            reason = request.state.form.line("reason", LONGEST_REASON)
            await audit.note(tx, who, "let journey go on", f"journey {name}", reason=reason)
    if not done:
        return site.refusal(request, 409, "Somebody was quicker", f"{name} is not stopped.", "/journeys")
    return RedirectResponse("/journeys", 303)


async def _known(site: Site, request: Request) -> str:
    name: str = request.path_params["journey"]
    async with site.db.read() as tx:
        if name not in {row["journey"] for row in await definitions.versions(tx)}:
            raise NotThere("There is no such journey.")
    return name


DAY = timedelta(days=1)


async def one(site: Site, request: Request) -> Response:
    """One journey as its picture, with how many customers stand at each step now, and how it ends."""
    name = await _known(site, request)
    async with site.db.read() as tx:
        versions = [row for row in await definitions.versions(tx) if row["journey"] == name]
        row = next((row for row in versions if row["active"]), versions[0])
        journey = await definitions.pinned(tx, row["hash"])
        stopped = (await halts.in_force(tx)).get(name)
    tallies = _of(name, await site.counts.tallies())
    standing = await site.counts.of(f"steps {name}", lambda tx: pages.steps_of(tx, name))
    flow = await site.counts.of(f"flow {name}", lambda tx: pages.flow_of(tx, name, now() - DAY))
    counts = {one["step"]: one["count"] for one in standing}

    def to_step(step: str) -> str:
        return link("/", journey=name, step=step)

    return site.page(
        request,
        "journey.html",
        row=row,
        journey=journey,
        versions=len(versions),
        halt=stopped,
        wide=Markup(picture.inline(journey, to_step, counts)),  # noqa: S704  made by us of escaped parts
        slim=Markup(picture.inline(journey, to_step, counts, slim=True)),  # noqa: S704  the same
        waiting=_waiting(journey, standing),
        flow=flow,
        **_ends(journey, tallies),
    )


def _of(name: str, tallies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    mine = [tally for tally in tallies if tally["journey"] == name]
    return sorted(mine, key=lambda tally: (-tally["count"], tally["outcome"] or ""))


def _waiting(journey: Journey, standing: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps where somebody stands, in reading order; those of other versions last."""
    order = {step: number for number, step in enumerate(journey.spots)}
    rows = sorted(standing, key=lambda one: (order.get(one["step"], len(order)), one["step"]))
    return [
        {**one, "title": journey.spots[one["step"]].step.title() if one["step"] in order else "of an older version"}
        for one in rows
    ]


def _ends(journey: Journey, tallies: list[dict[str, Any]]) -> dict[str, Any]:
    """How it ends, and in how many of a hundred cases at its goal."""
    outcomes = [(row["outcome"], row["count"]) for row in tallies if row["state"] == "ended"]
    ended = sum(count for _, count in outcomes)
    goal = journey.goal.as_ if journey.goal else None
    reached = sum(count for outcome, count in outcomes if outcome == goal)
    return {
        "running": sum(row["count"] for row in tallies if row["state"] == "running"),
        "ended": ended,
        "outcomes": [(outcome, count, 100 * count / ended) for outcome, count in outcomes],
        "goal_rate": 100 * reached / ended if goal and ended else None,
    }
