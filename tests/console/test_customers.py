"""The customers' list, and one customer whole."""

from __future__ import annotations

from urllib.parse import quote

import httpx2
import pytest

from tests.console.conftest import reader_of, site_of
from tests.console.reading import link, page, pages, rows, section, words_of
from tests.console.scenes import PEOPLE, weeks_of_business
from tests.console.town import Town


@pytest.fixture(scope="module", autouse=True)
async def business(town: Town) -> None:
    await weeks_of_business(town)


async def test_the_list_says_who_they_are_and_what_goes_on(reader: httpx2.AsyncClient) -> None:
    found = rows(await page(reader, "/customers"))

    assert [row.partition("@")[0] for row in found] == [
        "Ibrahim Okafor ibrahim", "Aiko Tanabe aiko", "Nora Whitfield nora",
        "Lucien Favre lucien", "Solveig Dahl solveig", "Grete Hermann grete",
    ]  # fmt: skip
    assert found[3].endswith("c-lucien 1 none 17 days ago 28 Nov 2026, 20:17 UTC")
    assert "c-ibrahim 1 2 6 minutes ago" in found[0]


@pytest.mark.parametrize("text", ["grete", "GRETE@example", "c-grete", "Hermann"])
async def test_the_list_is_searched_by_name_address_and_id(reader: httpx2.AsyncClient, text: str) -> None:
    (row,) = rows(await page(reader, f"/customers?q={text}"))
    assert row.startswith("Grete Hermann")


async def test_nobody_found_and_nobody_there_are_two_things(reader: httpx2.AsyncClient, new_town: Town) -> None:
    assert "Nobody found" in await page(reader, "/customers?q=zzz")
    async with reader_of(site_of(new_town)) as other:
        html = await page(other, "/customers")
    assert "No customer is known yet" in html and "curl -X POST" in html


@pytest.mark.parametrize("name", ["Öztürk, Şule", "ÉMILE ZOLA", "Ærø Møller"])
async def test_capitals_do_not_matter_in_any_alphabet(new_town: Town, name: str) -> None:
    await new_town.buys(name, "o-1")
    async with reader_of(site_of(new_town)) as reader:
        for way in (name.lower(), name.upper(), name):
            assert len(rows(await page(reader, f"/customers?q={quote(way)}"))) == 1, way


async def test_the_record_shows_contact_attributes_and_tags(reader: httpx2.AsyncClient) -> None:
    nora = words_of(section(await page(reader, "/customers/c-nora"), "record-title"))

    assert "E-mail nora@example.org Shop\u2019s id c-nora newsletter yes plan enterprise" in nora
    assert 'sizes {"base": null, "shade": "M"}' in nora
    assert "Known since 27 hours ago" in nora


async def test_purchases_are_shown_with_what_became_of_them(reader: httpx2.AsyncClient) -> None:
    grete = words_of(section(await page(reader, "/customers/c-grete"), "purchases-title"))
    lucien = words_of(section(await page(reader, "/customers/c-lucien"), "purchases-title"))

    assert "Heron reading lamp 89.00 EUR order L-1001 · 21 days ago" in grete and "refunded" not in grete
    assert "Orbit ceiling light 189.00 EUR order L-1003 · 17 days ago · refunded" in lucien


async def test_journeys_running_and_ended_stand_with_outcome_and_way_into_temporal(
    reader: httpx2.AsyncClient, town: Town
) -> None:
    html = await page(reader, "/customers/c-grete")
    journeys = words_of(section(html, "journeys"))

    assert journeys.index("A complaint") < journeys.index("Ended as")
    assert "Waits for survey.answered, until in 21 hours 16 Dec 2026, 05:17 UTC" in journeys
    assert "onboarding · L-1001 · version 1 · began 21 days ago" in journeys
    assert "Ended as activated 20 days ago" in journeys and "Ended as complaint 18 days ago" in journeys
    place = link(html, "Open in Temporal : A complaint, from its arrival to its settlement")
    running = await town.instance_of("c-grete")
    assert place == f"http://temporal.example/namespaces/default/workflows/journey%2F{running}"


async def test_without_temporals_pages_there_is_no_link_to_them(town: Town) -> None:
    async with reader_of(site_of(town, temporal=None)) as reader:
        assert "Open in Temporal" not in await page(reader, "/customers/c-grete")


async def test_messages_say_their_state_in_words_and_the_reason(reader: httpx2.AsyncClient) -> None:
    held = words_of(section(await page(reader, "/customers/c-ibrahim"), "letters"))
    unknown = words_of(section(await page(reader, "/customers/c-aiko"), "letters"))
    grete = words_of(section(await page(reader, "/customers/c-grete"), "letters"))

    assert "held back welcome · 6 minutes ago The mail server is away (connection refused)" in held
    assert "may have been sent welcome · 2 hours ago The worker stopped while handing it over" in unknown
    assert "We have your complaint C-1 sent complaint-received · 18 days ago" in grete
    assert "sent to the team, complaints-team" in grete


async def test_the_timeline_runs_backwards_over_all_journeys_with_reasons(reader: httpx2.AsyncClient) -> None:
    story = section(await page(reader, "/customers/c-grete"), "timeline")
    said = words_of(story)

    in_order = [
        "Wednesday, 2 December 2026",
        "note Complaint C-1 is settled; the customer said so. complaint",
        'message The message "complaint-answered" was sent. complaint',
        'ended The journey ended as "complaint".',
        'ended The journey ended as "activated". setup.completed came (goal). onboarding',
        "Tuesday, 24 November 2026",
        'message The message "welcome" was sent. onboarding “ Welcome, Grete.',
        "event purchase.completed came from /shop.",
    ]
    places = [said.index(words) for words in in_order]
    assert places == sorted(places)
    why = story.partition('<li class="is-why">')[2].partition("</li>")[0]
    assert "<summary>" in story and "why" in words_of(why)
    assert "event.order_id == start.order_id is met event.order_id L-1001 start.order_id L-1001" in said


async def test_a_long_timeline_is_paged_without_gap_or_double(new_town: Town) -> None:
    person = {"id": "c-1", "email": "c1@example.org", "name": "Grete Hermann"}
    await new_town.hear((f"page.seen.{number:03}", {"customer": person}) for number in range(230))
    await new_town.routes()
    async with reader_of(site_of(new_town)) as reader:
        customer = await new_town.customer_id("c-1")
        found = await pages(reader, f"/customers/{customer}")

    seen = [line for html in found for line in html.splitlines() if "page.seen." in line]
    assert len(seen) == 230 == len(set(seen)) and len(found) == 3
    assert [line for line in seen if "229" in line] == seen[:1]


@pytest.mark.parametrize("reference", ["c-grete", "grete@example.org", "Grete@Example.org"])
async def test_the_shops_id_and_the_address_lead_to_the_customer(
    reader: httpx2.AsyncClient, town: Town, reference: str
) -> None:
    answer = await reader.get(f"/customers/{reference}")

    assert answer.status_code == 307
    assert answer.headers["location"] == f"/customers/{await town.customer_id('c-grete')}"


async def test_a_former_address_still_leads_to_the_customer(new_town: Town) -> None:
    await new_town.buys("Grete Hermann", "o-1", id="c-1", email="old@example.org")
    await new_town.buys("Grete Hermann", "o-2", id="c-1", email="new@example.org")
    async with reader_of(site_of(new_town)) as reader:
        assert "new@example.org" in await page(reader, "/customers/old@example.org")


async def test_an_id_with_strokes_and_signs_is_an_id_like_any_other(new_town: Town) -> None:
    odd = "shop/7?x=1&y=ä %00 #1"
    await new_town.buys("Odd One", "o-1", id=odd)
    async with reader_of(site_of(new_town)) as reader:
        assert "Odd One" in await page(reader, f"/customers/{quote(odd, safe='')}")


@pytest.mark.parametrize("reference", ["nobody", "%00", "%ED%A0%80", "x" * 5_000, "..%2F..%2Fetc"])
async def test_an_unknown_customer_is_said_in_plain_words(reader: httpx2.AsyncClient, reference: str) -> None:
    said = words_of(await page(reader, f"/customers/{reference}", 404))

    assert "Not here We know no customer with the id or address “" in said and "Look for a customer" in said


async def test_an_empty_reference_is_the_list(reader: httpx2.AsyncClient) -> None:
    assert "<h1>Customers</h1>" in await page(reader, "/customers/")


async def test_somebody_to_whom_nothing_happened_has_a_page_that_says_so(new_town: Town) -> None:
    await new_town.hears("newsletter.opened", PEOPLE["grete"])
    async with reader_of(site_of(new_town)) as reader:
        html = await page(reader, "/customers/c-grete")

    assert "No event of this customer has started a journey" in words_of(section(html, "journeys"))
    assert words_of(section(html, "purchases-title")).endswith("None yet.")
    assert words_of(section(html, "letters")).endswith("None yet.")
