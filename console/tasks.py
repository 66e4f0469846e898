"""The work of people: queues by team in the order in which tasks are due, one task with all that helps, and what is
done with it. Every form works without a script and is one press: sent twice, it counts once."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import words
from console.forms import Form
from console.site import PAGE_SIZE, NotThere, Page, Site, asked, link, one_of, whole
from journey import forms as filled
from journey.declared.fields import Fields
from journey.rights import Person
from store import audit, definitions, task_acts, task_lists, tasks
from store.database import Tx
from store.task_acts import Act, Changed, Comment, Done
from store.task_lists import NOBODY, STATES, Place, Sought

WHO = ("mine", NOBODY)
TEXT_LENGTH, REASON_LENGTH = 5_000, 300
_FORM = TypeAdapter(Fields)


async def queue(site: Site, request: Request) -> Response:
    """The tasks of one team or of all, the first due first."""
    person: Person = request.state.person
    state, team = one_of(request, "state", STATES, "open"), asked(request, "team")
    who = one_of(request, "who", WHO)
    async with site.db.read() as tx:
        me = await _me(tx, person)
        counts = [one for one in await task_lists.counts(tx) if person.of_team(one["team"])]
        if team and not person.of_team(team):
            raise NotThere("That team is not one of yours.")
        teams = (team,) if team else person.teams
        sought = Sought(state, assignee=(me or person.name) if who == "mine" else who, teams=teams)
        rows = await task_lists.listed(tx, sought, PAGE_SIZE + 1, _place(request))
    after = _after(rows) if len(rows) > PAGE_SIZE else ""
    more = link("/tasks", state=_unless_open(state), team=team, who=who, after=after) if after else ""
    return site.page(
        request, "tasks.html", rows=rows[:PAGE_SIZE], counts=counts, state=state, team=team, chosen=who, more=more
    )


def _unless_open(state: str) -> str:
    return state if state != "open" else ""


def _after(rows: list[dict[str, Any]]) -> str:
    place = Place.of(rows[PAGE_SIZE - 1])
    return f"{place.due_at:%Y-%m-%dT%H:%M:%S.%f}Z~{place.task_id}"


def _place(request: Request) -> Place | None:
    at, _, task_id = request.query_params.get("after", "").partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Place(moment, task_id) if moment.tzinfo is not None and task_id.isalnum() and task_id.isascii() else None


async def one(site: Site, request: Request) -> Response:
    """One task: what is to be done, what helps, what was done, and the form that completes it."""
    async with site.db.read() as tx:
        row = await _found(tx, request)
        company = await definitions.the_company(tx)
        me = await _me(tx, request.state.person)
    return site.page(
        request,
        "task.html",
        task=row,
        fields=_FORM.validate_python(row["form"]),
        me_as=me,
        mates=[name for name in company.members(row["team"]) if name != row["assignee"]],
        people={name: one.name for name, one in company.staff.items()},
        teams={name: team.title for name, team in company.teams.items() if name != row["team"]},
    )


async def _found(tx: Tx, request: Request) -> dict[str, Any]:
    task_id = request.path_params["task_id"]
    row = await task_lists.one(tx, task_id) if task_id.isascii() and task_id.isalnum() else None
    if row is None or not request.state.person.of_team(row["team"]):
        raise NotThere("There is no such task, or it is not one of your team's.")
    return row


async def _me(tx: Tx, person: Person) -> str | None:
    """By which name whoever is signed in works: the one in company.yaml, if their account is called so, or as that
    person, or by their address; without any staff there, their own. None if company.yaml does not know them."""
    company = await definitions.the_company(tx)
    if not company.staff:
        return person.name
    mine = person.name.lower()
    known = company.staff.items()
    return next((key for key, one in known if mine in (key.lower(), one.name.lower(), one.email.lower())), None)


Do = Callable[[Tx, dict[str, Any], Act], Awaitable[Done]]


def act(what: str) -> Page:
    """The page that does this with one task."""

    async def page(site: Site, request: Request) -> Response:
        return await _act(site, request, what)

    page.__name__ = what
    return page


async def _act(site: Site, request: Request, what: str) -> Response:
    form: Form = request.state.form
    person: Person = request.state.person
    back = f"/tasks/{request.path_params['task_id']}"
    try:
        async with site.db.write() as tx:
            row = await _found(tx, request)
            me = await _me(tx, person)
            if me is None:
                return site.refusal(request, 403, "Not done", UNKNOWN, back)
            key = f"press:{form.text('press', 40) or secrets.token_hex(8)}"
            done = await ACTS[what](form)(tx, row, Act(me, key, whole(form.text("revision", 20))))
            reason = form.line("reason", REASON_LENGTH)
            about = {"customer_id": row["customer_id"], "reason": reason}
            await audit.note(tx, person.name, f"task: {what}", f"task {row['task_id']}", **about)
    except Changed as problem:
        said = f"{words.capital(str(problem))}. Nothing was changed. Look again, then decide."
        return site.refusal(request, 409, "Somebody or something was quicker", said, back)
    except (task_acts.Unknown, Unsaid) as problem:
        return site.refusal(request, 422, "Not done", f"{words.capital(str(problem))}.", back)
    except tasks.NotFilledIn as problem:
        return site.refusal(request, 422, "Not filled in yet", " ".join(problem.problems), back)
    if done.ring is not None:
        site.ring(*done.ring)
    return RedirectResponse(back if what != "complete" else "/tasks", 303)


UNKNOWN = "Nobody under staff: in company.yaml has the name of your account. Ask to have it written there."


class Unsaid(Exception):
    """The form does not say what is wanted."""


def _claim(form: Form) -> Do:
    return lambda tx, row, act: task_acts.claim(tx, row["task_id"], act)


def _assign(form: Form) -> Do:
    to, team, why = form.line("to", 80), form.line("team", 80), form.line("reason", REASON_LENGTH)
    return lambda tx, row, act: task_acts.hand_over(tx, row["task_id"], act, to=to, team=team, why=why)


def _comment(form: Form) -> Do:
    text, address = form.text("text").strip(), form.line("file", 1_000)
    if not text or len(text) > TEXT_LENGTH:
        raise Unsaid(f"a comment has 1 to {TEXT_LENGTH:,} characters")
    if address and not address.startswith(("https://", "http://")):
        raise Unsaid("a file is named by its address: https://…")
    files = [{"name": address.rstrip("/").rpartition("/")[2], "url": address}] if address else []
    return lambda tx, row, act: task_acts.comment(tx, row["task_id"], act, Comment(text, files))


def _follow_up(form: Form) -> Do:
    day, why = form.line("on", 20), form.line("reason", REASON_LENGTH)
    try:
        at = datetime.fromisoformat(f"{day}T08:00:00+00:00") if day else None
    except ValueError:
        raise Unsaid("a day is written 2026-12-24") from None
    return lambda tx, row, act: task_acts.follow_up(tx, row["task_id"], act, at, why)


def _complete(form: Form) -> Do:
    async def do(tx: Tx, row: dict[str, Any], act: Act) -> Done:
        fields = _FORM.validate_python(row["form"])
        said = {name: form.text(f"field.{name}") for name in fields}
        return await task_acts.complete(tx, row["task_id"], act, form.line("outcome", 80), filled.typed(fields, said))

    return do


ACTS: dict[str, Callable[[Form], Do]] = {
    "claim": _claim,
    "assign": _assign,
    "comment": _comment,
    "follow-up": _follow_up,
    "complete": _complete,
}
"""What may be done with a task."""
