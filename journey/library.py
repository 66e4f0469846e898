"""Everything a definitions folder says, read and checked."""

from journey.company import Company
from journey.definition import Journey
from journey.messages import Message
from journey.model import Frozen
from journey.scenarios import Scenarios


class Library(Frozen):
    """The company, its journeys, its message texts and the scenarios, each by name."""

    company: Company
    journeys: dict[str, Journey]
    messages: dict[str, Message]
    scenarios: dict[str, Scenarios]
