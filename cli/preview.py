"""`wayfare preview`: a message as a customer would get it, as text, page and picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WIDTHS = {"wide": 700, "narrow": 380}
"""A window of a mail program, and a telephone."""


def preview(
    message: Annotated[str, typer.Argument(help="The message's name: messages/welcome.md is welcome.")],
    customer: Annotated[
        str, typer.Option(help="Written for this customer of the store (id or mail address), not for a sample.")
    ] = "",
    locale: Annotated[str, typer.Option(help="In this language, for example de-AT; the customer's without it.")] = "",
    scenario: Annotated[str, typer.Option(help="At the moment this scenario sends it; the first without it.")] = "",
    out: Annotated[Path | None, typer.Option(help="Into this folder; into the data folder without it.")] = None,
    pictures: Annotated[bool, typer.Option(help="Take pictures of the page, if there is a Chromium.")] = True,
    send_to: Annotated[str, typer.Option(help="Mail it to this address, its subject marked as a preview.")] = "",
) -> int:
    """Write a message for a sample customer. Nothing is published, and nobody is mailed but whom you name."""
    import asyncio

    from cli.definitions import library_or_mistakes
    from workers import preview as previews
    from workers.settings import settings_in_force

    settings, library = settings_in_force(), library_or_mistakes()
    known = asyncio.run(previews.facts_of(settings, customer)) if customer else None
    seen = previews.preview(library, message, scenario=scenario, locale=locale, customer=known)
    print(f"For: {seen.whom}, in {seen.mail.locale}")
    print(f"Subject: {seen.mail.subject}" if seen.mail.subject else previews.length(seen.mail))
    if seen.mail.preheader:
        print(f"Beside it in the list of mail: {seen.mail.preheader}")
    print(f"\n{seen.mail.text}")
    stem = (out or settings.data / "previews") / f"{message}.{seen.mail.locale}"
    for line in previews.kept(seen.mail, stem, WIDTHS if pictures else {}):
        print(line)
    if send_to:
        print(previews.mailed(settings, library, seen.mail, send_to))
    return 0
