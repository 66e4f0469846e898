"""A message written: the text in force, the customer as known now, and the bytes that every attempt will send."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from activities.channels.base import as_kept
from activities.letter import UnsafeLetter, compose
from activities.office import Office
from activities.ways import mark_of
from journey import channels, messages, templates
from journey.channels import EMAIL
from journey.company import Company, Person, address_of
from journey.effects import NotifyTeam, SendMessage
from journey.messages import Message
from journey.texts import short, tracking
from journey.work import Work
from store import definitions, following, surveys, task_lists, threads
from store.address import ascii_address
from store.clock import now
from store.database import Tx
from store.facts import facts
from store.ledger import Letter


@dataclass(frozen=True)
class Unwritable:
    """A message that cannot be written now (held) or never for this customer (failed, suppressed)."""

    state: str
    reason: str
    again: timedelta | None = None


async def write(
    tx: Tx, work: Work, company: Company, key: str, office: Office, channel: str = EMAIL
) -> Letter | Unwritable:
    """The letter, or the text for another channel, or why there is none."""
    effect = work.effect
    assert isinstance(effect, (SendMessage, NotifyTeam))
    known = await facts(tx, work.instance_id, effect.vars, company)
    host = address_of(company.mail_from).rpartition("@")[2]
    message_id = f"<{key}@{host}>"
    try:
        if isinstance(effect, SendMessage):
            links = _Links(key, office)
            if channel == EMAIL:
                letter = await _to_customer(tx, effect, company, known, message_id, links)
            else:
                letter = await _by_channel(tx, effect, channel, known, message_id, links)
        else:
            letter = _to_team(effect, company, known, message_id, await _task(tx, work.instance_id, effect, company))
        if isinstance(letter, Letter) and office.dkim is not None and channel == EMAIL:
            letter = replace(letter, body=office.dkim.signed(letter.body, host, now()))
        return letter
    except templates.TextProblem as problem:
        return Unwritable("held", f"{what(work)} cannot be written: {problem}")
    except UnsafeLetter as problem:
        return Unwritable("failed", str(problem))


def what(work: Work) -> str:
    """The message in words: ``The message "welcome"``."""
    effect = work.effect
    if isinstance(effect, SendMessage):
        return f'The message "{effect.message}"'
    return f"The mail to {effect.team}" if isinstance(effect, NotifyTeam) else "The effect"


@dataclass(frozen=True)
class _Links:
    """The links of one letter that lead back to us."""

    key: str
    office: Office

    @property
    def stop(self) -> str:
        return self.office.stop_link(self.key)

    @property
    def tagged(self) -> dict[str, str]:
        """The line by which a provider knows the letter again."""
        return {self.office.tag: self.key} if self.office.tag else {}

    def answer(self, score: int | None) -> str:
        return self.office.answer_link(self.key, score)


async def _to_customer(
    tx: Tx, effect: SendMessage, company: Company, known: dict[str, Any], message_id: str, links: _Links
) -> Letter | Unwritable:
    text = await definitions.text(tx, effect.message, effect.text)
    if text is None:
        return Unwritable("held", f'the text "{effect.message}" is not published any more')
    address = known["customer"].get("email")
    if not address:
        return Unwritable("suppressed", "the customer has no e-mail address")
    try:
        recipient = ascii_address(str(address))
    except ValueError as error:
        return Unwritable("suppressed", f'"{address}" is not a valid e-mail address ({error})')
    lifecycle = text.kind == "lifecycle"
    written = messages.render(text, known, unsubscribe_url=links.stop if lifecycle else "", answer=links.answer)
    if written.survey:
        await surveys.ask(tx, links.key, effect.message, written.survey, written.question)
    html, led = await _noted(tx, written.html, text, known, company, links)
    body = compose(
        sender=company.mail_from,
        recipient_name=str(known["customer"].get("name") or ""),
        recipient=recipient,
        subject=written.subject,
        text=written.text,
        html=html,
        message_id=message_id,
        at=now(),
        reply_to=links.office.reply_to(company, links.key),
        language=written.locale,
        more=await _more_lines(tx, text, known, links),
    )
    mark = links.office.seal.mark(recipient)
    said = (written.locale, written.version, text.topic, mark)
    return Letter(recipient, written.subject, body, message_id, text.kind, *said, links=led)


async def _by_channel(
    tx: Tx, effect: SendMessage, channel: str, known: dict[str, Any], message_id: str, links: _Links
) -> Letter | Unwritable:
    name = channels.text_of(effect.message, channel)
    text = await definitions.text(tx, name, effect.texts.get(name, ""))
    if text is None:
        return Unwritable("held", f'the text "{name}" is not published any more')
    try:
        recipient = channels.address(channel, known["customer"])
    except ValueError as problem:
        return Unwritable("suppressed", str(problem))
    written = messages.render(text, known, unsubscribe_url=links.stop if text.kind == "lifecycle" else "")
    long = short.length(written.text.strip())
    if channel == "sms" and long.segments > short.MOST_SEGMENTS:
        return Unwritable("failed", f"it takes {long.segments} segments; providers take {short.MOST_SEGMENTS}")
    title = written.subject or templates.one_line(written.text.strip())[:120]
    mark = mark_of(links.office.seal, channel, recipient)
    said = (written.locale, written.version, text.topic, mark)
    return Letter(recipient, title, as_kept(written), message_id, text.kind, *said)


async def _noted(
    tx: Tx, html: str, text: Message, known: dict[str, Any], company: Company, links: _Links
) -> tuple[str, tuple[str, ...]]:
    """The page as it is sent, and where its tracked links lead; as it was written if nothing of it is noted."""
    wanted = tracking.wanted(text.track, known["track"], company.track)
    if not wanted or not await following.allowed(tx, links.key):
        return html, ()
    led: list[str] = []
    if "clicks" in wanted:
        html, led = tracking.tracked(html, links.office.public_url, partial(links.office.click_link, links.key))
    if "opens" in wanted:
        html = tracking.with_picture(html, links.office.picture(links.key))
    return html, tuple(led)


async def _more_lines(tx: Tx, text: Message, known: dict[str, Any], links: _Links) -> dict[str, str]:
    """The header lines of a letter to a customer: what it is, to whom it belongs, how it is ended."""
    feedback = f"{text.name}:{known['journey']['name']}:{text.topic or text.kind}:wayfare"
    thread = threads.lines(await threads.before(tx, links.key, text.thread)) if text.thread else {}
    stop = _stop_lines(links.stop) if text.kind == "lifecycle" else {}
    return {"Feedback-ID": feedback, **links.tagged, **thread, **stop}


def _stop_lines(link: str) -> dict[str, str]:
    """The header lines by which a mail program unsubscribes with one click (RFC 8058, which asks for https)."""
    lines = {"List-Unsubscribe": f"<{link}>"}
    return lines | ({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if link.startswith("https://") else {})


async def _task(tx: Tx, instance_id: str, effect: NotifyTeam, company: Company) -> tuple[str, Person | None]:
    """The task a mail to staff is about ('': none), and the person who has it."""
    if not effect.about:
        return "", None
    task_id, assignee = await task_lists.who_has(tx, instance_id, effect.about)
    return task_id, company.staff.get(assignee or "")


def _to_team(
    effect: NotifyTeam, company: Company, known: dict[str, Any], message_id: str, about: tuple[str, Person | None]
) -> Letter | Unwritable:
    task_id, person = about
    team = company.teams.get(effect.team)
    if team is None:
        return Unwritable("held", f'the team "{effect.team}" is not in company.yaml any more')
    text = _staff_text(effect.text, known)
    customer = known["customer"].get("name") or known["customer"].get("email") or known["customer"].get("id")
    subject = templates.one_line(f"{known['journey']['title']}: {customer}")
    recipient = person.email if person is not None else team.email
    lines = [f"Customer: {customer}", f"Journey: {known['journey']['title']}"]
    lines += [f"Team: {team.title}"] if person is not None else []
    lines += [f"Task: {task_id}"] if task_id else []
    body = compose(
        sender=company.mail_from,
        recipient_name=person.name if person is not None else team.title,
        recipient=recipient,
        subject=subject,
        text="\n".join([f"{text}\n", *lines, ""]),
        html=None,
        message_id=message_id,
        at=now(),
    )
    return Letter(recipient, subject, body, message_id, "staff", text=text)


def _staff_text(source: str, known: dict[str, Any]) -> str:
    """The text for staff. It is pinned in the plan, so one that cannot be written is sent as it is, with the reason:
    colleagues can read round a gap, and nobody could mend it for those under way."""
    try:
        return templates.render(source, known).strip()
    except templates.TextProblem as problem:
        return f"{source.strip()}\n\n({problem})"
