"""The description of all doors (OpenAPI 3.1): one file for each door, put together here."""

from typing import Any

from gateway.openapi import customers, events, instances, mail, parts, receipts, sources, tasks, tracking

DOORS = (events, receipts, instances, customers, tasks, sources, mail, tracking)


def document(public_url: str = "") -> dict[str, Any]:
    """The whole description; `public_url` is where the doors are."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = dict(parts.SCHEMAS)
    for door in DOORS:
        paths |= door.PATHS
        schemas |= door.SCHEMAS
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Wayfare",
            "version": "0.1.0",
            "summary": "Events in: what upstream systems send, and what became of it.",
            "description": parts.PREFACE,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url or "/"}],
        "security": [{"key": []}],
        "tags": [{"name": door.TAG, "description": " ".join((door.__doc__ or "").split())} for door in DOORS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": parts.RESPONSES,
            "headers": parts.HEADERS,
            "securitySchemes": parts.SECURITY,
        },
    }
