"""How long a short message is (3GPP TS 23.038): so many characters, in so many segments, of which each is paid for."""

from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_PLACES = "^{}\\[~]|€\f"
"""They take two places each."""
MOST_SEGMENTS = 10
"""Providers take no more."""


@dataclass(frozen=True)
class Length:
    """The places a text takes, the segments it is cut into, and the characters because of which a segment has 70 places
    and not 160 (none if it has 160)."""

    places: int
    segments: int
    wide: tuple[str, ...] = ()


def length(text: str) -> Length:
    """How long a text is as a short message."""
    wide = tuple(dict.fromkeys(sign for sign in text if sign not in _BASIC and sign not in _TWO_PLACES))
    if wide:
        return Length(*_cut([2 if ord(sign) > 0xFFFF else 1 for sign in text], 70, 67), wide)
    return Length(*_cut([2 if sign in _TWO_PLACES else 1 for sign in text], 160, 153))


def _cut(places: list[int], alone: int, each: int) -> tuple[int, int]:
    """The places, and the segments: one may be full, of several each has a head; no character is cut in two."""
    total = sum(places)
    if total <= alone:
        return total, 1
    segments, free = 1, each
    for size in places:
        if size > free:
            segments, free = segments + 1, each
        free -= size
    return total, segments
