"""The console's door: who is signed in, and whether a form that arrives is one of ours.

A session is a row in the store, asked for with every request, so a closed account or a smaller role counts at once.
The browser keeps only a random token, where no script can read it and no other site can send it. A form counts if the
browser says that it comes from our own pages and if it carries the session's form token.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from console.tries import Tries
from journey.rights import Person
from store import staff
from store.clock import now
from store.database import Database

KeyOwner = Callable[[str], Awaitable[str | None]]
"""Whose API key it is, if it is one that may read."""
LONGEST_TOKEN = 200


class Door:
    """``public_url`` is where people reach us: over https the cookie is bound to exactly that host; over http, where
    browsers keep cookies of all ports together, its name says the port. ``key_owner`` admits programs to read."""

    def __init__(self, db: Database, public_url: str, key_owner: KeyOwner | None = None) -> None:
        place = urlsplit(public_url)
        self.secure = place.scheme == "https"
        self.cookie = "__Host-wayfare" if self.secure else f"wayfare-{place.port or 80}"
        self.tries = Tries()
        self._db = db
        self._place = place.netloc.lower()
        self._key_owner = key_owner

    def token(self, request: Request) -> str:
        """The session's token that a request brings; '' without one."""
        token = request.cookies.get(self.cookie, "")
        return token if len(token) <= LONGEST_TOKEN else ""

    async def person(self, request: Request) -> Person | None:
        """Who sent this request: somebody who is signed in, or for reading a program with a key."""
        if token := self.token(request):
            return await self._of_session(token)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if self._key_owner is None or scheme.lower() != "bearer" or request.method not in ("GET", "HEAD"):
            return None
        owner = await self._key_owner(key.strip())
        return None if owner is None else Person("", f"the key of {owner}", "viewer")

    async def _of_session(self, token: str) -> Person | None:
        async with self._db.read() as tx:
            found = await staff.signed_in(tx, token)
        if found is None:
            return None
        person, seen_at = found
        if now() - seen_at > staff.SEEN_EVERY:
            async with self._db.write() as tx:
                await staff.seen(tx, token)
        return person

    def foreign(self, request: Request) -> bool:
        """Whether a form does not come from one of our own pages, as far as the browser tells."""
        told = request.headers.get("sec-fetch-site")
        if told is not None:
            return told != "same-origin"
        origin = urlsplit(request.headers.get("origin", "")).netloc.lower()
        return not origin or origin not in (request.headers.get("host", "").lower(), self._place)

    def form_token(self, request: Request) -> str:
        """What a form of this session carries."""
        token = self.token(request)
        return staff.form_token(token) if token else ""

    def let_in(self, response: Response, token: str) -> None:
        """Give the browser a session to keep."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(staff.LONGEST.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def let_out(self, response: Response) -> None:
        """Take it from the browser."""
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="lax")


def inside(path: str) -> str:
    """An address of ours to go on to; the first page for anything else."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if ours and len(path) <= 2_000 else "/"
