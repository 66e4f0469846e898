"""One type of event (``definitions/events/<event>.yaml``): what it means, what it carries, what happens if it does not.

The customer of an event (``data.customer``) is the same in all of them and is not declared.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from journey.declared import values
from journey.declared.fields import Fields
from journey.declared.values import Violation
from journey.model import Frozen, Mistake

EVENT_TYPE = r"^[^\s/]+$"


class DeclaredEvent(Frozen):
    """A type of event, as its sender and the journeys agree on it."""

    event: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            pattern=EVENT_TYPE,
            description="the event type: the file's name without .yaml",
            examples=["purchase.completed"],
        ),
    ]
    title: Annotated[str, Field(min_length=1, max_length=200, description="what has happened, in a few words")]
    description: Annotated[str, Field(max_length=2000, description="more about it, for people")] = ""
    on_violation: Annotated[
        Literal["refuse", "keep"],
        Field(
            alias="on violation",
            description="what becomes of an event that does not fit. refuse: its sender is told, and it is not taken; "
            "keep: it is taken and put aside for people to look at",
        ),
    ] = "refuse"
    closed: Annotated[bool, Field(description="true: an event with other fields than these does not fit")] = False
    fields: Annotated[Fields, Field(description="what it carries: each field with its type")] = Field(
        default_factory=dict
    )
    example: Annotated[dict[str, Any] | None, Field(description="the data of one such event")] = None

    @field_validator("fields")
    @classmethod
    def _customer_is_known(cls, fields: Fields) -> Fields:
        if "customer" in fields:
            message = "the customer of an event is the same in all of them and is not declared"
            raise Mistake(
                message,
                "customer",
                hint="Remove it. What is known of customers stands in customer.yaml.",
                rule="customer-declared",
            )
        return fields

    def check(self, data: dict[str, Any]) -> list[Violation]:
        """Every violation in the data of an event of this type, its customer apart."""
        own = {name: value for name, value in data.items() if name != "customer"}
        return list(values.check(self.fields, own, closed=self.closed))
