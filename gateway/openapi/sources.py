"""Upstream systems that send messages of their own: Shopify, Stripe, Standard Webhooks, or JSON with a key."""

from typing import Any

from gateway.openapi.parts import POSTED, answers, good, ref

TAG = "sources"

SCHEMAS: dict[str, Any] = {
    "Taken": {
        "anyOf": [
            ref("Receipt"),
            {
                "type": "object",
                "required": ["source", "state"],
                "properties": {"source": {"type": "string"}, "state": {"const": "ignored"}},
            },
        ]
    }
}

PATHS: dict[str, Any] = {
    "/v1/sources/{source}": {
        "post": {
            "tags": [TAG],
            "operationId": "postMessage",
            "summary": "Send a message of a declared source.",
            "description": r"""\ `definitions/sources/` says which systems there are, how they prove who they are (their
                           signature, or a key), and what their messages become. What is proven is never refused for
                           what it says.""",
            "parameters": [
                {
                    "name": "source",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "minLength": 1},
                    "example": "shopify",
                }
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": answers({"200": good("Kept for ever, or ignored.", ref("Taken"))}, *POSTED, 404, 422),
        }
    }
}
