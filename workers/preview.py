"""A message as a customer would get it, written from the definitions folder for somebody who need not exist."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from activities.channels.base import Outcome
from activities.letter import compose
from journey import messages, samples
from journey.company import address_of
from journey.library import Library
from journey.problems import did_you_mean
from journey.samples import Sample
from journey.text_errors import TextProblem
from journey.texts import locales, short
from journey.texts.scales import Link
from store import customers, identity
from store.address import ascii_address
from store.clock import now
from store.database import Database
from workers import picture, wiring
from workers.mistakes import UserMistake
from workers.settings import Settings

MARK = "Preview: "
"""Before the subject of a preview that is mailed."""


@dataclass(frozen=True)
class Preview:
    """A message as it would be, and for whom and out of which story it was written."""

    mail: messages.Rendered
    whom: str


def preview(
    library: Library, name: str, *, scenario: str = "", locale: str = "", customer: dict[str, Any] | None = None
) -> Preview:
    """Write a message for a sample: of the named scenario, else the best there is. ``customer`` are the facts of a
    customer to take instead of the sample's. Raises UserMistake."""
    if name not in library.messages:
        raise UserMistake(f'There is no message "{name}". {did_you_mean(name, library.messages)}')
    if locale and not locales.tag(locale):
        raise UserMistake(f'--locale "{locale}" is no language; write for example de or de-AT.')
    sample = _sample(library, name, scenario)
    facts = {**sample.facts, "customer": customer if customer is not None else sample.facts["customer"]}
    message = library.messages[name]
    url = f"{library.company.website}/preview-of-the-link-to-unsubscribe" if message.kind == "lifecycle" else ""
    try:
        mail = messages.render(message, facts, locale=locale, unsubscribe_url=url, answer=_answer(library))
    except TextProblem as problem:
        raise UserMistake(f'The message "{name}" cannot be written for this customer: {problem}') from None
    return Preview(mail, _whom(facts["customer"], sample))


def _answer(library: Library) -> Link:
    """Where the scores of a preview lead: nowhere that anybody would answer by mistake."""
    return lambda score: f"{library.company.website}/preview-of-the-answer{'' if score is None else f'/{score}'}"


def length(mail: messages.Rendered) -> str:
    """How long a short message is, in words."""
    found = short.length(mail.text.strip())
    because = f", because of {' '.join(found.wide)}" if found.wide else ""
    return f"Segments: {found.segments} ({found.places} places{because})"


def _sample(library: Library, name: str, scenario: str) -> Sample:
    if not scenario:
        return samples.best(library)[name]
    stories = [sample for sent, sample in samples.moments(library) if sent == name]
    for sample in stories:
        if sample.story.lower().startswith(scenario.lower()):
            return samples.complete(library.messages[name], sample)
    names = [sample.story for sample in stories]
    known = f"Known here: {'; '.join(names[:20])} …" if names else "No scenario does."
    hint = did_you_mean(scenario, names) or known
    raise UserMistake(f'No scenario that sends "{name}" is called "{scenario}". {hint}')


def _whom(customer: dict[str, Any], sample: Sample) -> str:
    who = customer.get("name") or customer.get("email") or "a customer of whom no name is known"
    return f"{who} (scenario: {sample.story})" if sample.story else f"{who} (no scenario sends this text)"


def kept(mail: messages.Rendered, stem: Path, widths: Mapping[str, int]) -> Iterator[str]:
    """Write a preview into files whose names begin with ``stem``: text, page, and a picture for each width and one in
    dark colours; yields a line about each. Without a Chromium there is one line that says so."""
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        for ending, words in (("txt", mail.text), ("html", mail.html)):
            file = stem.with_name(f"{stem.name}.{ending}")
            file.write_text(words, encoding="utf-8")
            yield f"{file} is written."
    except OSError as error:
        raise UserMistake(f"{stem.parent} cannot be written to ({error.strerror}): name another with --out.") from None
    shots = {name: picture.Shot(width) for name, width in widths.items()}
    if widths:
        shots["dark"] = picture.Shot(max(widths.values()), dark=True)
    try:
        for name, taken in zip(shots, picture.taken(mail.html, list(shots.values())) if shots else (), strict=True):
            file = stem.with_name(f"{stem.name}.{name}.png")
            file.write_bytes(taken)
            yield f"{file} is taken."
    except picture.NoPicture as problem:
        yield str(problem)


async def facts_of(settings: Settings, reference: str) -> dict[str, Any]:
    """What is known of a customer, by id or mail address. Raises UserMistake."""
    db = Database(settings.database_url)
    try:
        async with db.read() as tx:
            row = await identity.find(tx, reference)
            if row is not None:
                return await customers.known(tx, row["customer_id"])
    finally:
        await db.close()
    raise UserMistake(f'There is no customer "{reference}" in the store: give the id or the mail address.')


def mailed(settings: Settings, library: Library, mail: messages.Rendered, to: str) -> str:
    """Send a preview through the mail server in force; how that went, in a sentence. Raises UserMistake."""
    try:
        recipient = ascii_address(to)
    except ValueError as error:
        raise UserMistake(f'--send-to "{to}" is not a mail address: {error}') from None
    sender = address_of(library.company.mail_from)
    letter = compose(
        sender=library.company.mail_from,
        recipient_name="",
        recipient=recipient,
        subject=MARK + mail.subject,
        text=mail.text,
        html=mail.html,
        message_id=f"<preview-{secrets.token_hex(12)}@{sender.rpartition('@')[2]}>",
        at=now(),
        reply_to=library.company.reply_to,
        language=mail.locale,
    )
    outcome = asyncio.run(_handed_over(settings, sender, recipient, letter))
    if outcome.state != "accepted":
        raise UserMistake(f"The preview was not sent to {to}: {outcome.reason}.")
    return f"Sent to {to} through {settings.smtp.host}:{settings.smtp.port}."


async def _handed_over(settings: Settings, sender: str, recipient: str, letter: bytes) -> Outcome:
    async def always() -> bool:
        return True

    mailer = wiring.mailer(settings)
    try:
        return await mailer.transmit(sender, recipient, letter, always)
    finally:
        await mailer.close()
