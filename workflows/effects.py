"""One table: every activity, how it is tried at once inside the workflow task, and how it is tried for as long as it
takes when that fails."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy


@dataclass(frozen=True)
class Tries:
    """``at_once``: the local activity's limits (few history events). ``lasting``: the regular one's, without end."""

    at_once: timedelta
    attempts: int
    lasting: timedelta
    heartbeat: timedelta | None = None

    @property
    def now(self) -> RetryPolicy:
        """The policy of the local activity."""
        return RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=self.attempts)

    @property
    def patient(self) -> RetryPolicy:
        """The policy of the regular activity: an outage holds, it never ends a journey."""
        return RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


STORE = Tries(at_once=timedelta(seconds=10), attempts=3, lasting=timedelta(seconds=60))
MAIL = Tries(at_once=timedelta(seconds=8), attempts=1, lasting=timedelta(minutes=20), heartbeat=timedelta(seconds=20))
CALL = Tries(at_once=timedelta(seconds=8), attempts=1, lasting=timedelta(seconds=90))
QUICK_CALL = 5.0
"""A call that may take longer (seconds) is not tried at once: it would be cut off in the middle, and made again."""

ACTIVITIES: dict[str, Tries] = {
    "send": MAIL,
    "notify": MAIL,
    "read_customer": STORE,
    "throttle": STORE,
    "start_journey": STORE,
    "call": CALL,
    "record": STORE,
    "fetch": STORE,
}
