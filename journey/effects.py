"""All that a running journey can ask for.

An effect's id is its business identity (step, visit, ordinal): the ledger and the timeline are keyed by it, so asking
again never does it again. Writes go to the store only and need no answer; asks are answered by ``EffectDone``.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from journey.model import Frozen, Kinded


class SendMessage(Kinded):
    """Send the named message text to the customer. Outcomes: accepted, refused, failed, suppressed, expired, unknown.

    After ``not_after`` it is out of date: it expires, or a person is asked. ``alert``: tell the staff if nobody can say
    whether it went. ``dedupe``: not if the customer has had this text within so many seconds. ``question``: it asks.
    Its answer comes as an event of this type, and may name the message as this effect's value does (``message``).
    """

    kind: Literal["send"] = "send"
    id: str
    message: str
    vars: dict[str, Any] = Field(default_factory=dict)
    not_after: datetime | None = None
    ask_when_stale: bool = False
    alert: bool = False
    dedupe: float | None = None
    question: str = ""


class NotifyTeam(Kinded):
    """Tell a team of the company by mail; ``text`` is Liquid. Outcomes as for SendMessage."""

    kind: Literal["notify"] = "notify"
    id: str
    team: str
    text: str
    vars: dict[str, Any] = Field(default_factory=dict)


class WantedTime(Frozen):
    """What is asked of the local time: calendars by name ('' is the company's), with their special days around a
    moment. The zones always come along."""

    at: datetime
    calendars: tuple[str, ...] = ()


class ReadCustomer(Kinded):
    """Read fields of the customer record; the answer's value holds those that exist. With ``local`` the answer also
    says what counts as local time: the zones, and these calendars as they are in force then."""

    kind: Literal["read_customer"] = "read_customer"
    id: str
    fields: tuple[str, ...]
    local: WantedTime | None = None


class UpdateCustomer(Kinded):
    """Set attributes and tags of the customer record."""

    kind: Literal["update_customer"] = "update_customer"
    id: str
    attributes: dict[str, Any] = Field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


class AddNote(Kinded):
    """Write a staff note (Liquid) on the customer's timeline."""

    kind: Literal["note"] = "note"
    id: str
    text: str
    vars: dict[str, Any] = Field(default_factory=dict)


Ask = Annotated[SendMessage | NotifyTeam | ReadCustomer, Field(discriminator="kind")]
Write = Annotated[UpdateCustomer | AddNote, Field(discriminator="kind")]
Effect = SendMessage | NotifyTeam | ReadCustomer | UpdateCustomer | AddNote

ASKS = ("send", "notify", "read_customer")
WRITES = ("update_customer", "note")
