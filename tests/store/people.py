"""A customer of whom the record holds something of everything, and the rules they live by."""

from typing import Any

from journey.record.loyalty import Loyalty
from journey.record.products import Product
from journey.record.rules import Rules
from journey.record.segments import Segment
from store import rules
from store.database import Database
from tests.gateway.routing import House

FULL: dict[str, Any] = {
    "id": "c-1", "email": "grete@example.org", "phone": "+43 1 234567", "anonymous_id": "a-1",
    "first_name": "Grete", "last_name": "Hermann", "locale": "de-AT", "time_zone": "Europe/Vienna",
    "birth_date": "1990-05-17", "gender": "female",
    "address": {"street": "Feldgasse 1", "postal_code": "1080", "city": "Wien", "country": "AT"},
    "organisation": {"id": "acme", "name": "Acme Ltd", "attributes": {"size": 12}},
    "consent": {"news": True}, "attributes": {"plan": "pro"},
}  # fmt: skip
RULES = Rules(
    products={
        sku: Product.model_validate({"product": sku, "title": title, "warranty": 24, **more})
        for sku, title, more in (
            ("LUX-1", "Lamp", {"successor": "LUX-2", "end of support": "2020-01-01"}),
            ("LUX-2", "Lamp II", {}),
            ("LUX-3", "Bulb", {"goes with": ["LUX-1"]}),
        )
    },
    segments={
        "buyers": Segment.model_validate({"segment": "buyers", "title": "Buyers", "if": "customer.orders >= 1"}),
        "pro": Segment.model_validate({"segment": "pro", "title": "Pro", "if": 'customer.plan == "pro"'}),
    },
    loyalty=Loyalty.model_validate(
        {
            "currency": "EUR",
            "points per unit": 1,
            "tiers": [{"tier": "silver", "from": 40}, {"tier": "gold", "from": 900}],
        }
    ),
)
STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "purchase.completed",
        {
            "order_id": "o-1",
            "amount": "85.00",
            "currency": "EUR",
            "lines": [
                {"sku": "LUX-1", "name": "Lamp", "quantity": 2, "amount": "80.00"},
                {"sku": "LUX-3", "name": "Bulb", "quantity": 1, "amount": "5.00"},
            ],
        },
    ),
    ("purchase.returned", {"order_id": "o-1", "lines": [{"sku": "LUX-3", "quantity": 1}]}),
    ("purchase.refunded", {"order_id": "o-1", "amount": "5.00"}),
    ("product.registered", {"product": {"sku": "LUX-1"}, "serial": "S-1", "version": "1.1", "order_id": "o-1"}),
    ("points.spent", {"points": 20, "reason": "a voucher"}),
    ("interaction.logged", {"channel": "phone", "summary": "Asks about bulbs.", "by": "Ada"}),
    ("complaint.opened", {"complaint_id": "C-1", "order_id": "o-1", "text": "It hums."}),
    ("survey.answered", {"score": 9, "comment": "Lovely!"}),
    ("message.replied", {"text": "Thank you"}),
    ("consent.given", {"topic": "tips", "how": "form", "text_version": "2026-03", "proof": {"page": "/tips"}}),
)  # fmt: skip


async def ruled(db: Database, in_force: Rules = RULES) -> House:
    """These rules in force, and a house to post to."""
    async with db.write() as tx:
        await rules.publish(tx, in_force)
    return House(db)


async def lived(house: House, customer: dict[str, Any] | None = None, name: str = "e") -> None:
    """The whole story of one customer, event by event."""
    for number, (kind, data) in enumerate(STORY):
        await house.post(f"{name}-{number}", kind, customer=customer or FULL, **data)
