"""Other systems are told what changes: signed, at least once, with one id, later and later, and not for ever."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from sqlalchemy import update

from activities.courier import Courier
from activities.public import Inside
from journey.declared.subscriber import Subscriber
from store import notices, timeline
from store.clock import now
from store.database import Database
from store.tables import notice
from tests.activities.receiver import Receiver
from tests.gateway.routing import House, started
from tests.store.makers import GRETE, a_journey, publish, resolve, rows, the_row

SECRET, NEXT = ("whsec_" + base64.b64encode(one * 32).decode() for one in (b"s", b"t"))
VARIABLE = "WAYFARE_SECRET_CRM"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver(SECRET) as running:
        yield running


def crm(receiver: Receiver, *changes: str, **more: Any) -> Subscriber:
    said = {
        "subscriber": "crm",
        "title": "The CRM",
        "to": receiver.url,
        "secret": VARIABLE,
        "changes": changes or ("*",),
    }
    return Subscriber.model_validate(said | more)


def courier(db: Database, *secrets: str, inside: str = "127.0.0.1") -> Courier:
    return Courier(db, {VARIABLE: secrets or (SECRET,)}, "https://wayfare.example", inside=Inside(frozenset({inside})))


async def in_force(db: Database, *subscribers: Subscriber) -> None:
    async with db.write() as tx:
        await notices.publish(tx, {one.subscriber: one for one in subscribers})


async def told(db: Database, **more: Any) -> str:
    """Something happens to Grete; her id."""
    person = (await resolve(db, **GRETE))["customer_id"]
    await line(db, person, "a note", "note", **more)
    return str(person)


async def line(db: Database, person: str, key: str, kind: str, at: datetime | None = None, **more: Any) -> None:
    async with db.write() as tx:
        await timeline.add(tx, [timeline.entry(person, key, at or now(), kind, "Likes lamps.", **more)])


async def tell_all(db: Database, *secrets: str) -> None:
    """Until nothing is due."""
    while await courier(db, *secrets).tell_some():
        pass


async def passes(db: Database, length: timedelta) -> None:
    """Time passes for every notice."""
    async with db.write() as tx:
        for row in [one for one in await rows(db, "notice") if one["state"] == "waiting"]:
            values = {name: row[name] - length for name in ("next_try_at", "created_at") if row[name]}
            await tx.execute(update(notice).where(notice.c.notice_pk == row["notice_pk"]).values(**values))


async def test_what_happens_to_a_customer_is_told_as_a_signed_cloudevent(db: Database, receiver: Receiver) -> None:
    await in_force(db, crm(receiver, "journey.*"))
    await publish_with(db, receiver)
    house = House(db)
    begun = started(await house.post("e-1"))
    await courier(db).tell_some()

    [took] = receiver.took
    event = from_http_event(HTTPMessage({"content-type": "application/cloudevents+json"}, took.body))
    assert (event.get_type(), event.get_source(), event.get_id()) == (
        "wayfare.journey.started",
        "https://wayfare.example",
        took.id,
    )
    assert event.get_subject() == "c-1"
    data = event.get_data()
    assert isinstance(data, dict)
    assert (data["customer"], data["journey"], data["instance_id"], data["entry_key"]) == (
        {"id": "c-1"}, "onboarding", begun, "o-1",
    )  # fmt: skip
    assert (await the_row(db, "notice"))["state"] == "delivered"
    assert await courier(db).tell_some() == 0


async def publish_with(db: Database, receiver: Receiver) -> None:
    """A journey in force, and the subscriber still."""
    await publish(db, a_journey())
    await in_force(db, crm(receiver, "journey.*"))


async def test_only_what_is_wanted_is_told_and_nothing_without_a_subscriber(db: Database, receiver: Receiver) -> None:
    await in_force(db)
    person = await told(db)
    await in_force(db, crm(receiver, "task.*", "customer.merged"))
    for number, kind in enumerate(["note", "why", "merge", "task", "set"]):
        await line(db, person, f"k-{number}", kind)
    await tell_all(db)
    assert [took.event["type"] for took in receiver.took] == ["wayfare.customer.merged", "wayfare.task.closed"]


async def test_a_change_that_is_rolled_back_is_told_to_nobody(db: Database, receiver: Receiver) -> None:
    await in_force(db, crm(receiver))
    person = (await resolve(db, **GRETE))["customer_id"]
    await courier(db).tell_some()
    before = len(receiver.took)
    async with db.write() as tx:
        await timeline.add(tx, [timeline.entry(person, "k", now(), "note", "x")])
        await tx.rollback()
    assert await courier(db).tell_some() == 0
    assert len(receiver.took) == before


async def test_a_line_written_again_is_told_once(db: Database, receiver: Receiver) -> None:
    await in_force(db, crm(receiver, "customer.noted"))
    person = await told(db)
    for _ in range(3):
        await line(db, person, "a note", "note")
    await courier(db).tell_some()
    assert len(receiver.took) == 1


async def test_a_new_customer_and_a_changed_one_are_told(db: Database, receiver: Receiver) -> None:
    await in_force(db, crm(receiver, "customer.changed"))
    await resolve(db, **GRETE)
    await resolve(db, **GRETE)
    await resolve(db, id="c-1", phone="+43 1 234567")
    await tell_all(db)
    assert [max(took.event["data"]["detail"]["fields"]) for took in receiver.took] == ["name", "phone"]


async def test_a_receiver_that_fails_every_second_time_gets_each_notice_with_one_id_and_one_body(
    db: Database, receiver: Receiver
) -> None:
    """P26: at least once; the id and the bytes are the same in every try."""
    await in_force(db, crm(receiver, "customer.noted"))
    person = await told(db)
    for number in range(19):
        await line(db, person, f"k-{number}", "note")
    receiver.answers = lambda number: 500 if number % 2 else 204
    while any(row["state"] == "waiting" for row in await rows(db, "notice")):
        await courier(db).tell_some()
        await passes(db, timedelta(minutes=2))
    assert {row["state"] for row in await rows(db, "notice")} == {"delivered"}
    bodies = {took.id: {other.body for other in receiver.took if other.id == took.id} for took in receiver.took}
    assert len(bodies) == 20 and all(len(found) == 1 for found in bodies.values())
    assert receiver.forged == 0


async def test_each_try_is_later_than_the_one_before_and_after_a_day_there_is_none(
    db: Database, receiver: Receiver
) -> None:
    """5, 10, 20 seconds and so on up to an hour; the tries of one day, and then it is dead, with the last reason."""
    await in_force(db, crm(receiver, "customer.noted"))
    receiver.answers = lambda number: 503
    await told(db)
    pauses = []
    while (row := await the_row(db, "notice"))["state"] == "waiting":
        await courier(db).tell_some()
        row = await the_row(db, "notice")
        if row["state"] == "waiting":
            pauses.append(round((row["next_try_at"] - now()).total_seconds(), -1))
            await passes(db, row["next_try_at"] - now() + timedelta(seconds=1))
    assert pauses[:10] == [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560]
    assert set(pauses[10:]) == {3600}
    assert (row["state"], row["reason"], row["attempts"]) == ("dead", "it answers 503", len(receiver.took))
    assert 30 < len(receiver.took) < 36
    assert await courier(db).tell_some() == 0

    receiver.answers = lambda number: 200
    async with db.write() as tx:
        assert await notices.again(tx, "crm") == 1
    await courier(db).tell_some()
    assert (await the_row(db, "notice"))["state"] == "delivered"


async def test_a_receiver_that_wants_nothing_more_is_told_nothing_more(db: Database, receiver: Receiver) -> None:
    """410, until what is said of it changes."""
    await in_force(db, crm(receiver, "customer.noted"))
    person = await told(db)
    receiver.answers = lambda number: 410
    await tell_all(db)
    assert (await the_row(db, "notice"))["state"] == "dead"
    await line(db, person, "k-2", "note")
    await in_force(db, crm(receiver, "customer.noted"))
    await line(db, person, "k-3", "note")
    assert len(await rows(db, "notice")) == 1
    await in_force(db, crm(receiver, "customer.noted", title="The new CRM"))
    await line(db, person, "k-4", "note")
    assert len(await rows(db, "notice")) == 2


async def test_while_a_secret_is_exchanged_both_sign(db: Database) -> None:
    await in_force(db)
    async with Receiver(NEXT) as receiver:
        await in_force(db, crm(receiver, "customer.noted"))
        await told(db)
        await courier(db, SECRET, NEXT).tell_some()
        [took] = receiver.took
    assert (receiver.forged, len(took.signatures.split())) == (0, 2)


REFUSED: dict[str, tuple[Callable[[Receiver], str], dict[str, Any], str]] = {
    "an address inside": (lambda receiver: receiver.url, {"inside": "elsewhere"}, "is not called"),
    "the cloud's own data": (lambda receiver: "http://169.254.169.254/latest", {}, "is not an address of the public"),
    "a name that leads inside": (lambda receiver: "http://localhost/hook", {}, "is not an address of the public"),
    "nobody there": (lambda receiver: "http://127.0.0.1:9/hook", {}, "Cannot connect"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_an_address_that_must_not_or_cannot_be_called_is_refused_with_the_reason(
    db: Database, receiver: Receiver, name: str
) -> None:
    to, more, reason = REFUSED[name]
    await in_force(db, crm(receiver, "customer.noted", to=to(receiver)))
    await told(db)
    await courier(db, **more).tell_some()
    row = await the_row(db, "notice")
    assert (row["state"], receiver.took) == ("waiting", [])
    assert reason in row["reason"]


async def test_a_redirect_is_not_followed_and_a_missing_secret_is_said(db: Database, receiver: Receiver) -> None:
    await in_force(db, crm(receiver, "customer.noted"))
    await told(db)
    receiver.answers = lambda number: 302
    await courier(db).tell_some()
    assert (await the_row(db, "notice"))["reason"] == "it answers 302"
    assert len(receiver.took) == 1
    await passes(db, timedelta(minutes=1))
    await Courier(db, {}, "x", inside=Inside(frozenset({"127.0.0.1"}))).tell_some()
    assert "set WAYFARE_SECRET_CRM where Wayfare runs" in (await the_row(db, "notice"))["reason"]


async def test_what_a_courier_has_taken_and_not_told_is_told_by_the_next_one(db: Database, receiver: Receiver) -> None:
    """It was killed; after a minute the notice is anybody's."""
    await in_force(db, crm(receiver, "customer.noted"))
    await told(db)
    async with db.write() as tx:
        assert len(await notices.take(tx, "crm", 10)) == 1
    assert await courier(db).tell_some() == 0
    await passes(db, notices.LEASE)
    assert await courier(db).tell_some() == 1
    assert len(receiver.took) == 1


async def test_what_happened_to_one_customer_is_told_in_its_order_and_others_do_not_wait(
    db: Database, receiver: Receiver
) -> None:
    await in_force(db, crm(receiver, "customer.noted"))
    grete = await told(db)
    ada = (await resolve(db, id="c-2"))["customer_id"]
    for number in range(3):
        await line(db, grete, f"k-{number}", "note", detail={"number": number})
        await line(db, ada, f"k-{number}", "note", detail={"number": number})
    receiver.answers = lambda number: 500 if _is_of(receiver, "c-1") else 204
    await tell_all(db)
    assert _numbers(receiver, "c-2") == [0, 1, 2] and len(receiver.took) == 4
    receiver.answers = lambda number: 204
    await passes(db, timedelta(minutes=1))
    await tell_all(db)
    first, *others = [took for took in receiver.took if took.event["subject"] == "c-1"]
    assert first.id == others[0].id and _numbers(receiver, "c-1")[-3:] == [0, 1, 2]


def _is_of(receiver: Receiver, customer: str) -> bool:
    return bool(receiver.coming["subject"] == customer)


def _numbers(receiver: Receiver, customer: str) -> list[int]:
    said = [took.event["data"]["detail"] for took in receiver.took if took.event["subject"] == customer]
    return [detail["number"] for detail in said if "number" in detail]


async def test_a_notice_says_the_same_in_every_try_although_more_is_known_meanwhile(
    db: Database, receiver: Receiver
) -> None:
    await in_force(db, crm(receiver, "customer.noted"))
    person = (await resolve(db, email="grete@example.org"))["customer_id"]
    await line(db, person, "k", "note")
    receiver.answers = lambda number: 503 if number == 0 else 204
    await courier(db).tell_some()
    await resolve(db, id="c-1", email="grete@example.org")
    await passes(db, timedelta(minutes=1))
    await courier(db).tell_some()
    before, after = receiver.took
    assert (before.id, before.body) == (after.id, after.body)


async def test_a_receiver_that_lets_us_wait_slows_no_other(db: Database, receiver: Receiver) -> None:
    """One never answers; the other is told everything meanwhile, one notice after the other."""
    async with asyncio.timeout(60):
        silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(3600), "127.0.0.1", 0)
        deaf = crm(
            receiver,
            "customer.noted",
            subscriber="deaf",
            to=f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/hook",
        )
        await in_force(db, crm(receiver, "customer.noted"), deaf)
        person = await told(db)
        for number in range(5):
            await line(db, person, f"k-{number}", "note")
        running = asyncio.create_task(courier(db).run())
        while len(receiver.took) < 6:
            await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.wait([running])
        silent.close()
    assert {row["state"] for row in await rows(db, "notice") if row["subscriber"] == "deaf"} == {"waiting"}
