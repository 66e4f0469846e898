"""Everything a definitions folder says, read and checked."""

from pydantic import Field

from journey.company import Company
from journey.declared.customer import DeclaredCustomer
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from journey.declared.subscriber import Subscriber
from journey.definition import Journey
from journey.messages import Message
from journey.model import Frozen
from journey.policies import Policies
from journey.population.model import Population
from journey.record.loyalty import Loyalty
from journey.record.products import Product
from journey.record.rules import Rules
from journey.record.segments import Segment
from journey.scenarios import Scenarios
from journey.time.calendar import Calendar
from journey.time.wall import TimesInForce


class Library(Frozen):
    """The company, its journeys, its message texts and the scenarios, each by name; what is declared of events and
    customers, and the business calendars. Without a declared event nothing is typed. Populations are for forecasts."""

    company: Company
    journeys: dict[str, Journey]
    messages: dict[str, Message]
    scenarios: dict[str, Scenarios]
    events: dict[str, DeclaredEvent] = Field(default_factory=dict)
    customer: DeclaredCustomer | None = None
    policies: Policies = Policies()
    products: dict[str, Product] = Field(default_factory=dict)
    segments: dict[str, Segment] = Field(default_factory=dict)
    loyalty: Loyalty | None = None

    @property
    def rules(self) -> Rules:
        """What it says about the customer record."""
        return Rules(customer=self.customer, products=self.products, segments=self.segments, loyalty=self.loyalty)

    populations: dict[str, Population] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
    subscribers: dict[str, Subscriber] = Field(default_factory=dict)
    calendars: dict[str, Calendar] = Field(default_factory=dict)

    @property
    def times(self) -> TimesInForce:
        """What it says about time."""
        return TimesInForce(self.company.time_zone, self.company.calendar or "", self.calendars)
