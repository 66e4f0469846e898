"""A journey's picture within a page: its steps are links, and its style is a file, as the pages' policy wants it."""

import re
from collections.abc import Callable, Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from console.site import Site
from journey.definition import Journey
from journey.drawing import narrow, wide
from journey.drawing.style import STYLE

_STEP = re.compile(r'<g class="([^"]*)" data-step="([^"]+)">(.*?)</g>', re.DOTALL)


def inline(
    journey: Journey,
    link: Callable[[str], str],
    counts: Mapping[str, int] | None = None,
    here: str | None = None,
    *,
    slim: bool = False,
) -> str:
    """The picture as a part of a page. ``link`` says where a step leads; ``here`` is marked; ``slim`` for 360 px."""
    drawn = (narrow if slim else wide).draw(journey, counts)
    drawn = re.sub(r"<style>.*?</style>\n?", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r' style="[^"]*"', "", drawn, count=1).replace('role="img"', 'role="group"', 1)
    drawn = drawn.replace("wayfare-arrow", "arrow-slim" if slim else "arrow-wide")

    def linked(found: re.Match[str]) -> str:
        kind, step_id, body = found.groups()
        if step_id not in journey.spots:
            return found.group(0)
        marked = f"{kind} here" if step_id == here else kind
        now = ' aria-current="step"' if step_id == here else ""
        return f'<a href="{escape(link(step_id))}"{now}><g class="{marked}" data-step="{step_id}">{body}</g></a>'

    return _STEP.sub(linked, drawn)


async def style(site: Site, request: Request) -> Response:
    """The style of all pictures."""
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": "no-cache"})
