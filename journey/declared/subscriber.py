"""A system that is told what changes here (``definitions/subscribers/<subscriber>.yaml``)."""

from typing import Annotated

from pydantic import Field, model_validator

from journey.declared.source import SECRET
from journey.model import Frozen, Mistake
from journey.steps.base import Name

ADDRESS = r"^(https?://[^\s]+|nats:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)$"


class Subscriber(Frozen):
    """Where what is sent, and by which secret it is signed."""

    subscriber: Annotated[Name, Field(description="its name: the file's name without .yaml")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="what it is, in a few words")]
    to: Annotated[
        str,
        Field(
            max_length=500,
            pattern=ADDRESS,
            description="the web address that takes signed webhooks, or nats: and a subject",
            examples=["https://crm.example.com/wayfare", "nats:wayfare.changes"],
        ),
    ]
    secret: Annotated[
        str | None,
        Field(
            pattern=SECRET,
            description="the environment variable that holds the secret of the signature; never the secret itself",
            examples=["WAYFARE_SECRET_CRM"],
        ),
    ] = None
    changes: Annotated[
        tuple[Annotated[str, Field(max_length=80)], ...],
        Field(min_length=1, description="what it is told; * at the end stands for anything", examples=[["journey.*"]]),
    ]

    @property
    def subject(self) -> str:
        """The subject on NATS; '' if it is told by webhooks."""
        return self.to.removeprefix("nats:") if self.to.startswith("nats:") else ""

    @model_validator(mode="after")
    def _signed(self) -> "Subscriber":
        if not self.subject and self.secret is None:
            hint = "Name the environment variable that holds it, for example secret: WAYFARE_SECRET_CRM."
            raise Mistake("webhooks are signed, so secret: is needed", "to", hint=hint)
        return self
