"""Who may do what: four roles, each allowed what the one before it is, and what every action asks for.

A team narrows a role: of what belongs to teams (their tasks), somebody with teams sees and touches those of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "viewer": "reads everything, changes nothing",
        "agent": "writes notes, works tasks, pauses and resumes journeys of customers",
        "lead": "skips, moves, cancels and starts journeys, lets messages go, acts on many at once, reads who did what",
        "admin": "holds and drains whole journeys, and says who else may sign in",
    }
)
"""The roles, the weakest first, each with what it is for."""

RIGHTS: Mapping[str, str] = MappingProxyType(
    {
        "read": "viewer",
        "own account": "viewer",
        "note": "agent",
        "task": "agent",
        "export": "agent",
        "pause": "agent",
        "resume": "agent",
        "skip": "lead",
        "move": "lead",
        "cancel": "lead",
        "again": "lead",
        "start": "lead",
        "release": "lead",
        "drop": "lead",
        "many": "lead",
        "audit": "lead",
        "hold": "admin",
        "drain": "admin",
    }
)
"""The weakest role that may do each thing. What is not named here nobody may do."""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in. ``teams``: whose work they see; nobody named: everybody's."""

    staff_id: str
    name: str
    role: str
    teams: tuple[str, ...] = ()

    def may(self, what: str) -> bool:
        """Whether their role allows it."""
        order = list(ROLES)
        needed = RIGHTS.get(what)
        return needed is not None and self.role in ROLES and order.index(self.role) >= order.index(needed)

    def of_team(self, team: str) -> bool:
        """Whether what belongs to this team is theirs to see."""
        return not self.teams or team in self.teams
