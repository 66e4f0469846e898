"""`wayfare`: the verbs, one line each, in the order in which the help shows them."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer
from typer.exceptions import TyperException

from cli.asking import coming, listed, show, why
from cli.audit import audit
from cli.check import check
from cli.clocks import clocks
from cli.contract import contract
from cli.customers import customers
from cli.diff import diff
from cli.draw import draw
from cli.enrol import enrol
from cli.events import events
from cli.evidence import evidence
from cli.explain import explain
from cli.feed import feed
from cli.fmt import fmt
from cli.inbox import inbox
from cli.keys import keys
from cli.mailbox import mailbox
from cli.migrate import migrate
from cli.new import new
from cli.notices import notices
from cli.outbox import outbox
from cli.preview import preview
from cli.rebuild import rebuild
from cli.schema import schema
from cli.serve import serve
from cli.settings import settings
from cli.simulate import simulate
from cli.staff import staff
from cli.suppress import suppress
from cli.surveys import surveys
from cli.tasks import tasks
from cli.test import test
from cli.up import up
from workers.mistakes import UserMistake
from workers.run_main import OK, USER_MISTAKE, run_main

VERBS: dict[str, Callable[..., int]] = {
    "up": up,
    "new": new,
    "check": check,
    "explain": explain,
    "simulate": simulate,
    "test": test,
    "preview": preview,
    "draw": draw,
    "fmt": fmt,
    "diff": diff,
    "list": listed,
    "show": show,
    "next": coming,
    "why": why,
    "events": events,
    "tasks": tasks,
    "clocks": clocks,
    "evidence": evidence,
    "outbox": outbox,
    "suppress": suppress,
    "surveys": surveys,
    "schema": schema,
    "contract": contract,
    "settings": settings,
    "keys": keys,
    "staff": staff,
    "customers": customers,
    "audit": audit,
    "enrol": enrol,
    "inbox": inbox,
    "notices": notices,
    "serve": serve,
    "mailbox": mailbox,
    "feed": feed,
    "migrate": migrate,
    "rebuild": rebuild,
}


def program() -> typer.Typer:
    """The command line, put together from the table of verbs."""
    app = typer.Typer(
        help="Durable customer journeys: write them as YAML, send events, and watch what happens.",
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,  # plain help, and ten times faster than drawing it
        pretty_exceptions_enable=False,
    )
    for name, verb in VERBS.items():
        app.command(name)(verb)
    return app


def run(words: list[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    try:
        return program()(args=words, prog_name="wayfare", standalone_mode=False) or OK
    except TyperException as error:
        if (show := getattr(error, "show", None)) is None:
            raise
        show(file=sys.stderr)
        return USER_MISTAKE
    except Exception as error:
        # By its name: to import the store's library only to know its errors takes longer than most verbs do.
        if type(error).__name__ != "OperationalError" or type(error).__module__ != "sqlalchemy.exc":
            raise
        reason = " ".join(str(getattr(error, "orig", error)).split())
        raise UserMistake(
            f"The store cannot be used ({reason}). Is WAYFARE_DATABASE_URL right, does the database run, and have its "
            "tables been made (wayfare migrate, or make run)?"
        ) from None


def main() -> None:
    """The entry point of the command `wayfare`."""
    run_main(run)


if __name__ == "__main__":
    main()
