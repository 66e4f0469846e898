"""What a customer wants to hear from us, as they say it themselves by a link in a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from journey.texts import locales
from store import changes, consents, definitions, derived, own_events, reach, timeline
from store.cases import ALL
from store.clock import now
from store.consents import Word
from store.database import Tx
from store.tables import customer, message, message_text

HOW = "the link in a message"


@dataclass(frozen=True)
class Origin:
    """The message whose link was followed: whose it is, and its topic ('' if it has none)."""

    send_key: str
    customer_id: str
    topic: str


@dataclass(frozen=True)
class Wishes:
    """What holds now: each topic (wanted, declined, or never spoken of), no mail at all, and a pause."""

    topics: Mapping[str, bool | None]
    nothing: bool
    silent_until: datetime | None


async def origin(tx: Tx, beginning: str) -> Origin | None:
    """The message whose key begins so; None if there is none (any more)."""
    there = message.c.send_key.between(beginning, beginning + "z" * max(52 - len(beginning), 0))
    row = (await tx.execute(select(message.c.send_key, message.c.customer_id, message.c.topic).where(there))).first()
    return Origin(row.send_key, row.customer_id, row.topic or "") if row else None


async def wishes(tx: Tx, customer_id: str) -> Wishes:
    """What the customer wants, of all topics that our texts have or that they ever spoke of."""
    said = await consents.in_force(tx, customer_id)
    ours = {topic for topic in await tx.scalars(select(message_text.c.content["topic"].as_string())) if topic}
    topics = {topic: said.get(topic) for topic in sorted(ours | said.keys() - {ALL})}
    return Wishes(topics, said.get(ALL) is False, await reach.silent_until(tx, customer_id))


async def languages(tx: Tx) -> list[str]:
    """The languages that our letters are written in, the company's first."""
    home = locales.tag((await definitions.the_company(tx)).language) or locales.DEFAULT
    spoken = set()
    for content in await tx.scalars(select(message_text.c.content)):
        spoken |= {content.get("locale") or home, *(content.get("translations") or {})}
    return [home, *sorted(spoken - {home})]


async def language(tx: Tx, where: Origin) -> str:
    """The language the customer reads: by their record, else that of the letter, else the company's."""
    query = select(customer.c.locale, message.c.locale).join(customer, customer.c.customer_id == message.c.customer_id)
    own, letter = (await tx.execute(query.where(message.c.send_key == where.send_key))).one()
    return str(own or letter or (await definitions.the_company(tx)).language)


async def speak(tx: Tx, where: Origin, wanted: str) -> None:
    """From now on letters come in this language. It is an event, so that journeys hear of it, too."""
    moment = now().isoformat()
    await own_events.tell(
        tx, where.customer_id, "customer.identified", f"language:{where.send_key}:{moment}", {}, locale=wanted
    )
    text = f"The customer chose by {HOW} in which language we write: {wanted}."
    await timeline.add(tx, [timeline.entry(where.customer_id, f"language:{moment}", now(), "note", text)])


async def say(tx: Tx, where: Origin, topics: Mapping[str, bool], *, nothing: bool | None = None) -> None:
    """Keep the customer's word on topics, and on all mail that is no service mail, with what proves it."""
    moment = now()
    given = {**topics, **({ALL: not nothing} if nothing is not None else {})}
    words = [
        Word(topic, yes, moment, "preference page", HOW, proof={"message": where.send_key})
        for topic, yes in given.items()
    ]
    if not words:
        return
    key = f"link:{moment.isoformat()}"
    await consents.say(tx, where.customer_id, key, words)
    await derived.refresh(tx, where.customer_id)
    await changes.changed(tx, where.customer_id, HOW)
    said = ", ".join(
        f"{'all mail' if topic == ALL else topic}: {'yes' if yes else 'no'}" for topic, yes in given.items()
    )
    text = f"The customer said by {HOW} what they want to hear: {said}."
    await timeline.add(tx, [timeline.entry(where.customer_id, key, moment, "note", text)])


async def unsubscribe(tx: Tx, where: Origin) -> None:
    """One click: no more of this topic; of a message without one, no more mail that is no service mail."""
    if where.topic:
        await say(tx, where, {where.topic: False})
    else:
        await say(tx, where, {}, nothing=True)


async def pause(tx: Tx, where: Origin, length: timedelta | None) -> None:
    """No mail that is no service mail for so long; None: from now on again."""
    await reach.be_silent(tx, where.customer_id, length)
