"""The same weeks on SQLite and on PostgreSQL: every page says the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from store.pages import Place
from tests.console.conftest import reader_of, site_of
from tests.console.reading import page, pages, rows, without_ids
from tests.console.scenes import many, weeks_of_business
from tests.console.town import NOON, Clock, Town
from tests.databases import Databases


@pytest.fixture(scope="module")
async def two_towns(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases, clock: Clock
) -> AsyncIterator[tuple[Town, Town]]:
    """The same happenings in two towns, one on each database."""
    found = []
    for kind in ("sqlite", "postgresql"):
        clock.at = NOON
        town = await Town.founded(databases.migrated(kind), clock, tmp_path_factory.mktemp(kind))
        await weeks_of_business(town)
        await many(town, 60)
        found.append(town)
    yield found[0], found[1]
    for town in found:
        await town.close()


async def test_every_page_says_the_same_on_both_databases(two_towns: tuple[Town, Town]) -> None:
    lists = ["/", "/?journey=onboarding", "/?q=OKAFOR", "/?state=ended", "/?state=attention", "/customers", "/events"]
    lists += ["/customers?q=c-05", "/events?state=unmatched", "/messages", "/messages?state=unknown", "/journeys"]
    one, other = (reader_of(site_of(town)) for town in two_towns)
    async with one, other:
        for place in lists:
            whole = [[row for html in await pages(reader, place) for row in rows(html)] for reader in (one, other)]
            assert without_ids("\n".join(whole[0])) == without_ids("\n".join(whole[1])), place
        for who in ("c-grete", "c-nora", "c-lucien"):
            assert without_ids(await page(one, f"/customers/{who}")) == without_ids(
                await page(other, f"/customers/{who}")
            )


@pytest.mark.parametrize("place", ["/customers/%00", "/?q=%00", "/?q=%00%27", "/?before=2026-01-01T00:00:00Z~x"])
async def test_odd_addresses_do_not_upset_postgresql(two_towns: tuple[Town, Town], place: str) -> None:
    async with reader_of(site_of(two_towns[1])) as reader:
        assert (await reader.get(place)).status_code in (200, 404)


def test_a_place_survives_its_way_through_an_address() -> None:
    place = Place(NOON.replace(microsecond=1), "abc123")
    assert Place.parse(str(place)) == place
    assert [Place.parse(text) for text in ("", "x", "~", "2026-01-01~a", f"{NOON}~", f"{NOON}~a b")] == [None] * 6
