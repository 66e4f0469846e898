"""A town with a clock of its own: customers to whom things happen, and journeys driven by hand instead of by Temporal.

The store, the router and the machine are the real ones; mail goes into a real mailbox. What Temporal's worker would do
after a turn is done here, one thing after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy

from activities.letter import compose
from gateway.bells import Routed
from gateway.router import Router
from journey import machine, messages, templates
from journey.definition import Journey
from journey.effects import Ask, NotifyTeam, ReadCustomer, SendMessage
from journey.inputs import EffectDone, Entry, EventReceived, WokeUp
from journey.library import Library
from journey.load import load
from journey.rights import ROLES
from journey.state import State
from journey.turn import Turn
from journey.work import Work, standing
from store import definitions, identity, inbox, instances, ledger, record, staff, timeline
from store.database import Database, Tx
from store.definition_files import read_folder
from store.facts import facts
from store.ledger import Letter
from store.mailbox import Mailbox
from store.tables import session

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = datetime(2036, 1, 1, tzinfo=UTC)


@cache
def library() -> Library:
    """The town's own journeys: those that come with Wayfare may change, and these tests are not about them."""
    files, problems = read_folder(Path(__file__).with_name("definitions"))
    assert problems == []
    return load(files)


TOKENS = {role: f"the-session-of-a-{role}" for role in ROLES}
"""What the browser of somebody of each role keeps, in every town. They are called viewer, agent, lead and admin."""


async def _people_of_the_house(tx: Tx) -> None:
    """Somebody of each role, signed in for as long as any test lasts."""
    for role, token in TOKENS.items():
        staff_id = await staff.add(tx, role, role)
        row = {"digest": staff.digest(token), "staff_id": staff_id, "how": "password"}
        await tx.execute(session.insert().values(**row, began_at=LATER, seen_at=LATER))


class Clock:
    """What time it is in town."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def _unsafe_and_fast(connection: Any, _record: Any) -> None:
    """No power cut is tested here, and waiting for the disk is most of the time."""
    connection.execute("PRAGMA synchronous=OFF").close()


class Bells:
    """Keeps what was routed until it is played."""

    def __init__(self) -> None:
        self.routed: list[Routed] = []

    def put(self, routed: Routed) -> None:
        self.routed.append(routed)


class Town:
    """``mail_goes`` says what becomes of the next messages: accepted, unknown, refused or held."""

    def __init__(self, url: str, clock: Clock, mailbox: Mailbox, *, pace: float = 1.0, shop: str = "/shop") -> None:
        self.db = Database(url)
        if self.db.sqlite:
            sqlalchemy.event.listen(self.db._engine.sync_engine, "connect", _unsafe_and_fast)
        self.clock = clock
        self.mailbox = mailbox
        self.mail_goes = "accepted"
        self._bells = Bells()
        self._router = Router(self.db, self._bells, None, pace)  # type: ignore[arg-type]  # nobody waits, nobody rings
        self._shop = shop
        self._count = 0

    @classmethod
    async def founded(cls, url: str, clock: Clock, folder: Path, *, pace: float = 1.0) -> Town:
        """A town in a migrated, empty store, with its journeys."""
        town = cls(url, clock, Mailbox(folder / "mailbox.db"), pace=pace)
        async with town.db.write() as tx:
            await definitions.publish(tx, library(), dict.fromkeys(library().journeys, ""))
            await _people_of_the_house(tx)
        return town

    async def close(self) -> None:
        self.mailbox.close()
        await self.db.close()

    async def hears(self, kind: str, customer: dict[str, Any], *, routed: bool = True, **data: Any) -> str:
        """An event arrives and everything it leads to is done; returns its receipt."""
        (receipt,) = await self.hear([(kind, {"customer": customer, **data})])
        if routed:
            await self.routes()
        return receipt

    async def hear(self, events: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
        """Events arrive at the same moment and are kept; returns their receipts."""
        arrived = []
        for kind, data in events:
            self._count += 1
            envelope = json.dumps({"id": f"e-{self._count}", "type": kind, "data": data})
            hash_ = f"{self._count:064}"
            arrived.append(inbox.NewEvent(self._shop, f"e-{self._count}", kind, None, data, envelope, hash_))
        async with self.db.write() as tx:
            return [receipt.receipt for receipt in await inbox.accept(tx, arrived)]

    async def buys(self, name: str, order: str, *, product: str = "Lamp", setup: bool = True, **customer: Any) -> str:
        """A purchase, as a shop posts it."""
        person = {"id": f"c-{order}", "email": f"{order}@example.org", "name": name, **customer}
        goods = {"sku": "P-1", "name": product, "needs_setup": setup}
        return await self.hears(
            "purchase.completed", person, order_id=order, product=goods, amount="49.00", currency="EUR"
        )

    async def routes(self, *, played: bool = True) -> None:
        """Everything accepted is routed; what it rings is played, or left to somebody who never comes."""
        while await self._router.route_some():
            pass
        waiting, self._bells.routed = self._bells.routed, []
        if not played:
            return
        for routed in waiting:
            for launch in routed.begun:
                await self._begin(launch.instance_id)
            for instance_id, number, event in routed.bells:
                assert event is not None, "nobody orders anything here"
                await self._advance(instance_id, EventReceived(event=event, at=self.clock()), number)

    async def passes(self, **length: float) -> None:
        """Time passes, and every rest that is over on the way ends at its moment."""
        until = self.clock() + timedelta(**length)
        while True:
            async with self.db.read() as tx:
                rows = [await instances.get(tx, one) for one in await instances.open_ids(tx, 10_000)]
            due = [(row["wake_at"], row["instance_id"]) for row in rows if row and row["wake_at"]]
            at, instance_id = min(due, default=(until, ""))
            if at >= until:
                break
            self.clock.at = at
            await self._advance(instance_id, WokeUp(at=at))
        self.clock.at = until

    async def customer_id(self, reference: str) -> str:
        """Our id of somebody."""
        async with self.db.read() as tx:
            row = await identity.find(tx, reference)
        assert row is not None
        return str(row["customer_id"])

    async def instance_of(self, reference: str, journey: str = "") -> str:
        """The id of somebody's only running instance; of this journey, if it is named."""
        async with self.db.read() as tx:
            rows = await instances.listening(tx, await self.customer_id(reference))
        (row,) = [one for one in rows if journey in ("", one["journey"])]
        return str(row["instance_id"])

    async def _begin(self, instance_id: str) -> None:
        journey, row = await self._row(instance_id)
        turn = machine.start(journey, Entry.model_validate(row["entry"]), self.clock())
        await self._keep(journey, instance_id, turn, 1)

    async def _advance(self, instance_id: str, happened: EventReceived | WokeUp, number: int = 0) -> None:
        journey, row = await self._row(instance_id)
        if row["state"] == "running":
            turn = machine.advance(journey, State.model_validate(row["snapshot"]), happened)
            await self._keep(journey, instance_id, turn, max(number, row["acked_seq"]))

    async def _row(self, instance_id: str) -> tuple[Journey, dict[str, Any]]:
        async with self.db.read() as tx:
            row = await instances.get(tx, instance_id)
            assert row is not None
            return await definitions.pinned(tx, row["def_hash"]), row

    async def _keep(self, journey: Journey, instance_id: str, turn: Turn, cursor: int) -> None:
        """Write the turn down, do what it asks, and go on, until the instance rests, ends or is held up."""
        while True:
            work = Work(
                instance_id=instance_id,
                writes=turn.writes,
                decisions=turn.decisions,
                standing=standing(journey, turn.state, cursor),
                effect=turn.ask,
            )
            async with self.db.write() as tx:
                await record.write(tx, work)
                answer = await self._perform(tx, instance_id, turn.ask) if turn.ask else None
            if turn.ask is None or answer is None:
                return
            done = EffectDone(effect=turn.ask.id, at=self.clock(), **answer)
            turn = machine.advance(journey, turn.state, done)

    async def _perform(self, tx: Tx, instance_id: str, ask: Ask) -> dict[str, Any] | None:
        known = await facts(tx, instance_id, getattr(ask, "vars", {}))
        if isinstance(ask, ReadCustomer):
            return {"value": {name: known["customer"][name] for name in ask.fields if name in known["customer"]}}
        assert isinstance(ask, (SendMessage, NotifyTeam)), "the town's journeys only send and notify"
        name = ask.message if isinstance(ask, SendMessage) else ask.team
        row = await ledger.intend(tx, instance_id, ask.id, name, "staff" if isinstance(ask, NotifyTeam) else "")
        letter = await self._letter(tx, ask, known, row.send_key)
        await ledger.written(tx, row.send_key, letter)
        if self.mail_goes == "held":
            await ledger.hold(tx, row.send_key, 0, "the mail server is away (connection refused)")
            await instances.trouble(tx, instance_id, f'The message "{name}" waits: the mail server is away')
            return None
        epoch = await ledger.claim(tx, row)
        assert await ledger.at_dot(tx, row.send_key, epoch)
        reason = None if self.mail_goes == "accepted" else "the worker stopped while handing it over"
        await ledger.settle(tx, row.send_key, epoch, self.mail_goes, reason)
        if self.mail_goes == "accepted":
            self.mailbox.add(letter.body, "hello@northlight.example", [letter.recipient], self.clock())
        await self._tell(tx, instance_id, row.send_key, name, letter.kind == "staff")
        return {"outcome": self.mail_goes}

    async def _tell(self, tx: Tx, instance_id: str, key: str, name: str, staff: bool) -> None:
        instance = await instances.get(tx, instance_id)
        assert instance is not None
        verb = "was sent" if self.mail_goes == "accepted" else "may have been sent"
        text = f"The mail to {name} {verb}." if staff else f'The message "{name}" {verb}.'
        entry = timeline.entry(
            instance["customer_id"],
            f"message:{key}",
            self.clock(),
            "staff" if staff else "message",
            text,
            instance_id=instance_id,
            detail={"send_key": key, "state": self.mail_goes},
        )
        await timeline.add(tx, [entry])

    async def _letter(self, tx: Tx, ask: SendMessage | NotifyTeam, known: dict[str, Any], key: str) -> Letter:
        company = await definitions.the_company(tx)
        if isinstance(ask, SendMessage):
            text = await definitions.text(tx, ask.message)
            assert text is not None
            written = messages.render(text, known)
            recipient, subject, kind = known["customer"]["email"], written.subject, str(text.kind)
            plain, html = written.text, written.html
        else:
            recipient, kind = company.teams[ask.team].email, "staff"
            subject = templates.one_line(f"{known['journey']['title']}: {known['customer']['name']}")
            plain, html = templates.render(ask.text, known), None
        body = compose(
            sender=company.mail_from,
            recipient_name="",
            recipient=recipient,
            subject=subject,
            text=plain,
            html=html,
            message_id=f"<{key}@northlight.example>",
            at=self.clock(),
        )
        return Letter(recipient, subject, body, f"<{key}@northlight.example>", kind)
