"""Towns in which something has happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store import inbox, instances, ledger
from store.inbox import MAX_ATTEMPTS
from tests import hostile
from tests.console.town import Town

SCRIPT = "<script>document.title='stolen'</script>"
HOSTILE = {
    "script": f'{SCRIPT}<img src=x onerror="document.title=1">',
    "quotes": hostile.HTML["quotes"],
    "rtl": hostile.DIRECTIONS["hebrew"],
    "long": hostile.SHAPES["long"],
    "spaces": hostile.SHAPES["spaces"],
}
"""Names that people or attackers may have."""

PEOPLE: dict[str, dict[str, Any]] = {
    "grete": {"id": "c-grete", "email": "grete@example.org", "name": "Grete Hermann", "time_zone": "Europe/Berlin"},
    "ibrahim": {
        "id": "c-ibrahim",
        "email": "ibrahim@example.org",
        "name": "Ibrahim Okafor",
        "phone": "+234 15550102",
    },
    "solveig": {"id": "c-solveig", "email": "solveig@example.org", "name": "Solveig Dahl", "locale": "nb"},
    "nora": {
        "id": "c-nora",
        "email": "nora@example.org",
        "name": "Nora Whitfield",
        "attributes": {"plan": "enterprise", "newsletter": True, "sizes": {"shade": "M", "base": None}},
    },
    "aiko": {"id": "c-aiko", "email": "aiko@example.org", "name": "Aiko Tanabe", "locale": "ja"},
    "lucien": {"id": "c-lucien", "email": "lucien@example.org", "name": "Lucien Favre"},
}


async def quarantine(town: Town, kind: str = "purchase.completed") -> str:
    """An event that cannot be used, however often it is tried; returns its receipt."""
    receipt = await town.hears(kind, {"id": "c-nobody"}, routed=False, order_id="o-bad")
    async with town.db.write() as tx:
        (row,) = [row for row in await inbox.recent(tx, "new", 100) if row["receipt"] == receipt]
        for _ in range(MAX_ATTEMPTS):
            await inbox.failed(tx, row["event_pk"], "ValueError: the amount is not a number")
    return receipt


async def weeks_of_business(town: Town) -> None:
    """Six customers: purchases, a set-up, a complaint that ends well, a refund, a held and an unknown message."""
    lamp = {"sku": "LUX-20", "name": "Heron reading lamp", "needs_setup": True}
    light = {"sku": "LUX-44", "name": "Orbit ceiling light", "needs_setup": True, "mounting": "ceiling"}
    candle = {"sku": "LUX-52", "name": "Wren candle lamp", "needs_setup": False}

    async def buys(who: str, order: str, product: dict[str, Any], amount: str) -> None:
        person = PEOPLE[who]
        await town.hears("purchase.completed", person, order_id=order, product=product, amount=amount, currency="EUR")

    await buys("grete", "L-1001", lamp, "89.00")
    await town.passes(days=1, hours=3)
    await town.hears("setup.completed", PEOPLE["grete"], order_id="L-1001")
    await buys("solveig", "L-1002", candle, "24.90")
    await town.passes(days=2, minutes=17)
    opened: dict[str, Any] = {"complaint_id": "C-1", "order_id": "L-1001", "product": lamp}
    await town.hears("complaint.opened", PEOPLE["grete"], **opened, text="The lamp flickers when it is dimmed.")
    await town.hears("newsletter.opened", PEOPLE["solveig"], issue=7)
    await town.passes(days=1, hours=5)
    await town.hears("complaint.answered", PEOPLE["grete"], **opened, text="We are sorry. A new one left us today.")
    await buys("lucien", "L-1003", light, "189.00")
    await town.passes(hours=9)
    await town.hears("complaint.accepted", PEOPLE["grete"], **opened)
    await town.hears("purchase.refunded", PEOPLE["lucien"], order_id="L-1003", amount="189.00", currency="EUR")
    await town.passes(days=15)
    await buys("nora", "L-1004", light, "189.00")
    await town.passes(days=1, hours=1)
    town.mail_goes = "unknown"
    await buys("aiko", "L-1005", lamp, "89.00")
    town.mail_goes = "held"
    await town.passes(hours=2)
    await buys("ibrahim", "L-1006", lamp, "89.00")
    town.mail_goes = "accepted"
    await quarantine(town)
    await town.passes(minutes=6)


async def hostile_people(town: Town) -> None:
    """Everybody whose name is a trap buys something, and says everything else that hurts, too."""
    for number, name in enumerate(HOSTILE.values()):
        person: dict[str, Any] = {
            "id": f"x-{number}",
            "email": f"x{number}@example.org",
            "name": name,
            "attributes": {SCRIPT: name, "note": name},
        }
        product = {"sku": name[:80], "name": name, "needs_setup": True}
        await town.hears("purchase.completed", person, order_id=f"{SCRIPT}{number}", product=product, amount=name)
        await town.hears(f"odd.{SCRIPT}", person, text=name)


async def many(town: Town, count: int) -> list[str]:
    """So many customers with one purchase each, seven in the same instant; their journeys are about to begin, and each
    onboarding means to send a message. Returns their names."""
    names = [f"Customer {number:03}" for number in range(count)]
    for start in range(0, count, 7):
        await town.hear(
            (
                "purchase.completed",
                {
                    "customer": {"id": f"c-{number:03}", "email": f"c{number:03}@example.org", "name": names[number]},
                    "order_id": f"o-{number:03}",
                    "product": {"sku": "P-1", "name": "Lamp", "needs_setup": True},
                },
            )
            for number in range(start, min(count, start + 7))
        )
        town.clock.at += timedelta(seconds=1)
    await town.routes(played=False)
    async with town.db.write() as tx:
        for instance_id in await instances.open_ids(tx, 10_000):
            row = await instances.get(tx, instance_id)
            if row is not None and row["journey"] == "onboarding":
                await ledger.intend(tx, instance_id, "send-welcome/1/0", "welcome", "")
    return names
