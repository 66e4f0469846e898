"""The witness of one instance of a population: what it does is counted, and what follows from that is asked."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from journey.effects import Ask, NotifyTeam, OpenTask, SendMessage, StartJourney, Write
from journey.inputs import TASK_COMPLETED
from journey.life import Answer, Coming, Life
from journey.simulator import said
from journey.turn import Turn

if TYPE_CHECKING:
    from journey.population.person import Person

WELL = Answer()
"""It goes well, at once."""


class Counting:
    """The witness of one instance: what it does is counted, and what follows from that is asked."""

    def __init__(self, person: "Person", start: dict[str, Any]) -> None:
        self._person = person
        self._start = start
        self._began: datetime | None = None

    def answer(self, ask: Ask, asked: timedelta) -> Answer:
        """How the world answers: as a behaviour says, or well and at once."""
        kind, name, _ = said(ask)
        person = self._person
        if isinstance(ask, StartJourney) and self._began is not None:
            against = person.other(ask, self._began + asked)
            return Answer("refused", {"reason": against}) if isinstance(against, str) else WELL
        moment = f"{kind} {name}"
        if moment not in person.setting.behaviours or self._began is None:
            return WELL
        facts = {"start": self._start, "vars": getattr(ask, "vars", {})}
        return person.follow(moment, self._began + asked, facts) or WELL

    def came(self, at: datetime, kind: str) -> None:
        """An event; the first one is the beginning."""
        self._began = self._began or at

    def turned(self, life: Life, turn: Turn) -> None:
        """Nothing to count."""

    def wrote(self, life: Life, write: Write) -> None:
        """A task; it may be done later, as a behaviour says."""
        if not isinstance(write, OpenTask):
            return
        person, at = self._person, life.state.now
        person.tally.tasks[write.team, person.setting.day(at)] += 1
        facts = {"start": self._start, "vars": write.vars}
        done = person.follow(f"task {write.task}", at, facts)
        if done is not None and write.awaited:
            data = {"task": write.id, "name": write.task, "outcome": done.outcome, "answers": done.value}
            person.expect(at + done.after, Coming(timedelta(), TASK_COMPLETED, data), life)

    def asked(self, life: Life, ask: Ask) -> Life:
        """Whose effect it is."""
        return life

    def went(self, at: datetime, ask: Ask, answer: Answer, kept: Life) -> None:
        """A message, a team's mail, or another journey."""
        tally, day, well = self._person.tally, self._person.setting.day(at), answer.outcome == "accepted"
        if isinstance(ask, SendMessage):
            (tally.messages if well else tally.unsent)[ask.message, day] += 1
        elif isinstance(ask, NotifyTeam) and not ask.task:
            tally.teams[ask.team, day] += 1
        elif isinstance(ask, StartJourney) and well:
            self._person.begin_other(ask, at, kept)

    def rests(self, life: Life) -> None:
        """Nothing to count."""
