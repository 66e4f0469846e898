"""The speed of a demonstration: how many journey seconds pass in one real second."""

from __future__ import annotations

import math
import re

WHAT_A_SPEED_IS = "a speed is 'off', a number such as 8640, or an equation such as '1 day = 10 seconds'"

_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "m": 60, "minute": 60, "h": 3600, "hour": 3600}
_SECONDS |= {"d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800}
_AMOUNT = re.compile(r"(?P<count>\d+(?:\.\d+)?)?\s*(?P<unit>[a-z]+)")


def parse_speed(text: str) -> float:
    """How much faster than real time waits pass: '8640', '8640x', '1 day = 10 seconds', '1d=10s', 'off'.

    Raises ValueError with a sentence that says what a speed looks like.
    """
    words = text.strip().lower()
    if words in {"off", "real time"}:
        return 1.0
    journey, equals, real = words.partition("=")
    factor = _seconds(journey) / _seconds(real) if equals else _number(words.removesuffix("x"))
    if not math.isfinite(factor) or factor <= 0:
        raise ValueError(WHAT_A_SPEED_IS)
    return factor


def speed_in_words(factor: float) -> str:
    """The speed as a person would say it: 'off', '1 day = 10 seconds' or '7x'."""
    if factor == 1:
        return "off"
    day = 86_400 / factor
    if day >= 1 and day == round(day):
        return f"1 day = {day:.0f} second{'s' if day != 1 else ''}"
    return f"{factor:g}x"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(WHAT_A_SPEED_IS) from None


def _seconds(text: str) -> float:
    match = _AMOUNT.fullmatch(text.strip())
    unit = match and (_SECONDS.get(match["unit"]) or _SECONDS.get(match["unit"].removesuffix("s")))
    if not match or not unit:
        raise ValueError(WHAT_A_SPEED_IS)
    seconds = float(match["count"] or 1) * unit
    if seconds <= 0:
        raise ValueError(WHAT_A_SPEED_IS)
    return seconds
