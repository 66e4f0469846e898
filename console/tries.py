"""How often somebody may try to sign in: so many times a minute from one address, fewer for one name. It is counted for
name and address together, so that nobody can lock somebody else out."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_S = 60.0
FOR_ONE_NAME = 10
FROM_ONE_PLACE = 40
MOST_KEPT = 50_000


class Tries:
    """The tries of the last minute, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def wait(self, name: str, place: str) -> float:
        """Count a try; 0 if it may be made, else after how many seconds one may be made again."""
        moment = self._clock()
        return max(self._one((name, place), FOR_ONE_NAME, moment), self._one(("", place), FROM_ONE_PLACE, moment))

    def _one(self, key: tuple[str, str], most: int, moment: float) -> float:
        made = self._made.setdefault(key, deque(maxlen=most))
        self._made.move_to_end(key)
        while len(self._made) > MOST_KEPT:
            self._made.popitem(last=False)
        if len(made) == most and moment - made[0] < WINDOW_S:
            return WINDOW_S - (moment - made[0])
        made.append(moment)
        return 0.0
