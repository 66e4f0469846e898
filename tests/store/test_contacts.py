"""One timeline of every contact; complaints; notes; by which way customers turn to us."""

from itertools import permutations
from typing import Any

import pytest

from journey.record.contacts import preferred
from store import complaints, customers, timeline
from store.clock import now
from store.database import Database
from tests.databases import empty
from tests.gateway.routing import House
from tests.store.makers import GRETE, resolve, rows, the_row


async def known(db: Database) -> dict[str, Any]:
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.read() as tx:
        return await customers.known(tx, person)


async def test_every_kind_of_contact_stands_on_the_one_timeline_in_words(db: Database) -> None:
    house = House(db)
    call = {"channel": "phone", "summary": "Asks how to hang it lower.", "by": "Ada"}
    await house.post("e-1", "interaction.logged", **call)
    await house.post("e-2", "interaction.logged", channel="visit", direction="out")
    await house.post("e-3", "survey.answered", score=9, comment="Lovely!")
    await house.post("e-4", "complaint.opened", complaint_id="C-1", text="It hums.")
    await house.post("e-5", "message.replied", text="Thank you")

    await house.post("e-6", "segment.entered", segment="dear", title="Our dearest")

    assert [(row["kind"], row["text"]) for row in await rows(db, "timeline")] == [
        ("contact", "interaction.logged came from shop: Phone call from the customer, Ada: Asks how to hang it lower."),
        ("contact", "interaction.logged came from shop: Visit to the customer."),
        ("survey", "survey.answered came from shop: 9 of 10. Lovely!"),
        ("complaint", "complaint.opened came from shop: It hums."),
        ("reply", "message.replied came from shop: Thank you."),
        ("event", "segment.entered came from shop: Our dearest."),
    ]


@pytest.mark.parametrize(
    "data", [{}, {"channel": 7, "summary": ["x"], "by": None}, {"channel": "smoke", "score": "nine"}]
)
@pytest.mark.parametrize("kind", ["interaction.logged", "survey.answered", "complaint.opened", "message.replied"])
async def test_a_contact_of_any_shape_is_kept(db: Database, kind: str, data: dict[str, Any]) -> None:
    await House(db).post("e-1", kind, **data)

    assert len(await rows(db, "timeline")) == 1


async def test_the_preferred_channel_is_the_one_they_use_most_unless_they_said_so(db: Database) -> None:
    house = House(db)
    for number, (channel, way) in enumerate([("phone", "in"), ("chat", "in"), ("phone", "in"), ("email", "out")]):
        await house.post(f"e-{number}", "interaction.logged", channel=channel, direction=way)
    assert (await known(db))["preferred_channel"] == "phone"

    await house.post("e-9", "customer.identified", customer=GRETE | {"attributes": {"preferred_channel": "sms"}})
    assert (await known(db))["preferred_channel"] == "sms"


def test_of_two_channels_used_alike_the_later_counts_and_old_ones_do_not() -> None:
    assert preferred([]) is None
    assert preferred(["chat", "phone", "phone", "chat"]) == "chat"
    assert preferred(["chat"] * 11 + ["phone"] * 30) == "chat"


async def test_a_complaint_is_one_row_that_goes_through_its_states(db: Database) -> None:
    house = House(db)
    await house.post("e-1", "complaint.opened", complaint_id="C-1", order_id="o-1", text="It hums.")
    assert (await known(db))["open_complaints"] == 1
    await house.post("e-2", "complaint.answered", complaint_id="C-1", text="We are sorry.")
    await house.post("e-3", "complaint.accepted", complaint_id="C-1")

    row = await the_row(db, "complaint")
    assert (row["state"], row["order_id"], row["text"]) == ("accepted", "o-1", "It hums.")
    assert (await known(db))["open_complaints"] == 0
    async with db.read() as tx:
        assert len(await complaints.of_customer(tx, row["customer_id"])) == 1


async def test_whatever_order_the_desks_events_arrive_in_the_last_one_holds(db: Database) -> None:
    moment = now()
    found = set()
    for order in permutations(enumerate(("opened", "answered", "accepted"))):
        await empty(db)
        person = (await resolve(db, **GRETE))["customer_id"]
        async with db.write() as tx:
            for place, state in order:
                at = moment.replace(microsecond=place)
                await complaints.moved(tx, person, state, {"complaint_id": "C-1"}, at)
        found.add((await the_row(db, "complaint"))["state"])

    assert found == {"accepted"}


async def test_a_note_of_the_staff_is_on_the_timeline_once_with_its_author(db: Database) -> None:
    person = (await resolve(db, **GRETE))["customer_id"]
    async with db.write() as tx:
        for _ in range(2):
            await timeline.note(tx, person, "n-1", "Prefers mornings.", "Ada", now())
        [note] = await timeline.notes(tx, person)

    assert (note["text"], note["detail"]) == ("Prefers mornings.", {"by": "Ada"})
