"""How the rooms around talk to running journeys, whatever runs them: Temporal, or a simulation in tests."""

from typing import Protocol

from journey.inputs import Event
from journey.work import Launch


class EngineDown(Exception):
    """The engine cannot be reached; nothing is lost, ring again later."""


class Engine(Protocol):
    """Starting and ringing; both may be repeated without harm."""

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        """Start an instance, or do nothing if it runs or has ended. ``afresh``: start it even if the engine knows an
        ended run of it (its own data was lost or is older than the store). Raises EngineDown."""

    async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
        """Say that deliveries up to a number are there. False if the engine does not know the instance as running.
        Raises EngineDown."""
