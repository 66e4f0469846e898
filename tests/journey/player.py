"""One instance, moved by hand: the test says what happens and when, and looks at what the machine asks for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from journey import durations, machine
from journey.commands import Command
from journey.definition import Journey
from journey.effects import ReadCustomer
from journey.inputs import CommandReceived, EffectDone, Entry, Event, EventReceived, Input, WokeUp
from journey.state import State
from journey.turn import Turn

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def after(text: str) -> datetime:
    """The moment so long after the beginning: ``after("2 days")``."""
    return BEGAN + (durations.parse(text) if text else timedelta())


class Player:
    """The machine with its state. ``record`` is the customer record, whose reading is answered at once."""

    def __init__(
        self, journey: Journey, *, pace: float = 1.0, record: dict[str, Any] | None = None, **start: Any
    ) -> None:
        self.journey = journey
        self.record = record or {}
        self.turns: list[Turn] = []
        entry = Entry(event=Event(type=journey.start.on, data=start, at=BEGAN), who="c-1", pace=pace)
        self.turn = machine.start(journey, entry, BEGAN)
        self._keep(self.turn)

    def event(
        self, kind: str, accepted: str, *, applied: str = "", customer: dict[str, Any] | None = None, **data: Any
    ) -> Turn:
        """An event accepted so long after the beginning; ``applied`` later if it was on its way."""
        event = Event(type=kind, data=data, at=after(accepted), customer=customer or {})
        return self.give(EventReceived(event=event, at=after(applied or accepted)))

    def wake(self, at: str) -> Turn:
        """It is this late."""
        return self.give(WokeUp(at=after(at)))

    def order(self, command: Command) -> Turn:
        """A command, applied when it was accepted."""
        turn = self.give(CommandReceived(command=command, at=command.at))
        if turn.plan is not None:
            self.journey = Journey.model_validate(turn.plan)
        return turn

    def answer(self, outcome: str = "accepted", *, at: str = "", effect: str = "", **value: Any) -> Turn:
        """The answer to what is asked."""
        asked = self.state.asked
        name = effect or (asked.id if asked else "nothing")
        moment = max(after(at), self.state.now)
        return self.give(EffectDone(effect=name, outcome=outcome, value=value, at=moment))

    def give(self, happened: Input) -> Turn:
        """One input; a question about the customer is answered at once."""
        self.turn = machine.advance(self.journey, self.state, happened)
        self._keep(self.turn)
        return self.turn

    def _keep(self, turn: Turn) -> None:
        self.turns.append(turn)
        if isinstance(turn.ask, ReadCustomer):
            value = {field: self.record[field] for field in turn.ask.fields if field in self.record}
            self.give(EffectDone(effect=turn.ask.id, value=value, at=turn.state.now))

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.turns[-1].state

    @property
    def sends(self) -> str:
        """The message that is being sent, '' if none is."""
        return getattr(self.state.asked, "message", "")

    @property
    def outcome(self) -> str:
        """How it ended, '' while it runs."""
        return self.state.ended.outcome if self.state.ended else ""

    @property
    def reasons(self) -> list[str]:
        """Every decision so far."""
        return [decision.text for turn in self.turns for decision in turn.decisions]
