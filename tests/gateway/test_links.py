"""Tracked links: nobody is led elsewhere than the letter says, programs do not count, nothing is tracked unasked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from starlette.applications import Starlette

from gateway.app import customer_routes
from journey import scanners
from journey.texts import tracking
from store import consents, ledger
from store.clock import now
from store.consents import Word
from store.database import Database
from store.seal import Seal
from store.tables import inbox, message
from tests.store.makers import begun, publish, rows, the_row

SEAL = Seal("of the tests")
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
LINKS = ["https://northlight.example/care?a=1&b=2", "https://northlight.example/news", "https://other.example/"]
PAGE = (
    '<html><body><a href="https://a.example/?x=1&amp;y=2">a</a> <a class="b" href="mailto:x@a.example">m</a>'
    " {}</body></html>"
)


class Letter:
    def __init__(self, db: Database, http: httpx2.AsyncClient, key: str) -> None:
        self.db, self.http, self.key = db, http, key

    def link(self, number: int) -> str:
        return f"/c/{SEAL.token('click', self.key, number)}"

    @property
    def picture(self) -> str:
        return f"/o/{SEAL.token('open', self.key)}.gif"

    async def follow(self, number: int, method: str = "GET", **headers: str) -> httpx2.Response:
        return await self.http.request(method, self.link(number), headers={**BROWSER, **headers})

    async def told(self) -> list[tuple[str, str]]:
        """What journeys will be told: the type, and the link."""
        return [
            (row["type"], row["data"].get("link", ""))
            for row in await rows(self.db, "inbox", source="wayfare")
            if row["state"] == "new"
        ]

    async def later(self) -> None:
        """A minute passes."""
        async with self.db.write() as tx:
            for row in await rows(self.db, "inbox", source="wayfare"):
                mine = inbox.c.event_pk == row["event_pk"]
                await tx.execute(
                    update(inbox).where(mine).values(accepted_at=row["accepted_at"] - timedelta(minutes=1))
                )


@pytest.fixture
async def letter(db: Database) -> AsyncIterator[Letter]:
    instance_id = await begun(db)
    await publish(db)
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, "send/1/0", "welcome", "lifecycle")
        sent = {"state": "accepted", "links": LINKS, "decided_at": now() - timedelta(hours=1)}
        await tx.execute(update(message).values(**sent))
    app = Starlette(routes=customer_routes(db, SEAL))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://w.example") as http:
        yield Letter(db, http, row.send_key)


async def test_a_link_leads_where_the_letter_says_and_is_told_once(letter: Letter) -> None:
    for _ in range(2):
        answer = await letter.follow(0)
        assert (answer.status_code, answer.headers["location"]) == (302, LINKS[0])
    assert await letter.told() == [("message.clicked", LINKS[0])]
    due = (await the_row(letter.db, "inbox", source="wayfare"))["next_try_at"]
    assert due is not None and due > now()


async def test_a_link_cannot_be_made_to_lead_elsewhere(letter: Letter) -> None:
    assert (await letter.follow(3)).status_code == 404
    for path in ("/c/https://evil.example", "/c/x", f"{letter.link(0)}x", f"/c/{SEAL.token('answer', letter.key, 0)}"):
        assert (await letter.http.get(path, headers=BROWSER)).status_code == 404
    answer = await letter.http.get(f"{letter.link(0)}?url=https://evil.example", headers=BROWSER)
    assert answer.headers["location"] == LINKS[0]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"User-Agent": "python-requests/2.32"}),
        ("GET", {"User-Agent": ""}),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("GET", {"User-Agent": "Mozilla/5.0 (X11) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36"}),
        ("GET", {"User-Agent": "Mozilla/5.0 BarracudaSentinel (EE)"}),
    ],
)
async def test_programs_are_led_on_and_do_not_count(letter: Letter, method: str, headers: dict[str, str]) -> None:
    assert (await letter.follow(0, method, **headers)).status_code == 302
    assert await letter.told() == []


async def test_whoever_comes_as_soon_as_the_letter_is_a_program(letter: Letter) -> None:
    async with letter.db.write() as tx:
        await tx.execute(update(message).values(decided_at=now() - timedelta(seconds=2)))
    await letter.follow(0)
    assert await letter.told() == []


async def test_whoever_looks_at_several_links_is_a_program_and_a_person_counts_the_next_day(letter: Letter) -> None:
    for number in range(3):
        await letter.follow(number)
    assert await letter.told() == []
    await letter.later()
    await letter.follow(0)
    assert await letter.told() == [("message.clicked", LINKS[0])]
    await letter.later()
    await letter.follow(1)
    assert len(await letter.told()) == 2


async def test_a_scanner_unsubscribes_nobody_and_answers_nothing(letter: Letter) -> None:
    for path in (f"/u/{SEAL.token('unsubscribe', letter.key)}", letter.link(0), letter.picture):
        await letter.http.get(path, headers=BROWSER)
    assert {kind for kind, _ in await letter.told()} <= {"message.clicked", "message.opened"}
    assert await rows(letter.db, "consent") == []


async def test_the_picture_tells_once_that_the_letter_was_opened(letter: Letter) -> None:
    for _ in range(2):
        answer = await letter.http.get(letter.picture, headers=BROWSER)
        assert answer.headers["content-type"] == "image/gif" and answer.content.startswith(b"GIF89a")
    assert await letter.told() == [("message.opened", "")]
    assert (await letter.http.get("/o/x.gif", headers=BROWSER)).status_code == 200


async def test_whoever_declines_it_is_led_on_and_not_watched(letter: Letter) -> None:
    person = (await the_row(letter.db, "customer"))["customer_id"]
    async with letter.db.write() as tx:
        await consents.say(tx, person, "1", [Word("tracking", False, now(), "test")])
    assert (await letter.follow(0)).status_code == 302
    await letter.http.get(letter.picture, headers=BROWSER)
    assert await letter.told() == []


def test_links_of_a_page_lead_by_way_of_us_but_ours_and_those_that_must_not() -> None:
    more = '<a href="https://w.example/u/1">u</a> <a class="x no-track" href="https://b.example">b</a> <a href="https://a.example/?x=1&amp;y=2">c</a>'
    page, links = tracking.tracked(
        PAGE.format(more), "https://w.example", lambda number: f"https://w.example/c/{number}"
    )
    assert links == ["https://a.example/?x=1&y=2"]
    assert page.count('href="https://w.example/c/0"') == 2
    assert (
        'href="https://w.example/u/1"' in page and 'href="https://b.example"' in page and "mailto:x@a.example" in page
    )
    assert tracking.with_picture(page, "https://w.example/o/1").count("<img") == 1


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ((None, None, ()), set()),
        ((None, None, ("clicks",)), {"clicks"}),
        ((None, ("clicks", "opens"), ()), {"clicks", "opens"}),
        ((("none",), ("clicks",), ("opens",)), set()),
        ((("opens",), (), ()), {"opens"}),
    ],
)
def test_the_letter_decides_before_its_journey_and_that_before_the_company(said: tuple, what: set[str]) -> None:  # type: ignore[type-arg]  # of what is written
    assert tracking.wanted(*said) == what


@given(st.text(), st.sampled_from(["GET", "HEAD", "POST"]))
def test_no_name_of_a_program_makes_the_judging_fail(agent: str, method: str) -> None:
    assert isinstance(scanners.program(method, {"user-agent": agent}, None, now()), str)
