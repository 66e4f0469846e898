"""How long each part of handing a message over may take (RFC 5321 4.5.3.2), and what follows from it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Patience:
    """``command``: for each answer but those below. ``data``: for the answer to DATA. ``dot``: for the answer to the
    end of the message: a shorter time only makes doubts. ``cool_down``: between a doubt and the one re-send, in which
    a late answer or a report may still come in."""

    command: timedelta = timedelta(minutes=5)
    data: timedelta = timedelta(minutes=2)
    dot: timedelta = timedelta(minutes=10)
    cool_down: timedelta = timedelta(minutes=15)

    @property
    def doubt(self) -> timedelta:
        """When a message that was handed over by somebody who is silent counts as in doubt: the server's time, and half
        as long again, in which it drops a connection whose other end is frozen."""
        return self.dot * 1.5

    @classmethod
    def scaled(cls, dot: timedelta) -> "Patience":
        """All of it in proportion to one of its lengths."""
        usual = cls()
        factor: float = dot / usual.dot
        return cls(usual.command * factor, usual.data * factor, dot, usual.cool_down * factor)
