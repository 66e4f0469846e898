"""The customer in an event: whom it is about. Checked at the door, because a wrong address found while sending is late.

Keys that are not in the table are kept as they are: a sender may know more than we ask for.
"""

from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any

from gateway.fields import day_fault, email_fault, line_fault, time_zone_fault
from gateway.refusals import Fault, Problem, UnclearCustomer
from gateway.strict_json import shown
from journey import identity
from journey.problems import did_you_mean

PLACE = "/data/customer"


def _id_fault(value: object) -> Fault | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Fault("The id is a number.", 'Send it as a text in quotes ("42"): numbers lose digits on the way.')
    return line_fault(value, characters=255)


def _attributes_fault(value: object) -> Fault | None:
    return None if isinstance(value, dict) else Fault("This is not an object.", 'Send {"plan": "pro", ...}.')


def _address_fault(value: object) -> Fault | None:
    remedy = 'Send {"street": "...", "postal_code": "...", "city": "...", "country": "DE"}.'
    if not isinstance(value, dict):
        return Fault("This is not an object.", remedy)
    return next(
        (fault for part in value.values() if part is not None and (fault := line_fault(part, characters=200))), None
    )


def _consent_fault(value: object) -> Fault | None:
    if not isinstance(value, dict) or not all(isinstance(said, bool) for said in value.values()):
        return Fault("This is not an object of topics with true or false.", 'Send {"newsletter": true}.')
    return next((fault for topic in value if (fault := line_fault(topic, characters=80))), None)


def _organisation_fault(value: object) -> Fault | None:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str) or not value["id"].strip():
        return Fault("It has no id.", 'Send {"id": "acme", "name": "Acme Ltd"}.')
    if not isinstance(value.get("attributes"), (dict, NoneType)):
        return Fault("Its attributes are not an object.", 'Send {"size": 12, ...}.')
    said = [value[name] for name in ("id", "name") if value.get(name) is not None]
    return next((fault for one in said if (fault := line_fault(one, characters=255))), None)


FIELDS: dict[str, Callable[[object], Fault | None]] = {
    "id": _id_fault,
    "email": email_fault,
    "name": lambda value: line_fault(value, characters=200),
    "first_name": lambda value: line_fault(value, characters=120),
    "last_name": lambda value: line_fault(value, characters=120),
    "birth_date": day_fault,
    "gender": lambda value: line_fault(value, characters=40),
    "address": _address_fault,
    "organisation": _organisation_fault,
    "consent": _consent_fault,
    "phone": lambda value: line_fault(value, characters=64),
    "order_id": lambda value: line_fault(value, characters=255),
    "anonymous_id": lambda value: line_fault(value, characters=255),
    "locale": lambda value: line_fault(value, characters=35),
    "time_zone": time_zone_fault,
    "attributes": _attributes_fault,
}
"""What each known key may hold. null counts as left out."""


def check_customer(data: dict[str, Any]) -> None:
    """Refuse an event whose `customer` is missing or unclear, with all its mistakes at once."""
    problems = list(_problems(data))
    if problems:
        raise UnclearCustomer(*problems[0], more=problems[1:])


def faults_of(customer: dict[str, Any]) -> list[tuple[str, Fault]]:
    """What is wrong with the known keys of a customer."""
    found = [(name, fault_of(customer[name])) for name, fault_of in FIELDS.items() if customer.get(name) is not None]
    return [(name, fault) for name, fault in found if fault]


RECORD = (*(name for name in FIELDS if name != "order_id"), "add_tags", "remove_tags")
"""What may be said of a customer without an event."""


def record_problems(given: dict[str, Any]) -> list[Problem]:
    """Everything wrong with what is said of a customer without an event: unknown keys, values, nobody named."""
    problems = [
        Problem(f"/{shown(name)}", "It is not known here.", did_you_mean(name, RECORD) or f"Send {', '.join(RECORD)}.")
        for name in sorted(given.keys() - set(RECORD))
    ]
    problems += [Problem(f"/{name}", *fault) for name, fault in faults_of(given)]
    for name in ("add_tags", "remove_tags"):
        tags = [] if given.get(name) is None else given[name]
        if not isinstance(tags, list) or len(tags) > 100 or any(line_fault(tag, characters=80) for tag in tags):
            problems.append(Problem(f"/{name}", "This is not a list of words.", 'Send ["vip"].'))
    if not problems and not identity.names(given):
        what = "It says no id, email, phone or anonymous_id that we could know them by."
        problems.append(Problem("body", what, "Send at least one of them."))
    return problems


def _problems(data: dict[str, Any]) -> Iterator[Problem]:
    customer = data.get("customer")
    if not isinstance(customer, dict):
        what = "It is not an object." if "customer" in data else "It is missing."
        yield Problem(PLACE, what, 'Say whom the event is about: {"customer": {"id": "c-1", ...}}.')
        return
    faults = faults_of(customer)
    yield from (Problem(f"{PLACE}/{name}", *fault) for name, fault in faults)
    if all(customer.get(key) is None for key in (*identity.KEYS.values(), "order_id")):
        yield Problem(PLACE, "It has no id, email, phone, anonymous_id or order_id.", "Send at least one of them.")
    elif not faults and not identity.names(customer) and customer.get("order_id") is None:
        yield Problem(f"{PLACE}/phone", "This is not a phone number.", "Send it with its country: +49 30 123456.")
