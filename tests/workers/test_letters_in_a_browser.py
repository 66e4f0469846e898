"""Letters as people see them: readable by everybody, narrow and wide, in light and dark colours, from both sides."""

from __future__ import annotations

from functools import cache

import pytest
from playwright.async_api import Browser

from journey import messages
from journey.load import load
from tests.browser import violations
from tests.journey.folders import COMPANY, HEAD, shipped
from workers.preview import preview

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""Landmarks and a first heading belong to the page of the mail program around it."""
EVERYTHING = """---
subject: Everything
preheader: All that Markdown has
---
# A heading

Words with **weight**, *stress*, `code` and a [link](https://example.org/a).

[A button](https://example.org/b)

1. one
2. two

- a dash

> said

| a | b |
|---|---|
| 1 | 2 |

![A lamp](https://example.org/lamp.png)

## Another
"""
MJML = """---
subject: News
---
<mjml><mj-body><mj-section><mj-column><mj-text><h1>News</h1><p>Hello {{ customer.name }}.</p></mj-text>
<mj-button href="https://example.org/a">Look</mj-button></mj-column></mj-section></mj-body></mjml>
"""


@cache
def others() -> dict[str, str]:
    """Letters that the shipped ones are no example of: our own page with everything, from both sides, and MJML."""
    found = load(
        {
            "company.yaml": COMPANY,
            "story.yaml": f"journey: story\n{HEAD}steps: [{{send: a}}, {{send: b}}]\n",
            "messages/a.md": EVERYTHING,
            "messages/a.ar.md": EVERYTHING.replace("Words with", "كلمات"),
            "messages/b.mjml": MJML,
        }
    )
    facts = {"customer": {"name": "Grete"}, "company": found.company.facts}
    stop = "https://example.org/u/1"
    return {
        "ours": messages.render(found.messages["a"], facts, unsubscribe_url=stop).html,
        "ours-ar": messages.render(found.messages["a"], facts, locale="ar", unsubscribe_url=stop).html,
        "mjml": messages.render(found.messages["b"], facts).html,
    }


SHOWN = [("welcome", "en"), ("welcome", "de"), ("setup-guide-ceiling", "de"), ("complaint-answered", "en")]


@cache
def letters() -> dict[str, str]:
    """Pages by name."""
    made = {f"{name}-{locale}": preview(shipped(), name, locale=locale).mail.html for name, locale in SHOWN}
    return made | others()


@pytest.mark.parametrize("name", [*(f"{name}-{locale}" for name, locale in SHOWN), "ours", "ours-ar", "mjml"])
async def test_a_letter_is_readable_in_light_and_dark_wide_and_narrow(browser: Browser, name: str) -> None:
    context = await browser.new_context(offline=True)
    page = await context.new_page()
    await page.set_content(letters()[name], wait_until="domcontentloaded")
    for scheme, width in (("light", 800), ("dark", 360)):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a Literal of playwright's
        await page.set_viewport_size({"width": width, "height": 900})
        root = "document.documentElement"
        sideways = await page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")
        assert (await violations(page, RULES), sideways) == ([], False), (scheme, width)
    await context.close()


async def test_a_letter_from_right_to_left_begins_on_the_right(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content(others()["ours-ar"], wait_until="domcontentloaded")
    look = "element => getComputedStyle(element)"
    assert await page.eval_on_selector("td", f"{look}.textAlign") == "right"
    assert await page.eval_on_selector("blockquote", f"{look}.borderRightWidth") == "3px"
    assert await page.eval_on_selector("p", "element => getComputedStyle(element).direction") == "rtl"
    await page.close()


async def test_the_words_beside_the_subject_are_in_the_letter_and_nobody_sees_them(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content(letters()["welcome-en"], wait_until="domcontentloaded")
    assert "What happens next, and whom to ask." in (await page.text_content("body") or "")
    assert "What happens next" not in await page.inner_text("body")
    await page.close()
