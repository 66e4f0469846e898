"""The first page: who waits where, for what and until when, and what needs attention."""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from html import unescape

import httpx2
import pytest
from starlette.datastructures import Headers

from gateway import envelopes
from store import instances
from tests.console.conftest import reader_of, site_of
from tests.console.reading import link, page, rows, words_of
from tests.console.scenes import quarantine, weeks_of_business
from tests.console.town import Town


@pytest.fixture(scope="module", autouse=True)
async def business(town: Town) -> None:
    await weeks_of_business(town)


async def test_a_row_says_who_waits_where_until_when_and_what_comes_then(reader: httpx2.AsyncClient) -> None:
    (row,) = rows(await page(reader, "/?q=L-1004"))

    assert row.startswith("Nora Whitfield nora@example.org From the purchase to the first evening of light")
    assert "onboarding · L-1004" in row
    assert "Waits 2 days step 2 of " in row and "since 27 hours ago then: choose" in row
    assert "in 21 hours 16 Dec 2026, 05:17 UTC" in row and "27 hours ago 14 Dec 2026, 05:17 UTC" in row


async def test_times_are_words_with_the_exact_moment_and_zone_behind_them(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/?q=L-1004")

    title = "Wednesday, 16 December 2026, 05:17:00 UTC"
    assert f'<time datetime="2026-12-16T05:17:00Z" title="{title}">in 21 hours</time>' in html


async def test_a_wait_for_an_event_says_what_comes_either_way(reader: httpx2.AsyncClient) -> None:
    (row,) = rows(await page(reader, "/?q=C-1"))

    assert "Waits for survey.answered" in row
    assert "when it comes: choose if not: finish resolved" in row


async def test_trouble_stands_at_its_row_and_in_the_band_at_the_top(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/")

    (row,) = (row for row in rows(html) if "L-1006" in row)
    assert 'Needs attention: The message "welcome" waits: the mail server is away' in row
    band = words_of(html.partition('<section class="band"')[2].partition("</section>")[0])
    assert "1 journey cannot go on without help. See who and why" in band
    assert "1 event could not be used and was set aside. Read the reasons" in band
    assert "1 message may or may not have been sent; the mail server\u2019s log tells. See which" in band
    assert html.index('class="band"') < html.index("<h1>")


async def test_every_sentence_of_the_band_leads_to_what_it_means(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/")

    (troubled,) = rows(await page(reader, link(html, "See who and why") or ""))
    (quarantined,) = rows(await page(reader, link(html, "Read the reasons") or ""))
    (unknown,) = rows(await page(reader, link(html, "See which") or ""))
    assert "Ibrahim Okafor" in troubled and "L-1006" in troubled
    assert "quarantined" in quarantined and "the amount is not a number" in quarantined
    assert "may have been sent" in unknown and "Aiko Tanabe" in unknown


@pytest.mark.parametrize(
    ("query", "people"),
    [
        ("journey=onboarding", {"Ibrahim Okafor", "Aiko Tanabe", "Nora Whitfield"}),
        ("journey=complaint", {"Grete Hermann"}),
        ("q=GRETE", {"Grete Hermann"}),
        ("q=olveig%20d", {"Solveig Dahl"}),
        ("q=aiko@EXAMPLE.org", {"Aiko Tanabe"}),
        ("q=c-nora", {"Nora Whitfield"}),
        ("q=L-1006", {"Ibrahim Okafor"}),
        ("q=L-1006&journey=complaint", set()),
        ("state=ended", {"Grete Hermann", "Lucien Favre"}),
        ("state=ended&journey=onboarding&q=grete", {"Grete Hermann"}),
        ("state=attention", {"Ibrahim Okafor"}),
        ("q=%25", set()),
        ("q=_", set()),
        ("journey=no-such-journey", set()),
    ],
)
async def test_filters_find_exactly_those(reader: httpx2.AsyncClient, query: str, people: set[str]) -> None:
    everybody = ("Grete Hermann", "Ibrahim Okafor", "Solveig Dahl", "Nora Whitfield", "Aiko Tanabe", "Lucien Favre")
    found = rows(await page(reader, f"/?{query}"))

    assert {name for row in found for name in everybody if row.startswith(name)} == people


async def test_ended_journeys_show_their_outcome(reader: httpx2.AsyncClient) -> None:
    (row,) = rows(await page(reader, "/?state=ended&q=L-1001"))

    assert "activated 20 days ago 25 Nov 2026, 15:00 UTC" in row


async def test_counts_stand_at_every_filter_and_keep_the_others(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/?q=example&journey=onboarding")

    assert link(html, "Ended 4") == "/?state=ended&journey=onboarding&q=example"
    assert link(html, "check-in 4") == "/?journey=check-in&q=example"
    assert link(html, "All") == "/?q=example"
    assert 'value="example"' in html and '<input type="hidden" name="journey" value="onboarding">' in html


@pytest.mark.parametrize("query", ["before=nonsense", "before=2026~x", "before=9999-12-31T23:59:59-23:59~a", "state=x"])
async def test_a_broken_address_shows_the_first_page(reader: httpx2.AsyncClient, query: str) -> None:
    assert len(rows(await page(reader, f"/?{query}"))) == 8


async def test_a_search_that_finds_nobody_says_so_and_leads_back(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/?q=nobody%20at%20all")

    assert "is about “ nobody at all ”" in words_of(html) and link(html, "Show all") == "/"


async def test_an_empty_house_teaches_with_a_command_that_works(new_town: Town) -> None:
    async with reader_of(site_of(new_town)) as reader:
        html = await page(reader, "/")
        assert "No journey has begun yet" in html and 'class="band"' not in html

        command = re.search(r"<code>(curl.*?)</code>", html, re.DOTALL)
        assert command is not None
        curl = shlex.split(unescape(command.group(1)))
        assert curl[3] == "http://wayfare.example/v1/events"
        body = curl[curl.index("-d") + 1]
        headers = Headers({"content-type": "application/json"})
        event = envelopes.read(envelopes.form_of(headers), headers, body.encode(), "/shop")
        assert event.event_id == "first-purchase"

        data = json.loads(body)["data"]
        await new_town.hears(event.type, data.pop("customer"), **data)
        assert "Grete Hermann" in rows(await page(reader, "/?journey=onboarding"))[0]


async def test_empty_lists_say_what_would_be_there(new_town: Town) -> None:
    async with reader_of(site_of(new_town)) as reader:
        assert "Nothing needs you" in await page(reader, "/?state=attention")
        assert "No journey has ended yet" in await page(reader, "/?state=ended")
        await new_town.buys("Grete Hermann", "o-1", setup=False)
        await new_town.passes(days=90)
        assert "Nobody is on a journey now" in await page(reader, "/")


async def test_a_journey_that_should_have_moved_on_needs_attention(new_town: Town) -> None:
    await new_town.buys("Grete Hermann", "o-1", setup=False)
    await new_town.passes(days=20)
    async with reader_of(site_of(new_town)) as reader:
        new_town.clock.at += timedelta(days=2)  # and nobody wakes it
        html = await page(reader, "/")
        assert "1 journey should have moved on minutes ago" in words_of(html)
        (row,) = rows(await page(reader, "/?state=attention"))
        assert "was due 24 hours ago" in row


async def test_events_that_nobody_routes_need_attention(new_town: Town) -> None:
    await new_town.hears("purchase.completed", {"id": "c-1"}, routed=False)
    async with reader_of(site_of(new_town)) as reader:
        assert 'class="band"' not in await page(reader, "/")
        await new_town.passes(minutes=2)
        sentence = "1 event accepted over a minute ago has reached no journey yet. The router may be away."
        assert sentence in words_of(await page(reader, "/"))


async def test_attention_ends_when_its_cause_is_gone(new_town: Town) -> None:
    await new_town.buys("Grete Hermann", "o-1", setup=False)
    instance_id = await new_town.instance_of("c-o-1")
    async with reader_of(site_of(new_town)) as reader:
        for reason, there in (("the mail server is away", True), (None, False)):
            async with new_town.db.write() as tx:
                await instances.trouble(tx, instance_id, reason)
            assert ("the mail server is away" in await page(reader, "/")) is there


async def test_several_of_a_kind_are_counted_in_one_sentence(new_town: Town) -> None:
    await quarantine(new_town)
    await quarantine(new_town)
    async with reader_of(site_of(new_town)) as reader:
        assert "2 events could not be used and were set aside." in words_of(await page(reader, "/"))


async def test_demonstration_speed_is_said(new_town: Town) -> None:
    fast = Town(new_town.db.url, new_town.clock, new_town.mailbox, pace=8_640, shop="/fast-shop")
    await new_town.buys("Slow Buyer", "o-slow")
    async with reader_of(site_of(new_town)) as reader:
        assert "a day passes in" not in await page(reader, "/")
        await fast.buys("Quick Buyer", "o-quick")
        await fast.close()
        said = "Demonstration speed: in these journeys a day passes in 10 seconds."
        assert said in words_of(await page(reader, "/"))
