"""All that matters about a message that is about to go, read in the transaction that lets it go.

What no policy asks about is not read.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from journey.channels import EMAIL
from journey.effects import SendMessage
from journey.gates import Case, Other
from journey.policies import Policies
from journey.time import zones
from store.clock import now
from store.database import Tx
from store.reach import in_force
from store.tables import UtcDateTime, consent, customer, definition, instance, message, silence, suppression

ALL = "all"
"""The topic of those who want no mail of any kind but service mail."""
COUNTS = ("claimed", "at_dot", "accepted", "unknown")
"""Messages in these states count against a cap."""


@dataclass(frozen=True)
class Letter:
    """What is known of the message itself."""

    key: str
    effect: SendMessage
    kind: str
    topic: str
    mark: str
    released: bool
    hurried: bool = False
    channel: str = EMAIL


async def look(tx: Tx, instance_id: str, letter: Letter, policies: Policies, company_zone: str) -> Case:
    """The case of one message to a customer."""
    moment = now()
    about = (await tx.execute(_ABOUT, {"of": instance_id})).one()
    given = {"customer": about.customer_id, "mark": letter.mark, "topic": letter.topic, "moment": moment}
    given["channel"] = letter.channel
    stands = (await tx.execute(_STANDS, given)).one()
    case = Case(
        at=moment,
        kind=letter.kind,
        name=letter.effect.message,
        journey=about.journey,
        topic=letter.topic,
        pace=about.pace or 1.0,
        zone=zones.choose(about.time_zone or "", about.journey_zone or "", company_zone),
        not_after=letter.effect.not_after,
        ask_when_stale=letter.effect.ask_when_stale,
        released=letter.released,
        hurried=letter.hurried,
        suppressed=f"the address is suppressed: {stands.why}" if stands.why else None,
        channel=letter.channel,
        refuses_channel=stands.channel is False,
        refuses_all=stands.all is False,
        consent=stands.consent,
        paused_until=stands.until,
        dedupe=timedelta(seconds=letter.effect.dedupe) if letter.effect.dedupe else None,
    )
    if case.dedupe is not None:
        had = (await tx.execute(_HAD, {**given, "called": case.name, "key": letter.key})).scalar_one()
        case = replace(case, had_it_at=had)
    if case.service:
        return case
    if any(case.journey in rule.journeys for rule in policies.precedence):
        case = replace(case, others=await _others(tx, about.customer_id, instance_id, case, policies))
    if policies.caps:
        case = await _counted(tx, about.customer_id, letter.key, case, policies)
    return case


async def _others(tx: Tx, customer_id: str, instance_id: str, case: Case, policies: Policies) -> tuple[Other, ...]:
    """The journeys to which this one gives way, running or ended only lately."""
    rules = [rule for rule in policies.precedence if case.journey in rule.journeys]
    longest = max(rule.afterwards for rule in rules) / case.pace
    lately = instance.c.ended_at > case.at - longest
    query = select(instance.c.journey, instance.c.ended_at).where(
        instance.c.customer_id == customer_id,
        instance.c.instance_id != instance_id,
        instance.c.journey.in_([rule.while_ for rule in rules]),
        or_(instance.c.state == "running", lately),
    )
    return tuple(Other(row.journey, row.ended_at) for row in await tx.execute(query))


async def _counted(tx: Tx, customer_id: str, key: str, case: Case, policies: Policies) -> Case:
    """The lifecycle messages the customer has had lately, and those of more important journeys that wait."""
    since = case.at - max(cap.span for cap in policies.caps) / case.pace
    mine = (message.c.customer_id == customer_id) & (message.c.kind == "lifecycle") & (message.c.send_key != key)
    when = func.coalesce(message.c.decided_at, message.c.created_at)
    sent = await tx.scalars(select(when).where(mine, message.c.state.in_(COUNTS), when > since))
    first = [name for name in policies.order if policies.rank(name) < policies.rank(case.journey)]
    waiting = (
        select(func.count())
        .select_from(message.join(instance, instance.c.instance_id == message.c.instance_id))
        .where(mine, message.c.state == "held", message.c.waits != "person", instance.c.journey.in_(first))
    )
    ahead = (await tx.execute(waiting)).scalar_one() if first else 0
    return replace(case, sent=tuple(sent), first_in_line=ahead)


_ABOUT = (
    select(
        instance.c.customer_id,
        instance.c.journey,
        instance.c.entry["pace"].as_float().label("pace"),
        customer.c.time_zone,
        definition.c.plan["time zone"].as_string().label("journey_zone"),
    )
    .join(customer, customer.c.customer_id == instance.c.customer_id)
    .join(definition, definition.c.hash == instance.c.def_hash)
    .where(instance.c.instance_id == bindparam("of"))
)


def _last_word(topic: Any) -> Any:
    mine = (consent.c.customer_id == bindparam("customer")) & (consent.c.topic == topic)
    last = (consent.c.said_at.desc(), consent.c.given, consent.c.consent_pk.desc())
    return select(consent.c.given).where(mine).order_by(*last).limit(1).scalar_subquery()


_MOMENT = bindparam("moment", type_=UtcDateTime())
_STANDS = select(
    select(suppression.c.reason).where(in_force(bindparam("mark"), _MOMENT)).scalar_subquery().label("why"),
    _last_word(bindparam("topic")).label("consent"),
    _last_word(bindparam("channel")).label("channel"),
    _last_word(ALL).label("all"),
    select(silence.c.until)
    .where(silence.c.customer_id == bindparam("customer"), silence.c.until > _MOMENT)
    .scalar_subquery()
    .label("until"),
)
_HAD = select(func.max(func.coalesce(message.c.decided_at, message.c.created_at))).where(
    message.c.customer_id == bindparam("customer"),
    message.c.name == bindparam("called"),
    message.c.send_key != bindparam("key"),
    message.c.state.in_(COUNTS),
)
