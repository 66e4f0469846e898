"""One real browser for all tests that look at pages, and what axe finds wrong with a page.

They run where chromium is found. Without it they are skipped, loudly; with WAYFARE_REQUIRE_BROWSER=1 they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Sequence

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # it ships no types
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "THE PAGES WERE NOT TRIED IN A BROWSER, because there is no chromium here:  apt-get install chromium"
VIOLATIONS = """tags => axe.run({resultTypes: ["violations"], ...(tags.length ? {runOnly: tags} : {})}).then(
    found => found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`)))"""
"""What axe finds wrong, one line a place; its whole answer is far larger."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("WAYFARE_REQUIRE_BROWSER") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def violations(page: Page, tags: Sequence[str] = ()) -> list[str]:
    """What axe finds wrong with the page as it is shown now; of the rules with these tags, if any are given."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(VIOLATIONS, list(tags))
    return found
