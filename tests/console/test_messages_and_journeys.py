"""The messages' page and the journeys' page."""

from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest

from console import words
from journey.channels import EMAIL
from journey.circuit import Circuit
from journey.ledger import PERSON, STATES
from store import definitions, lanes
from store.tables import message
from tests.console.conftest import reader_of, site_of
from tests.console.reading import link, page, rows, words_of
from tests.console.scenes import weeks_of_business
from tests.console.town import Town, library


@pytest.fixture(scope="module", autouse=True)
async def business(town: Town) -> None:
    await weeks_of_business(town)


async def test_every_message_says_what_became_of_it_and_why(reader: httpx2.AsyncClient) -> None:
    found = rows(await page(reader, "/messages"))

    assert found[0].startswith("Welcome, Ibrahim.")
    assert "welcome · ibrahim@example.org Ibrahim Okafor held back The mail server is away" in found[0]
    assert "Aiko Tanabe may have been sent The worker stopped while handing it over Look in the mail" in found[1]
    assert "sent onboarding 27 hours ago" in found[2]


async def test_messages_are_narrowed_by_state(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/messages")

    assert [row[:14] for row in rows(await page(reader, link(html, "Held back 1") or ""))] == ["Welcome, Ibrah"]
    assert "No message is in this state now" in await page(reader, "/messages?state=expired")


async def test_a_way_that_is_closed_is_said_in_words_on_both_pages_and_so_is_what_waits_for_a_person(
    new_town: Town,
) -> None:
    new_town.mail_goes = "held"
    for name in ("Emmy", "Grete"):
        await new_town.buys(name, f"o-{name}")
    since = new_town.clock() - timedelta(minutes=12)
    reason = "no connection to the mail server (refused)"
    async with reader_of(site_of(new_town)) as reader, new_town.db.write() as tx:
        await lanes.write(tx, EMAIL, Circuit("away", reason, since, 3, new_town.clock()))
        await tx.execute(message.update().values(waits=lanes.WAITS))
    async with reader_of(site_of(new_town)) as reader:
        said = words_of(await page(reader, "/"))
        assert "Mail is held back: no connection to the mail server (refused) . It began 12 minutes ago" in said
        assert "what is held goes out by itself. 2 messages wait. See which wait" in said
        assert "Journeys keep their place" in words_of(await page(reader, "/messages"))

        async with new_town.db.write() as tx:
            await lanes.write(tx, EMAIL, Circuit("stopped", "535 wrong password", since))
            await tx.execute(message.update().values(waits=PERSON))
        said = words_of(await page(reader, "/"))
        assert "Mail is stopped: 535 wrong password . It began 12 minutes ago" in said
        assert "2 messages wait for somebody to say whether to send them." in said
        assert "Waits for somebody to say whether to send it." in rows(await page(reader, "/messages"))[0]

        async with new_town.db.write() as tx:
            await lanes.write(tx, EMAIL, Circuit("draining", "", since))
        assert "Mail is stopped" not in words_of(await page(reader, "/"))
        assert "Mail goes out again: what was held first" in words_of(await page(reader, "/messages"))


def test_every_state_of_the_ledger_has_words() -> None:
    assert set(words.MESSAGES) == set(STATES)


async def test_before_the_first_message_the_page_says_what_it_is_for(new_town: Town) -> None:
    async with reader_of(site_of(new_town)) as reader:
        assert "No message yet" in await page(reader, "/messages")


async def test_journeys_show_their_title_version_and_how_their_runs_ended(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/journeys")
    (onboarding,) = (words_of(part) for part in html.split("<article") if "onboarding · version" in words_of(part))

    assert "From the purchase to the first evening of light onboarding · version 1, in force since" in onboarding
    assert "Begins with purchase.completed , and reaches its goal with setup.completed" in onboarding
    assert "3 running 2 ended 1 activated 1 refunded" in onboarding
    assert len(rows(await page(reader, link(html, "3 running") or ""))) == 3
    assert html.count("<article") == len(library().journeys)


async def test_a_journey_that_is_no_longer_defined_is_still_shown(new_town: Town) -> None:
    left = {name: journey for name, journey in library().journeys.items() if name != "onboarding"}
    async with new_town.db.write() as tx:
        await definitions.publish(tx, library().model_copy(update={"journeys": left}), dict.fromkeys(left, ""))
    async with reader_of(site_of(new_town)) as reader:
        html = await page(reader, "/journeys")

    last = words_of(html.split("<article")[-1])
    assert "onboarding · no longer in the definitions: it starts for nobody new" in last
