"""The JSON Schemas that editors use say of every key what it is for."""

from collections.abc import Iterator
from typing import Any

import pytest

from journey.schema import KINDS, schema


def silent(node: Any, where: str = "") -> Iterator[str]:
    """The keys without a description."""
    if isinstance(node, list):
        for inner in node:
            yield from silent(inner, where)
    if isinstance(node, dict):
        for name, said in (node.get("properties") or {}).items():
            if isinstance(said, dict) and "description" not in said and "$ref" not in said:
                yield f"{where}.{name}"
        for key, inner in node.items():
            yield from silent(inner, f"{where}/{key}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_schema_is_described(kind: str) -> None:
    assert list(silent(schema(kind))) == []
