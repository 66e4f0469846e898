"""The pages about mail that came in."""

from __future__ import annotations

from playwright.async_api import Browser
from sqlalchemy import select

from journey.returned.reading import read
from store import incoming
from store.incoming import Arrived
from store.seal import Seal
from store.tables import message
from tests.console.conftest import reader_of, site_of
from tests.console.reading import page, rows
from tests.console.test_browser import serving, visiting
from tests.console.town import Town

SEAL = Seal("of the tests")
BASE = "returns@northlight.example"


async def come_in(town: Town, raw: bytes, to: str = BASE, sender: str = "grete@example.org") -> int:
    async with town.db.write() as tx:
        return await incoming.keep(tx, Arrived(raw, sender, (to,)), read(raw, sender), SEAL)


async def some_mail(town: Town) -> list[int]:
    await town.buys("Grete", "o-1", email="grete@example.org")
    async with town.db.read() as tx:
        key = (await tx.execute(select(message.c.send_key))).scalars().first()
    assert key is not None
    reply = b"From: Grete <grete@example.org>\nSubject: Re: <b>Hello</b>\n\nIt <i>flickers</i>.\n"
    return [
        await come_in(town, reply, SEAL.address(key, BASE)),
        await come_in(town, b"From: grete@example.org\nSubject: A question\n\nDo you sell lamps?"),
        await come_in(town, b"From: robot@example.org\nSubject: Out of office\n\nI am away."),
    ]


async def test_mail_is_listed_with_what_it_is_and_whose(new_town: Town) -> None:
    await some_mail(new_town)
    async with reader_of(site_of(new_town)) as reader:
        found = rows(await page(reader, "/incoming"))
        assert found[0].startswith(
            "Out of office robot@example.org a machine the subject “Out of office” belongs to no"
        )
        assert found[1].startswith("A question grete@example.org a reply belongs to no letter")
        assert found[2].startswith("Re: <b>Hello</b> grete@example.org a reply Grete")
        assert len(rows(await page(reader, "/incoming?kind=unmatched"))) == 1
        assert "None" in await page(reader, "/incoming?kind=bounce")


async def test_one_mail_says_what_it_is_about_or_who_may_have_sent_it(new_town: Town) -> None:
    first, second, _ = await some_mail(new_town)
    async with reader_of(site_of(new_town)) as reader:
        reply = await page(reader, f"/incoming/{first}")
        assert "It &lt;i&gt;flickers&lt;/i&gt;." in reply and "Welcome, Grete" in reply and "<b>" not in reply
        assert "The address is that of" in await page(reader, f"/incoming/{second}")
        raw = await reader.get(f"/incoming/{first}/raw")
        assert raw.headers["content-disposition"] == f'attachment; filename="mail-{first}.eml"'
        assert raw.content.startswith(b"From: Grete")
        for path in ("/incoming/999", "/incoming/x", "/incoming/999/raw"):
            assert (await reader.get(path)).status_code == 404


async def test_the_pages_are_readable_by_everybody(new_town: Town, browser: Browser) -> None:
    numbers = await some_mail(new_town)
    async with serving(site_of(new_town)) as address:
        for place in ("/incoming", f"/incoming/{numbers[0]}"):
            async with visiting(browser, address + place) as visitor:
                wrong = await visitor.look(scheme="light", width=1280) + await visitor.look(scheme="dark", width=375)
                assert wrong == [] and visitor.complaints == []
