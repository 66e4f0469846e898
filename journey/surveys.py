"""What the answers to one question come to, each figure with its definition.

NPS: the share of 9 and 10 less the share of 0 to 6, from -100 to 100 (Reichheld 2003). CSAT: the share of 4 and 5 of 5.
CES 2.0: the mean from 1 to 7, and the share of 5 and more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from journey.texts.scales import SCALES

ENOUGH = 30
"""With fewer answers a share can move by more than eighteen points by chance alone: too few to judge."""
DETRACTORS_TO = 6

DEFINITIONS = {
    "nps": "NPS: the share of 9 and 10, less the share of 0 to 6; from -100 to 100.",
    "csat": "CSAT: the share of 4 and 5 of 5, in percent.",
    "ces": "CES: the mean of 1 to 7, where 7 is the least effort; and the share of 5 and more, in percent.",
    "text": "Answers in the customers' own words.",
}


@dataclass(frozen=True)
class Result:
    """What one question came to. ``counts`` has every score of the scale; ``mean`` and ``good`` (percent) are None
    without a score, ``nps`` for every other scale."""

    scale: str
    asked: int
    answered: int
    scored: int
    counts: tuple[tuple[int, int], ...]
    mean: float | None
    good: float | None
    nps: float | None

    @property
    def enough(self) -> bool:
        """Whether there are so many answers that the figures say something."""
        return self.answered >= ENOUGH

    @property
    def rate(self) -> float | None:
        """How many of those who were asked have answered, in percent."""
        return 100 * self.answered / self.asked if self.asked else None

    @property
    def figure(self) -> str:
        """The figure by which such a question is known."""
        if self.mean is None or self.good is None:
            return ""
        if self.nps is not None:
            return f"NPS {self.nps:+.0f}"
        return f"CSAT {self.good:.0f} %" if self.scale == "csat" else f"CES {self.mean:.1f}"


def result(scale: str, asked: int, answered: int, scores: Mapping[int, int]) -> Result:
    """What these answers come to; scores that the scale does not have are left out."""
    found = SCALES.get(scale)
    counts = tuple((score, scores.get(score, 0)) for score in (found.scores if found else ()))
    scored = sum(count for _, count in counts)
    if found is None or scored == 0:
        return Result(scale, asked, answered, 0, counts, None, None, None)
    mean = sum(score * count for score, count in counts) / scored
    good = 100 * sum(count for score, count in counts if score >= found.good) / scored
    bad = 100 * sum(count for score, count in counts if score <= DETRACTORS_TO) / scored
    return Result(scale, asked, answered, scored, counts, mean, good, good - bad if scale == "nps" else None)
