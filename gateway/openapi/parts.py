"""What the descriptions of all doors share: plain values, refusals, headers, keys."""

from collections.abc import Mapping
from typing import Any

from gateway import refusals
from gateway.envelopes import ID_MOST
from gateway.fields import FIRST_YEAR, LAST_YEAR
from gateway.strict_json import MAX_INTEGER, MAX_STRING
from journey.identity import KEYS

PREFACE = r"""\ A 2xx means kept for ever: what is acknowledged is on disk. The same event sent again, known by its
          source and its id, changes nothing, so a sender may repeat whatever it got no 2xx for. Refusals have one form:
          the place, what is wrong, what to do. Ready-made clients of other systems and how to point them here:
          docs/intake.md."""

_UNFIT = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
LINE = rf"^[^{_UNFIT}]*[^\s{_UNFIT}][^{_UNFIT}]*$"
"""One line of text with something in it."""


def line(most: int, description: str, *examples: str, optional: bool = False) -> dict[str, Any]:
    """A line of text of at most so many characters. `optional`: null counts as left out."""
    kind: Any = ["string", "null"] if optional else "string"
    said = {"type": kind, "minLength": 1, "maxLength": most, "pattern": LINE, "description": description}
    return said | ({"examples": list(examples)} if examples else {})


def ref(name: str) -> dict[str, str]:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


EMAIL: dict[str, Any] = {
    "type": "string",
    "format": "email",
    "maxLength": 320,
    "description": "One address.",
    "examples": ["grete@example.org"],
}

SCHEMAS: dict[str, Any] = {
    "Value": {
        "description": "Any JSON: whole numbers within ±(2^53-1), texts without NUL, at most 64 levels deep.",
        "anyOf": [
            ref("Plain"),
            {"type": "array", "items": ref("Value")},
            {
                "type": "object",
                "propertyNames": {"pattern": r"^[^\u0000]*$"},
                "additionalProperties": ref("Value"),
            },
        ],
    },
    "Plain": {
        "description": "Any JSON value but a list or an object.",
        "anyOf": [
            {"type": ["boolean", "null"]},
            {"type": "number", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER},
            {"type": "string", "maxLength": MAX_STRING, "pattern": r"^[^\u0000]*$"},
        ],
    },
    "Customer": {
        "type": "object",
        "description": "Whom the event is about. Contact fields and attributes are taken into the customer's record.",
        "properties": {
            "id": line(ID_MOST, "The shop's own id.", "c-1", optional=True),
            "email": {**EMAIL, "type": ["string", "null"]},
            "phone": {"type": ["string", "null"], "format": "phone", "examples": ["+43 1 234567"]},
            "anonymous_id": line(ID_MOST, "An id that a browser made up.", optional=True),
            "order_id": line(ID_MOST, "Whoever bought this order.", optional=True),
            "name": line(200, "The whole name.", "Grete Hermann", optional=True),
            "locale": line(35, "Language and country.", "de-AT", optional=True),
            "time_zone": {
                "type": ["string", "null"],
                "format": "time-zone",
                "description": "An IANA zone.",
                "examples": ["Europe/Vienna"],
            },
            "attributes": {"type": ["object", "null"], "additionalProperties": ref("Value")},
        },
        "anyOf": [{"required": [key], "properties": {key: {"type": "string"}}} for key in (*KEYS.values(), "order_id")],
        "examples": [{"id": "c-1", "email": "grete@example.org", "name": "Grete Hermann"}],
    },
    "Moment": {
        "type": ["string", "null"],
        "format": "moment",
        "description": f"When it happened: RFC 3339, years {FIRST_YEAR} to {LAST_YEAR}, no leap seconds.",
        "examples": ["2026-11-24T09:30:00Z"],
    },
    "Problem": {
        "type": "object",
        "required": ["place", "message", "remedy"],
        "properties": {
            "place": {"type": "string", "description": "A JSON pointer, a line and column, or the name of a header."},
            "message": {"type": "string"},
            "remedy": {"type": "string"},
        },
    },
    "Refusal": {
        "type": "object",
        "required": ["error", "message", "code"],
        "properties": {
            "error": {
                "allOf": [ref("Problem")],
                "type": "object",
                "required": ["code"],
                "properties": {"code": {"type": "string"}},
            },
            "message": {"type": "string", "description": "The whole of it for a person."},
            "code": {"type": "string"},
            "more": {
                "type": "array",
                "items": ref("Problem"),
                "description": "All further mistakes of the same event.",
            },
        },
        "examples": [
            refusals.Malformed("/time", "The year 9999 is not within 1970 and 2100.", "Check the clock.").as_json()
        ],
    },
    "Receipt": {
        "type": "object",
        "required": ["receipt", "receipt_url", "source", "id", "state"],
        "properties": {
            "receipt": {"type": "string"},
            "receipt_url": {"type": "string", "description": "Where it is said what became of the event."},
            "source": {"type": "string"},
            "id": {"type": "string"},
            "state": {"enum": ["accepted", "duplicate", "unmatched", "quarantined"]},
            "reason": {"type": "string", "description": "Why it was put aside, if it was."},
        },
        "examples": [
            {
                "receipt": "4f6ca0b1d2e3f40516273849",
                "receipt_url": "https://wayfare.example.org/v1/receipts/4f6ca0b1d2e3f40516273849",
                "source": "/shop",
                "id": "purchase-1",
                "state": "accepted",
            }
        ],
    },
}

HEADERS: dict[str, Any] = {
    "RetryAfter": {
        "description": "After how many seconds to send the same again.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Allow": {"description": "The methods of this address.", "required": True, "schema": {"type": "string"}},
    "Authenticate": {"description": "How to show a key.", "schema": {"type": "string"}},
}

SECURITY: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key of this Wayfare (`wayfare keys add SOURCE`)."},
    "writeKey": {
        "type": "http",
        "scheme": "basic",
        "description": "The same key as the user name, without a password.",
    },
}


def _refusal(description: str, **headers: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": description,
        "content": {"application/json": {"schema": ref("Refusal")}},
    }
    if headers:
        named = {name.replace("_", "-"): {"$ref": f"#/components/headers/{header}"} for name, header in headers.items()}
        made["headers"] = named
    return made


RESPONSES: dict[str, Any] = {
    "400": _refusal("It cannot be read, or is not what this door takes."),
    "401": _refusal("No known key, or a signature that does not fit.", WWW_Authenticate="Authenticate"),
    "403": _refusal("The key is known, and is not meant for this."),
    "404": _refusal("There is no such thing."),
    "405": _refusal("This address does not take the method.", Allow="Allow"),
    "408": _refusal("The body did not arrive in time."),
    "409": _refusal("The id was used before for an event that said something else; the first one is kept."),
    "413": _refusal("More bytes or events than may come at once."),
    "415": _refusal("A media type or packing that is not read here."),
    "422": _refusal(
        "In good form, but it does not say whom it is about, does not fit its declaration, or is one of Wayfare's own."
    ),
    "429": _refusal("More than this source may send.", Retry_After="RetryAfter"),
    "503": _refusal("Not stored: the store is away, or too much waits for it.", Retry_After="RetryAfter"),
}


def answers(good: Mapping[str, Any], *statuses: int) -> dict[str, Any]:
    """The good answers and these refusals."""
    return {**good, **{str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}}


def good(description: str, schema: Mapping[str, Any], example: Any = None) -> dict[str, Any]:
    """An answer in JSON."""
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {"application/json": content}}


POSTED = (400, 401, 403, 405, 408, 413, 415, 429, 503)
"""What any door that takes a body may answer."""
