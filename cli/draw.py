"""`wayfare draw`: a journey as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw(
    journey: Annotated[str, typer.Argument(help="The journey's name.")],
    out: Annotated[Path | None, typer.Option(help="The SVG file to write; the terminal without it.")] = None,
) -> int:
    """Draw a journey as SVG, from its definition."""
    from cli.definitions import journey_named, library_or_mistakes
    from journey.diagram import draw as picture

    svg = picture(journey_named(library_or_mistakes(), journey))
    if out is None:
        print(svg)
    else:
        out.write_text(svg, encoding="utf-8")
        print(f"{journey} is drawn in {out}.")
    return 0
