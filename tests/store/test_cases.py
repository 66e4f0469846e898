"""What is read about a message that is about to go; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from journey.effects import SendMessage
from journey.gates import Case
from journey.policies import Policies
from store import cases, consents, ledger, reach
from store.clock import now
from store.consents import Word
from store.database import Database
from store.seal import Seal
from store.tables import customer, instance, message
from tests.store.makers import a_journey, begun, the_row

SEAL = Seal("of the tests")
MARK = SEAL.mark("grete@example.org")
DAY = timedelta(days=1)
POLICIES = Policies.model_validate(
    {
        "caps": [{"at most": 3, "within": "7 days"}],
        "order": ["complaint", "onboarding"],
        "precedence": [{"while": "complaint", "then": "hold", "journeys": ["onboarding"], "resume_after": "2 days"}],
    }
)


async def look(db: Database, instance_id: str, policies: Policies = POLICIES, **effect: Any) -> Case:
    kind, topic = effect.pop("kind", "lifecycle"), effect.pop("topic", "tips")
    asked = SendMessage(id="send/9/0", message="tips", **effect)
    letter = cases.Letter(ledger.send_key(instance_id, asked.id), asked, kind, topic, MARK, released=False)
    async with db.write() as tx:
        return await cases.look(tx, instance_id, letter, policies, "Europe/Berlin")


async def sent(db: Database, instance_id: str, effect: str, state: str = "accepted", **values: Any) -> None:
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, effect, "tips", "lifecycle")
        mine = message.c.send_key == row.send_key
        await tx.execute(update(message).where(mine).values(state=state, **values))


async def test_a_customer_without_any_word_has_a_plain_case(db: Database) -> None:
    instance_id = await begun(db, a_journey("onboarding"))
    case = await look(db, instance_id, Policies())

    assert (case.journey, case.name, case.topic, case.pace) == ("onboarding", "tips", "tips", 1.0)
    assert (case.suppressed, case.refuses_all, case.consent, case.paused_until) == (None, False, None, None)
    assert case.zone.zone.key == "Europe/Berlin" and (case.sent, case.others) == ((), ())


async def test_the_last_word_on_the_topic_and_on_all_mail_counts(db: Database) -> None:
    instance_id = await begun(db, a_journey("onboarding"))
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.write() as tx:
        for number, (topic, given) in enumerate([("tips", True), ("tips", False), ("news", True), ("all", False)]):
            word = Word(topic, given, now() + number * timedelta(seconds=1), "test")
            await consents.say(tx, person, str(number), [word])
    case = await look(db, instance_id)
    assert (case.consent, case.refuses_all) == (False, True)
    assert (await look(db, instance_id, topic="news")).consent is True
    assert (await look(db, instance_id, topic="")).consent is None


async def test_a_suppressed_address_a_silence_and_a_zone_are_found(db: Database) -> None:
    instance_id = await begun(db, a_journey("onboarding"))
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.write() as tx:
        await reach.suppress(tx, SEAL.mark(" Grete@Example.org "), "it bounced", "bounce")
        await reach.be_silent(tx, person, 7 * DAY)
        await tx.execute(update(customer).values(time_zone="America/New_York"))
    case = await look(db, instance_id)

    assert case.suppressed == "the address is suppressed: it bounced"
    assert case.paused_until is not None and case.paused_until - now() > 6 * DAY
    assert case.zone.zone.key == "America/New_York"


async def test_messages_of_all_journeys_count_against_the_caps_while_they_may_have_arrived(db: Database) -> None:
    first, other = await begun(db, a_journey("onboarding")), await begun(db, a_journey("check-in"), key="o-2")
    at = now() - DAY
    for number, state in enumerate(["accepted", "unknown", "at_dot", "claimed", "held", "suppressed", "failed"]):
        await sent(db, other, f"send/{number}/0", state, kind="lifecycle", decided_at=at)
    await sent(db, other, "send/7/0", kind="lifecycle", decided_at=now() - 8 * DAY)
    await sent(db, other, "send/8/0", kind="transactional", decided_at=at)
    assert (await look(db, first)).sent == (at,) * 4
    assert (await look(db, first, kind="transactional")).sent == ()


async def test_what_waits_of_more_important_journeys_is_counted_and_of_less_important_ones_is_not(db: Database) -> None:
    onboarding = await begun(db, a_journey("onboarding"))
    complaint = await begun(db, a_journey("complaint"), key="o-2")
    await sent(db, complaint, "send/1/0", "held", kind="lifecycle", waits="hours")
    await sent(db, complaint, "send/2/0", "held", kind="lifecycle", waits="person")
    await sent(db, onboarding, "send/3/0", "held", kind="lifecycle", waits="hours")
    assert (await look(db, onboarding)).first_in_line == 1
    assert (await look(db, complaint)).first_in_line == 0


async def test_the_journeys_one_gives_way_to_are_those_that_run_and_those_that_ended_only_lately(db: Database) -> None:
    onboarding = await begun(db, a_journey("onboarding"))
    assert (await look(db, onboarding)).others == ()
    complaint = await begun(db, a_journey("complaint"), key="o-2")
    [other] = (await look(db, onboarding)).others
    assert (other.journey, other.ended_at) == ("complaint", None)
    for ago, count in ((DAY, 1), (3 * DAY, 0)):
        async with db.write() as tx:
            mine = instance.c.instance_id == complaint
            await tx.execute(update(instance).where(mine).values(state="ended", ended_at=now() - ago))
        assert len((await look(db, onboarding)).others) == count


async def test_the_same_text_is_found_again_from_whatever_journey(db: Database) -> None:
    onboarding, other = await begun(db, a_journey("onboarding")), await begun(db, a_journey("check-in"), key="o-2")
    assert (await look(db, onboarding, dedupe=60.0)).had_it_at is None
    at = now() - DAY
    await sent(db, other, "send/1/0", decided_at=at)
    await sent(db, other, "send/2/0", "suppressed", decided_at=now())
    case = await look(db, onboarding, dedupe=60.0)
    assert (case.had_it_at, case.dedupe) == (at, timedelta(seconds=60))
    assert (await look(db, onboarding)).had_it_at is None, "nobody asked"
