"""Commands stand in an instance's sequence: given to what their giver has seen, placed once, refused on record."""

from datetime import timedelta

import pytest

from journey.commands import Cancel, Command, Migrate, Pause, Resume
from journey.work import Standing, Work
from store import instances, record
from store.clock import now
from store.database import Database
from tests.store.makers import begun, event_pks, rows, the_row
from tests.store.test_instances import deliver, end, unheard


async def order(
    db: Database, instance_id: str, given: Command | None = None, *, expected_seq: int | None = None, key: str = ""
) -> int:
    async with db.write() as tx:
        command = given or Pause(at=now(), by="Ada", reason="a holiday")
        return await instances.command(tx, instance_id, command, expected_seq=expected_seq, key=key)


def standing(cursor: int, **more: object) -> Standing:
    where = {"cursor": cursor, "snapshot": {"turns": cursor}, "step": "1", "doing": "waits"}
    return Standing.model_validate(where | more)


async def test_a_command_takes_the_next_number_among_the_events(db: Database) -> None:
    instance_id = await begun(db)
    [event_pk] = await event_pks(db, 1)
    assert await order(db, instance_id, expected_seq=1) == 2
    assert await deliver(db, instance_id, event_pk) == 3

    found = await rows(db, "delivery", instance_id=instance_id)
    assert [(row["seq"], row["kind"]) for row in found] == [(1, "entry"), (2, "command"), (3, "event")]
    assert (found[1]["content"]["kind"], found[1]["content"]["by"], found[1]["refused"]) == ("pause", "Ada", None)
    assert await unheard(db, older_than=timedelta(seconds=-1)) == {instance_id: 3}


async def test_a_command_from_an_older_view_is_refused_with_what_is_there_now(db: Database) -> None:
    instance_id = await begun(db)
    [event_pk] = await event_pks(db, 1)
    await deliver(db, instance_id, event_pk)
    with pytest.raises(instances.Stale) as caught:
        await order(db, instance_id, expected_seq=1)

    assert caught.value.present == instances.Present("running", 2, None, "about to begin", None)
    assert len(await rows(db, "delivery")) == 2


async def test_of_two_commands_from_the_same_view_one_is_placed_and_one_is_told(db: Database) -> None:
    instance_id = await begun(db)
    assert await order(db, instance_id, Cancel(at=now()), expected_seq=1) == 2
    with pytest.raises(instances.Stale, match="it is at 2 by now"):
        await order(db, instance_id, Resume(at=now()), expected_seq=1)


async def test_what_has_ended_or_never_was_takes_no_command(db: Database) -> None:
    instance_id = await begun(db)
    await end(db, instance_id)
    with pytest.raises(instances.Stale) as caught:
        await order(db, instance_id)
    assert caught.value.present is not None and caught.value.present.state == "ended"
    with pytest.raises(instances.Stale, match="no such instance") as caught:
        await order(db, "0" * 24)
    assert caught.value.present is None


async def test_a_command_that_is_given_again_is_placed_once_even_from_an_old_view(db: Database) -> None:
    instance_id = await begun(db)
    first = await order(db, instance_id, expected_seq=1, key="k-1")
    assert await order(db, instance_id, expected_seq=1, key="k-1") == first
    await end(db, instance_id)

    assert await order(db, instance_id, key="k-1") == first
    assert len(await rows(db, "delivery", kind="command")) == 1


async def test_why_a_command_did_not_fit_is_on_record(db: Database) -> None:
    instance_id = await begun(db)
    seq = await order(db, instance_id)
    work = Work(instance_id=instance_id, standing=standing(seq), commands={seq: "it is paused already"})
    for _ in range(2):
        async with db.write() as tx:
            await record.write(tx, work)

    assert (await the_row(db, "delivery", seq=seq))["refused"] == "it is paused already"
    [line] = await rows(db, "timeline", kind="why")
    assert line["text"] == "A command changed nothing: it is paused already."


async def test_the_last_word_on_a_command_counts(db: Database) -> None:
    """A worker that died may have said something else before its successor did."""
    instance_id = await begun(db)
    seq = await order(db, instance_id)
    for said in ("it is doing something", ""):
        async with db.write() as tx:
            await record.write(tx, Work(instance_id=instance_id, standing=standing(seq), commands={seq: said}))

    assert (await the_row(db, "delivery", seq=seq))["refused"] is None


async def test_a_pause_and_another_version_are_written_where_it_stands(db: Database) -> None:
    instance_id = await begun(db)
    other = await begun(db, key="o-2")
    version = (await the_row(db, "instance", instance_id=other))["def_hash"]
    moment = now()
    async with db.write() as tx:
        work = Work(instance_id=instance_id, standing=standing(2, paused_at=moment, version=version))
        await record.write(tx, work)
        assert (await instances.wish(tx, instance_id)).paused
        assert not (await instances.wish(tx, other)).paused

    row = await the_row(db, "instance", instance_id=instance_id)
    assert (row["paused_at"], row["def_hash"]) == (moment, version)
    migrate = Migrate(at=moment, version=version)
    assert await order(db, instance_id, migrate) == 2
