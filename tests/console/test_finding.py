"""Finding journeys of customers: by step, age, due time, outcome and version; lists that are kept; a list as CSV."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import update

from console.export import cell
from console.finding import tidy
from console.pulse import Pulse
from store import audit, staff
from store.tables import instance
from tests.console.conftest import ADDRESS, COOKIE, reader_of, site_of
from tests.console.reading import link, page, rows, words_of
from tests.console.scenes import weeks_of_business
from tests.console.test_browser import serving
from tests.console.town import TOKENS, Town

FORM = {"form_token": staff.form_token(TOKENS["lead"])}


@pytest.fixture(scope="module", autouse=True)
async def business(town: Town) -> None:
    await weeks_of_business(town)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("journey=onboarding", 3),
        ("journey=onboarding&step=wait-2-days", 2),
        ("journey=onboarding&step=nowhere", 0),
        ("journey=onboarding&due=hour", 0),
        ("journey=onboarding&due=day", 1),
        ("journey=onboarding&due=week", 2),
        ("journey=onboarding&age=day", 1),
        ("journey=onboarding&age=year", 0),
        ("journey=onboarding&version=1", 3),
        ("journey=onboarding&version=2", 0),
        ("state=ended&outcome=activated", 1),
        ("state=ended&outcome=refunded", 2),
        ("due=never&age=x&version=x", 8),
    ],
)
async def test_a_list_is_narrowed(reader: httpx2.AsyncClient, query: str, count: int) -> None:
    assert len(rows(await page(reader, f"/?{query}"))) == count


async def test_narrowing_stays_when_the_state_or_the_journey_changes(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/?journey=onboarding&step=wait-2-days&age=day")
    assert link(html, "Ended 4") == "/?state=ended&journey=onboarding&age=day"
    assert "<option selected>wait-2-days</option>" in html


async def test_a_list_is_kept_under_a_name_and_dropped(reader: httpx2.AsyncClient, town: Town) -> None:
    data = FORM | {"name": "Long waits <b>", "query": "age=week&journey=onboarding&evil=//x&state=running"}
    answer = await reader.post("/views", data=data)
    assert answer.status_code == 303
    html = await page(reader, answer.headers["location"])
    assert link(html, "Long waits <b>") == "/?state=running&journey=onboarding&age=week"
    async with reader_of(site_of(town), "viewer") as other:
        assert link(await page(other, "/"), "Long waits <b>") is None, "it is the lead's own"
    assert (await reader.post("/views", data=FORM | {"name": "", "query": ""})).status_code == 422
    await reader.post("/views/drop", data=FORM | {"name": "Long waits <b>"})
    assert link(await page(reader, "/"), "Long waits <b>") is None


def test_an_address_keeps_only_what_the_list_knows() -> None:
    assert tidy("step=a&evil=1&q=x%26y&state=ended") == "state=ended&q=x%26y&step=a"


async def test_a_list_comes_as_csv_and_that_is_written_down(reader: httpx2.AsyncClient, town: Town) -> None:
    answer = await reader.post("/export?journey=onboarding", data=FORM)
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert {row["name"] for row in found} == {"Nora Whitfield", "Aiko Tanabe", "Ibrahim Okafor"}
    assert {row["journey"] for row in found} == {"onboarding"}
    async with town.db.read() as tx:
        (last,) = await audit.recent(tx, 1)
    assert (last["what"], last["reason"]) == ("export", "journey=onboarding")


FORMULAS = [
    *("=1+1", "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")'),
    *(f"{sign}{word}" for sign in "=+-@" for word in ("A1", "2", "SUM(1)", '"', "DDE()", "x;y", "x,y")),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_list_is_a_formula(text: str) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([cell(text), "next"])
    first, following = next(csv.reader(io.StringIO(written.getvalue())))
    assert following == "next" and first == f"'{text}"


async def test_a_journey_shows_who_stands_where_and_how_it_ends(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/journeys/onboarding")
    said = words_of(html)
    assert "3 running" in said and "50 % of them at the goal" in said and "Who stands where" in said
    assert 'href="/?journey=onboarding&amp;step=wait-2-days"' in html and "<style" not in html
    assert "wait-2-days · the next goes on in" in said
    await page(reader, "/journeys/nothing", 404)


async def test_overdue_deadlines_are_named_with_whose_they_are(new_town: Town) -> None:
    await new_town.buys("Grete Hermann", "o-1")
    await new_town.buys("Solveig Dahl", "o-2")
    grete = await new_town.instance_of("c-o-1", "onboarding")
    solveig = await new_town.instance_of("c-o-2", "onboarding")
    async with new_town.db.write() as tx:
        soon = new_town.clock() + timedelta(hours=1)
        await tx.execute(update(instance).where(instance.c.instance_id == grete).values(clock_over=True))
        await tx.execute(update(instance).where(instance.c.instance_id == solveig).values(clock_due=soon))
    async with reader_of(site_of(new_town)) as reader:
        html = await page(reader, "/")
    said = words_of(html)
    assert "1 customer has a deadline that is over; 1 deadline comes within four hours." in said
    assert f'href="/instances/{grete}"' in html and "Solveig Dahl onboarding: due in 60 minutes" in said


async def test_open_pages_hear_that_something_has_changed(new_town: Town) -> None:
    pulse = Pulse(new_town.db)
    before = await pulse.mark()
    await new_town.buys("Grete Hermann", "o-1")
    pulse._looked = float("-inf")
    assert await pulse.mark() != before


async def test_a_stream_says_that_something_has_changed(new_town: Town) -> None:
    """Read as a browser reads it, from the server itself: the test's client keeps answers until they end."""
    async with serving(site_of(new_town)) as address:
        host, port = address.removeprefix("http://").split(":")
        reading, writing = await asyncio.open_connection(host, int(port))
        cookie = f"{COOKIE}={TOKENS['viewer']}"
        writing.write(f"GET /live HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
        await asyncio.wait_for(reading.readuntil(b"retry: 3000"), 10)
        await new_town.buys("Grete Hermann", "o-1")
        said = await asyncio.wait_for(reading.readuntil(b"event: change"), 20)
        writing.close()
    assert b"Grete" not in said


async def test_nobody_listens_who_is_not_signed_in(town: Town) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(site_of(town)), base_url=ADDRESS) as stranger:
        assert (await stranger.get("/live")).status_code == 401
