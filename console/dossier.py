"""What the record says of one customer, laid out for the page: person, names, consent."""

from collections.abc import Iterable, Mapping
from typing import Any

from store import consents, identity, organisations
from store.database import Tx

PERSON = (
    ("Phone", "phone"),
    ("Born", "birth_date"),
    ("Gender", "gender"),
    ("Language", "locale"),
    ("Time zone", "time_zone"),
)
ADDRESS = ("street", "postal_code", "city", "region", "country")


async def of(tx: Tx, customer: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the template asks for by name."""
    customer_id = customer["customer_id"]
    company = await organisations.get(tx, customer["organisation_id"])
    return {
        "person": list(_person(customer, company)),
        "also_known": _also_known(customer, await identity.all_names(tx, customer_id)),
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
