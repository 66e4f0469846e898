"""Whatever customers write, whatever address is asked for, whatever the store does: the pages stay pages."""

from __future__ import annotations

import re

import httpx2
import pytest

from console.app import PAGES
from store.database import Database
from tests.console.conftest import reader_of, site_of
from tests.console.reading import page, words_of
from tests.console.scenes import HOSTILE, SCRIPT, hostile_people
from tests.console.town import Town


@pytest.fixture(scope="module", autouse=True)
async def hostile(town: Town) -> None:
    await hostile_people(town)


async def places(town: Town) -> list[str]:
    """Every page that shows something of these customers."""
    people = [f"/customers/{await town.customer_id(f'x-{number}')}" for number in range(len(HOSTILE))]
    letters = [f"/mail/{message.id}" for message in town.mailbox.list(3)]
    return ["/", "/customers", "/messages", "/events", "/journeys", "/mail", *people, *letters]


async def test_what_customers_write_is_text_and_never_markup(reader: httpx2.AsyncClient, town: Town) -> None:
    for place in await places(town):
        html = await page(reader, place)
        assert SCRIPT not in html and "<img src=x" not in html and "<b>O'Brien" not in html, place
        assert re.findall(r"<script[^>]*>", html) == ['<script src="/static/wayfare.js" defer>'], place
        inside_tags = " ".join(re.findall(r"<[^>]*>", html))
        assert not re.search(r"\son\w+=", re.sub(r'"[^"]*"', '""', inside_tags)), place
    assert "&lt;script&gt;document.title=" in await page(reader, "/")


async def test_what_is_asked_for_comes_back_as_text(reader: httpx2.AsyncClient) -> None:
    for place in ("/?q=", "/?state=ended&journey=", "/customers?q=", "/events?state="):
        html = await page(reader, f'{place}"><script>alert(1)</script>')
        assert "<script>alert" not in html, place
    assert "<script>alert" not in await page(reader, "/customers/<script>alert(1)</script>", 404)


async def test_a_name_of_ten_thousand_letters_is_cut_short_in_lists(reader: httpx2.AsyncClient) -> None:
    for place in ("/", "/customers", "/events", "/messages"):
        assert HOSTILE["long"][:200] not in await page(reader, place), place
    whole = await page(reader, "/customers/x-3")
    assert HOSTILE["long"] in whole and 'class="long"' in whole


async def test_a_name_that_turns_the_line_around_turns_only_itself(reader: httpx2.AsyncClient) -> None:
    name = HOSTILE["rtl"].strip()
    for place in ("/", "/customers", "/customers/x-2"):
        html = await page(reader, place)
        for found in re.finditer(re.escape(name[:4]), html.partition("</head>")[2]):
            assert "<bdi>" in html[: found.start()][-600:] or "<bdi" in html, place
    assert f"<bdi>{name}" in await page(reader, "/customers/x-2")


async def test_a_name_of_spaces_has_something_to_click(reader: httpx2.AsyncClient) -> None:
    assert "<bdi>x4@example.org</bdi></a>" in await page(reader, "/")


async def test_every_answer_carries_the_headers(reader: httpx2.AsyncClient, town: Town) -> None:
    number = town.mailbox.list(1)[0].id
    odd = ["/nothing", "/customers/nobody", "/mail.json?limit=x", "/static/wayfare.css", "/static/nothing.css"]
    parts = {"number": number, "name": "welcome", "journey": "onboarding", "instance_id": "none", "task_id": "none"}
    given = [path.format(**parts) for path, _ in PAGES if "{r" not in path and path != "/live"]
    for place in [*odd, *given, *await places(town)]:
        headers = (await reader.get(place)).headers
        assert headers["x-content-type-options"] == "nosniff", place
        assert headers["referrer-policy"] == "same-origin", place
        assert headers["cache-control"] == ("no-cache" if place.startswith("/static") else "no-store"), place
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors" in policy, place
        assert ("unsafe" in policy) == place.endswith("/html") and "unsafe-eval" not in policy, place


async def test_nothing_comes_from_elsewhere_and_nothing_is_written_inline(
    reader: httpx2.AsyncClient, town: Town
) -> None:
    for place in await places(town):
        html = await page(reader, place)
        assert not re.search(r'(src|href)="(https?:)?//(?!temporal\.example)', html), place
        assert "<style" not in html and " style=" not in re.sub(r"&[^;]+;", "", html), place
    for name in ("wayfare.css", "wayfare.js", "wayfare.svg"):
        text = (await reader.get(f"/static/{name}")).text.replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text and "@import" not in text and "url(" not in text, name


async def test_pages_know_the_way_around_without_eyes(reader: httpx2.AsyncClient, town: Town) -> None:
    for place in await places(town):
        html = await page(reader, place)
        assert '<html lang="en">' in html and '<main id="main"' in html and 'href="#main"' in html, place
        assert html.count("<h1") == 1 and '<nav aria-label="Pages">' in html, place
        assert re.search(r"<title>[^<]+ · Wayfare</title>", html), place


async def test_words_of_the_machine_room_stay_there(reader: httpx2.AsyncClient, town: Town) -> None:
    for place in ("/", "/customers", "/customers/x-4", "/events", "/messages", "/journeys", "/?state=ended"):
        said = words_of(await page(reader, place)).lower()
        for word in ("instance", "workflow", "none,", "undefined", "null"):
            assert word not in said, (place, word)


async def test_an_unknown_address_is_answered_in_the_readers_language(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/no/such/page", 404)
    assert "There is no such page." in await page(reader, "/customers/a%0Ab", 404)
    program = await reader.post("/v1/evnts", headers={"Accept": "application/json"})

    assert "There is no such page." in html and 'href="/customers"' in html
    assert program.status_code == 404 and program.json() == {"error": "There is nothing at this address."}


@pytest.mark.parametrize("place", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static//etc/passwd"])
async def test_only_the_static_files_are_static_files(reader: httpx2.AsyncClient, place: str) -> None:
    assert (await reader.get(place)).status_code == 404


async def test_a_store_that_is_away_is_said_and_not_cached(town: Town, tmp_path: object) -> None:
    lost = Town(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/store.db", town.clock, town.mailbox)
    async with reader_of(site_of(lost)) as reader:
        for place in ("/", "/customers", "/customers/c-1", "/events", "/messages", "/journeys", "/mail"):
            answer = await reader.get(place)
            assert answer.status_code == 503 and answer.headers["retry-after"] == "5", place
            assert "The store cannot be reached" in answer.text and "Traceback" not in answer.text
            assert answer.headers["cache-control"] == "no-store"
    await lost.db.close()


async def test_the_store_is_left_as_it_was_by_reading(reader: httpx2.AsyncClient, town: Town) -> None:
    before = await dump(town.db)
    for place in await places(town):
        await page(reader, place)
    assert await dump(town.db) == before


async def dump(db: Database) -> list[object]:
    async with db.read() as tx:
        rows = await tx.exec_driver_sql("SELECT instance_id, next_seq, updated_at FROM instance ORDER BY 1")
        return [tuple(row) for row in rows]
