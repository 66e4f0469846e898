"""The world of a scenario: what it says about the answers to effects; all else goes well, at once."""

from collections.abc import Sequence
from datetime import timedelta

from journey import durations
from journey.effects import Ask, OpenTask, StartJourney
from journey.inputs import JOURNEY_ENDED, TASK_COMPLETED
from journey.life import Answer, Coming
from journey.scenarios import ANSWERED, Given
from journey.simulator import said


class World:
    """Answers effects as a scenario says. One world for one life: what was used up is used up."""

    def __init__(self, given: Sequence[Given]) -> None:
        self._away = [one for one in given if one.mail is not None]
        self._turns: dict[tuple[str, str], list[Given]] = {}
        self._ends: dict[str, Coming] = {}
        for one in given:
            for kind in ANSWERED:
                name = getattr(one, kind)
                if name is not None:
                    self._turns.setdefault((kind, name), []).append(one)

    def __call__(self, ask: Ask, asked: timedelta) -> Answer:
        """The answer to an effect that is asked for so long after the start."""
        kind, name, _ = said(ask)
        held = self._held(asked) if kind in ("send", "notify") else timedelta()
        given = self._turn(kind, name)
        if given is None:
            return Answer(after=held)
        after = durations.parse(given.after)
        if given.ends_as is not None:
            self._ends[ask.id] = Coming(after, JOURNEY_ENDED, {"journey": name, "outcome": given.ends_as})
            return Answer(given.outcome or "accepted", given.value)
        value = {**given.value, **({"reason": given.reason} if given.reason else {})}
        return Answer(given.outcome or "accepted", value, held + after)

    def follows(self, begun: OpenTask | StartJourney) -> Coming | None:
        """What comes of a task that was opened, or of another journey that has started; nothing if nobody says so."""
        if isinstance(begun, StartJourney):
            return self._ends.pop(begun.id, None)
        given = self._turn("task", begun.task) if begun.awaited else None
        if given is None:
            return None
        data = {"task": begun.id, "name": begun.task, "outcome": given.outcome or "", "answers": given.value}
        return Coming(durations.parse(given.after), TASK_COMPLETED, data)

    def _turn(self, kind: str, name: str) -> Given | None:
        """The entry whose turn it is; the last one stays."""
        turns = self._turns.get((kind, name), [])
        return turns.pop(0) if len(turns) > 1 else next(iter(turns), None)

    def _held(self, asked: timedelta) -> timedelta:
        """How long mail that is asked for now must wait until the server is back."""
        back = asked
        for away in sorted(self._away, key=lambda one: durations.parse(one.from_)):
            if away.until is not None and durations.parse(away.from_) <= back < durations.parse(away.until):
                back = durations.parse(away.until)
        return back - asked
