"""What became of an event."""

from typing import Any

from gateway.openapi.parts import answers, good, ref

TAG = "receipts"

_HEARD = {
    "type": "object",
    "required": ["journey"],
    "properties": {
        "journey": {"type": "string"},
        "instance": {"type": "string"},
        "seq": {"type": "integer", "description": "Its number among all that the instance received."},
        "applied": {"type": "boolean", "description": "Whether the instance has made use of it yet."},
        "version": {"type": "integer", "description": "The version of the journey that the instance is on."},
        "now": {
            "type": "object",
            "properties": {
                "state": {"type": "string"},
                "step": {"type": ["string", "null"]},
                "doing": {"type": ["string", "null"]},
                "wake_at": {"type": ["string", "null"]},
                "outcome": {"type": ["string", "null"]},
            },
        },
    },
}
_NOT = {
    "type": "object",
    "required": ["journey", "reason"],
    "properties": {name: {"type": "string"} for name in ("journey", "instance", "reason")},
}

SCHEMAS: dict[str, Any] = {
    "Result": {
        "type": "object",
        "description": "What it started, who heard it, what did not start or had nothing to do with it, and why.",
        "properties": {
            "started": {"type": "array", "items": _HEARD},
            "heard": {"type": "array", "items": _HEARD},
            "not_started": {"type": "array", "items": _NOT},
            "not_heard": {"type": "array", "items": _NOT},
            "reason": {"type": "string"},
        },
    },
    "Became": {
        "type": "object",
        "required": ["receipt", "source", "id", "type", "state", "accepted_at", "attempts", "result"],
        "properties": {
            "receipt": {"type": "string"},
            "source": {"type": "string"},
            "id": {"type": "string"},
            "type": {"type": "string"},
            "state": {"enum": ["new", "routed", "unmatched", "parked", "quarantined"]},
            "accepted_at": {"type": "string", "format": "date-time"},
            "occurred_at": {"type": ["string", "null"], "format": "date-time"},
            "attempts": {"type": "integer"},
            "result": ref("Result"),
            "customer_url": {"type": "string", "description": "Where a person sees the customer."},
        },
    },
}

PATHS: dict[str, Any] = {
    "/v1/receipts/{receipt}": {
        "get": {
            "tags": [TAG],
            "operationId": "getReceipt",
            "summary": "What became of an event.",
            "parameters": [
                {
                    "name": "receipt",
                    "in": "path",
                    "required": True,
                    "description": "From the answer to an event.",
                    "schema": {"type": "string", "minLength": 1},
                    "example": "4f6ca0b1d2e3f40516273849",
                }
            ],
            "responses": answers({"200": good("What became of it.", ref("Became"))}, 401, 403, 404, 405, 503),
        }
    }
}
