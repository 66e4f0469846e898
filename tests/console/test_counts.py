"""Counts over everything: kept for a while when there is much, made anew behind the page that asks."""

from __future__ import annotations

import pytest

from console import counts
from console.counts import Counts
from store.database import Tx
from tests.console.town import Town


@pytest.fixture
async def town_with_one(new_town: Town) -> Town:
    await new_town.buys("Grete Hermann", "o-1")
    return new_town


async def test_with_little_in_the_store_every_page_counts_for_itself(town_with_one: Town) -> None:
    kept, asked = Counts(town_with_one.db), []

    async def count(tx: Tx) -> int:
        asked.append(1)
        return len(asked)

    await kept.tallies()
    assert [await kept.of("x", count) for _ in range(3)] == [1, 2, 3]


async def test_with_much_a_count_is_kept_and_made_anew_behind_the_page(
    town_with_one: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MUCH", 1)
    moment = [0.0]
    kept, asked = Counts(town_with_one.db, lambda: moment[0]), []

    async def count(tx: Tx) -> int:
        asked.append(1)
        moment[0] += 2
        return len(asked)

    await kept.tallies()
    assert [await kept.of("x", count) for _ in range(3)] == [1, 1, 1]
    moment[0] += 2 * counts.TIMES
    assert await kept.of("x", count) == 1, "the page does not wait"
    await kept._behind["x"]
    assert await kept.of("x", count) == 2
