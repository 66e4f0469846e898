"""The pages and the terminal give the same answers: who is where, why, and what comes next."""

from __future__ import annotations

import httpx2
import pytest

from store.pages import Sought
from tests.console.conftest import reader_of, site_of
from tests.console.reading import page, section, words_of
from tests.console.town import Town
from workers import asking
from workers.mistakes import UserMistake


@pytest.fixture
async def grete(new_town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town in which Grete has just bought a lamp."""
    monkeypatch.setenv("WAYFARE_DATABASE_URL", new_town.db.url)
    await new_town.buys("Grete Hermann", "o-1")
    return new_town


@pytest.fixture
async def lead(grete: Town) -> httpx2.AsyncClient:
    return reader_of(site_of(grete))


async def test_what_comes_next_is_said_the_same_on_the_page_and_in_the_terminal(
    grete: Town, lead: httpx2.AsyncClient
) -> None:
    shown = words_of(section(await page(lead, "/customers/c-o-1"), "coming"))
    told = await asking.coming("c-o-1")
    assert "Message setup-guide" in shown and "message setup-guide (onboarding): certain" in told
    for line in told.splitlines():
        name, condition = line.split()[3], line.partition("): ")[2].partition(", ")[0].partition(";")[0]
        assert name in shown and condition in shown, line
    assert "perhaps" in shown and "if survey.answered comes" in shown


async def test_two_messages_on_one_day_are_marked(grete: Town, lead: httpx2.AsyncClient) -> None:
    await grete.buys("Grete Hermann", "o-1b", id="c-o-1", email="o-1@example.org")
    assert "messages on this day" in words_of(section(await page(lead, "/customers/c-o-1"), "coming"))
    assert "messages on this day" in await asking.coming("c-o-1")


async def test_why_tells_the_rule_what_it_read_the_event_and_the_version(grete: Town, lead: httpx2.AsyncClient) -> None:
    await grete.passes(days=3)
    told = await asking.why("c-o-1", "choose")
    instance_id = await grete.instance_of("c-o-1", "onboarding")
    shown = words_of(await page(lead, f"/instances/{instance_id}"))
    rule = 'has(customer.plan) && customer.plan == "enterprise"'
    assert f"rule: {rule} is not met" in told and f"{rule} is not met" in shown
    assert "purchase.completed" in told, "the event before it"
    assert "version 1" in told and "version 1" in shown
    with pytest.raises(UserMistake, match="nothing of this customer has to do with"):
        await asking.why("c-o-1", "no-such-step")


async def test_who_is_where_is_listed_and_shown(grete: Town) -> None:
    listed = await asking.listing(Sought(journey="onboarding"), 50)
    assert listed.count("\n") == 0 and "Grete Hermann, onboarding o-1" in listed
    shown = await asking.shown("o-1@example.org")
    assert "Grete Hermann" in shown and "onboarding o-1" in shown and "What happened last:" in shown
    assert await asking.listing(Sought(state="ended"), 5) == "Nobody is there."
    with pytest.raises(UserMistake, match="we know no customer"):
        await asking.shown("nobody")


async def test_nothing_is_expected_of_somebody_whose_journeys_are_over(grete: Town) -> None:
    await grete.passes(days=100)
    assert "Nothing is expected" in await asking.coming("c-o-1")
