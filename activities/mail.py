"""Messages to customers and to staff: rendered once, claimed, transmitted with a barrier, settled. One ledger for both,
and for every channel.

An attempt returns an outcome (accepted, refused, failed, suppressed, expired, unknown) or raises ``Held``: the message
waits, and so does its journey, until the drain knocks. Nothing but ``Held`` and faults of the store is ever raised.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import outcomes
from activities.channels.base import Channel, Outcome, Parcel
from activities.channels.email import Email
from activities.gates import Gates, Subject
from activities.lanes import ITS_TURN, Lanes
from activities.office import Office
from activities.smtp import Mailer
from activities.ways import Way, Ways
from activities.writing import Unwritable, what, write
from journey.channels import ELSEWHERE, EMAIL
from journey.company import Company
from journey.effects import NotifyTeam, SendMessage
from journey.gates import Later, Never
from journey.ledger import AGAIN, PERSON
from journey.returned.reports import Bounce
from journey.work import Work
from store import alerts, definitions, instances, ledger, record, returns
from store.clock import now
from store.database import Database, Tx
from store.instances import Wish
from store.lanes import WAITS
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
DOUBT_WHERE_NONE_IS = timedelta(minutes=2)
"""When a dead attempt at a channel that recognises repetitions is made again: longer than a provider may take."""


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

    def __init__(
        self, db: Database, mailer: Mailer, office: Office, channels: Mapping[str, Channel] | None = None
    ) -> None:
        self._db = db
        self._mailer = mailer
        self._office = office
        self._channels: dict[str, Channel] = {EMAIL: Email(mailer), **(channels or {})}
        self._ways = Ways(self._channels.keys(), office.seal)
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
        while True:
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
            answer = await asyncio.shield(task)
            if not _several(work) or answer["outcome"] not in ELSEWHERE:
                return answer

    async def _hand_over(self, work: Work, taken: _Claimed, local: bool) -> dict[str, Any]:
        """Transmit and settle. It goes on if the activity is cancelled or runs out of time: a message on the wire is
        finished, and the next attempt finds its outcome in the ledger."""
        async with self._lease(taken, local):
            parcel = Parcel(taken.row.send_key, taken.sender, taken.recipient, taken.body)
            channel = self._channels[taken.row.channel]
            outcome = await channel.transmit(parcel, lambda: self._barrier(taken))
            if outcome.state == "unknown" and channel.dedupes:
                outcome = replace(outcome, state="later", fault="broke off")
            await self._lanes.met(taken.row.channel, taken.row.send_key, outcome)
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
        passed: set[str] = set()
        while True:
            way = await self._ways.next(tx, work, passed)
            taken = await self._take_by(tx, work, way)
            if taken is not None:
                return taken
            passed.add(way.channel)

    async def _take_by(self, tx: Tx, work: Work, way: Way) -> _Claimed | str | dict[str, Any] | None:
        """The same, by one channel; None if the next one is to be tried."""
        row, effect = way.row, work.effect
        assert isinstance(effect, (SendMessage, NotifyTeam))
        decided = await self._decided(tx, work, row)
        if decided is not None:
            return decided
        if way.nowhere or row.channel not in self._channels:
            held = way.held or not way.nowhere
            said = way.nowhere or f"no provider is set up for {row.channel}"
            return await _put_off(tx, work, row, Unwritable("held" if held else "suppressed", said))
        row = await ledger.find(tx, row.send_key) if row.state == "at_dot" else row
        company = await definitions.the_company(tx)
        letter: Letter | None = None
        if row.body is None or row.recipient is None:
            new = await write(tx, work, company, row.send_key, self._office, row.channel)
            if isinstance(new, Unwritable):
                return await _put_off(tx, work, row, new)
            letter = new
            await _alert(tx, effect, company, row.send_key, new)
        kept = letter or row
        released = row.released_by is not None
        subject = Subject(row.send_key, kept.kind, kept.topic or "", kept.mark, released, row.hurried, row.channel)
        stopped = await self._stopped(tx, work, row, letter, subject, company)
        if stopped is not None:
            return None if stopped is _ELSEWHERE else stopped
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
            return await _never(tx, work, row, verdict)
        if verdict is None:
            service = subject.kind != "lifecycle"
            new = row.state == "intent"
            closed = await self._lanes.closed_to(tx, row.channel, row.send_key, new=new, service=service)
            if closed is not None:
                verdict = Later(WAITS, closed, now())
        verdict = verdict or await self._gates.provider(tx, row.channel)
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
        if row.state == "at_dot" and row.channel in self._channels and self._channels[row.channel].dedupes:
            await ledger.hold(tx, row.send_key, row.epoch, "the worker stopped; it is handed over again")
        elif row.state == "at_dot":
            reason = "the worker stopped while the message was being handed over"
            return await self._doubt(tx, work, row, row.epoch, reason, dead=True)
        wish = await instances.wish(tx, work.instance_id)
        if not wish.wants(row.effect_id):
            return await _withdrawn(tx, work, row, wish)
        if wish.paused:
            await ledger.hold(tx, row.send_key, row.epoch, PAUSED, waits=ledger.PAUSED, due_at=moment)
            return PAUSED
        if row.waits == PERSON or (row.waits == AGAIN and row.due_at and row.due_at > moment):
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
            return await outcomes.tell(tx, work, row.send_key, state, reason, row.channel)
        then = "a person must say what is to be done" if after.waits == PERSON else "it is sent once more after a while"
        said = f"{what(work)} may have been sent: {reason}; {then}"
        await instances.trouble(tx, work.instance_id, said)
        return said

    async def _barrier(self, taken: _Claimed) -> bool:
        dedupes = self._channels[taken.row.channel].dedupes
        doubt = DOUBT_WHERE_NONE_IS if dedupes else self._mailer.patience.doubt
        async with self._db.write() as tx:
            return await ledger.at_dot(tx, taken.row.send_key, taken.epoch, doubt)

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
            came_back = outcome.nobody_there or taken.row.channel == EMAIL
            if mine and came_back and state != "accepted" and taken.mark is not None:
                await returns.bounced(tx, key, Bounce(outcome.nobody_there, outcome.status, outcome.reason))
            return await outcomes.tell(tx, work, key, state, reason, taken.row.channel)
        closed = outcome.fault in ("unreachable", "ours")
        due = now() if closed else now() + max(pause(taken.row.attempts), outcome.again_after or timedelta())
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


_ELSEWHERE: dict[str, Any] = {}
"""In place of an answer: by this channel never, by another one perhaps."""


async def _never(tx: Tx, work: Work, row: Row, verdict: Never) -> dict[str, Any]:
    """It will not go, at least not by this channel."""
    answer = await outcomes.close(tx, work, row, verdict.state, verdict.reason)
    if verdict.elsewhere and _several(work):
        return _ELSEWHERE
    if verdict.ends:
        await instances.stop(tx, work.instance_id, GAVE_WAY, verdict.reason)
    return answer


def _several(work: Work) -> bool:
    """Whether there is another channel to try."""
    return isinstance(work.effect, SendMessage) and len(work.effect.channels) > 1


async def _withdrawn(tx: Tx, work: Work, row: Row, wish: Wish) -> dict[str, Any]:
    """Its journey has ended or gone on without it: what was not handed over is not sent any more."""
    reason = WITHOUT_IT if wish.running else ENDED
    await ledger.withdraw(tx, work.instance_id, reason, row.effect_id)
    state = (await ledger.find(tx, row.send_key)).state
    return await outcomes.tell(tx, work, row.send_key, state, reason, row.channel)


async def _known(tx: Tx, row: Row) -> dict[str, Any]:
    """The answer of a message that is decided; whoever was to be knocked at has it now."""
    if row.due_at is not None:
        await ledger.heard(tx, row.send_key)
    return outcomes.answer(row.state, row.reason, row.channel)


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
