"""The door for mail that comes back: real conversations by SMTP, with everything that they lead to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiosmtplib
import pytest
from sqlalchemy import update

from gateway import mail_door
from gateway.mail_door import open_door
from journey.company import Company
from journey.returned.reports import Bounce
from store import definitions, incoming, ledger, reach, returns, surveys
from store.clock import now
from store.database import Database
from store.ledger import Letter
from store.seal import Seal
from store.tables import message, soft_bounce
from tests.journey.test_returned import REPLY, arf, dsn
from tests.store.makers import a_journey, a_library, begun, count, rows, the_row

SEAL = Seal("of the tests")
BASE = "returns@northlight.example"


class Post:
    """A store with a letter that was sent, and the door."""

    def __init__(self, db: Database, port: int, key: str) -> None:
        self.db, self.port, self.key = db, port, key
        self.rung = 0

    @property
    def message_id(self) -> str:
        return f"{self.key}@northlight.example"

    @property
    def address(self) -> str:
        return SEAL.address(self.key, BASE)

    async def hand_over(self, raw: bytes, to: str = BASE, sender: str = "grete@example.org") -> str:
        """Hand a mail over as a mail server does; the answer."""
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, start_tls=False) as client:
            _, answer = await client.sendmail(sender, [to], raw)
            return answer

    async def events(self) -> list[dict[str, Any]]:
        return [{"type": row["type"], **row["data"]} for row in await rows(self.db, "inbox", source="wayfare")]

    def reply(self, text: str = "It flickers.", subject: str = "Re: Hello") -> bytes:
        return (
            REPLY.format(subject=subject, more="")
            .replace("abc@northlight.example", self.message_id)
            .replace("It flickers.", text)
            .encode()
        )


@asynccontextmanager
async def post_office(db: Database) -> AsyncIterator[Post]:
    instance_id = await begun(db)
    company = Company.model_validate({"company": "N", "mail from": "N <hello@northlight.example>", "returns": BASE})
    async with db.write() as tx:
        library = a_library(a_journey())
        await definitions.publish(tx, type(library)(**{**vars(library), "company": company}), {})
        row = await ledger.intend(tx, instance_id, "send/1/0", "welcome", "lifecycle")
        letter = Letter(
            "grete@example.org", "Hello", b"x", f"<{row.send_key}@northlight.example>", "lifecycle",
            mark=SEAL.mark("grete@example.org"),
        )  # fmt: skip
        await ledger.written(tx, row.send_key, letter)
        await tx.execute(update(message).values(state="accepted"))
    made = Post(db, 0, row.send_key)

    def ring() -> None:
        made.rung += 1

    async with open_door(db, SEAL, "127.0.0.1", 0, ring) as server:
        made.port = server.sockets[0].getsockname()[1]
        yield made


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with post_office(db) as made:
        yield made


async def suppressed(post: Post) -> dict[str, Any] | None:
    async with post.db.read() as tx:
        return await reach.suppressed(tx, SEAL.mark("grete@example.org"))


@pytest.mark.parametrize("by", ["its address", "its message id"])
async def test_a_reply_finds_its_letter_and_is_told(post: Post, by: str) -> None:
    raw = post.reply() if by == "its message id" else post.reply().replace(post.message_id.encode(), b"other@x.example")
    answer = await post.hand_over(raw, post.address if by == "its address" else BASE)
    assert answer.startswith("2.0.0 kept as ")
    kept = await the_row(post.db, "incoming")
    assert (kept["kind"], kept["send_key"], kept["body_text"]) == ("reply", post.key, "It flickers.")
    assert kept["raw"].replace(b"\r\n", b"\n") == raw
    assert await post.events() == [
        {
            "type": "message.replied",
            "message": "welcome",
            "key": post.key,
            "journey": "onboarding",
            "channel": "email",
            "order_id": "o-1",
            "subject": "Re: Hello",
            "text": "It flickers.",
            "sender": "grete@example.org",
            "mail": str(kept["incoming_pk"]),
            "customer": {"id": "c-1"},
        }
    ]
    assert post.rung == 1


async def test_the_address_of_a_letter_may_come_in_capitals_and_cannot_be_made_up(post: Post) -> None:
    name, _, domain = post.address.partition("@")
    assert len(name) <= 64
    await post.hand_over(b"From: a@example.org\n\nHello", f"{name.upper()}@{domain}")
    await post.hand_over(b"From: a@example.org\n\nHello", f"{name[:-1]}{'a' if name[-1] != 'a' else 'b'}@{domain}")
    assert [row["send_key"] for row in await rows(post.db, "incoming")] == [post.key, None]


async def test_mail_of_strangers_is_kept_and_tells_no_journey(post: Post) -> None:
    await post.hand_over(b"From: stranger@example.org\nSubject: A question\n\nDo you sell lamps?")
    kept = await the_row(post.db, "incoming")
    assert (kept["kind"], kept["send_key"], kept["subject"]) == ("reply", None, "A question")
    assert await post.events() == []


async def test_the_same_mail_handed_in_again_is_told_once(post: Post) -> None:
    first, again = await post.hand_over(post.reply()), await post.hand_over(post.reply())
    assert first == again and await count(post.db, "incoming") == 1 and len(await post.events()) == 1


async def test_an_auto_reply_is_kept_and_is_no_event(post: Post) -> None:
    await post.hand_over(post.reply(subject="Out of office"), post.address)
    assert (await the_row(post.db, "incoming"))["kind"] == "machine"
    assert await post.events() == []


async def test_a_hard_bounce_suppresses_the_address_and_is_told_once(post: Post) -> None:
    for _ in range(2):
        await post.hand_over(dsn("5.1.1", f"550 nobody {_}"), post.address, sender="")
    [event] = await post.events()
    assert (event["type"], event["bounce"], event["code"], event["suppressed"]) == (
        "message.bounced", "hard", "5.1.1", True,
    )  # fmt: skip
    held = await suppressed(post)
    assert held is not None and held["until"] is None and held["source"] == "bounce"


async def test_a_bounce_of_a_letter_that_is_not_ours_suppresses_nobody(post: Post) -> None:
    await post.hand_over(dsn("5.1.1"), sender="")
    assert await suppressed(post) is None and await post.events() == []


async def test_a_soft_bounce_counts_until_the_address_shows_that_it_works(post: Post) -> None:
    await post.hand_over(dsn("5.2.2", "552 full"), post.address, sender="")
    assert (await post.events())[0]["bounce"] == "soft" and await suppressed(post) is None
    assert await count(post.db, "soft_bounce") == 1
    await post.hand_over(post.reply(), post.address)
    assert await count(post.db, "soft_bounce") == 0


async def test_the_fifth_soft_bounce_in_a_row_suppresses_for_a_month(post: Post) -> None:
    mark = SEAL.mark("grete@example.org")
    async with post.db.write() as tx:
        for number in range(4):
            days = timedelta(days=4 - number)
            await tx.execute(soft_bounce.insert().values(mark=mark, send_key=f"{number}", at=now() - days))
        await returns.bounced(tx, post.key, Bounce(False, "5.2.2", "full"))
    held = await suppressed(post)
    assert held is not None and timedelta(days=29) < held["until"] - now() <= timedelta(days=30)
    assert await count(post.db, "soft_bounce") == 0


async def test_a_complaint_suppresses_for_good(post: Post) -> None:
    raw = arf().replace(b"abc@northlight.example", post.message_id.encode())
    await post.hand_over(raw, sender="fbl@provider.example")
    held = await suppressed(post)
    assert held is not None and held["source"] == "complaint"
    assert [event["type"] for event in await post.events()] == ["message.complained"]


async def test_a_report_settles_a_doubt(post: Post) -> None:
    async with post.db.write() as tx:
        await tx.execute(update(message).values(state="unknown"))
        await returns.delivered(tx, post.key)
    assert (await the_row(post.db, "message"))["state"] == "accepted"
    assert [event["type"] for event in await post.events()] == ["message.delivered"]


async def test_a_reply_with_a_number_answers_the_question_of_its_letter(post: Post) -> None:
    async with post.db.write() as tx:
        await surveys.ask(tx, post.key, "welcome", "nps", "How is it?")
    await post.hand_over(post.reply("9\n\nA fine lamp."), post.address)
    kinds = {event["type"]: event for event in await post.events()}
    assert set(kinds) == {"message.replied", "survey.answered"}
    assert (kinds["survey.answered"]["score"], kinds["survey.answered"]["comment"]) == (9, "A fine lamp.")


@pytest.mark.parametrize("to", ["somebody@northlight.example", "returns@elsewhere.example", "returns+x@x.example"])
async def test_mail_for_others_is_refused(post: Post, to: str) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await post.hand_over(b"x", to)
    assert refused.value.recipients[0].code == 550


async def test_while_the_store_is_away_the_mail_server_is_told_to_come_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> int:
        raise OSError("the store is away")

    monkeypatch.setattr(incoming, "keep", away)
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await post.hand_over(post.reply())
    assert refused.value.code == 451 and post.rung == 0 and await count(post.db, "incoming") == 0


async def test_a_mail_that_is_too_large_is_refused_by_the_size_that_was_said(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_door, "LARGEST", 2_000)
    async with (
        open_door(post.db, SEAL, "127.0.0.1", 0) as server,
        aiosmtplib.SMTP(hostname="127.0.0.1", port=server.sockets[0].getsockname()[1], start_tls=False) as client,
    ):
        await client.ehlo()
        assert client.esmtp_extensions["size"] == "2000"
        with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
            await client.sendmail("a@example.org", [BASE], b"x" * 5_000)
    assert refused.value.code == 552 and await count(post.db, "incoming") == 0


async def test_more_conversations_than_can_be_held_are_told_to_wait(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_door, "MOST_AT_ONCE", 1)
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=post.port, start_tls=False):
        reader, writer = await asyncio.open_connection("127.0.0.1", post.port)
        assert (await reader.readline()).startswith(b"421 ")
        writer.close()
    assert (await post.hand_over(post.reply())).startswith("2.0.0 kept")


async def test_hostile_mail_is_kept_as_it_is(post: Post) -> None:
    raw = b"From: \xff\x00\xfe <a@example.org>\r\nSubject: =?utf-8?q?a=00b=0ABcc=3A_x?=\r\n\r\n\xff\xfe"
    await post.hand_over(raw, post.address)
    kept = await the_row(post.db, "incoming")
    assert kept["raw"].rstrip() == raw.rstrip() and "\n" not in kept["subject"]
