"""The JSON Schemas of the definition files, for editors: completion and checks while typing.

Made from the models that load the files, so they cannot drift apart.
"""

from typing import Any

from pydantic import BaseModel

from journey.company import Company
from journey.declared.calendar import DeclaredCalendar
from journey.declared.customer import DeclaredCustomer
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from journey.declared.subscriber import Subscriber
from journey.definition import OURS, Journey
from journey.examples import example
from journey.policies import Policies
from journey.population.model import Population
from journey.record.loyalty import Loyalty
from journey.record.products import Product
from journey.record.segments import Segment
from journey.scenarios import Scenarios

KINDS: dict[str, type[BaseModel]] = {
    "journey": Journey,
    "company": Company,
    "scenarios": Scenarios,
    "event": DeclaredEvent,
    "customer": DeclaredCustomer,
    "population": Population,
    "source": Source,
    "subscriber": Subscriber,
    "calendar": DeclaredCalendar,
    "policies": Policies,
    "product": Product,
    "segment": Segment,
    "loyalty": Loyalty,
}

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one kind of file."""
    made = KINDS[kind].model_json_schema(by_alias=True)
    for key in OURS:
        made.get("properties", {}).pop(key, None)
    for model, group in {KINDS[kind].__name__: made, **made.get("$defs", {})}.items():
        _with_examples(model, group)
    tidy: dict[str, Any] = _tidy(made)
    return {"$schema": DIALECT, "$id": f"urn:wayfare:{kind}", **tidy}


def _with_examples(model: str, group: dict[str, Any]) -> None:
    """Each key of a group that has no example of its own gets that of the list."""
    for form in (group, *group.get("anyOf", ())):
        for key, said in form.get("properties", {}).items():
            found = example(model, key)
            if found and "examples" not in said:
                said["examples"] = found


def _tidy(value: Any, *, names: bool = False) -> Any:
    """Without the titles that only repeat a key, and without empty defaults; ``names``: the keys are property names."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if not names and (key == "title" or (key == "default" and item in ("", [], {}, None))):
            continue
        data = key in ("examples", "default") and not names  # as an author writes them, titles included
        result[key] = item if data else _tidy(item, names=key in ("properties", "$defs") and not names)
    return result
