"""How wide words are, and how they break into lines, without a font at hand.

The widths are those of DejaVu Sans, the widest of the usual fonts, so nothing runs out of its box in any of them.
"""

from collections.abc import Iterator

SIZE = 13.0
SMALL = 11.5

_WIDTHS = {
    "'": 27, "ijl": 28, "IJ": 29, " ,.": 32, "/:;\\|": 34, "f": 35, "-": 36, "()[]t": 39, "!": 40, "r": 41, '"': 46,
    "*_`": 50, "sz": 52, "?": 53, "c": 55, "L": 56, "Fk": 58, "vxy": 59, "P": 60, "TYao": 61, "e": 62,
    "ESbdghnpqu": 63, "0123456789${}": 64, "K": 66, "AV": 68, "BRXZ": 69, "C": 70, "U": 73, "HN": 75, "DG": 77,
    "&": 78, "OQ": 79, "w": 82, "#+<=>^~": 84, "M": 86, "%": 95, "m": 97, "W": 99,
}  # fmt: skip
"""Hundredths of the font's size, for each letter."""

_WIDTH = {letter: width for letters, width in _WIDTHS.items() for letter in letters}
_OTHER = 100


def width(text: str, size: float = SIZE) -> float:
    """How wide a text is at most, in px."""
    return sum(_WIDTH.get(letter, 64 if letter.isalpha() else _OTHER) for letter in text) * size / 100


def lines(text: str, room: float, size: float = SIZE, most: int = 9) -> list[str]:
    """A text in lines no wider than ``room``; what is longer than ``most`` lines ends with an ellipsis."""
    made: list[str] = []
    for word in _pieces(" ".join(text.split()), room, size):
        if made and width(f"{made[-1]} {word}", size) <= room:
            made[-1] += f" {word}"
        else:
            made.append(word)
    if len(made) <= most:
        return made
    return [*made[: most - 1], f"{made[most - 1]} …"]


def _pieces(text: str, room: float, size: float) -> Iterator[str]:
    """Words; one that is wider than a line is broken, after a dot or dash if there is one."""
    for word in text.split(" "):
        rest = word
        while width(rest, size) > room and len(rest) > 1:
            cut = next(count for count in range(len(rest), 0, -1) if count == 1 or width(rest[:count], size) <= room)
            soft = max(rest.rfind(mark, 1, cut) for mark in ".-_/") + 1
            cut = soft if soft > cut // 2 else cut
            yield rest[:cut]
            rest = rest[cut:]
        yield rest
