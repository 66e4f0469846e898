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
) -> int:
    """Draw a journey, from its definition: every step, way, jump, exit and goal.

    Examples:

      wayfare draw onboarding --out onboarding.svg

      wayfare draw complaint --format narrow --out complaint-narrow.svg

      wayfare draw check-in --format mermaid
    """
    from cli.definitions import journey_named, library_or_mistakes
    from journey.drawing import mermaid, narrow, wide

    drawers = {Form.svg: wide.draw, Form.narrow: narrow.draw, Form.mermaid: mermaid.draw}
    picture = drawers[format](journey_named(library_or_mistakes(), journey))
    if out is None:
        print(picture)
    else:
        out.write_text(picture, encoding="utf-8")
        print(f"{journey} is drawn in {out}.")
    return 0
