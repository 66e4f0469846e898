"""The customer's own door, by the link in a message: one click to unsubscribe (RFC 8058), and a page of preferences.

Looking changes nothing, because mail scanners look at every link; only a POST does. Nobody has to log in: the token
says which message the link was in, and can be made by us alone.
"""

from datetime import timedelta

from babel.dates import format_date
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from gateway import customer_pages, wordings
from gateway.customer_pages import HEADERS, Bell, Form
from gateway.wordings import Words
from journey.texts import locales
from store import preferences
from store.database import Database, Tx
from store.preferences import Origin
from store.seal import Seal

PAUSES = ("7", "30", "90")
"""In days."""


def routes(db: Database, seal: Seal, on_accepted: Bell = lambda: None) -> list[BaseRoute]:
    """The page at ``/u/<token>``. ``on_accepted`` is the router's doorbell."""
    door = _Door(db, seal, on_accepted)
    return customer_pages.page("/u/{token}", door.look, door.say)


class _Door:
    def __init__(self, db: Database, seal: Seal, on_accepted: Bell) -> None:
        self._db = db
        self._seal = seal
        self._on_accepted = on_accepted

    async def look(self, request: Request) -> Response:
        """What the customer wants to hear, as far as we know."""
        async with self._db.read() as tx:
            where = await self._origin(tx, request)
            return await _shown(tx, where) if where else await customer_pages.gone(tx, request)

    async def say(self, request: Request) -> Response:
        """One click of a mail program, or the form."""
        form = await customer_pages.form(request)
        async with self._db.write() as tx:
            where = await self._origin(tx, request)
            if where is None:
                return await customer_pages.gone(tx, request)
            if form.get("List-Unsubscribe") == ["One-Click"]:
                await preferences.unsubscribe(tx, where)
                return PlainTextResponse("Unsubscribed.", 200, HEADERS)
            language = await _spoken(tx, where, form)
            words = wordings.of(language or await preferences.language(tx, where))
            response = await _shown(tx, where, await _kept(tx, where, form, words), language)
        if language:
            self._on_accepted()
        return response

    async def _origin(self, tx: Tx, request: Request) -> Origin | None:
        opened = self._seal.opened("unsubscribe", request.path_params["token"])
        return await preferences.origin(tx, opened[0]) if opened else None


async def _shown(tx: Tx, where: Origin, done: str = "", language: str = "") -> Response:
    wishes = await preferences.wishes(tx, where.customer_id)
    tongues = await preferences.languages(tx)
    language = language or await preferences.language(tx, where)
    until = wishes.silent_until
    return await customer_pages.shown(
        tx,
        "preferences.html",
        language,
        wishes=wishes,
        languages={tag: _called(tag) for tag in tongues},
        language=locales.choose(tongues, language) or tongues[0],
        until=format_date(until, "long", locale=locales.conventions(wordings.of(language).language)) if until else "",
        done=done,
    )


def _called(tag: str) -> str:
    """A language by its own name."""
    name = locales.conventions(tag).get_display_name(locales.conventions(tag)) or tag
    return name[:1].upper() + name[1:]


async def _spoken(tx: Tx, where: Origin, form: Form) -> str:
    """The language that the form asks for, kept; '' if it is the one that holds already."""
    wanted = form.get("language", [""])[0]
    tongues = await preferences.languages(tx)
    if wanted not in tongues or wanted == locales.choose(tongues, await preferences.language(tx, where)):
        return ""
    await preferences.speak(tx, where, wanted)
    return wanted


async def _kept(tx: Tx, where: Origin, form: Form, words: Words) -> str:
    """Keep what the form says; the sentence that thanks for it."""
    if form.get("do") == ["nothing"]:
        await preferences.say(tx, where, {}, nothing=True)
        return words.nothing_kept
    before = await preferences.wishes(tx, where.customer_id)
    known, wanted = set(form.get("known", ())) & before.topics.keys(), set(form.get("topic", ()))
    was = {topic: before.topics[topic] is not False and not before.nothing for topic in known}
    changed = {topic: topic in wanted for topic in sorted(known) if was[topic] != (topic in wanted)}
    await preferences.say(tx, where, changed, nothing=False if before.nothing and wanted & known else None)
    pause = form.get("pause", [""])[0]
    if pause != "keep":
        await preferences.pause(tx, where, timedelta(days=int(pause)) if pause in PAUSES else None)
    return words.kept
