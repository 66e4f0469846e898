"""Messages to customers and to staff: rendered once, claimed, transmitted with a barrier, settled. One ledger for both.

An attempt returns an outcome (accepted, refused, failed, suppressed, expired, unknown) or raises ``Held``: the message
waits, and so does its journey, until the drain knocks. Nothing but ``Held`` and faults of the store is ever raised.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import outcomes
from activities.gates import Gates, Subject
from activities.lanes import ITS_TURN, Lanes
from activities.office import Office
from activities.smtp import Mailer, Outcome
from activities.writing import Unwritable, what, write
from journey.company import Company
from journey.effects import NotifyTeam, SendMessage
from journey.gates import Later, Never
from journey.ledger import PERSON
from journey.returned.reports import Bounce
from journey.work import Work
from store import alerts, definitions, instances, ledger, record, returns
from store.clock import now
from store.database import Database, Tx
from store.instances import Wish
from store.lanes import EMAIL, WAITS
from store.ledger import Letter, Row

RENEW_SECONDS = 5.0
ENDED = "the journey ended before"
WITHOUT_IT = "the journey went on without it"
PAUSED = "the journey is paused"
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(minutes=15)
"""Between two looks at a message that has to wait for something that nobody will announce."""
GAVE_WAY = "gave-way"
"""The outcome of a journey that ends because another one runs."""
GIVE_UP_AFTER = timedelta(days=5)
GIVE_UP_AT = 12
"""Attempts at a message that is refused for good by a policy, not because of its recipient."""


class Held(ApplicationError):
    """The message has to wait; the drain knocks when it is looked at again."""

    def __init__(self, reason: str) -> None:
        super().__init__(outcomes.nameless(reason), type="Held", non_retryable=True)


@dataclass(frozen=True)
class _Claimed:
    """A message that this attempt may transmit."""

    row: Row
    epoch: int
    sender: str
    recipient: str
    body: bytes
    kind: str
    mark: str | None


class Mail:
    """The activities ``send`` and ``notify``."""

    def __init__(self, db: Database, mailer: Mailer, office: Office) -> None:
        self._db = db
        self._mailer = mailer
        self._office = office
        self._gates = Gates()
        self._lanes = Lanes(db)
        self._under_way: set[asyncio.Task[dict[str, Any]]] = set()

    @activity.defn(name="send")
    async def send(self, work: dict[str, Any]) -> dict[str, Any]:
        """A message to the customer; ``work`` is a Work with a SendMessage."""
        return await self._attempt(Work.model_validate(work))

    @activity.defn(name="notify")
    async def notify(self, work: dict[str, Any]) -> dict[str, Any]:
        """A message to a team; ``work`` is a Work with a NotifyTeam."""
        return await self._attempt(Work.model_validate(work))

    async def _attempt(self, work: Work) -> dict[str, Any]:
        async with self._db.write() as tx:
            await record.write(tx, work)
            taken = await self._take(tx, work)
        if isinstance(taken, dict):
            return taken
        if isinstance(taken, str):
            raise Held(taken)
        task = asyncio.create_task(self._hand_over(work, taken, activity.info().is_local))
        self._under_way.add(task)
        task.add_done_callback(self._landed)
        return await asyncio.shield(task)

    async def _hand_over(self, work: Work, taken: _Claimed, local: bool) -> dict[str, Any]:
        """Transmit and settle. It goes on if the activity is cancelled or runs out of time: a message on the wire is
        finished, and the next attempt finds its outcome in the ledger."""
        async with self._lease(taken, local):
            outcome = await self._mailer.transmit(
                taken.sender, taken.recipient, taken.body, lambda: self._barrier(taken)
            )
            await self._lanes.met(EMAIL, taken.row.send_key, outcome)
            return await self._settle(work, taken, outcome)

    def _landed(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, or asyncio would complain when its activity was given up meanwhile

    async def finish(self) -> None:
        """Wait for what is on the wire."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _take(self, tx: Tx, work: Work) -> _Claimed | str | dict[str, Any]:
        """Make or find the row, write the letter if it is not written, and claim it; the answer if it is decided; why,
        if it has to wait."""
        effect = work.effect
        assert isinstance(effect, (SendMessage, NotifyTeam))
        name = effect.message if isinstance(effect, SendMessage) else effect.team
        row = await ledger.intend(tx, work.instance_id, effect.id, name, "staff" if effect.kind == "notify" else "")
        decided = await self._decided(tx, work, row)
        if decided is not None:
            return decided
        company = await definitions.the_company(tx)
        letter: Letter | None = None
        if row.body is None or row.recipient is None:
            new = await write(tx, work, company, row.send_key, self._office)
            if isinstance(new, Unwritable):
                return await _put_off(tx, work, row, new)
            letter = new
            await _alert(tx, effect, company, row.send_key, new)
        kept = letter or row
        released = row.released_by is not None
        subject = Subject(row.send_key, kept.kind, kept.topic or "", kept.mark, released, row.hurried)
        stopped = await self._stopped(tx, work, row, letter, subject, company)
        if stopped is not None:
            return stopped
        epoch = await ledger.claim(tx, row, letter)
        recipient, body = kept.recipient or "", kept.body or b""
        sender = self._office.return_path(company, row.send_key)
        return _Claimed(row, epoch, sender, recipient, body, kept.kind, kept.mark)

    async def _stopped(
        self, tx: Tx, work: Work, row: Row, letter: Letter | None, subject: Subject, company: Company
    ) -> str | dict[str, Any] | None:
        """Why the message may not go now, or its answer if it never will; None if it may go."""
        verdict = await self._gates.judge(tx, work, subject, company)
        if isinstance(verdict, Never):
            answer = await outcomes.close(tx, work, row, verdict.state, verdict.reason)
            if verdict.ends:
                await instances.stop(tx, work.instance_id, GAVE_WAY, verdict.reason)
            return answer
        if verdict is None:
            service = subject.kind != "lifecycle"
            closed = await self._lanes.closed_to(tx, EMAIL, row.send_key, new=row.state == "intent", service=service)
            if closed is not None:
                verdict = Later(WAITS, closed, now())
        verdict = verdict or await self._gates.provider(tx, EMAIL)
        if verdict is None:
            return None
        if letter is not None:
            await ledger.written(tx, row.send_key, letter)
        await ledger.hold(tx, row.send_key, row.epoch, verdict.reason, waits=verdict.waits, due_at=verdict.until)
        alarming = verdict.waits == WAITS and verdict.reason != ITS_TURN
        if alarming or row.state == "held":
            said = f"{what(work)} waits: {verdict.reason}" if alarming else None
            await instances.trouble(tx, work.instance_id, said)
        return verdict.reason

    async def _decided(self, tx: Tx, work: Work, row: Row) -> str | dict[str, Any] | None:
        """The answer of a message that needs no attempt, or why it must wait; None if it is ours to send."""
        if row.decided:
            return await _known(tx, row)
        moment = await ledger.moment(tx)
        if row.state in ("claimed", "at_dot") and row.lease_until and row.lease_until > moment:
            await ledger.look_again(tx, row.send_key, row.lease_until)
            return "another attempt is under way"
        if row.state == "at_dot":
            reason = "the worker stopped while the message was being handed over"
            return await self._doubt(tx, work, row, row.epoch, reason, dead=True)
        wish = await instances.wish(tx, work.instance_id)
        if not wish.wants(row.effect_id):
            return await _withdrawn(tx, work, row, wish)
        if wish.paused:
            await ledger.hold(tx, row.send_key, row.epoch, PAUSED, waits=ledger.PAUSED, due_at=moment)
            return PAUSED
        if row.waits == PERSON or (row.state == "unknown" and row.due_at and row.due_at > moment):
            return row.reason or "it waits for a person"
        return None

    async def _doubt(
        self, tx: Tx, work: Work, row: Row, epoch: int, reason: str, *, dead: bool = False
    ) -> str | dict[str, Any]:
        """Nobody can say whether it went: the answer, or why it waits."""
        state = await ledger.in_doubt(tx, row, epoch, reason, self._mailer.patience.cool_down, dead=dead)
        if state is None:
            return "another attempt has taken over"
        after = await ledger.find(tx, row.send_key)
        if after.decided:
            return await outcomes.tell(tx, work, row.send_key, state, reason)
        then = "a person must say what is to be done" if after.waits == PERSON else "it is sent once more after a while"
        said = f"{what(work)} may have been sent: {reason}; {then}"
        await instances.trouble(tx, work.instance_id, said)
        return said

    async def _barrier(self, taken: _Claimed) -> bool:
        async with self._db.write() as tx:
            return await ledger.at_dot(tx, taken.row.send_key, taken.epoch, self._mailer.patience.doubt)

    @asynccontextmanager
    async def _lease(self, taken: _Claimed, local: bool) -> AsyncIterator[None]:
        """Keep the lease alive while the mail server takes its time."""
        task = asyncio.create_task(self._renew(taken, local))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _renew(self, taken: _Claimed, local: bool) -> None:
        mine = True
        while mine or not local:
            await asyncio.sleep(RENEW_SECONDS)
            if not local:
                activity.heartbeat()
            if mine:
                async with self._db.write() as tx:
                    mine = await ledger.renew(tx, taken.row.send_key, taken.epoch)

    async def _settle(self, work: Work, taken: _Claimed, outcome: Outcome) -> dict[str, Any]:
        if outcome.state == "stopped":
            await self._look_soon(taken)
            raise Held(outcome.reason)
        async with self._db.write() as tx:
            settled = await self._settled(tx, work, taken, outcome)
        if isinstance(settled, str):
            raise Held(settled)
        return settled

    async def _settled(self, tx: Tx, work: Work, taken: _Claimed, outcome: Outcome) -> str | dict[str, Any]:
        """Write down what the transmission came to; the answer, or why the message waits."""
        key = taken.row.send_key
        if outcome.state == "unknown":
            row = replace(taken.row, kind=taken.kind)
            return await self._doubt(tx, work, row, taken.epoch, outcome.reason)
        state = "failed" if _hopeless(taken.row, outcome) else outcome.state
        if state != "later":
            reason = None if state == "accepted" else outcome.reason
            mine = await ledger.settle(tx, key, taken.epoch, state, reason, outcome.code, outcome.remote_id)
            if mine and state != "accepted" and taken.mark is not None:
                await returns.bounced(tx, key, Bounce(outcome.nobody_there, outcome.status, outcome.reason))
            return await outcomes.tell(tx, work, key, state, reason)
        closed = outcome.fault in ("unreachable", "ours")
        due = now() if closed else now() + pause(taken.row.attempts)
        waits = WAITS if closed else None
        await ledger.hold(tx, key, taken.epoch, outcome.reason, waits=waits, due_at=due, code=outcome.code)
        wish = await instances.wish(tx, work.instance_id)
        if not wish.wants(taken.row.effect_id):
            return await _withdrawn(tx, work, taken.row, wish)
        await instances.trouble(tx, work.instance_id, f"{what(work)} waits: {outcome.reason}")
        return outcome.reason

    async def _look_soon(self, taken: _Claimed) -> None:
        """The lease was lost at the barrier: if nobody else has taken the message, it is free again."""
        async with self._db.write() as tx:
            await ledger.look_again(tx, taken.row.send_key, now() + SHORTEST)


async def _alert(tx: Tx, effect: SendMessage | NotifyTeam, company: Company, key: str, letter: Letter) -> None:
    """What a team is told by mail it is told where it is alerted, too, whether or not mail can go now."""
    team = company.teams.get(effect.team) if isinstance(effect, NotifyTeam) else None
    if team is not None and team.alert:
        await alerts.tell(tx, f"notify:{key}", team.alert, letter.subject, letter.text)


def _hopeless(row: Row, outcome: Outcome) -> bool:
    """Whether the server goes on refusing this one message, while the way to it is open: for days, as mail servers hold
    it themselves (RFC 5321 4.5.4.1), or as good as for good."""
    if outcome.state != "later" or outcome.code is None or outcome.fault in ("unreachable", "ours"):
        return False
    return now() - row.created_at > GIVE_UP_AFTER or (outcome.code >= 500 and row.attempts >= GIVE_UP_AT)


def pause(times: int) -> timedelta:
    """Between two attempts: ever longer."""
    return min(SHORTEST * float(2 ** min(times, 20)), LONGEST)


async def _withdrawn(tx: Tx, work: Work, row: Row, wish: Wish) -> dict[str, Any]:
    """Its journey has ended or gone on without it: what was not handed over is not sent any more."""
    reason = WITHOUT_IT if wish.running else ENDED
    await ledger.withdraw(tx, work.instance_id, reason, row.effect_id)
    return await outcomes.tell(tx, work, row.send_key, (await ledger.find(tx, row.send_key)).state, reason)


async def _known(tx: Tx, row: Row) -> dict[str, Any]:
    """The answer of a message that is decided; whoever was to be knocked at has it now."""
    if row.due_at is not None:
        await ledger.heard(tx, row.send_key)
    return outcomes.answer(row.state, row.reason)


async def _put_off(tx: Tx, work: Work, row: Row, why: Unwritable) -> str | dict[str, Any]:
    if why.state != "held":
        return await outcomes.close(tx, work, row, why.state, why.reason)
    due = _look_at_text_again(row.created_at, now())
    await ledger.hold(tx, row.send_key, row.epoch, why.reason, waits="text", due_at=due)
    await instances.trouble(tx, work.instance_id, why.reason)
    return why.reason


def _look_at_text_again(since: datetime, moment: datetime) -> datetime:
    """The text or the customer may be mended at any time: soon at first, then ever more seldom."""
    return moment + min(max((moment - since) / 4, SHORTEST), LONGEST)
