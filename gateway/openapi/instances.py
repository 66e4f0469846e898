"""Steering journeys that are under way."""

from typing import Any

from gateway.envelopes import ID_MOST
from gateway.openapi.parts import EMAIL, POSTED, answers, good, line, ref
from gateway.orders import ORDERS
from journey.identity import KEYS

TAG = "instances"

SCHEMAS: dict[str, Any] = {
    "Order": {
        "type": "object",
        "required": ["id"],
        "anyOf": [{"required": ["key"]}, {"required": ["customer"]}],
        "properties": {
            "id": line(ID_MOST, "The order's own id, the same whenever it is sent again.", "cancel-o-1"),
            "key": line(200, "The key of the instance, as the journey's start says.", "o-1"),
            "customer": {
                "type": "object",
                "description": "Whose instance is meant.",
                "properties": {"id": line(ID_MOST, "The shop's own id."), "email": EMAIL},
                "anyOf": [{"required": [key]} for key in list(KEYS.values())[:2]],
                "additionalProperties": False,
            },
            "reason": line(300, "Why, for people."),
        },
        "additionalProperties": False,
        "examples": [{"id": "cancel-o-1", "key": "o-1", "customer": {"id": "c-1"}, "reason": "It was cancelled."}],
    }
}

PATHS: dict[str, Any] = {
    "/v1/instances/{journey}/{what}": {
        "post": {
            "tags": [TAG],
            "operationId": "order",
            "summary": "Cancel, hold or resume running instances.",
            "description": "Kept like an event, and carried out in the order of acceptance; the receipt says on whom.",
            "parameters": [
                {
                    "name": "journey",
                    "in": "path",
                    "required": True,
                    "schema": line(80, "The journey's name.", "onboarding"),
                },
                {"name": "what", "in": "path", "required": True, "schema": {"enum": list(ORDERS)}},
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": ref("Order")}}},
            "responses": answers({"202": good("Kept for ever.", ref("Receipt"))}, *POSTED, 404, 409),
        }
    }
}
