"""The contract of a step kind, with ready-made defaults.

A step kind is one file: a frozen model whose first field bears the kind's name (so the YAML is the model), and what it
does. To add one: write the file, add one line to ``STEPS`` in ``journey/steps/__init__.py``, describe it in
``docs/language.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from journey import durations
from journey.declared.fields import Fields
from journey.inputs import EffectDone, Event
from journey.model import Frozen
from journey.state import Aside
from journey.time import lengths
from journey.turn import Desk, Move, Next

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
EVENT_TYPE = r"^[^\s]+$"
VARIABLE = r"^[A-Za-z_]\w*$"

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=NAME)]
"""A word that names something: letters, digits, dots, dashes."""

EventType = Annotated[str, Field(min_length=1, max_length=200, pattern=EVENT_TYPE)]

Variable = Annotated[str, Field(pattern=VARIABLE, max_length=60)]
"""A name under ``vars``."""

Expression = Annotated[str, Field(min_length=1, max_length=2000)]


def _duration(text: str) -> str:
    durations.parse(text)
    return text


Duration = Annotated[str, Field(max_length=60), AfterValidator(_duration)]
"""A length of real time: ``2 days``."""


def _length(text: str) -> str:
    lengths.parse(text)
    return text


Length = Annotated[str, Field(max_length=60), AfterValidator(_length)]
"""A length of real time, of business time or of months: ``2 days``, ``3 business days``, ``6 months``."""

CalendarName = Annotated[
    Name | None, Field(description="the calendar that business time is counted in; without it the journey's")
]


def counted_in(calendar: str | None, *texts: str | None) -> tuple[str, ...]:
    """The calendar (see ``Step.calendars``) that these lengths are counted in; none if all are of real time."""
    return (calendar or "",) if any(text and lengths.parse(text).business for text in texts) else ()


def go_on(value: Any) -> Any:
    """``go on`` in place of steps: nothing is done, and the journey goes on."""
    return () if value == "go on" else value


@dataclass(frozen=True)
class Use:
    """An expression or text inside a step: where it stands, its source, which names it may use, and of which type
    ``event`` is, if that is one of them."""

    path: tuple[str | int, ...]
    source: str
    names: tuple[str, ...] = ("start", "vars", "customer", "now")
    condition: bool = True
    event: str = ""


class Step(Frozen):
    """What every step kind answers. The defaults suit a step that does one thing and goes on."""

    kind: ClassVar[str]
    only_waits: ClassVar[bool] = False
    """Whether it may be entered again without doing anything twice."""
    id: Annotated[Name, Field(description="a name of its own, for goto and for pages; made of its kind without it")] = (
        ""
    )
    was: Annotated[
        Name | None, Field(description="the id this step had first, when it was renamed; it keeps its identity by it")
    ] = None

    @property
    def uid(self) -> str:
        """The name that survives renaming: what was sent and counted is kept by it."""
        return self.was or self.id

    def title(self) -> str:
        """A few words for pages and traces: ``send welcome``."""
        return f"{self.kind} {getattr(self, self.kind, '')}".strip()

    def words(self) -> str:
        """What it does, in a few words for its box in the picture."""
        return self.title()

    def label(self, block: str) -> str:
        """The words that lead into one of its blocks, in the picture."""
        return block

    def doing(self) -> str:
        """What a customer who rests here does, in a few words: ``waits for setup.completed``."""
        return "stands"

    def enter(self, desk: Desk) -> Move:
        """The instance arrives here."""
        raise NotImplementedError

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        """The effect this step asked for has an answer."""
        return Next()

    def woke(self, desk: Desk) -> Move:
        """The rest is over and nothing came."""
        return Next()

    def heard(self, desk: Desk, event: Event) -> Move | None:
        """An event while resting here; None if it does not concern this step."""
        return None

    def aside(self, desk: Desk, aside: Aside) -> Move:
        """The moment has come for something that this step put aside: it is done beside the way. When the move leads
        out of this step, the instance comes back to where it stands."""
        return Next()

    def reads_for(self, aside: Aside) -> bool:
        """Whether it reads the customer anew before that."""
        return False

    def listens(self) -> tuple[str, ...]:
        """The event types it hears beside the way."""
        return ()

    def beside(self) -> bool:
        """Whether the steps inside are done beside the way."""
        return False

    def abandoned(self, desk: Desk) -> None:
        """The instance is taken away in the middle of this step: by an exit, a goal or a command."""

    def reads(self) -> tuple[str, ...]:
        """The customer's fields this step needs when it is entered."""
        return ()

    def reads_zone(self) -> bool:
        """Whether it needs the customer's time zone when it is entered."""
        return any(lengths.parse(text).months is not None for text in self.spans())

    def counts_later(self) -> bool:
        """Whether it works out business time or months after it was entered, too, when something it asked for is
        answered."""
        return False

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """The lengths of time that begin when it is entered, each with where it stands in the step."""
        return ()

    def spans(self) -> tuple[str, ...]:
        """Every length of time that it counts, from its beginning or from another moment."""
        return tuple(text for _, text in self.lengths())

    def calendars(self) -> tuple[str, ...]:
        """The calendars it counts in, by name, when it is entered; '' is the journey's, or the company's."""
        return counted_in(getattr(self, "calendar", None), *self.spans())

    def starts_clock(self) -> str:
        """The name of the clock it starts; '' for none."""
        return ""

    def follows_clock(self) -> str:
        """The name of the clock whose calendar it needs as well; '' for none."""
        return ""

    def hears(self) -> tuple[str, ...]:
        """The event types this step waits for."""
        return ()

    def counts(self, event: Event, desk: Desk) -> bool:
        """Whether an event from the mailbox counts when this step is entered."""
        return event.at >= desk.moved_at

    def keeps(self) -> tuple[str, ...]:
        """The event types to keep in the mailbox beyond the next wait."""
        return ()

    def blocks(self) -> Iterator[tuple[str, tuple["Step", ...]]]:
        """The named blocks of steps inside: ``("otherwise", (…))``."""
        yield from ()

    def uses(self) -> Iterator[Use]:
        """The expressions inside, for the checks."""
        yield from ()

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The Liquid texts inside, each with where it stands in the step."""
        yield from ()

    def messages(self) -> tuple[tuple[str, str], ...]:
        """The message texts it may write, each with the key where it stands."""
        return ()

    def pins(self) -> tuple[str, ...]:
        """The message texts that belong to the version of the journey, and do not change for those under way."""
        return ()

    def teams(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """The teams it speaks to, each with where it stands in the step."""
        return ()

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """The event types it waits for, each with where it stands in the step."""
        return ()

    def takes(self) -> tuple[tuple[str, str], ...]:
        """The variables that keep an event's data, each with the event's type."""
        return ()

    def certain(self, block: str) -> tuple[str, ...]:
        """The variables that are kept whenever it is left into a block ('' straight on)."""
        return self.makes() if block in ("", "then") else ()

    def shapes(self) -> dict[str, Fields]:
        """The fields of the variables that it keeps, as far as it knows them itself."""
        return {}

    def starts(self) -> str | None:
        """The journey that it starts, by name."""
        return None

    def goes_to(self) -> str | None:
        """The id of another step that it goes on with."""
        return None

    def goes_on(self) -> bool:
        """Whether the step after this one can follow directly, besides the blocks."""
        return not any(True for _ in self.blocks())

    def may_rest(self) -> bool:
        """Whether time may pass at this step by the author's will (an effect that takes its time is another matter)."""
        return False

    def must_rest(self) -> bool:
        """Whether time always passes at this step, so that a way back through it is no endless loop."""
        return self.may_rest()

    def past(self) -> str:
        """The words of the way that leads on past its blocks, for a picture."""
        return "otherwise"

    def loops(self) -> bool:
        """Whether the end of this step's blocks leads back to it."""
        return False

    def letters(self) -> tuple[str, ...]:
        """The message texts it may write, by name, whether it sends them or a person does."""
        return tuple(name for _, name in self.messages())

    def sends(self) -> tuple[str, ...]:
        """The messages this step may send, by name."""
        return self.letters()

    def makes(self) -> tuple[str, ...]:
        """The variables (``vars.<name>``) this step may set."""
        return ()

    def ends(self) -> bool:
        """Whether nothing after this step can be reached."""
        return False
