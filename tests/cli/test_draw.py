"""`wayfare draw`, and its pictures in a real browser: no word runs out of its box."""

import asyncio
import os
import shutil
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright
from sqlalchemy import update

from store.database import Database
from store.tables import metadata
from tests.cli.inside import SHIPPED, wayfare
from tests.store.makers import begun

OTHERS = ("company", "customer", "loyalty", "policies")
JOURNEYS = sorted(path.stem for path in SHIPPED.glob("*.yaml") if path.stem not in OTHERS)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OUT = """[...document.querySelectorAll('svg g')].flatMap(group => {
    const rect = group.querySelector(':scope > rect'), texts = group.querySelectorAll(':scope > text')
    if (!rect) return []
    const box = rect.getBoundingClientRect()
    return [...texts].filter(text => {
        const words = text.getBoundingClientRect()
        return words.left < box.left - 1 || words.right > box.right + 1
            || words.top < box.top - 2 || words.bottom > box.bottom + 2
    }).map(text => text.textContent)
})"""
"""The texts that are not inside the box that they belong to."""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("WAYFARE_REQUIRE_BROWSER") == "1":
            pytest.fail("there is no chromium here")
        pytest.skip("THE PICTURES WERE NOT TRIED IN A BROWSER: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def test_no_word_runs_out_of_its_box_in_a_browser(browser: Browser) -> None:
    page = await browser.new_page(color_scheme="dark")
    for journey in JOURNEYS:
        for form in ("svg", "narrow"):
            await page.set_content(wayfare("draw", journey, "--format", form).out)
            assert await page.locator("svg .box").count() > 5
            assert await page.evaluate(OUT) == [], (journey, form)
    await page.close()


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_shipped_journey_can_be_drawn(journey: str, tmp_path: Path) -> None:
    file = tmp_path / "journey.svg"
    done = wayfare("draw", journey, "--out", str(file))
    assert (done.code, done.out) == (0, f"{journey} is drawn in {file}.\n")
    assert ET.parse(file).getroot().get("class") == "wayfare-journey"
    assert wayfare("draw", journey, "--format", "mermaid").out.startswith("flowchart TD\n")


def test_the_counts_of_a_forecast_stand_at_the_steps(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))
    people = folder / "populations/a-year.yaml"
    people.write_text(people.read_text().replace("customers: 20000", "customers: 40"))
    drawn = wayfare("draw", "onboarding", "--population", "a-year", definitions=folder).out
    counts = [text.text for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert 20 < max(int(str(count)) for count in counts if str(count).isdigit()) <= 60


async def test_the_counts_of_now_are_those_who_stand_there(db: Database) -> None:
    for number in range(3):
        await begun(db, key=f"o-{number}")
    instance = metadata.tables["instance"]
    async with db.write() as tx:
        await tx.execute(update(instance).values(step="wait-4-days"))
        await tx.execute(update(instance).where(instance.c.entry_key == "o-2").values(state="ended"))
    done = await asyncio.to_thread(wayfare, "draw", "onboarding", "--running", WAYFARE_DATABASE_URL=db.url)
    assert (done.code, done.out.count('class="badge"')) == (0, 1)
    assert ">2</text>" in done.out


def test_an_unknown_journey_is_answered_with_a_likely_one() -> None:
    assert 'Did you mean "onboarding"?' in wayfare("draw", "onbording").err
