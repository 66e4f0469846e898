"""One change, and whom it reaches."""

from dataclasses import dataclass
from typing import Any, Literal

Affects = Literal["new", "all", "moved", "nobody"]

WHOM: dict[Affects, str] = {
    "new": "Who begins from now on (customers who are under way keep their version):",
    "all": "Everybody, also those who are under way:",
    "moved": "Customers who are under way and are moved to the new version:",
    "nobody": "No customer:",
}
"""Whom changes reach, in words, in the order in which they are told."""


@dataclass(frozen=True)
class Change:
    """What changed: in which definition (``onboarding``, ``messages/welcome``, ``company``), a stable word for the
    kind, the sentence, the step it is about, and both values where there are two."""

    about: str
    kind: str
    text: str
    affects: Affects = "new"
    step: str = ""
    old: Any = None
    new: Any = None
