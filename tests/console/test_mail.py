"""The mail catcher's pages and their JSON twin."""

from __future__ import annotations

from email.message import EmailMessage

import httpx2
import pytest

from tests.console.conftest import reader_of, site_of
from tests.console.reading import link, page, rows, section, words_of
from tests.console.scenes import SCRIPT, weeks_of_business
from tests.console.town import Town


@pytest.fixture(scope="module", autouse=True)
async def business(town: Town) -> None:
    await weeks_of_business(town)


def nasty() -> bytes:
    """A message that tries everything."""
    mail = EmailMessage()
    mail["From"] = "evil@example.org"
    mail["To"] = "victim@example.org"
    mail["Subject"] = f"{SCRIPT} & \u202esdrawkcab"
    mail["X-Odd"] = '"><script>alert(1)</script>'
    mail.set_content(SCRIPT)
    mail.add_alternative(f'{SCRIPT}<img src="https://spy.example/x.png"><style>p{{color:red}}</style>', subtype="html")
    return mail.as_bytes()


async def test_the_list_shows_the_newest_first(reader: httpx2.AsyncClient, town: Town) -> None:
    html = await page(reader, "/mail")
    found = rows(html)

    assert len(found) == town.mailbox.count() and f"{len(found)} messages" in html
    assert found[0].startswith("Welcome, Nora.") and "nora@example.org 27 hours ago" in found[0]


async def test_one_message_shows_text_headers_and_whose_it_is(reader: httpx2.AsyncClient) -> None:
    place = link(await page(reader, "/mail"), "Welcome, Nora. First steps with your Orbit ceiling light") or ""
    html = await page(reader, place)

    assert "Hello Nora," in words_of(section(html, "text-title"))
    headers = words_of(section(html, "headers-title"))
    assert "From Northlight Lamps <hello@northlight.example>" in headers and "Message-ID <" in headers
    assert (link(html, "Nora Whitfield") or "").startswith("/customers/")


async def test_the_html_is_shown_in_a_frame_that_can_do_nothing(reader: httpx2.AsyncClient, town: Town) -> None:
    number = town.mailbox.add(nasty(), "evil@example.org", ["victim@example.org"], town.clock())
    letter = await page(reader, f"/mail/{number}")
    frame = await reader.get(f"/mail/{number}/html")

    assert f'src="/mail/{number}/html" sandbox title=' in letter and SCRIPT not in letter
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "frame-ancestors 'self'" in policy
    assert "script-src" not in policy and "img-src data:" in policy and "https:" not in policy
    assert frame.headers["x-content-type-options"] == "nosniff" and frame.headers["cache-control"] == "no-store"
    assert SCRIPT in frame.text
    assert SCRIPT not in await page(reader, "/mail")


async def test_a_message_can_be_saved_as_it_came(reader: httpx2.AsyncClient, town: Town) -> None:
    number = town.mailbox.list(1)[0].id
    answer = await reader.get(f"/mail/{number}/raw")

    assert answer.content == town.mailbox.raw(number)
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == f'attachment; filename="message-{number}.eml"'


async def test_a_message_without_html_or_subject_has_a_page(reader: httpx2.AsyncClient, town: Town) -> None:
    number = town.mailbox.add(b"\r\njust words\r\n", "a@example.org", ["b@example.org"], town.clock())
    html = await page(reader, f"/mail/{number}")

    assert "<iframe" not in html and "just words" in html and "<bdi>no subject</bdi>" in html


async def test_the_json_twin_is_an_array_with_the_newest_first(reader: httpx2.AsyncClient, town: Town) -> None:
    answer = await reader.get("/mail.json")
    found = answer.json()

    assert answer.headers["content-type"] == "application/json" and answer.headers["cache-control"] == "no-store"
    assert [message["id"] for message in found] == [message.id for message in town.mailbox.list(1_000)]
    assert {"from", "to", "subject", "headers", "text", "html"} <= set(found[0])


async def test_the_json_twin_is_cut_by_limit_and_offset(reader: httpx2.AsyncClient) -> None:
    everything = (await reader.get("/mail.json")).json()

    assert (await reader.get("/mail.json?limit=2&offset=1")).json() == everything[1:3]
    assert (await reader.get("/mail.json?offset=5000")).json() == []


async def test_the_json_twin_finds_a_recipient_exactly(reader: httpx2.AsyncClient, town: Town) -> None:
    found = (await reader.get("/mail.json?to=GRETE@example.org")).json()

    assert len(found) >= 4 and {message["to"] for message in found} == {"grete@example.org"}
    assert (await reader.get("/mail.json?to=grete@example.org&limit=1&offset=1")).json() == found[1:2]
    assert (await reader.get("/mail.json?to=rete@example.org")).json() == []


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x", "limit=-1", "offset=-1", "offset=x", "limit="])
async def test_a_wrong_number_is_refused_with_a_sentence(reader: httpx2.AsyncClient, query: str) -> None:
    answer = await reader.get(f"/mail.json?{query}")
    assert answer.status_code == 400 and " is a whole number" in answer.json()["error"]


@pytest.mark.parametrize("place", ["/mail/999999", "/mail/0", "/mail/x", "/mail/99999999999999999", "/mail/7/nothing"])
async def test_a_message_that_is_not_there_is_said_in_plain_words(reader: httpx2.AsyncClient, place: str) -> None:
    assert "Not here" in await page(reader, place, 404)


async def test_an_empty_mailbox_says_what_will_be_there(new_town: Town) -> None:
    async with reader_of(site_of(new_town)) as reader:
        assert "No mail yet" in await page(reader, "/mail")
        assert (await reader.get("/mail.json")).json() == []


async def test_with_a_mail_server_of_ones_own_the_page_says_where_mail_goes(town: Town) -> None:
    async with reader_of(site_of(town, mail=False)) as reader:
        said = words_of(await page(reader, "/mail"))
        twin = await reader.get("/mail.json")
        assert "Mail goes to your own mail server It is named in WAYFARE_SMTP_URL" in said
        assert twin.status_code == 404 and "WAYFARE_SMTP_URL" in twin.json()["error"]
        assert "WAYFARE_SMTP_URL" in words_of(await page(reader, "/mail/1", 404))
