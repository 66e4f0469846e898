"""The tracking API of Segment and RudderStack."""

from typing import Any

from gateway.envelopes import MOST_IN_BATCH
from gateway.openapi.parts import POSTED, answers, good, ref
from gateway.tracking import ADDRESSES, BEACON, SETTINGS

TAG = "tracking"

_ANYWHERE = {
    "Access-Control-Allow-Origin": {"required": True, "schema": {"const": "*"}, "description": "Any page may send."}
}

SCHEMAS: dict[str, Any] = {
    "Tracked": {
        "type": "object",
        "description": "A message of the tracking API. One that cannot be used is put aside, and answered alike.",
        "properties": {
            name: {"description": what}
            for name, what in (
                ("userId", "The customer's id."),
                ("anonymousId", "An id that a browser made up."),
                ("messageId", "The message's own id, the same whenever it is sent again."),
                ("event", "Of track: what has happened."),
                ("properties", "Of track, page and screen: what there is to say of it."),
                ("traits", "Of identify and group: what is known."),
                ("previousId", "Of alias: the id by which the customer was known before."),
                ("context", "Where it happened; RudderStack puts traits here."),
                ("timestamp", "When it happened, by the sender's clock."),
                ("writeKey", "The key, if the header does not hold it."),
            )
        },
        "examples": [{"userId": "c-1", "event": "Order Completed", "properties": {"order_id": "o-1", "total": 49.0}}],
    },
    "TrackedBatch": {
        "type": "object",
        "required": ["batch"],
        "properties": {"batch": {"type": "array", "maxItems": MOST_IN_BATCH}, "sentAt": {}, "writeKey": {}},
        "examples": [{"batch": [{"type": "identify", "userId": "c-1", "traits": {"email": "grete@example.org"}}]}],
    },
    "Success": {"type": "object", "required": ["success"], "properties": {"success": {"const": True}}},
}


def _door(path: str, takes: str) -> dict[str, Any]:
    last = path.strip("/").replace("/", "_").removeprefix("v1_")
    schema = ref("TrackedBatch" if takes == "batch" else "Tracked")
    done = good("Kept for ever.", ref("Success"), {"success": True}) | {"headers": _ANYWHERE}
    return {
        "post": {
            "tags": [TAG],
            "operationId": f"tracking_{last}",
            "summary": f"{takes.capitalize()}, as clients of the tracking API send it.",
            "description": "Browsers send the same JSON as `text/plain`; gzip is read (`Content-Encoding: gzip`).",
            "security": [{"writeKey": []}, {"key": []}, {}],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": schema}},
            },
            "responses": answers({"200": done}, *POSTED),
        },
        "options": {
            "tags": [TAG],
            "operationId": f"preflight_{last}",
            "summary": "May a page send here? Any page may.",
            "security": [],
            "responses": {"204": {"description": "It may.", "headers": _ANYWHERE}},
        },
    }


_SETTINGS = {
    "get": {
        "tags": [TAG],
        "operationId": "tracking_settings",
        "summary": "What analytics.js asks for before it sends: the address to send to.",
        "security": [],
        "parameters": [
            {
                "name": "key",
                "in": "path",
                "required": True,
                "description": "A write key, which is a key of Wayfare's.",
                "schema": {"type": "string"},
            }
        ],
        "responses": answers(
            {"200": good("Where to send.", {"type": "object", "required": ["integrations"]}) | {"headers": _ANYWHERE}},
            401,
            403,
            405,
            429,
            503,
        ),
    },
    "options": {
        "tags": [TAG],
        "operationId": "preflight_settings",
        "summary": "May a page ask? Any page may.",
        "security": [],
        "parameters": [{"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"204": {"description": "It may.", "headers": _ANYWHERE}},
    },
}
_KEY_IN_ADDRESS = {
    "name": "writeKey",
    "in": "query",
    "description": "The key, for a beacon, which has no headers.",
    "schema": {"type": "string"},
}

PATHS: dict[str, Any] = {path: _door(path, takes) for path, takes in ADDRESSES.items()} | {SETTINGS: _SETTINGS}
PATHS[BEACON]["post"]["parameters"] = [_KEY_IN_ADDRESS]
