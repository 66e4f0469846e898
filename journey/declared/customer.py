"""What is known of a customer (``definitions/customer.yaml``): attributes with their types, and the tags in use."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from journey.declared import values
from journey.declared.fields import DeclaredField, Fields
from journey.declared.values import Violation
from journey.model import Frozen, Mistake


def _known(title: str, description: str) -> DeclaredField:
    return DeclaredField.model_validate(title).model_copy(update={"description": description})


def _group(description: str, *fields: str) -> DeclaredField:
    parts = dict.fromkeys(fields, "optional text")
    return DeclaredField.model_validate({"fields": parts, "optional": True, "description": description})


BUILT_IN: dict[str, DeclaredField] = {
    "id": _known("text", "the customer's id"),
    "email": _known("optional text", "the mail address"),
    "name": _known("optional text", "the whole name"),
    "first_name": _known("optional text", "the first name, or the first word of the name"),
    "last_name": _known("optional text", "the family name"),
    "phone": _known("optional text", "the phone number"),
    "locale": _known("optional text", "language and country, for example de-AT"),
    "time_zone": _known("optional text", "an IANA zone, for example Europe/Berlin"),
    "birth_date": _known("optional date", "the day of birth"),
    "gender": _known("optional text", "in the customer's own word"),
    "address": _group("the postal address", "street", "postal_code", "city", "region", "country"),
    "organisation": _group("the company that the customer belongs to", "id", "name"),
    "age": _known("optional whole number", "in whole years, today"),
    "orders_last_year": _known("whole number", "how many purchases were made and kept in the last 365 days"),
    "lifetime_value": _known("optional number", "what was paid and not given back, in the currency of most purchases"),
    "average_order": _known("optional number", "the mean of it for one purchase"),
    "currency": _known("optional text", "the currency of most purchases"),
    "first_purchase": _known("optional moment", "when the first purchase was made"),
    "last_purchase": _known("optional moment", "when the last purchase was made"),
    "days_since_purchase": _known("optional whole number", "whole days since the last purchase"),
    "usual_days": _known("optional number", "the usual pause between two purchases, in days"),
    "churn_risk": _known("optional text", "low, medium or high, by how long the last purchase is ago"),
    "owns": _known("list of text", "the skus of the products that the customer has"),
    "products": _known("list of anything", "the products that the customer has: sku, name, version, serial, since"),
    "recommended": _known("list of anything", "products that may suit: sku, name, because"),
    "points": _known("whole number", "the points of the loyalty programme that are left"),
    "tier": _known("optional text", "the rank in the loyalty programme"),
    "points_to_next_tier": _known("optional whole number", "how many points the next rank is away"),
    "segments": _known("list of text", "the segments that the customer is in, sorted"),
    "preferred_channel": _known("optional text", "by which way the customer turns to us most"),
    "open_complaints": _known("whole number", "how many complaints are open"),
    "consents": _known("list of text", "the topics that the customer agrees to, sorted"),
    "declined": _known("list of text", "the topics that the customer does not want, sorted"),
    "tags": _known("list of text", "the tags in force, sorted"),
    "orders": _known("whole number", "how many purchases were made and kept"),
}
"""What every customer record has, or may have, without being declared."""


class DeclaredCustomer(Frozen):
    """The attributes that events and journeys may give a customer. Any of them may be missing."""

    attributes: Annotated[Fields, Field(description="each attribute with its type")] = Field(default_factory=dict)
    tags: Annotated[dict[str, str], Field(description="each tag with its meaning")] = Field(default_factory=dict)

    @field_validator("attributes")
    @classmethod
    def _not_built_in(cls, attributes: Fields) -> Fields:
        for name in attributes:
            if name in BUILT_IN:
                message = f'every customer has "{name}" without being told'
                raise Mistake(
                    message, name, hint="Remove it, or give the attribute another name.", rule="attribute-built-in"
                )
        return {name: field.model_copy(update={"optional": True}) for name, field in attributes.items()}

    def check(self, attributes: dict[str, Any]) -> list[Violation]:
        """Every violation in a customer's attributes; one that is not declared is a violation, too."""
        return list(values.check(self.attributes, attributes, closed=True))
