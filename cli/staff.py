"""`wayfare staff`: who may open the console."""

from __future__ import annotations

from typing import Annotated

import typer

WHAT = "list (everybody), add NAME, role NAME ROLE, password NAME (a new one), link NAME (signs in once), close NAME"


def staff(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    name: Annotated[str, typer.Argument(help="Who.")] = "",
    new_role: Annotated[str, typer.Argument(metavar="ROLE", help="The new role, for `role`.")] = "",
    role: Annotated[str, typer.Option(help="viewer, agent, lead or admin.")] = "viewer",
    teams: Annotated[
        list[str] | None, typer.Option("--team", help="A team whose tasks they see; several times for several.")
    ] = None,
) -> int:
    """Accounts of the console: list them, add one, change a role, make a password or a link, close one."""
    import asyncio

    from workers import staff as accounts
    from workers.mistakes import UserMistake

    if what == "list":
        work = accounts.listing()
    elif not name and what in ("add", "role", "password", "link", "close"):
        raise UserMistake(f"wayfare staff {what} NAME: who?")
    elif what == "add":
        work = accounts.add(name, role, teams or ())
    elif what == "role":
        work = accounts.change(name, new_role or role, teams or ())
    elif what in ("password", "link", "close"):
        work = {"password": accounts.new_password, "link": accounts.link, "close": accounts.close}[what](name)
    else:
        raise UserMistake(f'"{what}" is not something to do with accounts: {WHAT}')
    print(asyncio.run(work))
    return 0
