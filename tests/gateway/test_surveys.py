"""The page behind a score in a letter: who looks answers nothing, who presses the button answers once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import timedelta

import httpx2
import pytest
from playwright.async_api import Browser
from sqlalchemy import update
from starlette.applications import Starlette

from gateway import wordings
from gateway.app import customer_routes
from journey.texts.scales import SCALES
from store import erasing, ledger, surveys
from store.clock import now
from store.database import Database
from store.seal import Seal
from store.tables import message
from tests.browser import violations
from tests.console.test_browser import serving
from tests.store.makers import begun, publish, rows, the_row

SEAL = Seal("of the tests")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Letter:
    """A letter that asks, its links, and a browser."""

    def __init__(self, db: Database, http: httpx2.AsyncClient, app: Starlette, key: str) -> None:
        self.db, self.http, self.app, self.key = db, http, app, key
        self.rung = 0

    def link(self, score: int | None = None) -> str:
        return f"/a/{SEAL.token('answer', self.key, score)}"

    async def post(self, score: int | None = None, said: str = "", *, by: int | None = None) -> httpx2.Response:
        form = {name: value for name, value in (("score", score), ("comment", said)) if value not in (None, "")}
        content = "&".join(f"{name}={value}" for name, value in form.items())
        return await self.http.post(self.link(by), content=content, headers=FORM)

    async def events(self) -> list[dict[str, object]]:
        found = await rows(self.db, "inbox", source="wayfare")
        return [{"type": row["type"], **row["data"]} for row in found]


@pytest.fixture
async def letter(db: Database, request: pytest.FixtureRequest) -> AsyncIterator[Letter]:
    scale, locale = getattr(request, "param", ("nps", None))
    instance_id = await begun(db)
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, "ask-check-in/1/0", "check-in", "lifecycle")
        await tx.execute(update(message).values(locale=locale, state="accepted"))
        await surveys.ask(tx, row.send_key, "check-in", scale, "How <content> are you?")
    app = Starlette()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://wayfare.example") as http:
        made = Letter(db, http, app, row.send_key)

        def ring() -> None:
            made.rung += 1

        app.routes.extend(customer_routes(db, SEAL, ring))
        yield made


async def test_a_click_shows_the_page_with_its_score_and_answers_nothing(letter: Letter) -> None:
    for method in ("GET", "HEAD"):
        for query in ("", "?score=9", "?comment=x&do=send"):
            answer = await letter.http.request(method, letter.link(9) + query, headers={"Purpose": "prefetch"})
            assert answer.status_code == 200
    page = (await letter.http.get(letter.link(9))).text
    assert re.findall(r'value="(\d+)" checked', page) == ["9"]
    assert "How &lt;content&gt; are you?" in page
    assert (await the_row(letter.db, "survey"))["answered_at"] is None
    assert await letter.events() == [] and letter.rung == 0


async def test_a_scanner_that_opens_every_link_of_a_letter_answers_nothing(letter: Letter) -> None:
    await asyncio.gather(*(letter.http.get(letter.link(score)) for score in SCALES["nps"].scores))
    assert await letter.events() == []


async def test_the_button_answers_once_with_score_and_words(letter: Letter) -> None:
    answer = await letter.post(9, "Nice%20lamp.%0D%0AReally.", by=9)
    assert answer.status_code == 200 and "Thank you for your answer." in answer.text
    assert "You said: 9 of 10." in answer.text and "Nice lamp.\nReally.</textarea>" in answer.text
    [event] = await letter.events()
    assert event == {
        "type": "survey.answered",
        "ask": letter.key,
        "survey": "check-in",
        "scale": "nps",
        "score": 9,
        "comment": "Nice lamp.\nReally.",
        "message": "check-in",
        "journey": "onboarding",
        "channel": "email",
        "order_id": "o-1",
        "customer": {"id": "c-1"},
    }
    assert letter.rung == 1
    row = await the_row(letter.db, "survey")
    assert (row["score"], row["comment"], row["changes"]) == (9, "Nice lamp.\nReally.", 0)


async def test_the_score_on_the_page_counts_and_not_the_one_that_was_clicked(letter: Letter) -> None:
    await letter.post(3, by=9)
    assert (await the_row(letter.db, "survey"))["score"] == 3


async def test_the_same_answer_again_is_no_event(letter: Letter) -> None:
    for _ in range(3):
        await letter.post(9, by=9)
    assert [event["type"] for event in await letter.events()] == ["survey.answered"] and letter.rung == 1


async def test_two_at_the_same_moment_answer_once(letter: Letter) -> None:
    await asyncio.gather(*(letter.post(score) for score in (9, 8, 7, 6)))
    kinds = [event["type"] for event in await letter.events()]
    assert kinds.count("survey.answered") == 1 and set(kinds) <= {"survey.answered", "survey.changed"}


async def test_a_later_word_changes_the_record_and_is_another_event(letter: Letter) -> None:
    await letter.post(9)
    answer = await letter.post(4, "Sorry")
    assert "Your answer is changed." in answer.text
    first, second = await letter.events()
    assert (first["type"], first["score"]) == ("survey.answered", 9)
    assert (second["type"], second["score"], second["comment"]) == ("survey.changed", 4, "Sorry")
    async with letter.db.read() as tx:
        [found] = (await surveys.results(tx)).values()
    assert dict(found.counts)[4] == 1 and found.answered == found.scored == 1


async def test_a_link_that_goes_from_hand_to_hand_floods_nobody(letter: Letter) -> None:
    for round_ in range(surveys.MOST_CHANGES + 5):
        answer = await letter.post(round_ % 11)
    assert "we take it as it is" in answer.text and "<form" not in answer.text
    assert len(await letter.events()) == surveys.MOST_CHANGES + 1


async def test_after_an_erasure_the_link_is_good_for_nothing_more(letter: Letter) -> None:
    await letter.post(9, "Grete%20here")
    person = (await the_row(letter.db, "customer"))["customer_id"]
    async with letter.db.write() as tx:
        await erasing.erase(tx, person, SEAL, "Emmy", "she asked for it")
    assert (await letter.http.get(letter.link(9))).status_code == 404
    assert (await letter.post(3, "Grete%20again")).status_code == 404
    row = await the_row(letter.db, "survey")
    assert (row["score"], row["comment"], row["question"]) == (9, None, "")


@pytest.mark.parametrize("said", [None, -1, 11, 999, 10**30])
async def test_a_score_that_is_none_is_asked_for_and_the_words_are_kept(letter: Letter, said: int | None) -> None:
    answer = await letter.post(said, "Because")
    assert answer.status_code == 422 and "Please choose one of the numbers" in answer.text
    assert "Because</textarea>" in answer.text and await letter.events() == []


@pytest.mark.parametrize("letter", [("text", None)], indirect=True)
async def test_a_question_in_words_wants_words(letter: Letter) -> None:
    assert 'type="radio"' not in (await letter.http.get(letter.link())).text
    assert (await letter.post()).status_code == 422
    assert (await letter.post(said="Fine")).status_code == 200
    [event] = await letter.events()
    assert event["comment"] == "Fine" and "score" not in event


async def test_what_is_written_cannot_become_a_part_of_the_page_and_is_bounded(letter: Letter) -> None:
    answer = await letter.post(5, "%3C/textarea%3E%3Cscript%3Ealert(1)%3C/script%3E%00")
    assert "<script" not in answer.text
    await letter.post(5, "x" * 9_000)
    assert len((await the_row(letter.db, "survey"))["comment"]) == surveys.LONGEST
    assert (await letter.post(5, "x" * 50_000)).status_code == 413


@pytest.mark.parametrize("token", ["nothing", "a" * 25 + ".b", "%00", "x" * 3000])
async def test_a_link_that_we_did_not_make_answers_nothing(letter: Letter, token: str) -> None:
    answer = await letter.http.get(f"/a/{token}", headers={"Accept-Language": "de-DE,de"})
    assert answer.status_code == 404 and "Dieser Link gilt nicht mehr" in answer.text
    assert (await letter.http.post(f"/a/{token}", content="score=9", headers=FORM)).status_code == 404


async def test_the_link_to_unsubscribe_does_not_answer(letter: Letter) -> None:
    token = SEAL.token("unsubscribe", letter.key)
    assert (await letter.http.post(f"/a/{token}", content="score=9", headers=FORM)).status_code == 404
    assert await letter.events() == []


@pytest.mark.parametrize("letter", [("csat", "de-AT")], indirect=True)
async def test_the_page_speaks_the_language_of_the_letter(letter: Letter) -> None:
    page = (await letter.http.get(letter.link(4))).text
    assert '<html lang="de">' in page and "5: sehr zufrieden" in page and "Antwort absenden" in page


def test_every_sentence_is_there_in_every_language() -> None:
    for field in fields(wordings.Words):
        said = [getattr(words, field.name) for words in (wordings.EN, wordings.DE)]
        assert all(said) and said[0].count("{}") == said[1].count("{}"), field.name


async def test_results_count_letters_that_went_out_within_the_time_asked_for(letter: Letter) -> None:
    await letter.post(9)
    async with letter.db.read() as tx:
        assert [found.asked for found in (await surveys.results(tx)).values()] == [1]
        assert await surveys.results(tx, now() + timedelta(days=1)) == {}
        assert await surveys.results(tx, name="another") == {}


@pytest.mark.parametrize("letter", [("nps", None)], indirect=True)
async def test_the_pages_are_good_to_use_without_script_light_and_dark_wide_and_narrow(
    letter: Letter, browser: Browser
) -> None:
    await publish(letter.db)
    stop = f"/u/{SEAL.token('unsubscribe', letter.key)}"
    async with serving(letter.app) as address:
        context = await browser.new_context(java_script_enabled=True, reduced_motion="reduce")
        page = await context.new_page()
        for path in (letter.link(9), stop):
            await page.goto(address + path)
            for scheme, width in (("light", 1280), ("dark", 320)):
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a Literal of playwright's
                await page.set_viewport_size({"width": width, "height": 800})
                assert await violations(page) == []
                root = "document.documentElement"
                assert not await page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")
        await context.close()
        plain = await (await browser.new_context(java_script_enabled=False)).new_page()
        await plain.goto(address + letter.link(9))
        await plain.get_by_role("radio", name="7", exact=True).check()
        await plain.get_by_label("In your own words").fill("It is fine.")
        await plain.get_by_role("button", name="Send my answer").click()
        await plain.get_by_role("status").wait_for()
        await plain.context.close()
    row = await the_row(letter.db, "survey")
    assert (row["score"], row["comment"]) == (7, "It is fine.")
