"""The inbox of the company's own site: which messages a customer has there, and that one was read.

The site shows a token for its customer: a JSON Web Token (RFC 7519, HS256) with the customer's id (``sub``) and an end
(``exp``), signed by the site's server with the secret of WAYFARE_SECRET_INBOX. Pages of any origin may ask, for nothing
but the token opens anything: no cookie is looked at.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from store import identity, site_messages
from store.clock import now
from store.database import Database

SECRET = "WAYFARE_SECRET_INBOX"  # noqa: S105  the name of a variable
PATH = "/v1/inbox"
SHOWN = 100
"""So many messages at most; the newest."""
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
Answer = Callable[[Request], Awaitable[Response]]


class NoToken(Exception):
    """Whoever asks shows no token that counts; the text says why."""


def routes(db: Database, secrets: Sequence[str]) -> list[BaseRoute]:
    """GET /v1/inbox, and POST /v1/inbox/<message>/read. ``secrets`` are those by which the site signs: two while one is
    exchanged for the other, none if there is no site."""
    door = _Door(db, secrets)
    return [
        Route(PATH, _safe(door.look), methods=["GET", "OPTIONS"]),
        Route(f"{PATH}/{{message}}/read", _safe(door.read), methods=["POST", "OPTIONS"]),
    ]


def _safe(answer: Answer) -> Answer:
    async def answered(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=HEADERS)
        try:
            return await answer(request)
        except NoToken as why:
            return _refused(401, str(why), {"WWW-Authenticate": "Bearer"})
        except (SQLAlchemyError, TimeoutError, OSError):
            return _refused(503, "The store is away; ask again in a moment.", {"Retry-After": "5"})

    return answered


def _refused(status: int, message: str, more: dict[str, str]) -> Response:
    return JSONResponse({"error": {"message": message}}, status, HEADERS | more)


class _Door:
    def __init__(self, db: Database, secrets: Sequence[str]) -> None:
        self._db = db
        self._secrets = secrets

    async def look(self, request: Request) -> Response:
        """The customer's messages, the newest first, and how many are unread."""
        who = self._who(request)
        async with self._db.read() as tx:
            customer = await identity.find(tx, f"id:{who}")
            mine = customer["customer_id"] if customer else ""
            rows = await site_messages.of_customer(tx, mine, SHOWN)
            unread = await site_messages.unread(tx, mine)
        return JSONResponse({"unread": unread, "messages": [_shown(row) for row in rows]}, 200, HEADERS)

    async def read(self, request: Request) -> Response:
        """The customer has read one."""
        who = self._who(request)
        async with self._db.write() as tx:
            customer = await identity.find(tx, f"id:{who}")
            mine = customer["customer_id"] if customer else ""
            if not await site_messages.read(tx, mine, request.path_params["message"]):
                return _refused(404, "This customer has no such message.", {})
        return Response(status_code=204, headers=HEADERS)

    def _who(self, request: Request) -> str:
        if not self._secrets:
            raise NoToken(f"There is no inbox here: set {SECRET} where Wayfare runs.")
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise NoToken("Show the customer's token: Authorization: Bearer …")
        return customer_in(token.strip(), self._secrets, now())


def customer_in(token: str, secrets: Sequence[str], moment: datetime) -> str:
    """The customer's id in a token that one of the secrets has signed and that holds. Raises NoToken."""
    head, _, rest = token.partition(".")
    body, _, signature = rest.partition(".")
    signed = f"{head}.{body}".encode()
    given = _bytes(signature)
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).digest() for secret in secrets]
    fits = [hmac.compare_digest(one, given) for one in wanted]
    if _object(head).get("alg") != "HS256" or not any(fits):
        raise NoToken("The token is not signed with our secret (HS256).")
    said = _object(body)
    end, who = said.get("exp"), said.get("sub")
    if not isinstance(end, int | float) or isinstance(end, bool) or end <= moment.timestamp():
        raise NoToken("The token is over: its exp has to lie ahead.")
    if not isinstance(who, str) or not who:
        raise NoToken("The token names no customer: sub is the shop's own id.")
    return who


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["send_key"],
        "title": row["title"],
        "text": row["text"],
        "html": row["html"],
        "at": row["created_at"].astimezone(UTC).isoformat(),
        "read_at": row["read_at"].astimezone(UTC).isoformat() if row["read_at"] else None,
    }
