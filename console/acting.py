"""What people do: each press of a button is one transaction with its line in the audit, and takes effect once or is
refused with how things stand by now (409)."""

import secrets
from typing import Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import closeup, words
from console.forms import Form
from console.site import NotThere, Page, Site, link, whole
from journey import acts as known_acts
from journey.acts import ACTS, LONGEST_REASON
from journey.definition import Journey
from store import acts, audit, definitions, identity, outbox, timeline
from store.acts import Wanted
from store.clock import now
from store.instances import Present, Stale

NO_REASON = "Say why: it is written down, and others will ask."
QUICKER = "Somebody or something was quicker"
NOTE_LENGTH = 4_000
MESSAGE_WORDS = {"send": "release", "now": "release", "drop": "drop", "arrived": "release"}
"""What may be said of a message (``store.outbox.WORDS``), and the right that each takes."""


def on_one(name: str) -> Page:
    """The page that does this act to one customer's run of a journey."""

    async def act(site: Site, request: Request) -> Response:
        return await _act(site, request, name)

    act.__name__ = name
    return act


async def _act(site: Site, request: Request, name: str) -> Response:
    form: Form = request.state.form
    instance_id, who = request.path_params["instance_id"], request.state.person.name
    back = f"/instances/{instance_id}"
    seq, reason = whole(form.text("seq", 20)), form.line("reason", LONGEST_REASON)
    if seq is None or (ACTS[name].why and not reason):
        return site.refusal(request, 422, "Not done", NO_REASON, back)
    async with site.db.read() as tx:
        row = await closeup.found(tx, instance_id)
        journey = await definitions.pinned(tx, row["def_hash"])
    fault = known_acts.unfit(name, row["state"], row["step"], paused=row["paused_at"] is not None)
    if fault:
        return site.refusal(request, 409, "Not done", f"{words.capital(fault)}. Nothing was changed.", back)
    to = form.text("to", 80)
    if name == "move" and to not in journey.places:
        return site.refusal(request, 422, "Not done", "Choose the step to which it is to move.", back)
    command = known_acts.command(
        name,
        at=now(),
        by=who,
        reason=reason,
        step=row["step"] or "",
        to=to,
        waits=_waits(form.text("waits", 10)),
    )
    try:
        async with site.db.write() as tx:
            placed = await acts.give(tx, name, who, Wanted(instance_id, seq, command), key=_press(form))
    except Stale as stale:
        return site.refusal(request, 409, QUICKER, _stands(stale.present, journey), back)
    site.ring(instance_id, placed)
    return RedirectResponse(link(back, placed=placed), 303)


def _waits(said: str) -> Literal["keep", "extend"]:
    return "extend" if said == "extend" else "keep"


def _press(form: Form) -> str:
    """The name of one press of a button: a form that is sent twice is one."""
    return f"press:{form.text('press', 40) or secrets.token_hex(8)}"


def _stands(present: Present | None, journey: Journey) -> str:
    if present is None:
        return "It is not there any more. Nothing was changed."
    if present.state != "running":
        return "It has ended meanwhile. Nothing was changed."
    spot = journey.spots.get(present.step or "")
    where = f"“{spot.step.title()}” ({present.step})" if spot else "its beginning"
    return (
        f"It has heard something since you looked: by now it stands at {where} and {present.doing or 'goes on'}."
        " Nothing was changed. Look again, then decide."
    )


def on_message(word: str) -> Page:
    """The page that says this word of one message that waits."""

    async def say(site: Site, request: Request) -> Response:
        key, who = request.path_params["key"], request.state.person.name
        back = "/messages?state=held"
        reason = request.state.form.line("reason", LONGEST_REASON)
        async with site.db.write() as tx:
            found = await outbox.whose(tx, key) if key.isascii() and key.isalnum() else None
            if found is None:
                raise NotThere("There is no such message.")
            done = await outbox.decide(tx, key, word, who)
            if done:
                await audit.note(
                    tx, who, f"message: {word}", f"message {key}", customer_id=found["customer_id"], reason=reason
                )
            stands = "" if done else await outbox.stands(tx, key)
        if not done:
            return site.refusal(
                request,
                409,
                "Somebody or something was quicker",
                f"{words.capital(stands)}. Nothing was changed.",
                back,
            )
        return RedirectResponse(f"/instances/{found['instance_id']}", 303)

    say.__name__ = word
    return say


async def note(site: Site, request: Request) -> Response:
    """A note on a customer."""
    form: Form = request.state.form
    customer_id, who, text = request.path_params["customer_id"], request.state.person.name, form.text("note").strip()
    async with site.db.read() as tx:
        known = await identity.find(tx, customer_id) if customer_id.isascii() and customer_id.isalnum() else None
    if known is None or known["customer_id"] != customer_id:
        raise NotThere("We know no such customer.")
    back = f"/customers/{customer_id}"
    if not text or len(text) > NOTE_LENGTH:
        return site.refusal(request, 422, "Not written", f"A note has 1 to {NOTE_LENGTH:,} characters.", back)
    async with site.db.write() as tx:
        await timeline.note(tx, customer_id, form.text("press", 40) or secrets.token_hex(8), text, who, now())
        await audit.note(tx, who, "note", f"customer {customer_id}", customer_id=customer_id)
    return RedirectResponse(f"{back}#timeline", 303)
