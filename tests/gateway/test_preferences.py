"""The customer's own door: one click to unsubscribe (RFC 8058), and the page of preferences."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from gateway.app import customer_routes as routes
from store import consents, definitions, ledger, reach
from store.clock import now
from store.consents import Word
from store.database import Database
from store.seal import Seal
from store.tables import message
from tests.store.makers import a_journey, a_library, begun, rows, the_row

SEAL = Seal("of the tests")
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Link:
    """A link in a message of this topic, and a browser."""

    def __init__(self, db: Database, http: httpx2.AsyncClient, path: str, customer_id: str) -> None:
        self.db, self.http, self.path, self.customer_id = db, http, path, customer_id

    async def post(self, body: str) -> httpx2.Response:
        return await self.http.post(self.path, content=body, headers=FORM)

    async def said(self) -> dict[str, bool]:
        async with self.db.read() as tx:
            return await consents.in_force(tx, self.customer_id)


@pytest.fixture
async def link(db: Database, request: pytest.FixtureRequest) -> AsyncIterator[Link]:
    topic = getattr(request, "param", "tips")
    instance_id = await begun(db)
    library = a_library(a_journey(), messages={"tips": "Tips.", "news": "News."})
    for name, text in library.messages.items():
        library.messages[name] = text.model_copy(update={"topic": name})
    async with db.write() as tx:
        await definitions.publish(tx, library, {})
        row = await ledger.intend(tx, instance_id, "send/1/0", "tips", "lifecycle")
        await tx.execute(update(message).values(topic=topic or None))
    app = Starlette(routes=routes(db, SEAL))
    person = (await the_row(db, "customer"))["customer_id"]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://wayfare.example") as http:
        yield Link(db, http, f"/u/{SEAL.token('unsubscribe', row.send_key)}", person)


async def test_one_click_of_a_mail_program_declines_the_topic_without_cookie_login_or_redirect(link: Link) -> None:
    answer = await link.post(ONE_CLICK)

    assert (answer.status_code, answer.text) == (200, "Unsubscribed.")
    assert "set-cookie" not in answer.headers
    assert await link.said() == {"tips": False}
    [line] = await rows(link.db, "timeline", kind="note")
    assert line["text"] == "The customer said by the link in a message what they want to hear: tips: no."


@pytest.mark.parametrize("link", [""], indirect=True)
async def test_one_click_on_a_message_without_a_topic_declines_everything_but_service_mail(link: Link) -> None:
    await link.post(ONE_CLICK)
    assert await link.said() == {"all": False}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_who_only_looks_changes_nothing(link: Link, method: str) -> None:
    """Mail scanners look at every link, and some add what the mail program would say."""
    for query in ("", "?List-Unsubscribe=One-Click", "?do=nothing"):
        answer = await link.http.request(method, link.path + query, headers={"Purpose": "prefetch"})
        assert answer.status_code == 200
    assert await link.said() == {}


async def test_the_page_shows_the_topics_and_keeps_what_is_ticked(link: Link) -> None:
    page = (await link.http.get(link.path)).text
    assert re.findall(r'value="(\w+)" checked', page) == ["news", "tips"]
    answer = await link.post("known=news&known=tips&topic=news&pause=30&do=save")
    assert "Thank you. It is kept." in answer.text
    assert re.findall(r'value="(\w+)" checked', answer.text) == ["news"]
    assert await link.said() == {"tips": False}
    async with link.db.read() as tx:
        until = await reach.silent_until(tx, link.customer_id)
    assert until is not None and until - now() > timedelta(days=29)
    await link.post("known=news&known=tips&topic=news&topic=tips&pause=&do=save")
    assert await link.said() == {"tips": True}
    async with link.db.read() as tx:
        assert await reach.silent_until(tx, link.customer_id) is None


async def test_all_mail_can_be_declined_and_a_tick_takes_it_back(link: Link) -> None:
    answer = await link.post("known=news&known=tips&topic=news&topic=tips&do=nothing")
    assert "nothing of the kind any more" in answer.text and " checked" not in answer.text
    assert await link.said() == {"all": False}
    await link.post("known=news&known=tips&topic=news&pause=&do=save")
    assert await link.said() == {"all": True, "news": True}


async def test_a_pause_that_is_kept_is_not_made_shorter(link: Link) -> None:
    await link.post("pause=90&do=save")
    async with link.db.read() as tx:
        before = await reach.silent_until(tx, link.customer_id)
    await link.post("pause=keep&do=save")
    async with link.db.read() as tx:
        assert await reach.silent_until(tx, link.customer_id) == before


async def test_a_form_cannot_invent_topics(link: Link) -> None:
    await link.post("known=%3Cscript%3E&topic=%3Cscript%3E&known=invented&topic=invented&do=save")
    assert await link.said() == {}


async def test_what_a_topic_is_called_cannot_become_a_part_of_the_page(link: Link) -> None:
    async with link.db.write() as tx:
        await consents.say(tx, link.customer_id, "1", [Word("<script>alert(1)</script>", True, now(), "test")])
    assert "<script" not in (await link.http.get(link.path)).text


@pytest.mark.parametrize("token", ["nothing", "a" * 25 + ".b", "%00", "x" * 3000])
async def test_a_link_that_we_did_not_make_is_not_there_and_says_what_to_do(link: Link, token: str) -> None:
    answer = await link.http.get(f"/u/{token}")
    assert answer.status_code == 404 and "no longer good" in answer.text
    assert (await link.http.post(f"/u/{token}", content=ONE_CLICK, headers=FORM)).status_code == 404
    assert await link.said() == {}


async def test_a_token_of_another_purpose_opens_nothing(link: Link) -> None:
    key = (await the_row(link.db, "message"))["send_key"]
    answer = await link.http.post(f"/u/{SEAL.token('answer', key)}", content=ONE_CLICK, headers=FORM)
    assert answer.status_code == 404 and await link.said() == {}


async def test_too_large_a_form_is_refused(link: Link) -> None:
    assert (await link.post("x" * 40_000)).status_code == 413


async def test_the_page_needs_no_script_and_lets_nobody_frame_it(link: Link) -> None:
    answer = await link.http.get(link.path)
    assert "<script" not in answer.text and "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert (await link.http.get("/customer.css")).headers["content-type"].startswith("text/css")
