"""The pages about what customers answered, and the same at a terminal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser
from sqlalchemy import select

from store import surveys
from store.tables import message
from tests.console.conftest import reader_of, site_of
from tests.console.reading import page, rows
from tests.console.test_browser import serving, visiting
from tests.console.town import Town
from workers.mistakes import UserMistake
from workers.settings import Settings
from workers.surveys import told


async def answers(town: Town, *said: tuple[int, str]) -> None:
    """Letters that ask, and so many answers."""
    for number, (score, comment) in enumerate(said):
        await town.buys(f"Person {number}", f"o-{number}")
        async with town.db.write() as tx:
            key = (await tx.execute(select(message.c.send_key).order_by(message.c.created_at.desc()))).scalars().first()
            assert key is not None
            await surveys.ask(tx, key, "check-in", "nps", "How is it?")
            asked = await surveys.find(tx, key)
            assert asked is not None
            if score >= 0:
                await surveys.answer(tx, asked, score, comment)
        town.clock.at += timedelta(minutes=1)


@pytest.fixture
async def asking(new_town: Town) -> Town:
    await answers(new_town, (9, "It is <b>fine</b>."), (10, ""), (3, ""), (-1, ""))
    return new_town


async def test_a_question_shows_its_figure_its_spread_and_who_said_what(asking: Town) -> None:
    async with reader_of(site_of(asking)) as reader:
        listed = await page(reader, "/surveys")
        assert rows(listed)[0] == "check-in nps too few to judge 7.3 3 of 4 75 %"
        one = await page(reader, "/surveys/check-in")
    assert "fewer than 30 answers" in one and "NPS +33" in one and "Too few to judge" in one
    assert "the share of 9 and 10, less the share of 0 to 6" in one
    assert "It is &lt;b&gt;fine&lt;/b&gt;." in one and "<b>fine" not in one
    assert one.count("<meter") == 11


async def test_a_question_that_nobody_asked_is_not_there(asking: Town) -> None:
    async with reader_of(site_of(asking)) as reader:
        for name in ("another", "x" * 200, "%00"):
            assert (await reader.get(f"/surveys/{name}")).status_code == 404


async def test_what_was_asked_long_ago_is_left_out_of_a_short_span(asking: Town) -> None:
    asking.clock.at += timedelta(days=60)
    async with reader_of(site_of(asking)) as reader:
        assert "No question yet" in await page(reader, "/surveys?days=30")
        assert rows(await page(reader, "/surveys?days=90"))[0].startswith("check-in")


async def test_a_terminal_says_the_same(asking: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.surveys.now", asking.clock)
    settings = Settings(data=tmp_path, database_url=asking.db.url)
    [line] = await told(settings, "", 365)
    said = "check-in nps 3 of 4 answered (75 %): NPS +33, mean 7.3; fewer than 30: too few to judge"
    assert " ".join(line.split()) == said
    whole = await told(settings, "check-in", 365)
    assert len(whole) == 13 and whole[-1].split() == ["10", "█" * 40, "1"] and whole[2].split() == ["0", "0"]
    with pytest.raises(UserMistake, match='No letter "other" has asked a question'):
        await told(settings, "other", 365)


async def test_the_pages_are_readable_by_everybody(asking: Town, browser: Browser) -> None:
    async with serving(site_of(asking)) as address:
        for place in ("/surveys", "/surveys/check-in"):
            async with visiting(browser, address + place) as visitor:
                wrong = await visitor.look(scheme="light", width=1280) + await visitor.look(scheme="dark", width=375)
                assert wrong == [] and visitor.complaints == []


async def test_without_any_question_the_page_says_how_to_ask_one(new_town: Town, reader: httpx2.AsyncClient) -> None:
    assert "survey: nps" in await page(reader, "/surveys")
