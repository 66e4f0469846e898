"""The rules of the record in force: what operations people declare about customers, in one value."""

import hashlib
import json
from functools import cached_property
from typing import Any

from pydantic import Field

from journey.declared.customer import DeclaredCustomer
from journey.declared.values import Violation, check
from journey.model import Frozen
from journey.record.loyalty import Loyalty
from journey.record.products import Product
from journey.record.segments import Segment


class Rules(Frozen):
    """What is declared of customers, the products by sku, the segments by name, and the loyalty programme. Nothing is
    by default, and then everything fits."""

    customer: DeclaredCustomer | None = None
    products: dict[str, Product] = Field(default_factory=dict)
    segments: dict[str, Segment] = Field(default_factory=dict)
    loyalty: Loyalty | None = None

    @cached_property
    def content(self) -> dict[str, Any]:
        """The rules as JSON data."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @cached_property
    def hash(self) -> str:
        """The content hash (SHA-256)."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()

    def unfit(self, attributes: dict[str, Any]) -> list[Violation]:
        """What does not fit its declared type. An attribute that is not declared is taken as it is: a sender may know
        more than we ask for."""
        return list(check(self.customer.attributes, attributes)) if self.customer else []


NONE = Rules()


def named(violation: Violation) -> str:
    """The attribute that a violation is in."""
    return violation.pointer.split("/")[1].replace("~1", "/").replace("~0", "~")
