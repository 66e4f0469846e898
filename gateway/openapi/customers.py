"""The customer record: find, read and write it; segments."""

from typing import Any

from gateway.envelopes import ID_MOST
from gateway.openapi.parts import LINE, POSTED, answers, good, line, ref
from gateway.openapi.parts import SCHEMAS as SHARED
from gateway.record import MOST, USUAL
from journey.identity import KEYS

TAG = "customers"

_AT = {"type": "string", "format": "date-time"}
_AT_OR_NOT = {"type": ["string", "null"], "format": "date-time"}
_TEXT = {"type": ["string", "null"]}
_WORDS = {"type": "array", "items": {"type": "string"}}
_NEXT = {"type": ["string", "null"], "description": "Where the next page begins: send it as `after`."}
_PROOF = {"type": ["object", "null"], "additionalProperties": ref("Plain"), "description": "Whatever proves it."}


def _object(properties: dict[str, Any], *optional: str, example: Any = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }
    return made | ({"examples": [example]} if example is not None else {})


def _list(name: str, item: dict[str, Any], *, paged: bool = False, example: Any = None) -> dict[str, Any]:
    many = {name: {"type": "array", "items": item}}
    return _object(many | ({"next": _NEXT} if paged else {}), example=example)


_TAGS = {
    "type": ["array", "null"],
    "maxItems": 100,
    "items": line(80, "A tag.", "vip"),
}
_PERSON = {
    name: said for name, said in SHARED["Customer"]["properties"].items() if name not in ("order_id", "attributes")
}
_CHANGE = {
    **_PERSON,
    "first_name": line(120, "The first name.", "Grete", optional=True),
    "last_name": line(120, "The family name.", "Hermann", optional=True),
    "birth_date": {"type": ["string", "null"], "format": "date", "examples": ["1990-05-17"]},
    "gender": line(40, "In the customer's own word.", optional=True),
    "address": {
        "type": ["object", "null"],
        "properties": {
            name: line(200, f"The {name.replace('_', ' ')}.", optional=True)
            for name in ("street", "postal_code", "city", "region", "country")
        },
        "propertyNames": {"pattern": r"^[^\u0000]*$"},
        "additionalProperties": line(200, "Any other part.", optional=True),
        "examples": [{"street": "Feldgasse 1", "postal_code": "1080", "city": "Wien", "country": "AT"}],
    },
    "organisation": {
        "type": ["object", "null"],
        "required": ["id"],
        "properties": {
            "id": line(ID_MOST, "Its own id.", "acme"),
            "name": line(255, "Its name.", "Acme Ltd", optional=True),
            "attributes": {"type": ["object", "null"], "additionalProperties": ref("Plain")},
        },
        "propertyNames": {"pattern": r"^[^\u0000]*$"},
        "additionalProperties": ref("Plain"),
    },
    "consent": {
        "type": ["object", "null"],
        "propertyNames": {"pattern": LINE, "minLength": 1, "maxLength": 80},
        "additionalProperties": {"type": "boolean"},
        "description": "Topics with true or false; `consents` keeps a word with its proof.",
        "examples": [{"newsletter": True}],
    },
    "attributes": {
        "type": ["object", "null"],
        "propertyNames": {"pattern": r"^[^\u0000]*$"},
        "additionalProperties": ref("Value"),
        "description": "Anything else. What is declared in definitions/customer.yaml has to fit its type.",
        "examples": [{"plan": "pro"}],
    },
    "add_tags": {**_TAGS, "description": "Tags to add."},
    "remove_tags": {**_TAGS, "description": "Tags to remove."},
}
_SHORT_EXAMPLE = {
    "customer_id": "4f6ca0b1d2e3f40516273849",
    "id": "c-1",
    "email": "grete@example.org",
    "name": "Grete Hermann",
    "tags": ["vip"],
    "created_at": "2026-03-01T09:30:00+00:00",
    "updated_at": "2026-11-24T09:30:00+00:00",
}
_SHORT = {
    "customer_id": {"type": "string", "description": "Our id, for ever."},
    "id": {**_TEXT, "description": "The shop's id."},
    "email": _TEXT,
    "name": _TEXT,
    "tags": _WORDS,
    "created_at": _AT,
    "updated_at": _AT,
}
_FACTS_EXAMPLE = {
    "orders": 3,
    "lifetime_value": 187.5,
    "currency": "EUR",
    "days_since_purchase": 12,
    "churn_risk": "low",
    "points": 187,
    "tier": "silver",
    "open_complaints": 0,
    "preferred_channel": "phone",
}
_RECORD_EXAMPLE = {
    **_SHORT_EXAMPLE,
    "first_name": "Grete",
    "last_name": "Hermann",
    "phone": "+43 1 234567",
    "locale": "de-AT",
    "time_zone": "Europe/Vienna",
    "birth_date": "1990-05-17",
    "gender": None,
    "address": {"street": "Feldgasse 1", "postal_code": "1080", "city": "Wien", "country": "AT"},
    "organisation": {"id": "acme", "name": "Acme Ltd", "attributes": {}},
    "attributes": {"plan": "pro"},
    "names": [{"kind": "id", "value": "c-1"}, {"kind": "email", "value": "grete@example.org"}],
    "consent": {"newsletter": True},
    "segments": ["regulars"],
    "products": [{"sku": "LUX-20", "name": "Heron reading lamp", "since": "2026-03-01", "quantity": 1}],
    "recommended": [
        {"sku": "LUX-21", "name": "Warm bulb", "because": "it goes with the Heron reading lamp"},
    ],
    "facts": _FACTS_EXAMPLE,
}
_LINE = dict.fromkeys(("sku", "name", "version", "amount"), _TEXT) | {
    "quantity": {"type": "integer"},
    "returned": {"type": "integer"},
}
_PURCHASE = _object(
    {
        **dict.fromkeys(("order_id", "amount", "refunded", "currency"), _TEXT),
        "state": {"enum": ["completed", "refunded"]},
        "purchased_at": _AT,
        "lines": {"type": "array", "items": _object(_LINE)},
    },
    example={
        "order_id": "o-1",
        "amount": "49.00",
        "refunded": None,
        "currency": "EUR",
        "state": "completed",
        "purchased_at": "2026-03-01T09:30:00+00:00",
        "lines": [
            {"sku": "LUX-20", "name": "Lamp", "version": None, "quantity": 1, "returned": 0, "amount": "49.00"},
        ],
    },
)
_ENTRY = _object(
    {
        "at": _AT,
        "kind": {"type": "string", "description": "event, contact, reply, survey, complaint, message, note, ..."},
        "text": {"type": "string"},
        "detail": {"type": "object"},
        "journey": {"type": "string"},
    },
    "journey",
    example={"at": "2026-11-24T09:30:00+00:00", "kind": "note", "text": "Prefers mornings.", "detail": {"by": "Ada"}},
)
_COMPLAINT = _object(
    {
        "external_id": {"type": "string", "description": "The desk's own number."},
        **dict.fromkeys(("order_id", "sku", "text"), _TEXT),
        "state": {"enum": ["opened", "answered", "rejected", "accepted", "withdrawn"]},
        "opened_at": _AT,
        "updated_at": _AT,
    }
)
_HAD = _object(
    {
        "sku": {"type": "string"},
        **dict.fromkeys(("name", "version", "serial", "warranty_until", "ended_why"), _TEXT),
        "quantity": {"type": "integer"},
        "since": _AT,
        "ended_at": _AT_OR_NOT,
    }
)
_ID = line(ID_MOST, "Its own id, the same whenever it is sent again.", "n-1")
_MERGE_EXAMPLE = {"merge": "9c1d", "customer_id": "4f6ca0b1d2e3f40516273849", "other_id": "77aa0b1d2e3f405162738490"}

SCHEMAS: dict[str, Any] = {
    "CustomerChange": {
        "type": "object",
        "description": "What is said of a customer. What is left out, or null, stays as it is.",
        "properties": _CHANGE,
        "anyOf": [{"required": [key], "properties": {key: {"type": "string"}}} for key in KEYS.values()],
        "additionalProperties": False,
        "examples": [
            {
                "id": "c-1",
                "email": "grete@example.org",
                "first_name": "Grete",
                "last_name": "Hermann",
                "locale": "de-AT",
                "attributes": {"plan": "pro"},
                "add_tags": ["vip"],
            }
        ],
    },
    "Note": {
        **_object(
            {
                "id": _ID,
                "text": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 10_000,
                    "pattern": r"^[^\u0000]*[^\s\u0000-\u001f\u0085\u200b][^\u0000]*$",
                },
                "by": line(120, "Who wrote it; else the source of the key.", "Ada", optional=True),
            },
            "by",
            example={"id": "n-1", "text": "Prefers to be called in the morning.", "by": "Ada"},
        ),
        "additionalProperties": False,
    },
    "Consent": {
        **_object(
            {
                "id": _ID,
                "topic": line(80, "The topic.", "newsletter"),
                "given": {"type": "boolean"},
                "at": ref("Moment"),
                "how": line(255, "How they said it.", "form", optional=True),
                "text_version": line(120, "Which text they were shown.", "2026-03", optional=True),
                "proof": _PROOF,
            },
            *("at", "how", "text_version", "proof"),
            example={
                "id": "w-1",
                "topic": "newsletter",
                "given": True,
                "at": "2026-11-24T09:30:00Z",
                "how": "form",
                "text_version": "2026-03",
                "proof": {"page": "/newsletter", "ip": "203.0.113.7"},
            },
        ),
        "additionalProperties": False,
    },
    "Merge": {
        **_object(
            {
                "other": line(400, "Who is the same: an id, or `email:…`, `phone:…`, `anonymous:…`.", "c-2"),
                "reason": line(300, "Why, for people.", "The same person called.", optional=True),
            },
            "reason",
            example={"other": "c-2", "reason": "The same person called."},
        ),
        "additionalProperties": False,
    },
    "ShortCustomer": _object(_SHORT, example=_SHORT_EXAMPLE),
    "Record": _object(
        {
            **_SHORT,
            **dict.fromkeys(("first_name", "last_name", "phone", "locale", "time_zone", "birth_date"), _TEXT),
            "gender": _TEXT,
            "address": {"type": ["object", "null"]},
            "organisation": {"type": ["object", "null"]},
            "attributes": {"type": "object"},
            "names": {
                "type": "array",
                "items": _object({"kind": {"enum": list(KEYS)}, "value": {"type": "string"}}),
                "description": "By what they are known.",
            },
            "consent": {
                "type": "object",
                "additionalProperties": {"type": "boolean"},
                "description": "The last word on each topic.",
            },
            "segments": _WORDS,
            "products": {"type": "array", "items": {"type": "object"}},
            "recommended": {"type": "array", "items": {"type": "object"}},
            "facts": {"type": "object", "description": "What follows from the rest (docs/record.md)."},
        },
        example=_RECORD_EXAMPLE,
    ),
    "CustomerPage": _list(
        "customers", ref("ShortCustomer"), paged=True, example={"customers": [_SHORT_EXAMPLE], "next": None}
    ),
    "PurchasePage": _list("purchases", _PURCHASE, paged=True),
    "TimelinePage": _list("entries", _ENTRY, paged=True),
    "NotePage": _list("notes", _ENTRY, paged=True),
    "Complaints": _list("complaints", _COMPLAINT),
    "Products": _object(
        {
            "products": {"type": "array", "items": {"type": "object"}, "description": "What they have now."},
            "recommended": {"type": "array", "items": {"type": "object"}, "description": "What may suit, and why."},
            "history": {"type": "array", "items": _HAD, "description": "All they ever had."},
        }
    ),
    "Loyalty": _object(
        {
            "points": {"type": "integer"},
            "tier": _TEXT,
            "points_to_next_tier": {"type": ["integer", "null"]},
            "bookings": {
                "type": "array",
                "items": _object({"booked_at": _AT, "points": {"type": "integer"}, "reason": _TEXT}),
            },
        },
        example={
            "points": 187,
            "tier": "silver",
            "points_to_next_tier": 313,
            "bookings": [{"booked_at": "2026-11-24T09:30:00+00:00", "points": -20, "reason": "a voucher"}],
        },
    ),
    "History": _object(
        {name: {"type": "array", "items": {"type": "object"}} for name in ("consents", "segments", "merges")}
    ),
    "Segments": _list(
        "segments",
        _object(
            {**{name: {"type": "string"} for name in ("segment", "title", "if")}, "customers": {"type": "integer"}}
        ),
        example={
            "segments": [
                {
                    "segment": "regulars",
                    "title": "Customers who buy again",
                    "if": "customer.orders >= 3",
                    "customers": 217,
                }
            ]
        },
    ),
    "Merged": _object({"merge": _TEXT, "customer_id": {"type": "string"}, "other_id": _TEXT}, example=_MERGE_EXAMPLE),
}

_WHO = {
    "name": "customer",
    "in": "path",
    "required": True,
    "description": "Our id, the shop's, or `email:…`, `phone:…`, `anonymous:…`.",
    "schema": {"type": "string", "minLength": 1},
    "example": "c-1",
}
_PAGE = [
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    },
    {
        "name": "after",
        "in": "query",
        "description": "`next` of the page before.",
        "schema": {"type": "string", "format": "place"},
        "example": "2026-11-24T09:30:00+00:00~4f6ca0b1d2e3f40516273849",
    },
]


def _narrowed(name: str, what: str, most: int = 200) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": what, "schema": line(most, what)}


def _get(name: str, summary: str, schema: str, *more: dict[str, Any], about: bool = True) -> dict[str, Any]:
    refused = (400, 401, 403, 404, 405, 503) if about else (400, 401, 403, 405, 503)
    return {
        "tags": [TAG],
        "operationId": name,
        "summary": summary,
        "description": "The key must be one that may `see`.",
        "parameters": [*([_WHO] if about else []), *more],
        "responses": answers({"200": good(summary, ref(schema))}, *refused),
    }


def _post(
    name: str, summary: str, takes: str, gives: dict[str, Any], *refused: int, about: bool = True
) -> dict[str, Any]:
    return {
        "tags": [TAG],
        "operationId": name,
        "summary": summary,
        "description": "The key must be one that may `edit`. Sent again it changes nothing.",
        "parameters": [_WHO] if about else [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(takes)}}},
        "responses": answers(
            {"200": good("It was there already.", gives), "201": good("It is new.", gives)}, *POSTED, *refused
        ),
    }


_KEPT = _object({"id": {"type": "string"}})
_CONSENTED = _object({"id": {"type": "string"}, "consent": {"type": "object"}})
_ONE = "/v1/customers/{customer}"

PATHS: dict[str, Any] = {
    "/v1/customers": {
        "get": _get(
            "findCustomers",
            "Customers, the newest first.",
            "CustomerPage",
            _narrowed("q", "Part of a name, of an address or of the shop's id."),
            _narrowed("segment", "Who is in this segment."),
            _narrowed("organisation", "Who belongs to this company, by its own id."),
            *_PAGE,
            about=False,
        ),
        "post": _post("writeCustomer", "Make or change a customer.", "CustomerChange", ref("Record"), 422, about=False),
    },
    _ONE: {"get": _get("getCustomer", "One customer, whole.", "Record")},
    f"{_ONE}/purchases": {"get": _get("purchases", "What they bought, newest first.", "PurchasePage", *_PAGE)},
    f"{_ONE}/products": {"get": _get("products", "What they have and had.", "Products")},
    f"{_ONE}/loyalty": {"get": _get("loyalty", "Their points and rank.", "Loyalty")},
    f"{_ONE}/complaints": {"get": _get("complaints", "Their complaints, newest first.", "Complaints")},
    f"{_ONE}/timeline": {
        "get": _get(
            "timeline",
            "All that happened to them, newest first.",
            "TimelinePage",
            _narrowed("kind", "Only entries of this kind, for example message.", 16),
            *_PAGE,
        )
    },
    f"{_ONE}/history": {"get": _get("history", "Words of consent, segments and merges.", "History")},
    f"{_ONE}/notes": {
        "get": _get("notes", "The notes of the staff, newest first.", "NotePage", *_PAGE),
        "post": _post("writeNote", "Write a note.", "Note", _KEPT, 404, 409),
    },
    f"{_ONE}/consents": {"post": _post("writeConsent", "Keep a word on a topic.", "Consent", _CONSENTED, 404, 409)},
    f"{_ONE}/merges": {
        "post": _post("merge", "Make another customer a part of this one.", "Merge", ref("Merged"), 404, 409)
    },
    "/v1/merges/{merge}/undo": {
        "post": {
            "tags": [TAG],
            "operationId": "undoMerge",
            "summary": "Undo a merge.",
            "description": "The key must be one that may `edit`. Sent again it changes nothing.",
            "parameters": [
                {
                    "name": "merge",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
                    "example": "4f6ca0b1d2e3f40516273849",
                }
            ],
            "responses": answers(
                {"200": good("They are two again.", _object({"customer_id": {"type": "string"}}))}, *POSTED, 404, 409
            ),
        }
    },
    "/v1/segments": {"get": _get("segments", "The segments and how many are in each.", "Segments", about=False)},
}
