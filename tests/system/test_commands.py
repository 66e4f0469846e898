"""People steer journeys that run on Temporal: what is ordered is done once, in its place among the events."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client

from journey.commands import Cancel, Migrate, MoveTo, Pause, Resume, Skip
from store import instances
from store.clock import now
from tests.system import definitions
from tests.system.smtp_server import SmtpServer
from tests.system.waiting import until
from tests.system.workshop import Workshop, handle

WAIT = timedelta(seconds=0.1)
OLD = """\
start: {on: test.began, key: event.order_id}
exit: [{on: test.left, as: left}]
steps:
  - send: hello
  - wait: {for: test.answered, up to: 1 hour, into: answer}
  - send: goodbye
"""
NEW = OLD.replace("  - send: goodbye\n", "  - note: Migrated.\n  - send: goodbye\n")


async def test_a_paused_journey_hears_and_goes_on_when_it_is_resumed(workshop: Workshop, client: Client) -> None:
    await workshop.publish(definitions.library(steered=OLD))
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        instance_id = await workshop.begin("steered", customer="c-1")
        await workshop.rests(instance_id)
        await workshop.order(client, instance_id, Pause(at=now()), 1)
        await workshop.accept("test.answered", "c-1", number=7)

        async def heard() -> bool:
            row = await workshop.row(instance_id)
            return bool(row.acked_seq == 3)

        await until(heard, "the answer is kept")
        row = await workshop.row(instance_id)
        assert row.paused_at is not None and row.doing == "is paused at wait-for-test.answered"
        assert await workshop.order(client, instance_id, Resume(at=now()), 3) == 4

        assert await workshop.ended(instance_id) == "completed"
        assert [name for name, _ in await workshop.messages(instance_id)] == ["hello", "goodbye"]


async def test_nothing_is_sent_while_a_journey_is_paused(workshop: Workshop, client: Client, smtp: SmtpServer) -> None:
    await workshop.publish(definitions.library(steered=OLD))
    await smtp.down()
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        instance_id = await workshop.begin("steered", customer="c-1")
        await workshop.troubled(instance_id, "no connection")
        await workshop.order(client, instance_id, Pause(at=now()))
        await smtp.up()
        async with workshop.db.read() as tx:
            assert (await instances.wish(tx, instance_id)).paused
        assert smtp.kept == []
        await workshop.order(client, instance_id, Resume(at=now()))
        await workshop.rests(instance_id)

        assert [name for name, _ in await workshop.messages(instance_id)] == ["hello"]
        assert len(smtp.kept) == 1


async def test_a_held_message_is_skipped_and_not_sent_any_more(
    workshop: Workshop, client: Client, smtp: SmtpServer
) -> None:
    await workshop.publish(definitions.library(steered=OLD))
    await smtp.down()
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        instance_id = await workshop.begin("steered", customer="c-1")
        await workshop.troubled(instance_id, "no connection")
        await workshop.order(client, instance_id, Skip(at=now(), step="send-hello"))
        await workshop.rests(instance_id)
        assert await workshop.messages(instance_id) == [("hello", "suppressed")]
        await smtp.up()
        await workshop.order(client, instance_id, MoveTo(at=now(), to="send-hello"))
        await workshop.rests(instance_id)
        assert await workshop.messages(instance_id) == [("hello", "suppressed"), ("hello", "accepted")]
        await workshop.order(client, instance_id, Skip(at=now(), step="send-hello"))
        assert "A command changed nothing" in " ".join(await workshop.said(instance_id, "why"))
        await workshop.order(client, instance_id, Cancel(at=now(), outcome="given-up", reason="a test"))

        assert await workshop.ended(instance_id) == "given-up"


async def test_a_migrated_journey_goes_on_with_the_new_version_and_repeats_nothing(
    workshop: Workshop, client: Client
) -> None:
    await workshop.publish(definitions.library(steered=OLD))
    new = definitions.library(steered=NEW)
    version = new.journeys["steered"].hash
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        instance_id = await workshop.begin("steered", customer="c-1")
        await workshop.rests(instance_id)
        await workshop.publish(new)
        await workshop.order(client, instance_id, Migrate(at=now(), version=version), 1)
        assert (await workshop.row(instance_id)).def_hash == version
        await workshop.accept("test.answered", "c-1")

        assert await workshop.ended(instance_id) == "completed"
        assert await workshop.said(instance_id, "note") == ["Migrated."]
        assert [name for name, _ in await workshop.messages(instance_id)] == ["hello", "goodbye"]
        assert await handle(client, instance_id).result() == "completed"
