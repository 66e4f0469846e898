"""What other systems were told: every notice with its state and the reason, so that a dead one is seen."""

from __future__ import annotations

import httpx2
import pytest

from journey.declared.subscriber import Subscriber
from store import notices
from tests.console.reading import link, page, pages, rows, words_of
from tests.console.town import Town

JOURNEYS = 2
"""So many begin with a purchase."""
CRM = {"subscriber": "crm", "title": "The CRM", "to": "nats:changes", "changes": ["journey.started"]}


@pytest.fixture(scope="module", autouse=True)
async def told(town: Town) -> None:
    """Sixty journeys begin; the CRM took one, had no answer for another for a day, and fails with a third."""
    async with town.db.write() as tx:
        await notices.publish(tx, {"crm": Subscriber.model_validate(CRM)})
    for number in range(60):
        await town.buys(f"Customer {number:03}", f"o-{number}")
    async with town.db.write() as tx:
        taken, dead, failing = sorted(await notices.take(tx, "crm", 3), key=lambda row: row["notice_pk"])
        await notices.delivered(tx, taken["notice_pk"])
        old = dead["created_at"] - notices.DEAD_AFTER
        assert await notices.failed(tx, {**dead, "created_at": old}, "it answers 500") == "dead"
        assert await notices.failed(tx, failing, "it answers 503") == "waiting"


async def test_a_dead_notice_is_seen_with_the_last_reason(reader: httpx2.AsyncClient) -> None:
    (row,) = rows(await page(reader, "/events/told?state=dead"))
    assert row.startswith("journey.started") and "crm" in row and "dead 1 try: it answers 500" in row
    assert "<code>wayfare notices again</code>" in await page(reader, "/events/told")


async def test_one_that_failed_says_when_it_is_tried_again_and_every_one_is_listed_once(
    reader: httpx2.AsyncClient,
) -> None:
    listed = [row for html in await pages(reader, "/events/told?state=waiting") for row in rows(html)]
    [failing] = [row for row in listed if "answers 503" in row]
    assert "1 try: it answers 503 Tried again in 5 seconds" in failing
    found = await pages(reader, "/events/told")
    assert len(found) == 3 and sum(len(rows(html)) for html in found) == 60 * JOURNEYS
    assert link(await page(reader, "/events"), "What other systems were told") == "/events/told"
    assert "Delivered 1" in words_of(found[0]) and "Dead 1" in words_of(found[0])
