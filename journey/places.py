"""What rules look at: every step with its place in the file, and what else is defined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from journey.company import Company
from journey.declared.customer import DeclaredCustomer
from journey.declared.event import DeclaredEvent
from journey.definition import Journey
from journey.messages import Message
from journey.record.products import Product
from journey.steps import Step
from journey.texts.asking import Askings
from journey.yaml_tree import Path


@dataclass(frozen=True)
class Context:
    """What a journey may refer to."""

    company: Company | None
    messages: frozenset[str]
    journeys: frozenset[str]
    texts: Mapping[str, Message] = field(default_factory=dict)
    """The messages that can be read, by name."""
    kept: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each message, the variables that some journey which sends it keeps."""
    sent: frozenset[str] | None = None
    """The messages that some journey sends; None while a journey cannot be read."""
    events: Mapping[str, DeclaredEvent] = field(default_factory=dict)
    """The declared events; without any, nothing is typed."""
    customer: DeclaredCustomer | None = None
    products: Mapping[str, Product] = field(default_factory=dict)
    """The products that can be read, by sku."""
    skus: frozenset[str] = frozenset()
    """The skus of all products that have a file."""
    askings: Askings | None = None
    """What the texts of ``messages/`` ask for."""
    calendars: frozenset[str] = frozenset()
    """The names of the business calendars."""
    ical: Mapping[str, str] = field(default_factory=dict)
    """The iCal files beside the calendars, by name."""
    starts: Mapping[str, str] = field(default_factory=dict)
    """For each journey the event that begins it."""
    memo: dict[str, Any] = field(default_factory=dict, compare=False)
    """What rules have worked out of a journey, by its name, so that others need not do it again."""


def placed_steps(journey: Journey) -> Iterator[tuple[Step, Path]]:
    """Every step with its path in the file: exits, goal, then steps, each in reading order."""
    yield from journey.placed
