"""What is noted of a letter, from the definitions to the bytes that went: nothing, unless somebody asks for it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from journey.effects import SendMessage
from journey.load import load
from journey.work import Work
from store import consents
from store.clock import now
from store.consents import Word
from store.tables import customer
from tests.system import definitions
from tests.system.smtp_server import SmtpServer
from tests.system.test_mail import Desk, Silent
from tests.system.workshop import OFFICE, Workshop

LINK = "https://northlight.example/care"


async def page_of(
    workshop: Workshop,
    smtp: SmtpServer,
    *,
    company: str = "",
    head: str = "",
    policies: str = "",
    word: bool | None = None,
) -> tuple[str, str, list[str] | None]:
    """The two parts of a letter as it went, and where its links lead by the ledger."""
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: tips}]\n")
    files["messages/tips.md"] = f"---\nsubject: Tips\n{head}---\n[Care]({LINK}) and more.\n"
    files["company.yaml"] += company
    if policies:
        files["policies.yaml"] = policies
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello", customer="c-1"))
    if word is not None:
        [row] = await workshop.rows(select(customer.c.customer_id))
        async with workshop.db.write() as tx:
            await consents.say(tx, row.customer_id, "1", [Word("tracking", word, now(), "test")])
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="send-tips/1/0", message="tips"))
    assert await desk.attempt() == "accepted"
    letter = smtp.kept[-1].letter
    parts = [part.get_content() for part in letter.iter_parts()]
    return parts[0], parts[1], (await desk.row()).links


async def test_a_letter_is_sent_as_it_is_written_unless_somebody_asks(workshop: Workshop, smtp: SmtpServer) -> None:
    text, page, links = await page_of(workshop, smtp)
    assert f'href="{LINK}"' in page and LINK in text and links is None and "<img" not in page


async def test_links_and_openings_are_noted_where_it_is_asked_for(workshop: Workshop, smtp: SmtpServer) -> None:
    text, page, links = await page_of(workshop, smtp, company="track: [clicks, opens]\n")
    assert LINK in text and f'href="{LINK}"' not in page and links == [LINK]
    [token] = re.findall(r'href="https://wayfare\.example/c/([^"]+)"', page)
    opened = OFFICE.seal.opened("click", token)
    assert opened is not None and opened[1] == 0
    assert re.search(r'<img [^>]*src="https://wayfare\.example/o/[^"]+\.gif"', page)
    assert "https://wayfare.example/u/" in page, "the link to unsubscribe leads straight on"


async def test_a_letter_says_otherwise_than_the_company(workshop: Workshop, smtp: SmtpServer) -> None:
    _, page, links = await page_of(workshop, smtp, company="track: [clicks]\n", head="track: none\n")
    assert f'href="{LINK}"' in page and links is None


@pytest.mark.parametrize(
    ("policies", "word", "noted"),
    [
        ("", False, False),
        ("", True, True),
        ("needs consent: [tracking]\n", None, False),
        ("needs consent: [tracking]\n", True, True),
    ],
)
async def test_the_customer_has_the_last_word(
    workshop: Workshop, smtp: SmtpServer, policies: str, word: bool | None, noted: bool
) -> None:
    _, _, links = await page_of(workshop, smtp, company="track: [clicks]\n", policies=policies, word=word)
    assert (links == [LINK]) is noted
