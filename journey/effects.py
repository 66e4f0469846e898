"""All that a running journey can ask for.

An effect's id is its business identity (step, visit, ordinal): the ledger and the timeline are keyed by it, so asking
again never does it again. Writes go to the store only and need no answer; asks are answered by ``EffectDone``.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from journey.declared.fields import Fields
from journey.model import Frozen, Kinded


class SendMessage(Kinded):
    """Send the named message text to the customer. Outcomes: accepted, refused, failed, suppressed, expired, unknown.

    After ``not_after`` it is out of date: it expires, or a person is asked. ``alert``: tell the staff if nobody can say
    whether it went. ``dedupe``: not if the customer has had this text within so many seconds. ``question``: it asks.
    Its answer comes as an event of this type, and may name the message as this effect's value does (``message``).
    ``text``: the hash of the text that belongs to the version of the journey; without it the one in force is sent.
    ``channels``: by which it may go, one after the other until it has arrived (none: by mail); ``texts`` are the hashes
    of their texts, by name.
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
    text: str = ""
    channels: tuple[str, ...] = ()
    texts: dict[str, str] = Field(default_factory=dict)


class NotifyTeam(Kinded):
    """Tell a team of the company by mail; ``text`` is Liquid. Outcomes as for SendMessage. ``task``: it tells of the
    task that this effect has just opened; ``about``: it is about that task, and whoever has it is told instead."""

    kind: Literal["notify"] = "notify"
    id: str
    team: str
    text: str
    vars: dict[str, Any] = Field(default_factory=dict)
    task: str = ""
    about: str = ""


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


class TakeFrom(Kinded):
    """Take one from a customer's budget of the name (and key), of which there are ``at_most`` in so many seconds.
    Outcomes: accepted, full."""

    kind: Literal["throttle"] = "throttle"
    id: str
    budget: str
    key: str
    at_most: int
    per: float


class CallService(Kinded):
    """An HTTP request. ``key`` is the same for every try of one visit (Idempotency-Key). ``timeout`` in seconds. A
    header may name a secret (``secret desk-token``). Outcomes: accepted (2xx; the value holds ``status`` and ``body``),
    or the kind of failure (``journey.steps.call.FAILURES``) with the reason."""

    kind: Literal["call"] = "call"
    id: str
    name: str
    method: str
    url: str
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    key: str
    timeout: float


class StartJourney(Kinded):
    """Begin another journey for this customer, as an event with this data would. ``awaited``: its end is delivered as
    ``journey.ended``; ``bound``: it is cancelled when this one ends. Outcomes: accepted, refused (with the reason)."""

    kind: Literal["start_journey"] = "start_journey"
    id: str
    journey: str
    data: dict[str, Any] = Field(default_factory=dict)
    awaited: bool = False
    bound: bool = False


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


BY_HAND, ROUND_ROBIN, LEAST_LOADED = "by hand", "round robin", "least loaded"
"""The rules by which a task finds its person."""


class Playbook(Frozen):
    """How a task is done well: what to check, what to say (Liquid), and ready replies (message texts)."""

    check: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=500)], ...],
        Field(max_length=30, description="what to look at first, point by point (Liquid)"),
    ] = ()
    say: Annotated[str, Field(max_length=5000, description="what to say to the customer (Liquid)")] = ""
    replies: Annotated[
        tuple[str, ...],
        Field(max_length=20, description="message texts that are ready to be used, in the customer's language"),
    ] = ()


class OpenTask(Kinded):
    """Work for a person. ``title``, ``text`` and ``playbook`` are Liquid, written when the task is opened. ``outcomes``
    are those it can have (any, if there are none), ``form`` what has to be filled in. Its completion is delivered if
    ``awaited``. ``assign``: who gets it (a rule or a person; '' is the team's own rule), with ``skill`` if it needs
    one."""

    kind: Literal["open_task"] = "open_task"
    id: str
    task: str
    team: str
    title: str
    text: str = ""
    vars: dict[str, Any] = Field(default_factory=dict)
    form: Fields = Field(default_factory=dict)
    outcomes: tuple[str, ...] = ()
    priority: int = 5
    due_at: datetime | None = None
    awaited: bool = False
    assign: str = ""
    skill: str = ""
    playbook: Playbook | None = None


class CloseTask(Kinded):
    """A task that is not needed any more, if it is still open: overtaken by an event, or cancelled with its journey."""

    kind: Literal["close_task"] = "close_task"
    id: str
    opened: str
    state: Literal["overtaken", "cancelled"]
    reason: str


Ask = Annotated[
    SendMessage | NotifyTeam | ReadCustomer | TakeFrom | CallService | StartJourney, Field(discriminator="kind")
]
Write = Annotated[UpdateCustomer | AddNote | OpenTask | CloseTask, Field(discriminator="kind")]
Effect = (
    SendMessage | NotifyTeam | ReadCustomer | TakeFrom | CallService | StartJourney
    | UpdateCustomer | AddNote | OpenTask | CloseTask
)  # fmt: skip

ASKS = ("send", "notify", "read_customer", "throttle", "call", "start_journey")
WRITES = ("update_customer", "note", "open_task", "close_task")
