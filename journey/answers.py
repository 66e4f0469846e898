"""The world of a scenario: what it says about the answers to effects; all else goes well, at once."""

from collections.abc import Sequence
from datetime import timedelta

from journey import durations
from journey.effects import Ask
from journey.life import Answer
from journey.scenarios import ANSWERED, Given
from journey.simulator import said


class World:
    """Answers effects as a scenario says. One world for one life: what was used up is used up."""

    def __init__(self, given: Sequence[Given]) -> None:
        self._away = [one for one in given if one.mail is not None]
        self._turns: dict[tuple[str, str], list[Given]] = {}
        for one in given:
            for kind in ANSWERED:
                name = getattr(one, kind)
                if name is not None:
                    self._turns.setdefault((kind, name), []).append(one)

    def __call__(self, ask: Ask, asked: timedelta) -> Answer:
        """The answer to an effect that is asked for so long after the start."""
        kind, name, _ = said(ask)
        held = self._held(asked) if kind in ("send", "notify") else timedelta()
        turns = self._turns.get((kind, name))
        if not turns:
            return Answer(after=held)
        given = turns.pop(0) if len(turns) > 1 else turns[0]
        value = {**given.value, **({"reason": given.reason} if given.reason else {})}
        return Answer(given.outcome or "accepted", value, held + durations.parse(given.after))

    def _held(self, asked: timedelta) -> timedelta:
        """How long mail that is asked for now must wait until the server is back."""
        back = asked
        for away in sorted(self._away, key=lambda one: durations.parse(one.from_)):
            if away.until is not None and durations.parse(away.from_) <= back < durations.parse(away.until):
                back = durations.parse(away.until)
        return back - asked
