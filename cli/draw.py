"""`wayfare draw`: a journey as a picture."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Form(StrEnum):
    """How it is drawn."""

    svg = "svg"
    narrow = "narrow"
    mermaid = "mermaid"


def draw(
    journey: Annotated[str, typer.Argument(help="The journey's name.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; the terminal without it.")] = None,
    format: Annotated[  # noqa: A002  the option's name
        Form, typer.Option(help="SVG with ways side by side, SVG for a narrow page, or Mermaid's text.")
    ] = Form.svg,
    running: Annotated[
        bool, typer.Option("--running", help="With how many customers stand at each step now; the store is only read.")
    ] = False,
    population: Annotated[
        str, typer.Option(help="With how many customers of this population come to each step in its time.")
    ] = "",
) -> int:
    """Draw a journey, from its definition: every step, way, jump, exit and goal.

    Examples:

      wayfare draw onboarding --out onboarding.svg

      wayfare draw complaint --format narrow --out complaint-narrow.svg

      wayfare draw check-in --format mermaid

      wayfare draw onboarding --running --out now.svg

      wayfare draw onboarding --population a-year --out year.svg
    """
    from cli import counting
    from cli.definitions import definitions_or_mistakes, journey_named
    from journey.drawing import mermaid, narrow, wide

    drawers = {Form.svg: wide.draw, Form.narrow: narrow.draw, Form.mermaid: mermaid.draw}
    found = definitions_or_mistakes()
    drawn = journey_named(found.library, journey)
    counts = counting.standing(journey) if running else counting.reached(found, journey, population)
    picture = drawers[format](drawn, counts)
    if out is None:
        print(picture)
    else:
        out.write_text(picture, encoding="utf-8")
        print(f"{journey} is drawn in {out}.")
    return 0
