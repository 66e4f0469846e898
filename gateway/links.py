"""The links of letters that lead by way of us, and the picture that tells that a letter was opened.

A link leads nowhere but to the address that stood in the letter when it was written. Whether a person followed it is
told by `journey.scanners`; whoever it was, they are led on. While the store is away nobody can be led on, and it is
said.
"""

import base64

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway import customer_pages
from gateway.customer_pages import HEADERS, Bell
from store import following
from store.database import Database
from store.seal import Seal

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One point of nothing, as GIF."""


def routes(db: Database, seal: Seal, on_accepted: Bell = lambda: None) -> list[BaseRoute]:
    """``/c/<token>`` leads on, ``/o/<token>.gif`` is the picture. ``on_accepted`` is the router's doorbell."""
    door = _Door(db, seal, on_accepted)
    return [
        Route("/c/{token}", customer_pages.safe(door.follow), methods=["GET", "HEAD"]),
        Route("/o/{token}.gif", customer_pages.safe(door.open), methods=["GET", "HEAD"]),
    ]


class _Door:
    def __init__(self, db: Database, seal: Seal, on_accepted: Bell) -> None:
        self._db = db
        self._seal = seal
        self._on_accepted = on_accepted

    async def follow(self, request: Request) -> Response:
        """Lead on, and tell it if a person followed."""
        opened = self._seal.opened("click", request.path_params["token"])
        async with self._db.write() as tx:
            letter = await following.letter(tx, opened[0]) if opened else None
            number = opened[1] if opened else None
            if letter is None or number is None or number >= len(letter.links):
                return await customer_pages.gone(tx, request)
            await following.follow(tx, letter, number, request.method, request.headers)
        return RedirectResponse(letter.links[number], 302, HEADERS)

    async def open(self, request: Request) -> Response:
        """The picture, whoever asks; and tell it if a person may have."""
        opened = self._seal.opened("open", request.path_params["token"])
        if opened is not None:
            async with self._db.write() as tx:
                letter = await following.letter(tx, opened[0])
                told = letter is not None and await following.look(tx, letter, request.method, request.headers)
            if told:
                self._on_accepted()
        return Response(PIXEL, media_type="image/gif", headers=HEADERS)
