"""Events as CloudEvents 1.0 (structured, binary, batched) or as plain JSON."""

import re
from typing import Any

from gateway.envelopes import ID_MOST, MOST_IN_BATCH
from gateway.openapi.parts import POSTED, answers, good, line, ref
from journey import reserved

TAG = "events"

_DATA = {
    "type": "object",
    "required": ["customer"],
    "properties": {"customer": ref("Customer")},
    "propertyNames": {"pattern": r"^[^\u0000]*$"},
    "additionalProperties": ref("Value"),
    "description": "The customer, and whatever the journeys need. Declared types have to fit their declaration.",
}
_EXAMPLE = {
    "customer": {"id": "c-1", "email": "grete@example.org", "name": "Grete Hermann"},
    "order_id": "o-1",
    "product": {"sku": "P-1", "name": "Lamp", "needs_setup": True},
    "amount": "49.00",
    "currency": "EUR",
}
_WHOLE = {
    "specversion": "1.0",
    "id": "purchase-1",
    "source": "/shop",
    "type": "purchase.completed",
    "data": _EXAMPLE,
}
_OWN = ", ".join(f"`{name}`" for name in (f"{reserved.PREFIX}*", *reserved.TYPES))
_TYPE = line(ID_MOST, f"What has happened. Wayfare itself makes {_OWN}; nobody else may.", "purchase.completed")
_TYPE["not"] = {"pattern": r"^wayfare\.|^(" + "|".join(map(re.escape, reserved.TYPES)) + ")$"}
_NOT_OURS = {"not": {"const": reserved.SOURCE}}
_KEYS = {
    "id": line(ID_MOST, "The event's own id, the same whenever it is sent again.", "purchase-1"),
    "source": line(ID_MOST, "Who says so.", "/shop") | _NOT_OURS,
    "type": _TYPE,
    "time": ref("Moment"),
    "data": _DATA,
}
_EXTENSIONS = {"propertyNames": {"pattern": r"^[^\u0000]*$"}, "additionalProperties": ref("Plain")}

SCHEMAS: dict[str, Any] = {
    "CloudEvent": {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {"specversion": {"const": "1.0"}, "datacontenttype": {"const": "application/json"}, **_KEYS},
        **_EXTENSIONS,
        "examples": [
            {
                "specversion": "1.0",
                "id": "purchase-1",
                "source": "/shop",
                "type": "purchase.completed",
                "data": _EXAMPLE,
            }
        ],
    },
    "PlainEvent": {
        "type": "object",
        "description": "The same keys without `specversion`; without `source` it is the name of the key.",
        "required": ["id", "type", "data"],
        "properties": {**_KEYS, "source": line(ID_MOST, "Who says so.", "/shop", optional=True) | _NOT_OURS},
        **_EXTENSIONS,
        "examples": [{"id": "purchase-1", "type": "purchase.completed", "data": _EXAMPLE}],
    },
    "BatchAnswer": {
        "type": "object",
        "required": ["events", "accepted", "duplicate", "unmatched", "quarantined"],
        "properties": {
            "events": {"type": "array", "items": ref("Receipt"), "description": "A receipt for each, in their order."},
            **{name: {"type": "integer"} for name in ("accepted", "duplicate", "unmatched", "quarantined")},
        },
    },
    "Foreseen": {
        "type": "object",
        "required": ["source", "id", "state", "would_be"],
        "properties": {
            "source": {"type": "string"},
            "id": {"type": "string"},
            "state": {"enum": ["accepted", "duplicate", "conflict", "unmatched"]},
            "would_be": {
                "type": "object",
                "required": ["state", "result"],
                "properties": {"state": {"type": "string"}, "result": ref("Result")},
            },
        },
    },
}

_DRY = {
    "name": "dry_run",
    "in": "query",
    "description": "1: say what a single event would come to, and keep nothing.",
    "schema": {"enum": ["0", "1"], "default": "0"},
}

PATHS: dict[str, Any] = {
    "/v1/events": {
        "post": {
            "tags": [TAG],
            "operationId": "postEvents",
            "summary": "Send one event, or a batch.",
            "description": f"""\
One event, or up to {MOST_IN_BATCH:,} in batched mode. In binary mode the attributes are `ce-` headers and the body is
the data. What is no event in a batch is kept in quarantine with its reason, and its neighbours are taken.""",
            "parameters": [_DRY],
            "requestBody": {
                "required": True,
                "content": {
                    "application/cloudevents+json": {"schema": ref("CloudEvent")},
                    "application/json": {"schema": ref("PlainEvent")},
                    "application/cloudevents-batch+json": {
                        "schema": {"type": "array", "description": "CloudEvents.", "maxItems": MOST_IN_BATCH},
                        "example": [_WHOLE],
                    },
                },
            },
            "responses": answers(
                {
                    "200": good("A trial: what the event would come to.", ref("Foreseen")),
                    "202": good("Kept for ever.", {"anyOf": [ref("Receipt"), ref("BatchAnswer")]}),
                },
                *POSTED,
                409,
                422,
            ),
        },
        "options": {
            "tags": [TAG],
            "operationId": "mayISend",
            "summary": "The handshake of CloudEvents webhooks, and the methods of this address.",
            "security": [],
            "parameters": [
                {"name": name, "in": "header", "schema": {"type": "string"}}
                for name in ("WebHook-Request-Origin", "WebHook-Request-Rate")
            ],
            "responses": {
                "200": {
                    "description": "It may; each event still needs its key.",
                    "headers": {
                        "Allow": {"schema": {"type": "string"}, "required": True},
                        "WebHook-Allowed-Origin": {"schema": {"type": "string"}},
                        "WebHook-Allowed-Rate": {"schema": {"type": "string"}},
                    },
                }
            },
        },
    }
}
