"""`wayfare mailbox`: the mail catcher."""

from __future__ import annotations

from typing import Annotated

import typer


def mailbox(
    host: Annotated[str, typer.Option(help="The address of this machine on which mail is taken.")] = "127.0.0.1",
) -> int:
    """Run the mail catcher in this process.

    It keeps every mail for the console's mail page and delivers none.
    """
    import asyncio

    from workers.catcher import catch
    from workers.settings import settings_in_force

    return asyncio.run(catch(settings_in_force(), host))
