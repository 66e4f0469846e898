"""The inbox on the company's own site: whose it is says a signed token, and nobody reads another's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway import site_inbox
from store import ledger, site_messages
from store.clock import now
from store.database import Database
from tests.store.makers import begun

SECRET, OTHER = "the site's secret", "another one"


def token(secret: str = SECRET, *, alg: str = "HS256", **claims: Any) -> str:
    """As any library makes it (RFC 7519)."""
    said = {"sub": "c-1", "exp": int((now() + timedelta(hours=1)).timestamp()), **claims}
    parts = ({"alg": alg, "typ": "JWT"}, {name: value for name, value in said.items() if value is not None})
    signed = ".".join(_base64(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_base64(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
async def site(db: Database) -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=site_inbox.routes(db, (SECRET, OTHER)))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://wayfare") as client:
        yield client


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}", "Origin": "https://shop.example"}


async def a_message(db: Database) -> str:
    instance_id = await begun(db)
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, "send/1/0", "welcome", "", "inbox")
        await site_messages.put_in(tx, row.send_key, "A lamp", "It is on its way.", "<p>It is on its way.</p>")
    return row.send_key


async def test_a_customer_sees_their_messages_and_reads_one(db: Database, site: httpx2.AsyncClient) -> None:
    key = await a_message(db)
    answer = await site.get("/v1/inbox", headers=bearer(token()))
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
    [shown] = answer.json()["messages"]
    assert answer.json()["unread"] == 1
    assert (shown["id"], shown["title"], shown["text"], shown["read_at"]) == (key, "A lamp", "It is on its way.", None)
    for _ in range(2):
        assert (await site.post(f"/v1/inbox/{key}/read", headers=bearer(token(OTHER)))).status_code == 204
    after = (await site.get("/v1/inbox", headers=bearer(token()))).json()
    assert after["unread"] == 0 and after["messages"][0]["read_at"]


async def test_nobody_sees_or_reads_what_is_anothers(db: Database, site: httpx2.AsyncClient) -> None:
    key = await a_message(db)
    for who in ("c-2", "%", "grete@example.org"):
        assert (await site.get("/v1/inbox", headers=bearer(token(sub=who)))).json() == {"unread": 0, "messages": []}
        assert (await site.post(f"/v1/inbox/{key}/read", headers=bearer(token(sub=who)))).status_code == 404
    assert (await site.get("/v1/inbox", headers=bearer(token()))).json()["unread"] == 1


NOT_COUNTING: dict[str, Callable[[], str]] = {
    "none": lambda: "",
    "nonsense": lambda: "nonsense",
    "two dots": lambda: "..",
    "another secret": lambda: token("wrong"),
    "unsigned": lambda: token(alg="none"),
    "over": lambda: token(exp=0),
    "without an end": lambda: token(exp=None),
    "an end that is no time": lambda: token(exp=True),
    "an end as text": lambda: token(exp="2099"),
    "for nobody": lambda: token(sub=None),
    "for an empty name": lambda: token(sub=""),
    "for a number": lambda: token(sub=7),
    "cut short": lambda: token()[:-2],
    "changed": lambda: token().replace(".", ".e", 1),
    "signature left out": lambda: f"{token().rsplit('.', 1)[0]}.",
}


@pytest.mark.parametrize("which", NOT_COUNTING)
async def test_a_token_that_does_not_count_opens_nothing(db: Database, site: httpx2.AsyncClient, which: str) -> None:
    shown = NOT_COUNTING[which]()
    key = await a_message(db)
    answer = await site.get("/v1/inbox", headers=bearer(shown))
    assert answer.status_code == 401 and answer.json()["error"]["message"] and "messages" not in answer.json()
    assert (await site.post(f"/v1/inbox/{key}/read", headers=bearer(shown))).status_code == 401


async def test_pages_of_another_origin_may_ask_first_and_without_a_site_there_is_no_inbox(db: Database) -> None:
    app = Starlette(routes=site_inbox.routes(db, ()))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://wayfare") as client:
        first = await client.request("OPTIONS", "/v1/inbox")
        assert first.status_code == 204 and "Authorization" in first.headers["access-control-allow-headers"]
        answer = await client.get("/v1/inbox", headers=bearer(token("")))
        assert answer.status_code == 401 and "WAYFARE_SECRET_INBOX" in answer.json()["error"]["message"]
