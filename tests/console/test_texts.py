"""The texts in force: a list of all, and each as a customer would get it, in each of its languages."""

from __future__ import annotations

import httpx2
import pytest

from journey.library import Library
from journey.load import load
from journey.samples import Sample
from store import definitions
from tests.console.conftest import reader_of, site_of
from tests.console.reading import page, words_of
from tests.console.scenes import SCRIPT
from tests.console.town import Town

COMPANY = "company: Northlight\nmail from: Northlight <hello@northlight.example>\nwebsite: https://northlight.example\n"
STORY = """journey: story
title: From the beginning
owner: a@example.org
start: {on: began}
steps: [{send: welcome}, {wait: 300 days}, {send: notice}]
"""
WELCOME = """---
subject: Welcome, {{ customer.first_name }}
preheader: Seen beside it
topic: tips
---
Hello {{ customer.name }}, order **{{ start.order_id }}**.

![A lamp](https://northlight.example/lamp.png)
"""
FILES = {
    "company.yaml": COMPANY,
    "story.yaml": STORY,
    "messages/welcome.md": WELCOME,
    "messages/welcome.de.md": "---\nsubject: Willkommen\n---\nGuten Tag {{ customer.name }}.\n",
    "messages/notice.md": "---\nsubject: Notice\nclass: transactional\n---\n"
    "{{ customer.nickname }}, {{ start.order_id }}\n",
}
GRETE = {"name": "Grete Hermann", "first_name": "Grete"}
SAMPLES = {"welcome": Sample({"customer": GRETE, "start": {"order_id": "o-1"}})}


def library() -> Library:
    return load(FILES)


@pytest.fixture(scope="module", autouse=True)
async def published(town: Town) -> None:
    async with town.db.write() as tx:
        await definitions.publish(tx, library(), {}, SAMPLES)
    await town.hears("began", {"id": "c-1", "email": "ada@example.org", "name": f"Ada {SCRIPT}", "locale": "de"})


async def test_all_texts_are_listed_with_their_languages_and_who_sends_them(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/messages/texts")
    said = words_of(html)
    assert "Welcome, Grete welcome · lifecycle · tips en, de From the beginning" in said
    assert "Notice notice · transactional en From the beginning" in said
    assert 'href="/messages/texts/welcome"' in html
    assert '<a href="/messages/texts">' in await page(reader, "/messages")


async def test_a_text_is_shown_for_its_sample_as_page_and_as_plain_text(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/messages/texts/welcome")
    said = words_of(html)
    assert "Welcome, Grete" in said and "Seen beside it" in said and "Grete Hermann , a sample" in said
    assert "Hello Grete Hermann, order o-1." in html
    assert 'src="/messages/texts/welcome/html?language=en" sandbox title=' in html
    assert "no more of these mails: https://northlight.example/preview" in html
    frame = await reader.get("/messages/texts/welcome/html?language=en")
    assert "<strong>o-1</strong>" in frame.text and "<title>Welcome, Grete</title>" in frame.text


async def test_each_language_has_its_tab(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/messages/texts/welcome")
    assert '<a href="/messages/texts/welcome?language=en" aria-current="true">en</a>' in html
    assert '<a href="/messages/texts/welcome?language=de">de</a>' in html
    german = await page(reader, "/messages/texts/welcome?language=de")
    assert "Guten Tag Grete Hermann." in german and "Willkommen" in words_of(german)
    assert "Guten Tag" in (await reader.get("/messages/texts/welcome/html?language=de")).text


async def test_a_text_without_a_sample_is_shown_with_words_in_brackets(reader: httpx2.AsyncClient) -> None:
    html = await page(reader, "/messages/texts/notice")
    assert "[nickname], [order id]" in html and "no more of these mails" not in html


async def test_a_customer_takes_the_place_of_the_sample_and_is_read_in_their_language(
    reader: httpx2.AsyncClient,
) -> None:
    html = await page(reader, "/messages/texts/welcome?customer=ada@example.org")
    assert "Guten Tag Ada &lt;script&gt;" in html and SCRIPT not in html and ", a sample" not in html
    frame = await reader.get("/messages/texts/welcome/html?language=de&customer=ada@example.org")
    assert "Guten Tag Ada &lt;script&gt;" in frame.text and SCRIPT not in frame.text


async def test_what_a_text_needs_and_a_customer_lacks_is_said(reader: httpx2.AsyncClient) -> None:
    said = words_of(await page(reader, "/messages/texts/notice?customer=c-1"))
    assert "It cannot be written for this customer" in said
    assert "The text needs customer.nickname, which is missing." in said


async def test_the_frame_fetches_pictures_for_samples_and_nothing_for_customers(reader: httpx2.AsyncClient) -> None:
    sample = (await reader.get("/messages/texts/welcome/html")).headers["content-security-policy"]
    real = (await reader.get("/messages/texts/welcome/html?customer=c-1")).headers["content-security-policy"]
    assert "img-src https: data:" in sample and "img-src data:" in real
    for policy in (sample, real):
        assert policy.startswith("sandbox; default-src 'none'") and "script" not in policy


@pytest.mark.parametrize(
    "place",
    ["nothing", "nothing/html", "welcome?customer=nobody", "x" * 200],
)
async def test_what_is_not_there_is_said(reader: httpx2.AsyncClient, place: str) -> None:
    assert (await reader.get(f"/messages/texts/{place}")).status_code == 404


async def test_a_house_without_texts_says_where_they_come_from(new_town: Town) -> None:
    async with new_town.db.write() as tx:
        await definitions.publish(tx, replace_messages(library()), {})
    async with reader_of(site_of(new_town)) as reader:
        assert "No text yet" in await page(reader, "/messages/texts")


def replace_messages(found: Library) -> Library:
    return found.model_copy(update={"messages": {}})
