"""What the record says of one customer, laid out for the page: person, names, consent."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.words import counted
from journey.record.contacts import CHANNELS
from journey.record.rules import Rules
from store import complaints, consents, customers, identity, names, organisations, rules, timeline
from store.database import Tx

PERSON = (
    ("Phone", "phone"),
    ("Born", "birth_date"),
    ("Gender", "gender"),
    ("Language", "locale"),
    ("Time zone", "time_zone"),
)
NOTES = 10
"""How many notes stand beside the timeline, where all of them are."""
ADDRESS = ("street", "postal_code", "city", "region", "country")


async def of(tx: Tx, customer: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the template asks for by name."""
    customer_id = customer["customer_id"]
    known = await customers.known(tx, customer_id)
    in_force = await rules.in_force(tx)
    company = await organisations.get(tx, customer["organisation_id"])
    return {
        "person": list(_person(customer, company)),
        "also_known": _also_known(customer, await names.of_customer(tx, customer_id)),
        "segments": [{"name": name, "title": _title(in_force, name)} for name in known["segments"]],
        "loyalty": _points(known) if in_force.loyalty else "",
        "habits": list(_habits(known)),
        "owned": [_had(one) for one in known["products"]],
        "recommended": known["recommended"],
        "complaints": await complaints.of_customer(tx, customer_id),
        "notes": await timeline.notes(tx, customer_id, NOTES),
        "preferred_channel": CHANNELS.get(known.get("preferred_channel", ""), ""),
        "consents": _last_words(await consents.history(tx, customer_id)),
    }


def _person(customer: Mapping[str, Any], company: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    for title, name in PERSON:
        if customer[name]:
            yield title, customer[name]
    address = customer["address"] or {}
    parts = [str(address[part]) for part in ADDRESS if address.get(part)]
    if parts:
        yield "Address", ", ".join(parts)
    if company:
        yield "Company", company["name"] or company["external_id"]


def _title(in_force: Rules, name: str) -> str:
    return in_force.segments[name].title if name in in_force.segments else name


def _points(known: Mapping[str, Any]) -> str:
    """``340, silver; 160 to the next rank``."""
    rank = f", {known['tier']}" if "tier" in known else ""
    ahead = f"; {known['points_to_next_tier']:,} to the next rank" if "points_to_next_tier" in known else ""
    return f"{known['points']:,}{rank}{ahead}"


def _habits(known: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What follows from the purchases, in words."""
    if "age" in known:
        yield "Age", str(known["age"])
    if not known["orders"]:
        return
    yield "Orders", f"{known['orders']}, {known['orders_last_year']} in the last year"
    yield "Value", f"{known['lifetime_value']:.2f} {known.get('currency', '')}".strip()
    ago = counted(known["days_since_purchase"], "day")
    yield "Last order", f"{ago} ago, usually every {known['usual_days']:g} days"
    yield "May leave", {"low": "hardly", "medium": "perhaps", "high": "probably"}[known["churn_risk"]]


HAD = (
    ("{}", "sku"),
    ("version {}", "version"),
    ("number {}", "serial"),
    ("since {}", "since"),
    ("warranty until {}", "warranty_until"),
    ("support until {}", "end_of_support"),
)


def _had(product: Mapping[str, Any]) -> dict[str, Any]:
    said = [words.format(product[name]) for words, name in HAD if product.get(name)]
    if product.get("successor"):
        said.append(f"followed by the {product['successor']['name']}")
    return {
        "name": product.get("name") or product["sku"],
        "quantity": product.get("quantity") or 1,
        "supported": product.get("supported", True),
        "said": said,
    }


def _also_known(customer: Mapping[str, Any], names: list[dict[str, str]]) -> list[str]:
    """Every name that the record does not show elsewhere."""
    shown = {("id", customer["external_id"]), ("email", (customer["email"] or "").lower())}
    shown.add(("phone", identity.names_in({"phone": customer["phone"]}).get("phone")))
    kinds = {"id": "shop\u2019s id", "email": "e-mail", "phone": "phone", "anonymous": "device"}
    return [f"{one['value']} ({kinds[one['kind']]})" for one in names if (one["kind"], one["value"]) not in shown]


def _last_words(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The word in force on each topic, with how many came before it."""
    found: dict[str, dict[str, Any]] = {}
    for word in history:
        if word["topic"] in found:
            found[word["topic"]]["former"] += 1
        else:
            found[word["topic"]] = {**word, "former": 0}
    return [found[topic] for topic in sorted(found)]
