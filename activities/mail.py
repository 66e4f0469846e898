"""Messages to customers and to staff: rendered once, claimed, transmitted with a barrier, settled. One ledger for both.

An attempt returns an outcome (accepted, refused, failed, suppressed, unknown) or raises ``Held``: the message waits,
and so does its journey, until the cause is gone. Nothing but ``Held`` and faults of the store is ever raised.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.letter import UnsafeLetter, compose
from activities.smtp import Mailer, Outcome
from journey import messages, templates
from journey.company import Company
from journey.effects import NotifyTeam, SendMessage
from journey.work import Work
from store import definitions, instances, ledger, record, timeline
from store.address import ascii_address
from store.clock import now
from store.database import Database, Tx
from store.facts import facts
from store.ledger import FINAL, Letter, Row

RENEW_SECONDS = 5.0
ENDED = "the journey ended before"
WHILE_PAUSED = timedelta(seconds=10)


class Held(ApplicationError):
    """The message has to wait; Temporal tries again, after ``again`` if that is known."""

    def __init__(self, reason: str, again: timedelta | None = None) -> None:
        super().__init__(_nameless(reason), type="Held", next_retry_delay=again)


@dataclass(frozen=True)
class _Claimed:
    """A message that this attempt may transmit."""

    key: str
    epoch: int
    sender: str
    recipient: str
    body: bytes


@dataclass(frozen=True)
class _Unwritable:
    """A message that cannot be written now (held) or never for this customer (failed)."""

    state: str
    reason: str
    again: timedelta | None = None


class Mail:
    """The activities ``send`` and ``notify``."""

    def __init__(self, db: Database, mailer: Mailer) -> None:
        self._db = db
        self._mailer = mailer
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
        if isinstance(taken, _Unwritable):
            raise Held(taken.reason, taken.again)
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
            return await self._settle(work, taken, outcome)

    def _landed(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, or asyncio would complain when its activity was given up meanwhile

    async def finish(self) -> None:
        """Wait for what is on the wire."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _take(self, tx: Tx, work: Work) -> _Claimed | _Unwritable | dict[str, Any]:
        """Make or find the row, write the letter if it is not written, and claim it; or the answer if it is decided."""
        effect = work.effect
        assert isinstance(effect, (SendMessage, NotifyTeam))
        name = effect.message if isinstance(effect, SendMessage) else effect.team
        row = await ledger.intend(tx, work.instance_id, effect.id, name, "staff" if effect.kind == "notify" else "")
        decided = await self._decided(tx, work, row)
        if decided is not None:
            return decided
        company = await definitions.the_company(tx)
        recipient, body = row.recipient, row.body
        letter: Letter | None = None
        if body is None or recipient is None:
            new = await _write(tx, work, company, row.send_key)
            if isinstance(new, _Unwritable):
                return await _put_off(tx, work, row, new)
            letter, recipient, body = new, new.recipient, new.body
        epoch = await ledger.claim(tx, row, letter)
        return _Claimed(row.send_key, epoch, _address_of(company.mail_from), recipient, body)

    async def _decided(self, tx: Tx, work: Work, row: Row) -> _Unwritable | dict[str, Any] | None:
        """The answer of a message that needs no attempt, or why it must wait; None if it is ours to send."""
        if row.state in FINAL:
            return _answer(row.state, row.reason)
        left = row.lease_until - await ledger.moment(tx) if row.lease_until else timedelta()
        if row.state in ("claimed", "at_dot") and left > timedelta():
            return _Unwritable("busy", "another attempt is under way", left + timedelta(milliseconds=100))
        if row.state == "at_dot":
            reason = "the worker stopped while the message was being handed over"
            return await _close(tx, work, row, "unknown", reason)
        if not await instances.running(tx, work.instance_id):
            return await _close(tx, work, row, "suppressed", ENDED)
        if await instances.paused(tx, work.instance_id):
            return _Unwritable("paused", "the journey is paused", WHILE_PAUSED)
        return None

    async def _barrier(self, taken: _Claimed) -> bool:
        async with self._db.write() as tx:
            return await ledger.at_dot(tx, taken.key, taken.epoch)

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
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            if not local:
                activity.heartbeat()
            async with self._db.write() as tx:
                if not await ledger.renew(tx, taken.key, taken.epoch):
                    return

    async def _settle(self, work: Work, taken: _Claimed, outcome: Outcome) -> dict[str, Any]:
        if outcome.state == "stopped":
            raise Held(outcome.reason)
        later = outcome.state == "later"
        async with self._db.write() as tx:
            state: str = "held" if later else outcome.state
            reason = None if outcome.state == "accepted" else outcome.reason
            await ledger.settle(tx, taken.key, taken.epoch, state, reason, outcome.code)
            if later and not await instances.running(tx, work.instance_id):
                later, state, reason = False, "suppressed", ENDED
                await ledger.withdraw(tx, work.instance_id, ENDED)
            if later:
                await instances.trouble(tx, work.instance_id, f"{_what(work)} waits: {outcome.reason}")
            else:
                await _tell(tx, work, taken.key, state, reason)
        if later:
            raise Held(outcome.reason)
        return _answer(state, reason)


async def _write(tx: Tx, work: Work, company: Company, key: str) -> Letter | _Unwritable:
    """The letter, from the text in force and the customer as known now."""
    effect = work.effect
    assert isinstance(effect, (SendMessage, NotifyTeam))
    known = await facts(tx, work.instance_id, effect.vars, company)
    host = _address_of(company.mail_from).rpartition("@")[2]
    message_id = f"<{key}@{host}>"
    try:
        if isinstance(effect, SendMessage):
            return await _to_customer(tx, effect, company, known, message_id)
        return _to_team(effect, company, known, message_id)
    except templates.TextProblem as problem:
        return _Unwritable("held", f"{_what(work)} cannot be written: {problem}")
    except UnsafeLetter as problem:
        return _Unwritable("failed", str(problem))


async def _to_customer(
    tx: Tx, effect: SendMessage, company: Company, known: dict[str, Any], message_id: str
) -> Letter | _Unwritable:
    text = await definitions.text(tx, effect.message)
    if text is None:
        return _Unwritable("held", f'the text "{effect.message}" is not published any more')
    address = known["customer"].get("email")
    if not address:
        return _Unwritable("suppressed", "the customer has no e-mail address")
    try:
        recipient = ascii_address(str(address))
    except ValueError as error:
        return _Unwritable("suppressed", f'"{address}" is not a valid e-mail address ({error})')
    written = messages.render(text, known)
    body = compose(
        sender=company.mail_from,
        recipient_name=str(known["customer"].get("name") or ""),
        recipient=recipient,
        subject=written.subject,
        text=written.text,
        html=written.html,
        message_id=message_id,
        at=now(),
        reply_to=company.reply_to,
    )
    return Letter(recipient, written.subject, body, message_id, text.kind, written.locale, written.version)


def _to_team(effect: NotifyTeam, company: Company, known: dict[str, Any], message_id: str) -> Letter | _Unwritable:
    team = company.teams.get(effect.team)
    if team is None:
        return _Unwritable("held", f'the team "{effect.team}" is not in company.yaml any more')
    text = _staff_text(effect.text, known)
    customer = known["customer"].get("name") or known["customer"].get("email") or known["customer"].get("id")
    subject = templates.one_line(f"{known['journey']['title']}: {customer}")
    body = compose(
        sender=company.mail_from,
        recipient_name=team.title,
        recipient=team.email,
        subject=subject,
        text=f"{text}\n\nCustomer: {customer}\nJourney: {known['journey']['title']}\n",
        html=None,
        message_id=message_id,
        at=now(),
    )
    return Letter(team.email, subject, body, message_id, "staff")


def _staff_text(source: str, known: dict[str, Any]) -> str:
    """The text for staff. It is pinned in the plan, so one that cannot be written is sent as it is, with the reason:
    colleagues can read round a gap, and nobody could mend it for those under way."""
    try:
        return templates.render(source, known).strip()
    except templates.TextProblem as problem:
        return f"{source.strip()}\n\n({problem})"


async def _put_off(tx: Tx, work: Work, row: Row, why: _Unwritable) -> _Unwritable | dict[str, Any]:
    if why.state != "held":
        return await _close(tx, work, row, why.state, why.reason)
    await ledger.hold(tx, row.send_key, row.epoch, why.reason)
    await instances.trouble(tx, work.instance_id, why.reason)
    return why


async def _close(tx: Tx, work: Work, row: Row, state: str, reason: str) -> dict[str, Any]:
    """Decide a message without an attempt."""
    await ledger.settle(tx, row.send_key, row.epoch, state, reason)
    await _tell(tx, work, row.send_key, state, reason)
    return _answer(state, reason)


async def _tell(tx: Tx, work: Work, key: str, state: str, reason: str | None) -> None:
    """Put the decision on the customer's timeline, and take back that the instance waits."""
    owner = await instances.owner(tx, work.instance_id)
    verb = {"accepted": "was sent", "unknown": "may have been sent"}.get(state, "was not sent")
    text = f"{_what(work)} {verb}{f': {reason}' if reason else ''}."
    kind = "staff" if work.effect is not None and work.effect.kind == "notify" else "message"
    detail = {"send_key": key, "state": state}
    row = timeline.entry(
        owner.customer_id, f"message:{key}", now(), kind, text, instance_id=work.instance_id, detail=detail
    )
    await timeline.add(tx, [row])
    if owner.trouble:
        await instances.trouble(tx, work.instance_id, None)


def _what(work: Work) -> str:
    effect = work.effect
    if isinstance(effect, SendMessage):
        return f'The message "{effect.message}"'
    return f"The mail to {effect.team}" if isinstance(effect, NotifyTeam) else "The effect"


def _answer(state: str, reason: str | None) -> dict[str, Any]:
    return {"outcome": state, "value": {"reason": _nameless(reason)} if reason and state != "accepted" else {}}


def _nameless(reason: str) -> str:
    """Without e-mail addresses, which mail servers repeat in their answers: what an activity says stays in Temporal's
    history. The ledger and the timeline keep the whole reason."""
    return re.sub(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+", "...", reason)


def _address_of(sender: str) -> str:
    return sender.rpartition("<")[2].removesuffix(">") if "<" in sender else sender
