"""`wayfare keys`: who may send events."""

from __future__ import annotations

from typing import Annotated, Any

import typer

WHAT = "list (all keys there ever were), add SOURCE (a new one), revoke KEY-ID"


def keys(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    name: Annotated[str, typer.Argument(help="The source of a new key, or the id of the key to revoke.")] = "",
    may: Annotated[
        list[str] | None,
        typer.Option(
            help="What it is for: send, read, steer, see, edit, work. Several times for several; all without."
        ),
    ] = None,
    sources: Annotated[
        list[str] | None, typer.Option("--source", help="Sources its events may name (* at the end is anything).")
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Types of events it may send (* at the end is anything).")
    ] = None,
    per_second: Annotated[float | None, typer.Option(help="How many events a second it may send, on average.")] = None,
    note: Annotated[str, typer.Option(help="A word about it, for people.")] = "",
) -> int:
    """Keys of upstream systems: list them, add one, revoke one. Two of a source may be live, so that one can be
    exchanged."""
    import asyncio

    from workers.keys import add, listing, revoke

    if what == "list":
        print(asyncio.run(listing()))
        return 0
    if what == "add":
        asked: dict[str, Any] = {"sources": sources or (), "types": types or (), "per_second": per_second, "note": note}
        print(asyncio.run(add(name, may or (), **asked)))
        return 0
    if what == "revoke":
        print(asyncio.run(revoke(name)))
        return 0
    from workers.mistakes import UserMistake

    raise UserMistake(f'"{what}" is not something to do with keys: {WHAT}')
