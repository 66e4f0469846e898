"""Which journeys of customers are looked for: what the address of the list says, and the address that says it."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

from console.site import asked, link, one_of, whole
from store.pages import Sought

STATES = ("running", "ended", "attention")
DUE: Mapping[str, tuple[str, timedelta]] = MappingProxyType(
    {
        "hour": ("within an hour", timedelta(hours=1)),
        "day": ("within a day", timedelta(days=1)),
        "week": ("within a week", timedelta(days=7)),
    }
)
AGE: Mapping[str, tuple[str, timedelta]] = MappingProxyType(
    {
        "day": ("more than a day", timedelta(days=1)),
        "week": ("more than a week", timedelta(days=7)),
        "month": ("more than 30 days", timedelta(days=30)),
        "year": ("more than a year", timedelta(days=365)),
    }
)
NARROWING = ("step", "outcome", "version", "due", "age")


def sought(request: Request) -> Sought:
    """What the address asks for; what it cannot mean is left out."""
    return Sought(
        state=one_of(request, "state", STATES, "running"),
        journey=asked(request, "journey"),
        text=asked(request, "q"),
        step=asked(request, "step"),
        outcome=asked(request, "outcome"),
        version=whole(request.query_params.get("version", "")[:6]),
        due=one_of(request, "due", tuple(DUE)),
        age=one_of(request, "age", tuple(AGE)),
        due_within=DUE[request.query_params["due"]][1] if request.query_params.get("due") in DUE else None,
        older_than=AGE[request.query_params["age"]][1] if request.query_params.get("age") in AGE else None,
    )


def said(found: Sought, **instead: Any) -> dict[str, Any]:
    """The parameters of an address, some of them changed; what is usual is left out."""
    parameters = {
        "state": "" if found.state == "running" else found.state,
        "journey": found.journey,
        "q": found.text,
        **{name: getattr(found, name) for name in NARROWING},
    }
    return {**parameters, **instead}


def address(found: Sought, **instead: Any) -> str:
    """The list's address for this, some parameters changed."""
    return link("/", **said(found, **instead))


def tidy(query: str) -> str:
    """The part of an address behind the question mark, with nothing in it but what the list knows."""
    given = QueryParams(query)
    known = ("state", "journey", "q", *NARROWING)
    return link("", **{name: given[name][:200] for name in known if name in given}).removeprefix("?")
