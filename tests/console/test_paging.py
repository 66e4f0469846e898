"""Two hundred of everything: each list is whole, whatever comes in meanwhile."""

from __future__ import annotations

import re

import httpx2
import pytest

from tests.console.conftest import reader_of, site_of
from tests.console.reading import link, page, pages, rows
from tests.console.scenes import many
from tests.console.town import Town


@pytest.fixture(scope="module", autouse=True)
async def names(town: Town) -> list[str]:
    """The names of two hundred customers, each on two journeys."""
    return await many(town, 200)


@pytest.mark.parametrize("place", ["/?journey=onboarding", "/?journey=check-in&q=CUSTOMER", "/customers", "/messages"])
async def test_every_customer_is_listed_once(reader: httpx2.AsyncClient, names: list[str], place: str) -> None:
    found = await pages(reader, place)

    listed = [name for html in found for row in rows(html) for name in re.findall(r"Customer \d{3}", row)]
    assert sorted(listed) == names and len(found) == 4
    assert link(found[0], "Newest") is None and link(found[1], "Newest") == place
    assert "That is the beginning." in found[-1] and "That is the beginning." not in found[0]


async def test_every_journey_is_listed_once_though_seven_began_in_the_same_instant(reader: httpx2.AsyncClient) -> None:
    listed = [row for html in await pages(reader, "/") for row in rows(html)]

    assert len(listed) == len(set(listed)) == 400


async def test_events_are_listed_once_and_the_last_accepted_first(reader: httpx2.AsyncClient) -> None:
    found = [row for html in await pages(reader, "/events") for row in rows(html)]

    assert [row.split()[1] for row in found] == [f"e-{number}" for number in range(200, 0, -1)]


async def test_filtered_lists_are_paged_within_their_filter(reader: httpx2.AsyncClient) -> None:
    found = [row for html in await pages(reader, "/?journey=onboarding&q=o-1") for row in rows(html)]

    assert len(found) == 100 and all(" · o-1" in row for row in found)


async def test_who_comes_in_meanwhile_shifts_nothing(new_town: Town) -> None:
    names = await many(new_town, 60)
    async with reader_of(site_of(new_town)) as reader:
        first = await page(reader, "/?journey=onboarding")
        await new_town.passes(seconds=1)
        await new_town.buys("Somebody New", "o-new")
        second = await page(reader, link(first, "Older") or "")

    assert sorted(row[:12] for html in (first, second) for row in rows(html)) == names


async def test_a_caught_mail_is_listed_once(new_town: Town) -> None:
    for number in range(200):
        raw = f"Subject: Letter {number:03}\r\n\r\nhello\r\n".encode()
        new_town.mailbox.add(raw, "a@example.org", ["b@example.org"], new_town.clock())
    async with reader_of(site_of(new_town)) as reader:
        found = [row[:10] for html in await pages(reader, "/mail") for row in rows(html)]

    assert found == [f"Letter {number:03}" for number in range(199, -1, -1)]
