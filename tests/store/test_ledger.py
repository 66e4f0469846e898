"""The ledger: one row per message, every change guarded by state and epoch, and what may never happen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from journey.ledger import AGAIN, BEFORE, PERSON, STATES
from store import ledger, outbox
from store.clock import now
from store.database import Database, Tx
from store.ledger import Letter, Row
from store.tables import message
from tests.ledger_model import Line
from tests.store.makers import begun, rows, the_row

LETTER = Letter("grete@example.org", "Welcome", b"Subject: Welcome\r\n\r\nDear Grete", "<key@example.org>", "lifecycle")


async def intend(db: Database, instance_id: str, effect: str = "send/1/0") -> Row:
    async with db.write() as tx:
        return await ledger.intend(tx, instance_id, effect, "welcome", "lifecycle")


async def claim(db: Database, row: Row) -> int:
    async with db.write() as tx:
        return await ledger.claim(tx, row)


async def at_dot(db: Database, row: Row, epoch: int) -> bool:
    async with db.write() as tx:
        return await ledger.at_dot(tx, row.send_key, epoch)


async def renew(db: Database, row: Row, epoch: int) -> bool:
    async with db.write() as tx:
        return await ledger.renew(tx, row.send_key, epoch)


async def settle(db: Database, row: Row, epoch: int, state: str, reason: str | None = None) -> bool:
    async with db.write() as tx:
        return await ledger.settle(tx, row.send_key, epoch, state, reason, 250)


async def put(db: Database, row: Row, **values: Any) -> None:
    """Put the row where a test begins."""
    async with db.write() as tx:
        await tx.execute(update(message).where(message.c.send_key == row.send_key).values(**values))


async def in_state(db: Database, state: str, *, epoch: int = 3, lease: timedelta = ledger.LEASE) -> Row:
    row = await intend(db, await begun(db))
    await put(db, row, state=state, epoch=epoch, lease_until=now() + lease)
    return await intend(db, row_instance(await the_row(db, "message")))


def row_instance(row: dict[str, Any]) -> str:
    return str(row["instance_id"])


async def state(db: Database) -> str:
    return str((await the_row(db, "message"))["state"])


async def test_a_message_is_intended_once_with_its_owner(db: Database) -> None:
    instance_id = await begun(db)
    first, again = await intend(db, instance_id), await intend(db, instance_id)

    row, owner = await the_row(db, "message"), await the_row(db, "instance")
    assert first == again
    assert (row["customer_id"], row["def_hash"]) == (owner["customer_id"], owner["def_hash"])
    assert (row["state"], row["epoch"], row["attempts"]) == ("intent", 0, 0)
    assert (row["name"], row["kind"], row["effect_id"]) == ("welcome", "lifecycle", "send/1/0")
    assert now() - row["created_at"] < timedelta(minutes=1)


async def test_many_at_once_intend_one_message(db: Database) -> None:
    instance_id = await begun(db)
    found = await asyncio.gather(*(intend(db, instance_id) for _ in range(10)))

    assert len({one.send_key for one in found}) == len(await rows(db, "message")) == 1


def test_the_key_is_the_same_for_ever_and_another_for_every_other_message() -> None:
    keys = {ledger.send_key(instance, effect) for instance in ("a", "b") for effect in ("1/1/0", "1/2/0", "2/1/0")}

    assert len(keys) == 6 and all(len(key) == 52 and key.isalnum() and key.islower() for key in keys)
    assert ledger.send_key("instance", "welcome/1/0") == "if5decg2aqkpjkvfkke5yqmxc5qdmgbjvfvbjoguheavhjhyt52q"


async def test_a_message_of_no_instance_cannot_be_intended(db: Database) -> None:
    with pytest.raises(Exception, match="No row was found"):
        await intend(db, "nobody")


async def test_the_letter_is_written_once(db: Database) -> None:
    row = await intend(db, await begun(db))
    other = Letter("emmy@example.org", "Other", b"other", "<other@example.org>", "transactional")
    async with db.write() as tx:
        await ledger.written(tx, row.send_key, LETTER)
        await ledger.written(tx, row.send_key, other)

    kept = await the_row(db, "message")
    assert (kept["recipient"], kept["subject"], kept["body"]) == (LETTER.recipient, LETTER.subject, LETTER.body)
    assert (kept["message_id"], kept["kind"], len(kept["body_hash"])) == (LETTER.message_id, "lifecycle", 64)


async def test_the_way_of_a_message_that_arrives(db: Database) -> None:
    row = await intend(db, await begun(db))
    epoch = await claim(db, row)
    assert (epoch, await state(db)) == (1, "claimed")
    assert await at_dot(db, row, epoch)
    assert await state(db) == "at_dot"
    assert await settle(db, row, epoch, "accepted")

    kept = await the_row(db, "message")
    assert (kept["state"], kept["last_code"], kept["lease_until"], kept["attempts"]) == ("accepted", 250, None, 1)
    assert now() - kept["decided_at"] < timedelta(minutes=1)


async def test_a_claim_whose_lease_is_over_can_be_taken_and_the_dot_never(db: Database) -> None:
    over = timedelta(seconds=-1)
    assert await claim(db, await in_state(db, "claimed", lease=over)) == 4

    dotted = await intend(db, await begun(db, key="o-2"))
    await put(db, dotted, state="at_dot", epoch=1, lease_until=now() + over)
    with pytest.raises(RuntimeError, match="not free"):
        await claim(db, await intend(db, (await rows(db, "message", send_key=dotted.send_key))[0]["instance_id"]))


async def test_of_many_attempts_at_once_one_gets_the_message(db: Database) -> None:
    row = await intend(db, await begun(db))
    answers = await asyncio.gather(*(claim(db, row) for _ in range(8)), return_exceptions=True)

    assert sorted(str(one) for one in answers if isinstance(one, int)) == ["1"]
    assert (await the_row(db, "message"))["epoch"] == 1


async def test_what_was_read_before_another_attempt_cannot_be_claimed(db: Database) -> None:
    """Or two attempts would have one epoch, and each could speak for the other."""
    row = await intend(db, await begun(db))
    assert await settle(db, row, await claim(db, row), "held")

    with pytest.raises(RuntimeError, match="not free"):
        await claim(db, row)


def lines(kind: str) -> list[Line]:
    """Every row that there can be, of attempt 3."""
    over, live = Line(kind, epoch=3), Line(kind, epoch=3, live=True)
    plain = [replace(over, state=state) for state in STATES if state not in ("claimed", "at_dot")]
    leased = [replace(one, state=state) for state in ("claimed", "at_dot") for one in (over, live)]
    again = [replace(over, state="unknown", waits=AGAIN, due=due) for due in (True, False)]
    made = [*plain, *leased, *again, replace(over, state="held", waits=PERSON)]
    return made + [replace(one, doubts=1) for one in made if one.state in ("at_dot", "held", "unknown")]


class Bench:
    """One row, put where the law's questions begin."""

    def __init__(self, tx: Tx, key: str, kind: str) -> None:
        self.tx = tx
        self.key = key
        self.kind = kind

    async def after(self, line: Line, act: Callable[[Row], Awaitable[Any]]) -> Line | None:
        """The row after an act; None if the act says that it had no say, and then nothing may have changed."""
        moment = now()
        lease = moment + timedelta(minutes=1 if line.live else -1)
        due = moment + timedelta(minutes=-1 if line.due else 1) if line.waits == AGAIN else None
        values = {"state": line.state, "epoch": line.epoch, "lease_until": lease, "due_at": due, "message_id": "<it>"}
        await self.tx.execute(update(message).values(**values, kind=line.kind, waits=line.waits, doubts=line.doubts))
        said = await act(await ledger.find(self.tx, self.key))
        found = (await self.tx.execute(select(message))).one()
        live = found.state in ("claimed", "at_dot") and found.lease_until > moment
        is_due = found.waits == AGAIN and found.due_at <= moment
        seen = Line(self.kind, found.state, found.epoch, live, found.waits, is_due, found.doubts)
        assert said or seen == line, "it said no and did something"
        return seen if said else None

    async def claims(self, row: Row) -> bool:
        try:
            return bool(await ledger.claim(self.tx, row))
        except RuntimeError:
            return False

    async def dots(self, epoch: int, row: Row) -> bool:
        return await ledger.at_dot(self.tx, self.key, epoch)

    async def doubts(self, epoch: int, row: Row) -> str | None:
        return await ledger.in_doubt(self.tx, row, epoch, "lost")

    async def settles(self, epoch: int, state: str, row: Row) -> bool:
        return await ledger.settle(self.tx, self.key, epoch, state, "because")

    async def withdraws(self, row: Row) -> bool:
        await ledger.withdraw(self.tx, str(await self.tx.scalar(select(message.c.instance_id))), "over")
        return (await ledger.find(self.tx, self.key)) != row


@pytest.mark.parametrize("kind", ["lifecycle", "transactional"])
async def test_the_sql_says_what_the_law_says(db: Database, kind: str) -> None:
    """Each statement on each row that there can be, against the model in which every path was explored."""
    key = (await intend(db, await begun(db))).send_key
    async with db.write() as tx:
        bench = Bench(tx, key, kind)
        for line in lines(kind):
            assert await bench.after(line, bench.claims) == (line.claimed() if line.free else None), line
            assert await bench.after(line, bench.withdraws) == line.withdrawn(), line
            said = await bench.after(line, lambda _: outbox.learn(tx, "<it>", "refused", None))
            assert said == line.learned("refused"), line
            found = await bench.after(line, lambda row: ledger.in_doubt(tx, row, 3, "lost", dead=True))
            assert found == (None if line.live else line.in_doubt(3)), line
            for epoch in (2, 3):
                assert await bench.after(line, partial(bench.dots, epoch)) == line.barrier(epoch), line
                assert await bench.after(line, partial(bench.doubts, epoch)) == line.in_doubt(epoch), line


@pytest.mark.parametrize("epoch", [2, 3])
async def test_an_attempt_brings_its_message_only_where_the_law_lets_it(db: Database, epoch: int) -> None:
    key = (await intend(db, await begun(db))).send_key
    async with db.write() as tx:
        bench = Bench(tx, key, "lifecycle")
        for line in lines("lifecycle"):
            for state in BEFORE:
                said = await bench.after(line, partial(bench.settles, epoch, state))
                assert said == line.settled(epoch, state), (line, state)


@pytest.mark.parametrize("before", ["claimed", "at_dot", "unknown"])
async def test_an_attempt_that_was_taken_over_can_change_nothing(db: Database, before: str) -> None:
    row = await in_state(db, before, epoch=4)
    kept = await the_row(db, "message")

    assert not await at_dot(db, row, 3)
    assert not await renew(db, row, 3)
    assert [await settle(db, row, 3, after) for after in BEFORE] == [False] * len(BEFORE)
    assert await the_row(db, "message") == kept


async def test_a_zombie_cannot_speak_for_the_attempt_that_followed(db: Database) -> None:
    row = await intend(db, await begun(db))
    zombie = await claim(db, row)
    await put(db, row, lease_until=now() - timedelta(seconds=1))
    assert not await at_dot(db, row, zombie)
    follower = await claim(db, await intend(db, (await the_row(db, "instance"))["instance_id"]))

    assert follower == zombie + 1
    assert not await at_dot(db, row, zombie)
    assert await at_dot(db, row, follower)
    assert not await settle(db, row, zombie, "accepted")
    assert await settle(db, row, follower, "refused")
    assert await state(db) == "refused"


async def test_an_attempt_whose_lease_is_over_does_not_pass_the_barrier(db: Database) -> None:
    row = await in_state(db, "claimed", lease=timedelta(seconds=-1))

    assert not await at_dot(db, row, 3)
    assert await state(db) == "claimed"


async def test_a_lease_can_be_made_longer_while_it_is_ones_own(db: Database) -> None:
    row = await in_state(db, "claimed", lease=timedelta(seconds=1))
    assert await renew(db, row, 3)

    assert (await the_row(db, "message"))["lease_until"] - now() > timedelta(seconds=15)
    assert await at_dot(db, row, 3)
    assert (await the_row(db, "message"))["lease_until"] - now() > timedelta(minutes=14)
    assert not await renew(db, row, 3), "the lease of a message at the dot says when it is in doubt"
    assert await settle(db, row, 3, "accepted")
    assert not await renew(db, row, 3)


async def test_what_was_unknown_is_known_by_the_late_answer_of_its_own_attempt(db: Database) -> None:
    row = await in_state(db, "at_dot")
    assert await settle(db, row, 3, "unknown", "the worker stopped")
    assert not await settle(db, row, 2, "accepted")
    assert await settle(db, row, 3, "accepted")

    assert (await state(db), (await the_row(db, "message"))["reason"]) == ("accepted", None)
    assert not await settle(db, row, 3, "unknown")


async def test_a_held_message_is_tried_again_with_the_same_letter(db: Database) -> None:
    instance_id = await begun(db)
    row = await intend(db, instance_id)
    async with db.write() as tx:
        await ledger.written(tx, row.send_key, LETTER)
    epoch = await claim(db, row)
    assert await settle(db, row, epoch, "held", "the mail server is away")
    again = await intend(db, instance_id)

    assert (again.state, again.reason, again.body) == ("held", "the mail server is away", LETTER.body)
    assert (again.recipient, again.message_id) == (LETTER.recipient, LETTER.message_id)
    assert await claim(db, again) == epoch + 1
    kept = await the_row(db, "message")
    assert (kept["reason"], kept["attempts"], kept["decided_at"]) == (None, 2, None)


async def test_a_message_can_be_held_before_any_attempt(db: Database) -> None:
    row = await intend(db, await begun(db))
    async with db.write() as tx:
        await ledger.hold(tx, row.send_key, row.epoch, "the text is not published")

    assert ((await the_row(db, "message"))["reason"], await state(db)) == ("the text is not published", "held")


async def test_two_messages_never_share_a_message_id(db: Database) -> None:
    one, other = await intend(db, await begun(db)), await intend(db, await begun(db, key="o-2"))

    async def write_both() -> None:
        async with db.write() as tx:
            await ledger.written(tx, one.send_key, LETTER)
            await ledger.written(tx, other.send_key, LETTER)

    with pytest.raises(Exception, match=r"(?i)unique"):
        await write_both()


async def test_the_stores_clock_is_our_clock(db: Database) -> None:
    async with db.read() as tx:
        assert abs(await ledger.moment(tx) - now()) < timedelta(seconds=5)


async def test_messages_are_listed_without_their_bodies_and_counted(db: Database) -> None:
    instance_id = await begun(db)
    first = await intend(db, instance_id)
    await put(db, first, created_at=now() - timedelta(hours=1))
    second = await intend(db, instance_id, "send/2/0")
    await claim(db, second)
    person = (await the_row(db, "customer"))["customer_id"]

    async with db.read() as tx:
        listed = await outbox.of_customer(tx, person)
        counted = await outbox.counts(tx)
    assert [one["send_key"] for one in listed] == [second.send_key, first.send_key]
    assert "body" not in listed[0] and listed[0]["state"] == "claimed"
    assert counted == {"intent": 1, "claimed": 1}
