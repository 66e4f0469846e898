"""A turn written down: once, whole, in one transaction, whatever is tried again and however late."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from journey.definition import Journey
from journey.effects import AddNote, UpdateCustomer, Write
from journey.state import Ended
from journey.turn import Decision
from journey.work import Standing, Work
from store import customers, definitions, ledger, record, timeline
from store.clock import now
from store.database import Database
from store.facts import facts
from tests.store.makers import GRETE, a_journey, a_library, begun, resolve, rows, the_row


def stands(turns: int = 1, cursor: int = 1, **more: Any) -> Standing:
    snapshot = {"turns": turns, "step": "1"} if turns else {"step": "1"}
    return Standing(cursor=cursor, snapshot=snapshot, **({"step": "1", "doing": "waits 2 days"} | more))


def ended(turns: int = 1, outcome: str = "activated") -> Standing:
    end = Ended(outcome=outcome, at=now(), why="setup.completed came.")
    return stands(turns, ended=end, step=None, doing=f"ended: {outcome}")


def why(number: str = "1.0", text: str = "It is so.", at: datetime | None = None) -> Decision:
    return Decision(id=number, at=at or now(), step="1", text=text, rule="event.a", values={"event.a": 1}, result=True)


def a_note(text: str, visit: int = 1) -> AddNote:
    return AddNote(id=f"note/{visit}/0", text=text)


def a_set(visit: int = 1, **attributes: Any) -> UpdateCustomer:
    return UpdateCustomer(id=f"set/{visit}/0", attributes=attributes)


async def write(db: Database, work: Work) -> None:
    async with db.write() as tx:
        await record.write(tx, work)


def the_work(instance_id: str, *writes: Write, **more: Any) -> Work:
    return Work(instance_id=instance_id, writes=writes, **more)


async def lines(db: Database, kind: str) -> list[str]:
    return [row["text"] for row in await rows(db, "timeline", kind=kind)]


async def started(db: Database, journey: Journey | None = None) -> str:
    """An instance that runs, and a company for the texts."""
    instance_id = await begun(db, journey)
    async with db.write() as tx:
        await definitions.publish(tx, a_library(journey or a_journey()), {})
    return instance_id


async def test_a_turn_is_written_with_its_reasons_its_writes_and_where_it_stands(db: Database) -> None:
    instance_id = await started(db)
    wake = now() + timedelta(days=2)
    standing = stands(3, 2, wake_at=wake)
    await write(db, the_work(instance_id, a_set(plan="pro"), decisions=(why(),), standing=standing))

    row = await the_row(db, "instance")
    assert (row["acked_seq"], row["snapshot"], row["wake_at"]) == (2, standing.snapshot, wake)
    assert (row["step"], row["doing"], row["state"], row["trouble"]) == ("1", "waits 2 days", "running", None)
    assert (await the_row(db, "customer"))["attributes"] == {"plan": "pro"}
    reason = await the_row(db, "timeline", kind="why")
    assert (reason["text"], reason["instance_id"]) == ("It is so.", instance_id)
    assert reason["detail"] == {"step": "1", "rule": "event.a", "values": {"event.a": 1}, "result": True}
    assert await lines(db, "set") == ["plan is now pro"]


async def test_a_turn_written_twice_is_written_once(db: Database) -> None:
    instance_id = await started(db)
    work = the_work(instance_id, a_set(plan="pro"), a_note("Call her."), decisions=(why(),), standing=ended())
    await write(db, work)
    before = {name: await rows(db, name) for name in ("timeline", "customer", "message")}
    await write(db, work)

    assert {name: await rows(db, name) for name in ("timeline", "customer", "message")} == before
    assert await lines(db, "ended") == ['The journey ended as "activated". setup.completed came.']


async def test_a_retry_hours_later_does_not_undo_what_came_since(db: Database) -> None:
    instance_id = await started(db)
    first = the_work(instance_id, a_set(plan="pro"), standing=stands(1, 1))
    await write(db, first)
    await write(db, the_work(instance_id, a_set(2, plan="gold"), standing=stands(2, 3, doing="waits for it")))
    await resolve(db, **GRETE, attributes={"size": 4})
    await write(db, first)

    row = await the_row(db, "instance")
    assert (row["acked_seq"], row["snapshot"]["turns"], row["doing"]) == (3, 2, "waits for it")
    assert (await the_row(db, "customer"))["attributes"] == {"plan": "gold", "size": 4}


async def test_deliveries_that_change_nothing_still_count_as_applied(db: Database) -> None:
    instance_id = await started(db)
    for cursor in (1, 2, 3, 2):
        await write(db, the_work(instance_id, standing=stands(1, cursor)))

    assert (await the_row(db, "instance"))["acked_seq"] == 3


async def test_the_very_first_turn_is_written_over_nothing(db: Database) -> None:
    instance_id = await started(db)
    await write(db, the_work(instance_id, standing=stands(0, 1)))

    assert (await the_row(db, "instance"))["snapshot"] == {"step": "1"}


async def test_an_end_is_written_whatever_was_there(db: Database) -> None:
    instance_id = await started(db)
    await write(db, the_work(instance_id, standing=stands(9, 5, wake_at=now(), trouble="it waits")))
    await write(db, the_work(instance_id, standing=ended(2)))

    row = await the_row(db, "instance")
    assert (row["state"], row["outcome"], row["wake_at"], row["trouble"]) == ("ended", "activated", None, None)
    assert now() - row["ended_at"] < timedelta(minutes=1)


async def test_after_the_end_nothing_moves_it_any_more(db: Database) -> None:
    instance_id = await started(db)
    await write(db, the_work(instance_id, standing=ended(2)))
    before = await the_row(db, "instance")
    await write(db, the_work(instance_id, standing=stands(3, 7, wake_at=now())))

    assert await the_row(db, "instance") == before


async def test_two_attempts_at_once_at_one_turn_write_it_once(db: Database) -> None:
    """The sum would show it: each attempt that writes adds a line and would set the plan again."""
    instance_id = await started(db)
    work = the_work(instance_id, a_set(plan="pro"), a_note("Call her."), decisions=(why(),), standing=stands())
    await asyncio.gather(*(write(db, work) for _ in range(6)))

    assert [len(await lines(db, kind)) for kind in ("set", "note", "why")] == [1, 1, 1]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_an_attempt_that_waited_for_another_does_not_write_again(db: Database) -> None:
    instance_id = await started(db)
    person = (await the_row(db, "customer"))["customer_id"]
    work = the_work(instance_id, a_set(plan="pro"), standing=stands())
    async with db.write() as tx:
        await record.write(tx, work)
        second = asyncio.create_task(write(db, work))
        await asyncio.sleep(0.1)
        assert not second.done()
        await customers.change(tx, person, UpdateCustomer(id="other", attributes={"plan": "gold"}))
    await second

    assert (await the_row(db, "customer"))["attributes"] == {"plan": "gold"}


async def test_a_turn_that_cannot_be_written_leaves_nothing(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    instance_id = await started(db)

    async def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(timeline, "add", fail)
    with pytest.raises(ZeroDivisionError):
        await write(db, the_work(instance_id, a_set(plan="pro"), standing=stands()))

    assert (await the_row(db, "customer"))["attributes"] == {}
    assert (await the_row(db, "instance"))["snapshot"] is None


async def test_a_note_is_written_with_the_record_as_this_turn_left_it(db: Database) -> None:
    instance_id = await started(db)
    text = "{{ customer.first_name }} is on {{ customer.plan }}: {{ start.product.name }}, {{ company.name }}"
    await write(db, the_work(instance_id, a_set(plan="gold"), a_note(text), standing=stands()))

    assert await lines(db, "note") == ["Grete is on gold: Lamp, Northlight"]


async def test_a_note_that_cannot_be_written_is_kept_as_it_stands_with_the_reason(db: Database) -> None:
    instance_id = await started(db)
    await write(db, the_work(instance_id, a_note("{{ customer.nothing.at_all }} {% if %}"), standing=stands()))

    [note] = await lines(db, "note")
    assert note.startswith("{{ customer.nothing.at_all }} {% if %} (")


async def test_tags_are_told_in_words(db: Database) -> None:
    instance_id = await started(db)
    write_tags = UpdateCustomer(id="set/1/0", add_tags=("loyal",), remove_tags=("new",))
    await write(db, the_work(instance_id, write_tags, standing=stands()))

    assert await lines(db, "set") == ["tag loyal added; tag new removed"]


async def test_the_end_withdraws_what_has_not_gone_out_and_nothing_else(db: Database) -> None:
    instance_id, other = await started(db), await begun(db, key="o-2")
    async with db.write() as tx:
        intent = await ledger.intend(tx, instance_id, "a/1/0", "welcome", "lifecycle")
        held = await ledger.intend(tx, instance_id, "b/1/0", "guide", "lifecycle")
        await ledger.hold(tx, held.send_key, held.epoch, "the mail server is away")
        claimed = await ledger.intend(tx, instance_id, "c/1/0", "bye", "lifecycle")
        await ledger.claim(tx, claimed)
        another = await ledger.intend(tx, other, "a/1/0", "welcome", "lifecycle")
    await write(db, the_work(instance_id, standing=ended()))

    states = {row["send_key"]: (row["state"], row["reason"]) for row in await rows(db, "message")}
    assert states[intent.send_key] == states[held.send_key] == ("suppressed", "the journey ended before: activated")
    assert (states[claimed.send_key][0], states[another.send_key][0]) == ("claimed", "intent")


async def test_long_words_are_cut_to_what_the_tables_hold(db: Database) -> None:
    instance_id = await started(db)
    await write(db, the_work(instance_id, standing=stands(doing="d" * 900, trouble="t" * 900)))

    row = await the_row(db, "instance")
    assert (row["doing"], row["trouble"]) == ("d" * 300, "t" * 500)


async def test_a_turn_without_writes_reasons_or_standing_writes_nothing(db: Database) -> None:
    instance_id = await started(db)
    before = await the_row(db, "instance")
    await write(db, the_work(instance_id))

    assert await the_row(db, "instance") == before
    assert await rows(db, "timeline") == []


async def test_the_timeline_is_read_newest_first_for_a_customer_and_oldest_first_for_an_instance(db: Database) -> None:
    instance_id = await started(db)
    noon = now()
    moments = [noon, noon + timedelta(hours=1), noon + timedelta(hours=1)]
    decisions = tuple(why(f"1.{n}", f"line {n}", at) for n, at in enumerate(moments))
    await write(db, the_work(instance_id, decisions=decisions))
    person = (await the_row(db, "customer"))["customer_id"]

    async with db.read() as tx:
        newest = [row["text"] for row in await timeline.of_customer(tx, person)]
        oldest = [row["text"] for row in await timeline.of_instance(tx, instance_id)]
        some = await timeline.of_customer(tx, person, limit=1)
    assert (newest, oldest) == (["line 2", "line 1", "line 0"], ["line 0", "line 1", "line 2"])
    assert [row["text"] for row in some] == ["line 2"]


async def test_two_customers_may_have_lines_of_the_same_key(db: Database) -> None:
    grete, emmy = (await resolve(db, **GRETE))["customer_id"], (await resolve(db, id="c-2"))["customer_id"]
    entries = [timeline.entry(one, "event:1", now(), "event", "first") for one in (grete, emmy)]
    async with db.write() as tx:
        await timeline.add(tx, entries)
        await timeline.add(tx, [timeline.entry(grete, "event:1", now(), "event", "second")])
        await timeline.add(tx, [])

    assert await lines(db, "event") == ["first", "first"]


async def test_what_a_text_can_name(db: Database) -> None:
    instance_id = await started(db)
    async with db.read() as tx:
        known = await facts(tx, instance_id, {"answer": 9})

    assert known["customer"]["first_name"] == "Grete"
    assert known["start"] == {"order_id": "o-1", "product": {"sku": "P-1", "name": "Lamp", "needs_setup": True}}
    assert (known["vars"], known["journey"]) == ({"answer": 9}, {"name": "onboarding", "title": "Onboarding"})
    assert known["company"]["name"] == "Northlight"
