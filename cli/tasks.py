"""`wayfare tasks`: the work of people, at a terminal."""

from __future__ import annotations

from typing import Annotated

import typer

WHAT = "list, show TASK, claim TASK, assign TASK, comment TASK, follow-up TASK, complete TASK, teams"


def tasks(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    task: Annotated[str, typer.Argument(help="The task's id; its beginning is enough.")] = "",
    by: Annotated[str, typer.Option(help="Who acts: a person of company.yaml.")] = "",
    team: Annotated[str, typer.Option(help="Only this team's; with assign: the team it goes to.")] = "",
    assignee: Annotated[str, typer.Option(help="Only this person's; nobody: those that nobody has.")] = "",
    state: Annotated[str, typer.Option(help="open, done, overtaken or cancelled.")] = "open",
    late: Annotated[bool, typer.Option("--late", help="Only those that are due already.")] = False,
    to: Annotated[str, typer.Option(help="With assign: the person it goes to.")] = "",
    text: Annotated[str, typer.Option(help="The comment, or the reason.")] = "",
    attach: Annotated[list[str] | None, typer.Option(help="The address of a file beside a comment.")] = None,
    at: Annotated[str, typer.Option(help="With follow-up: when, for example 2026-12-01T09:00Z.")] = "",
    outcome: Annotated[str, typer.Option(help="With complete: one of its outcomes.")] = "",
    answer: Annotated[list[str] | None, typer.Option(help="With complete: a field of its form, name=value.")] = None,
    limit: Annotated[int, typer.Option(help="How many are listed at most.")] = 50,
) -> int:
    """Tasks that journeys have opened for people: list them, take one, hand it over, complete it.

    Examples:

      wayfare tasks list --team care-team --late

      wayfare tasks claim mzxw6ytb --by ada

      wayfare tasks complete mzxw6ytb --by ada --outcome helped --answer reached=true
    """
    import asyncio

    from workers import tasks as work

    if what == "list":
        print(asyncio.run(work.listing(work.Wanted(state, team, assignee, late, limit))))
    elif what == "teams":
        print(asyncio.run(work.teams()))
    elif what == "show":
        print(asyncio.run(work.shown(task)))
    else:
        said = work.Said(to=to, team=team, text=text, files=attach or (), at=at, outcome=outcome, answers=answer or ())
        print(asyncio.run(work.acted(what, task, by, said)))
    return 0
