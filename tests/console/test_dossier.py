"""The record on a customer's page: person, names, consent."""

from __future__ import annotations

from typing import Any

from journey.record.loyalty import Loyalty
from journey.record.rules import Rules
from journey.record.segments import Segment
from store import rules, timeline
from tests.console.conftest import reader_of, site_of
from tests.console.reading import page, rows, section, words_of
from tests.console.town import Town

GRETE = {
    "id": "c-1",
    "email": "grete@example.org",
    "first_name": "Grete",
    "last_name": "Hermann",
    "birth_date": "1901-03-02",
    "phone": "+49 421 123456",
    "anonymous_id": "browser-7",
    "address": {"street": "Am Wall 1", "postal_code": "28195", "city": "Bremen", "country": "DE"},
    "organisation": {"id": "acme", "name": "Acme Ltd"},
}


async def test_person_address_company_and_other_names_stand_on_the_record(new_town: Town) -> None:
    await new_town.hears("customer.identified", GRETE)
    await new_town.hears("customer.identified", GRETE | {"email": "g@example.org"})
    async with reader_of(site_of(new_town)) as reader:
        record = words_of(section(await page(reader, "/customers/c-1"), "record-title"))

    assert "E-mail g@example.org Phone +49 421 123456 Born 1901-03-02" in record
    assert "Address Am Wall 1, 28195, Bremen, DE Company Acme Ltd Shop\u2019s id c-1" in record
    assert "Also known as grete@example.org (e-mail) browser-7 (device)" in record


async def test_consent_shows_the_last_word_with_its_proof(new_town: Town) -> None:
    proof = {"page": "/join"}
    await new_town.hears("consent.given", GRETE, topic="newsletter", how="form", text_version="2026-03", proof=proof)
    await new_town.hears("consent.given", GRETE, topic="offers")
    await new_town.hears("consent.withdrawn", GRETE, topic="offers", how="link in a mail")
    async with reader_of(site_of(new_town)) as reader:
        said = words_of(section(await page(reader, "/customers/c-1"), "consent-title"))

    assert "newsletter agrees now · form · said by /shop · text 2026-03" in said and '{"page": "/join"}' in said
    assert "offers does not want it now · link in a mail · said by /shop · before: 1 word" in said


async def test_a_merged_customers_page_is_the_page_of_the_one_that_stays(new_town: Town) -> None:
    await new_town.hears("customer.identified", {"id": "c-2", "name": "Two"})
    other = await new_town.customer_id("c-2")
    await new_town.hears("customer.merged", GRETE, other={"id": "c-2"})
    async with reader_of(site_of(new_town)) as reader:
        answer = await reader.get(f"/customers/{other}")
        html = await page(reader, "/customers/c-1")
        everybody = await page(reader, "/customers")

    assert answer.headers["location"] == f"/customers/{await new_town.customer_id('c-1')}"
    assert "c-2 turned out to be the same customer: /shop said so." in words_of(section(html, "timeline"))
    assert len(rows(everybody)) == 1


async def test_purchases_show_their_lines_and_what_came_back(new_town: Town) -> None:
    lines = [{"sku": "L-1", "name": "Lamp", "quantity": 2, "amount": "98.00"}, {"sku": "T-1", "name": "Table"}]
    sold: dict[str, Any] = {
        "order_id": "o-1",
        "product": lines[0],
        "lines": lines,
        "amount": "140.00",
        "currency": "EUR",
    }
    await new_town.hears("purchase.completed", GRETE, **sold)
    await new_town.hears("purchase.returned", GRETE, order_id="o-1", lines=[{"sku": "L-1", "quantity": 1}])
    await new_town.hears("purchase.refunded", GRETE, order_id="o-1", amount="49.00", currency="EUR")
    await new_town.hears(
        "product.registered", GRETE, product={"sku": "T-1", "name": "Table"}, serial="S-7", version="2"
    )
    async with reader_of(site_of(new_town)) as reader:
        html = await page(reader, "/customers/c-1")
    purchases, owned = (words_of(section(html, title)) for title in ("purchases-title", "owned-title"))

    assert "2 products 140.00 EUR order o-1 · now · 49.00 EUR refunded" in purchases
    assert "Lamp \u00d7 2 · 98.00 · 1 returned" in purchases
    assert "Lamp L-1 · since 2026-11-24" in owned and "Table T-1 · version 2 · number S-7 · since 2026-11-24" in owned
    record = words_of(section(html, "record-title"))
    assert "Orders 1, 1 in the last year Value 91.00 EUR" in record
    assert "Last order 0 days ago, usually every 180 days May leave hardly" in record


async def test_segments_and_points_stand_on_the_record(new_town: Town) -> None:
    buyers = Segment.model_validate({"segment": "buyers", "title": "Who bought", "if": "customer.orders > 0"})
    tiers = [{"tier": "silver", "from": 40}, {"tier": "gold", "from": 1000}]
    programme = Loyalty.model_validate({"currency": "EUR", "points per unit": 1, "tiers": tiers})
    async with new_town.db.write() as tx:
        await rules.publish(tx, Rules(segments={"buyers": buyers}, loyalty=programme))
    await new_town.buys("Grete Hermann", "o-1", id="c-1")
    async with reader_of(site_of(new_town)) as reader:
        record = words_of(section(await page(reader, "/customers/c-1"), "record-title"))

    assert "Segments buyers Points 49, silver; 951 to the next rank Orders 1" in record


async def test_complaints_and_notes_stand_beside_the_one_timeline(new_town: Town) -> None:
    await new_town.hears("complaint.opened", GRETE, complaint_id="C-1", order_id="o-1", text="It hums.")
    await new_town.hears("interaction.logged", GRETE, channel="phone", summary="Asks about C-1.", by="Ada")
    person = await new_town.customer_id("c-1")
    async with new_town.db.write() as tx:
        await timeline.note(tx, person, "n-1", "Prefers mornings.", "Ada", new_town.clock())
    async with reader_of(site_of(new_town)) as reader:
        html = await page(reader, "/customers/c-1")

    assert "C-1 open now \u00b7 order o-1 It hums." in words_of(section(html, "complaints-title"))
    assert "Prefers mornings. now \u00b7 Ada" in words_of(section(html, "notes-title"))
    story = words_of(section(html, "timeline"))
    assert "contact interaction.logged came from /shop: Phone call from the customer, Ada: Asks about C-1." in story
    assert "note Prefers mornings." in story and "complaint complaint.opened came from /shop: It hums." in story
    assert "Turns to us by Phone call" in words_of(section(html, "record-title"))
