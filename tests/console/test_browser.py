"""The pages in a real browser: calm, readable by everybody, quiet in the console and powerless to attackers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

import pytest
import uvicorn
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from store import passwords, staff
from tests.browser import violations
from tests.console.conftest import COOKIE, site_of
from tests.console.scenes import HOSTILE, PEOPLE, SCRIPT, hostile_people, weeks_of_business
from tests.console.town import TOKENS, Town


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """The address of an application that runs inside the block."""
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve(sockets=[door]))
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    await task
    door.close()


@pytest.fixture(scope="module")
async def house(town: Town) -> AsyncIterator[str]:
    """A house in which something has happened."""
    await weeks_of_business(town)
    async with serving(site_of(town)) as address:
        yield address


@pytest.fixture
async def house_of_traps(new_town: Town) -> AsyncIterator[str]:
    """A house whose customers have traps for names."""
    await hostile_people(new_town)
    async with serving(site_of(new_town)) as address:
        yield address


@pytest.fixture
async def spy() -> AsyncIterator[tuple[str, list[str]]]:
    """The address of somebody who wants to know who opens a mail, and what he hears."""
    heard: list[str] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readline()).decode())
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


@pytest.fixture
async def empty_house(new_town: Town) -> AsyncIterator[str]:
    async with serving(site_of(new_town, mail=False)) as address:
        yield address


class Visitor:
    """Somebody at the browser; notes every complaint of the page and every address it asks for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda request: self.asked.append(request.url))

    async def look(self, *, scheme: str, width: int) -> list[str]:
        """What is wrong with the page in these colours at this width."""
        await self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a Literal of playwright's
        scrolls = await self.scrolls_sideways(width)
        wrong = await violations(self.page)
        return [f"{scheme}, {width} px: {problem}" for problem in wrong + (["it scrolls sideways"] if scrolls else [])]

    async def scrolls_sideways(self, width: int) -> bool:
        """Whether the page is wider than a window of this width."""
        await self.page.set_viewport_size({"width": width, "height": 900})
        root = "document.documentElement"
        return bool(await self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))


@asynccontextmanager
async def visiting(browser: Browser, address: str, *, scripts: bool = True) -> AsyncIterator[Visitor]:
    """A fresh browser window at an address."""
    context = await browser.new_context(java_script_enabled=scripts, reduced_motion="reduce")
    await context.add_cookies([{"name": COOKIE, "value": TOKENS["lead"], "url": "http://127.0.0.1"}])
    visitor = Visitor(await context.new_page())
    await visitor.page.goto(address)
    yield visitor
    await context.close()


PLACES = [
    "/", "/?state=ended", "/?state=attention", "/customers", "/customers/c-grete", "/customers/c-ibrahim",
    "/messages", "/messages/texts", "/messages/texts/welcome", "/events", "/journeys",
    "/journeys/onboarding", "/mail", "/mail/1", "/audit", "/account",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
async def test_a_page_is_readable_in_light_and_dark_wide_and_narrow(browser: Browser, house: str, place: str) -> None:
    async with visiting(browser, house + place) as visitor:
        wrong = await visitor.look(scheme="light", width=1280) + await visitor.look(scheme="dark", width=375)
        assert wrong == []
        assert visitor.complaints == []
        assert {address for address in visitor.asked if not address.startswith(house)} == set()


@pytest.mark.parametrize("place", ["/", "/customers", "/events", "/messages", "/mail"])
async def test_an_empty_house_is_readable_too(browser: Browser, empty_house: str, place: str) -> None:
    async with visiting(browser, empty_house + place) as visitor:
        wrong = await visitor.look(scheme="dark", width=1280) + await visitor.look(scheme="light", width=375)
        assert wrong == [] and visitor.complaints == []


async def test_an_event_and_a_missing_page_are_readable(browser: Browser, house: str) -> None:
    async with visiting(browser, f"{house}/events") as visitor:
        await visitor.page.locator("tbody th a").last.click()
        await visitor.page.wait_for_url("**/events/*", wait_until="load")
        assert await visitor.look(scheme="light", width=375) + await visitor.look(scheme="dark", width=1280) == []
        assert visitor.complaints == []
        await visitor.page.goto(f"{house}/customers/nobody")
        assert await visitor.look(scheme="light", width=375) + await visitor.look(scheme="dark", width=1280) == []


async def test_an_unfolded_reason_is_readable(browser: Browser, house: str) -> None:
    async with visiting(browser, f"{house}/customers/c-grete") as visitor:
        for summary in await visitor.page.locator("details summary").all():
            await summary.click()
        assert await visitor.page.get_by_text("start.order_id", exact=True).first.is_visible()
        assert await visitor.look(scheme="dark", width=375) + await visitor.look(scheme="light", width=1280) == []


async def test_what_may_be_done_is_readable_and_done_from_the_keyboard(browser: Browser, new_town: Town) -> None:
    await new_town.buys("Grete Hermann", "o-1")
    place = f"/instances/{await new_town.instance_of('c-o-1', 'onboarding')}"
    async with serving(site_of(new_town)) as house, visiting(browser, house + place) as visitor:
        page = visitor.page
        for summary in await page.locator(".act summary").all():
            await summary.focus()
            await page.keyboard.press("Enter")
        assert await visitor.look(scheme="light", width=375) + await visitor.look(scheme="dark", width=1280) == []
        await page.locator("#why-pause").fill("She is on holiday")
        await page.keyboard.press("Enter")
        await page.get_by_role("status").get_by_text("Pause: is being told.").wait_for()
        await page.get_by_text("She is on holiday").wait_for()
        assert visitor.complaints == []


async def test_signing_in_takes_a_name_and_a_password_and_nothing_else(browser: Browser, new_town: Town) -> None:
    async with new_town.db.write() as tx:
        await staff.add(tx, "ada", "lead", password_hash=passwords.kept("three quiet lamps glow"))
    async with serving(site_of(new_town)) as house, visiting(browser, "about:blank", scripts=False) as visitor:
        page = visitor.page
        await page.context.clear_cookies()
        await page.goto(f"{house}/events")
        await page.get_by_label("Name").fill("ada")
        await page.get_by_label("Password").fill("not this one")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("alert").wait_for()
        await page.get_by_label("Password").fill("three quiet lamps glow")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("heading", name="Events").wait_for()
        await page.get_by_role("link", name="ada").click()
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_role("heading", name="Sign in").wait_for()


async def test_the_page_to_sign_in_is_readable(browser: Browser, house: str) -> None:
    async with visiting(browser, "about:blank") as visitor:
        await visitor.page.context.clear_cookies()
        await visitor.page.goto(f"{house}/sign-in")
        assert await visitor.look(scheme="light", width=375) + await visitor.look(scheme="dark", width=1280) == []


async def test_without_scripts_every_page_is_whole(browser: Browser, house: str) -> None:
    async with visiting(browser, house, scripts=False) as visitor:
        page = visitor.page
        await page.get_by_role("row", name="L-1004").wait_for()
        assert await page.get_by_role("button", name="Stop updating").count() == 0
        await page.get_by_label("Find a customer or an order").fill("solveig")
        await page.get_by_role("button", name="Find").click()
        await page.get_by_role("link", name="Solveig Dahl").click()
        await page.get_by_role("heading", name="Solveig Dahl").wait_for()
        await page.get_by_role("link", name="Refresh").click()
        await page.get_by_role("heading", name="Timeline").wait_for()


async def test_a_keyboard_is_enough(browser: Browser, house: str) -> None:
    async with visiting(browser, house) as visitor:
        page = visitor.page
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        assert await skip.is_visible() and (await skip.bounding_box() or {"y": -1})["y"] >= 0
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('main') !== null")
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


async def test_a_table_stays_a_table_for_those_who_listen_on_a_small_screen(browser: Browser, house: str) -> None:
    async with visiting(browser, house) as visitor:
        await visitor.page.set_viewport_size({"width": 375, "height": 900})
        row = visitor.page.get_by_role("row", name="L-1004")
        assert await row.get_by_role("rowheader").count() == 1 and await row.get_by_role("cell").count() == 4


async def test_traps_in_names_stay_shut_and_break_no_page(browser: Browser, house_of_traps: str) -> None:
    people = [f"/customers/x-{number}" for number in range(len(HOSTILE))]
    async with visiting(browser, house_of_traps) as visitor:
        for place in ("/", "/customers", "/events", "/messages", "/mail", *people):
            await visitor.page.goto(house_of_traps + place)
            assert not await visitor.scrolls_sideways(375), place
            assert not await visitor.scrolls_sideways(1280), place
            assert (await visitor.page.title()).endswith("· Wayfare")
            assert visitor.complaints == []


async def test_a_mail_can_neither_run_nor_load_anything(
    browser: Browser, new_town: Town, spy: tuple[str, list[str]]
) -> None:
    address, heard = spy
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "evil@example.org", "victim@example.org", SCRIPT
    mail.set_content(SCRIPT)
    tricks = (
        f'{SCRIPT}<script>top.location="{address}/top"</script><img src="{address}/img" onerror="alert(1)">'
        f'<link rel="stylesheet" href="{address}/css"><style>body{{background:url({address}/bg)}}</style>'
        f'<iframe src="{address}/frame"></iframe><meta http-equiv="refresh" content="0;url={address}/meta">'
        f'<form action="{address}/form"><button autofocus>Press</button></form><b id="seen">words</b>'
    )
    mail.add_alternative(tricks, subtype="html")
    number = new_town.mailbox.add(mail.as_bytes(), "evil@example.org", ["victim@example.org"], new_town.clock())
    async with serving(site_of(new_town)) as house, visiting(browser, f"{house}/mail/{number}") as visitor:
        letter = visitor.page.frame_locator("iframe.letter")
        await letter.get_by_text("words").wait_for()
        await letter.get_by_role("button", name="Press").click()
        await visitor.page.wait_for_timeout(300)
        assert heard == []
        assert visitor.page.url == f"{house}/mail/{number}" and (await visitor.page.title()).endswith("· Wayfare")
        assert [said for said in visitor.complaints if "dialog" in said] == []


async def test_the_list_keeps_itself_fresh_unless_somebody_reads(browser: Browser, new_town: Town) -> None:
    await new_town.buys("First Customer", "o-1")
    async with serving(site_of(new_town)) as address, visiting(browser, "about:blank") as visitor:
        page = visitor.page
        await page.clock.install()
        await page.goto(address)
        newcomer = page.get_by_role("link", name="Second Customer").first

        await page.get_by_label("Find a customer or an order").focus()
        await new_town.buys("Second Customer", "o-2")
        await page.clock.run_for(11_000)
        assert not await newcomer.is_visible()

        await page.get_by_role("heading", name="Running journeys").click()
        async with page.expect_response(address + "/"):
            await page.clock.run_for(5_100)
        await newcomer.wait_for()

        await page.get_by_role("button", name="Stop updating").click()
        await new_town.buys("Third Customer", "o-3")
        await page.clock.run_for(11_000)
        assert not await page.get_by_role("link", name="Third Customer").first.is_visible()
        await page.get_by_role("link", name="Refresh").click()
        await page.get_by_role("link", name="Third Customer").first.wait_for()
        await page.get_by_role("button", name="Update by itself").wait_for()
        assert visitor.complaints == []


async def test_a_reason_that_somebody_unfolded_stays_unfolded(browser: Browser, new_town: Town) -> None:
    await new_town.hears("setup.completed", PEOPLE["grete"], order_id="o-1")
    async with serving(site_of(new_town)) as address, visiting(browser, "about:blank") as visitor:
        page = visitor.page
        await page.clock.install()
        await page.goto(f"{address}/customers/c-grete")
        await page.get_by_text("What it said").click()
        await page.get_by_role("heading", name="Timeline").click()
        await page.clock.run_for(11_000)
        assert await page.get_by_text("order_id", exact=True).is_visible()


async def test_a_server_that_goes_away_is_said(browser: Browser, new_town: Town) -> None:
    async with visiting(browser, "about:blank") as visitor:
        await visitor.page.clock.install()
        async with serving(site_of(new_town)) as address:
            await visitor.page.goto(address)
        await visitor.page.clock.run_for(5_100)
        await visitor.page.get_by_text("the server does not answer").wait_for()
