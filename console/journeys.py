"""The journeys themselves: what starts each, its versions, and how its runs have ended."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.site import Site
from store import definitions, pages


async def defined(site: Site, request: Request) -> Response:
    """Every journey that was ever published."""
    async with site.db.read() as tx:
        versions = await definitions.versions(tx)
        active = await definitions.active(tx)
        tallies = await pages.tallies(tx)
    found: dict[str, dict[str, Any]] = {}
    for version in versions:  # the newest of each journey comes first
        row = found.setdefault(version["journey"], {**version, "versions": 0, "in_force": None})
        row["versions"] += 1
        if version["active"]:
            row |= {name: version[name] for name in ("title", "published_at")} | {"in_force": version["version"]}
    for name, row in found.items():
        row["definition"] = active.get(name)
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
