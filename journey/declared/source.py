"""One upstream system (``definitions/sources/<source>.yaml``): how its messages become our events.

A value that begins with ``= `` is an expression over ``event``, which here is the message as its sender wrote it; every
other value is taken as written. What cannot be read is left out. ``{first of: [= …, = …]}`` is the first of several
that comes to something.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from journey.model import Frozen, Mistake
from journey.steps.base import Expression, Name, Use

SECRET = r"^WAYFARE_SECRET_[A-Z0-9_]+$"  # noqa: S105  the form of a variable's name
FIRST_OF = "first of"
NAMES = ("event", "now")

SentBy = Literal["shopify", "stripe", "standard webhooks", "segment", "json"]
SIGNED: tuple[SentBy, ...] = ("shopify", "stripe", "standard webhooks")
"""Senders that sign what they send. The others show a key of ours."""

_When = Annotated[str, Field(min_length=1, max_length=255)]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Rule(Frozen):
    """What one kind of message becomes."""

    when: Annotated[
        tuple[_When, ...],
        BeforeValidator(_one_or_many, json_schema_input_type=_When | tuple[_When, ...]),
        Field(
            min_length=1,
            description="the name of the message, or several; * at the end stands for anything",
            examples=["orders/paid", "track Order Completed", "charge.*"],
        ),
    ]
    if_: Annotated[Expression | None, Field(alias="if", description="a condition; without it every such message")] = (
        None
    )
    type: Annotated[
        str, Field(min_length=1, max_length=255, description="the type of our event, or = an expression that gives it")
    ]
    customer: Annotated[
        dict[str, Any], Field(description="whom it is about, besides what is said above for every message")
    ] = Field(default_factory=dict)
    data: Annotated[
        Any, Field(description="what the event carries: a group of fields; the whole message if this is left out")
    ] = None

    @field_validator("data")
    @classmethod
    def _a_group(cls, value: Any) -> Any:
        if not (value is None or isinstance(value, dict) or (isinstance(value, str) and value.startswith("= "))):
            raise Mistake("a group of fields is expected here", hint="Or one expression, after = and a space.")
        return value


class Source(Frozen):
    """An upstream system and the table of its messages."""

    source: Annotated[Name, Field(description="the source's name: the file's name without .yaml")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="what it is, in a few words")]
    sent_by: Annotated[
        SentBy, Field(alias="sent by", description="how its messages come and what proves who sent them")
    ]
    secret: Annotated[
        str | None,
        Field(
            pattern=SECRET,
            description="the environment variable that holds the secret of its signature; never the secret itself",
            examples=["WAYFARE_SECRET_SHOPIFY"],
        ),
    ] = None
    named_by: Annotated[
        Expression, Field(alias="named by", description="an expression that gives a message's name (sent by json)")
    ] = "event.type"
    known_by: Annotated[
        Expression, Field(alias="known by", description="an expression that gives a message's id (sent by json)")
    ] = "event.id"
    customer: Annotated[
        dict[str, Any], Field(description="whom a message is about: id, email, name, phone, attributes, …")
    ] = Field(default_factory=dict)
    events: Annotated[tuple[Rule, ...], Field(min_length=1, description="the table; the first rule that fits counts")]
    ignore: Annotated[
        tuple[_When, ...],
        BeforeValidator(_one_or_many, json_schema_input_type=_When | tuple[_When, ...]),
        Field(description="the names of messages that are not kept; * at the end is anything"),
    ] = ()
    otherwise: Annotated[
        Literal["keep", "refuse"],
        Field(description="a message that no rule is for. keep: it is put aside, unmatched; refuse: it is not taken"),
    ] = "keep"

    @model_validator(mode="after")
    def _secret_where_signed(self) -> "Source":
        if self.sent_by in SIGNED and self.secret is None:
            raise Mistake(
                "these messages are signed, so secret: is needed",
                "sent by",
                hint="Name the environment variable that holds it, for example secret: WAYFARE_SECRET_SHOP.",
            )
        if self.sent_by not in SIGNED and self.secret is not None:
            hint = "Remove it; make a key for it with wayfare keys add."
            raise Mistake("nothing is signed here: its sender shows a key of ours", "secret", hint=hint)
        return self

    def uses(self) -> Iterator[Use]:
        """Every expression, with its path in the file."""
        if self.sent_by == "json":
            yield Use(("named by",), self.named_by, NAMES, condition=False)
            yield Use(("known by",), self.known_by, NAMES, condition=False)
        yield from _expressions(self.customer, ("customer",))
        for number, rule in enumerate(self.events):
            if rule.if_ is not None:
                yield Use(("events", number, "if"), rule.if_, NAMES)
            for key in ("type", "customer", "data"):
                yield from _expressions(getattr(rule, key), ("events", number, key))


def _expressions(value: Any, path: tuple[str | int, ...]) -> Iterator[Use]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _expressions(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _expressions(inner, (*path, number))
    elif isinstance(value, str) and value.startswith("= "):
        yield Use(path, value[2:], NAMES, condition=False)
