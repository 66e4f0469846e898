"""Letters of one conversation, and the customer's answers to them, name each other (RFC 5322 3.6.4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from journey.effects import SendMessage
from journey.load import load
from journey.returned.reading import read
from journey.work import Work
from store import incoming, ledger, threads
from store.incoming import Arrived
from store.tables import instance, message
from tests.system import definitions
from tests.system.smtp_server import SmtpServer
from tests.system.test_mail import Desk, Silent
from tests.system.workshop import OFFICE, Workshop


async def desk_of(workshop: Workshop, customer: str = "c-1", order: str = "o-1") -> Desk:
    """An instance whose letters belong to one conversation, apart from tips."""
    files = definitions.files(hello="start: {on: test.began, key: event.order_id}\nsteps: [{send: tips}]\n")
    for name in ("welcome", "guide"):
        files[f"messages/{name}.md"] = f"---\nsubject: {name}\nthread: complaint\n---\nHello.\n"
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        return Desk(workshop, await workshop.begin("hello", customer=customer, order_id=order))


async def send(desk: Desk, smtp: SmtpServer, name: str) -> Any:
    """Send a letter; as the mail server has it."""
    effect = SendMessage(id=f"send-{name}/{len(smtp.kept) + 1}/0", message=name)
    desk.work = Work(instance_id=desk.instance_id, effect=effect)
    assert await desk.attempt() == "accepted"
    return smtp.kept[-1].letter


async def test_letters_of_a_conversation_name_those_before_and_the_customers_answer(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    desk = await desk_of(workshop)
    first = await send(desk, smtp, "welcome")
    assert first["In-Reply-To"] is None and first["References"] is None
    tips = await send(desk, smtp, "tips")
    assert tips["In-Reply-To"] is None
    second = await send(desk, smtp, "guide")
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]

    head = f"From: c-1@example.org\nMessage-ID: <theirs@example.org>\nIn-Reply-To: {second['Message-ID']}"
    raw = f"{head}\n\nNo.\n".encode()
    async with workshop.db.write() as tx:
        await incoming.keep(tx, Arrived(raw, "c-1@example.org", ("x@x.example",)), read(raw, "c-1"), OFFICE.seal)
    third = await send(desk, smtp, "welcome")
    assert third["In-Reply-To"] == "<theirs@example.org>"
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"], "<theirs@example.org>"]


async def test_another_case_and_a_letter_that_did_not_go_belong_to_no_conversation(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    await send(await desk_of(workshop), smtp, "welcome")
    other = await desk_of(workshop, order="o-2")
    letter = await send(other, smtp, "welcome")
    assert letter["In-Reply-To"] is None
    async with workshop.db.write() as tx:
        await tx.execute(update(message).where(message.c.instance_id == other.instance_id).values(state="refused"))
    assert (await send(other, smtp, "guide"))["In-Reply-To"] is None


async def test_a_conversation_goes_on_when_the_case_is_opened_again(workshop: Workshop, smtp: SmtpServer) -> None:
    desk = await desk_of(workshop)
    first = await send(desk, smtp, "welcome")
    again = Desk(workshop, await workshop.begin_for("c-1-again", desk.instance_id))
    async with workshop.db.write() as tx:
        key = (await ledger.intend(tx, again.instance_id, "send-guide/9/0", "guide", "")).send_key
        mine = instance.c.instance_id == desk.instance_id
        owner = (await tx.execute(select(instance.c.customer_id).where(mine))).scalar_one()
        assert await threads.before(tx, key, "complaint") == []
        await tx.execute(update(instance).where(mine).values(state="ended"))
        await tx.execute(update(instance).values(customer_id=owner))
        assert await threads.before(tx, key, "complaint") == [first["Message-ID"].strip("<>")]


def test_a_long_conversation_keeps_its_beginning_and_its_end_within_a_line() -> None:
    ids = [f"{number:040}@northlight.example" for number in range(40)]
    lines = threads.lines(ids)
    kept = lines["References"].split()
    assert len(lines["References"]) < 900 and kept[0] == f"<{ids[0]}>" and kept[-1] == f"<{ids[-1]}>"
    assert lines["In-Reply-To"] == f"<{ids[-1]}>"
    assert threads.lines([]) == {}
