"""How fast each source may send: a bucket of tokens each, refilled all the time, so that a burst of two seconds is
fine."""

import time
from collections.abc import Callable

BURST_SECONDS = 2.0
KEPT = 10_000


class Pace:
    """Tokens by source. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, source: str, per_second: float | None) -> float:
        """How many seconds the source has to wait before it may send again; 0 if it may now."""
        if per_second is None:
            return 0.0
        left = self._left(source, per_second)
        return 0.0 if left >= 1 else (1 - left) / per_second

    def spend(self, source: str, per_second: float | None, events: int) -> None:
        """The source has sent so many. A batch may take more than there is; the next one then waits the longer."""
        if per_second is not None:
            if len(self._buckets) > KEPT:
                self._buckets.clear()
            self._buckets[source] = (self._left(source, per_second) - events, self._clock())

    def _left(self, source: str, per_second: float) -> float:
        most = max(per_second * BURST_SECONDS, 1.0)
        left, since = self._buckets.get(source, (most, self._clock()))
        return min(most, left + (self._clock() - since) * per_second)
