"""The events' pages: what each started or advanced, or why it matched nothing."""

from __future__ import annotations

import httpx2
import pytest

from store import inbox
from tests.console.conftest import reader_of, site_of
from tests.console.reading import link, page, rows, section, words_of
from tests.console.scenes import weeks_of_business
from tests.console.town import Town


@pytest.fixture(scope="module", autouse=True)
async def business(town: Town) -> None:
    await weeks_of_business(town)


async def test_the_newest_comes_first_with_what_it_started(reader: httpx2.AsyncClient) -> None:
    found = rows(await page(reader, "/events?state=routed"))

    assert found[0].startswith("purchase.completed e-12 from /shop receipt ")
    assert "Ibrahim Okafor routed It started check-in. It started onboarding. 6 minutes ago" in found[0]


async def test_an_event_that_a_running_journey_hears_says_which(reader: httpx2.AsyncClient) -> None:
    (row,) = (row for row in rows(await page(reader, "/events")) if row.startswith("setup.completed"))
    assert "Grete Hermann routed" in row and "onboarding heard it." in row


async def test_an_unknown_event_type_is_visible_as_unmatched_with_the_reason(reader: httpx2.AsyncClient) -> None:
    (row,) = rows(await page(reader, "/events?state=unmatched"))

    assert row.startswith("newsletter.opened")
    assert "Solveig Dahl unmatched No journey starts with newsletter.opened, and none" in row


async def test_a_journey_that_did_not_start_says_why(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/events")
    assert "onboarding did not start: its condition is not met (event.product.needs_setup" in words_of(html)


async def test_a_quarantined_event_says_how_often_it_was_tried_and_why_it_failed(reader: httpx2.AsyncClient) -> None:
    (row,) = rows(await page(reader, "/events?state=quarantined"))
    assert "It was tried 5 times and set aside: ValueError: the amount is not a number" in row
    assert "not known yet" in row


async def test_an_event_that_waits_says_so_and_one_that_failed_once_too(new_town: Town) -> None:
    receipt = await new_town.hears("purchase.completed", {"id": "c-1"}, routed=False)
    async with reader_of(site_of(new_town)) as reader:
        assert "new It waits to be routed." in rows(await page(reader, "/events?state=new"))[0]
        async with new_town.db.write() as tx:
            (row,) = await inbox.recent(tx, None, 10)
            await inbox.failed(tx, row["event_pk"], "ValueError: odd")
        said = words_of(await page(reader, f"/events/{receipt}"))
    assert "It was tried 1 time and will be tried again: ValueError: odd" in said


async def test_counts_stand_at_the_states(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/events")

    assert link(html, "Unmatched 1") == "/events?state=unmatched"
    assert link(html, "Quarantined 1") == "/events?state=quarantined"
    assert link(html, "All 13") == "/events"


async def test_a_receipt_leads_to_the_whole_event(reader: httpx2.AsyncClient, town: Town) -> None:
    html = await page(reader, "/events?state=routed")
    place = link(html, "purchase.completed") or ""
    event = await page(reader, place)

    receipt = place.removeprefix("/events/")
    assert f"<code>{receipt}</code>" in event and "Ibrahim Okafor" in event
    assert '"order_id": "L-1006"' in words_of(section(event, "said-title"))
    received = words_of(section(event, "became-title"))
    assert "onboarding Open in Temporal : onboarding it began with this event" in received


async def test_a_journey_on_the_way_received_it_as_one_of_many(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/events")
    event = await page(reader, link(html, "setup.completed") or "")
    assert "as number 2 of all it received" in words_of(section(event, "became-title"))


@pytest.mark.parametrize("receipt", ["nothing", "a" * 24, "%00", "a'b", "é"])
async def test_an_unknown_receipt_is_said_in_plain_words(reader: httpx2.AsyncClient, receipt: str) -> None:
    assert "There is no event with the receipt" in await page(reader, f"/events/{receipt}", 404)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No event has arrived yet"),
        ("?state=quarantined", "Nothing is set aside"),
        ("?state=unmatched", "Everything found its place"),
        ("?state=parked", "Nobody is waited for"),
        ("?state=new", "Nothing waits"),
        ("?before=1", "That was all"),
    ],
)
async def test_empty_lists_teach(new_town: Town, query: str, words: str) -> None:
    async with reader_of(site_of(new_town)) as reader:
        assert words in await page(reader, f"/events{query}")


@pytest.mark.parametrize("query", ["before=x", "before=99999999999999999999999999", "before=-1", "state=nonsense"])
async def test_a_broken_address_shows_the_first_page(reader: httpx2.AsyncClient, query: str) -> None:
    assert len(rows(await page(reader, f"/events?{query}"))) == 13
