"""A router in a process of its own, without Temporal: whatever it begins is told to nobody. Killed by its test."""

import asyncio
import sys

from gateway.bells import Routed
from gateway.router import Router
from store.database import Database


class Silence:
    """In the place of the bells."""

    def put(self, routed: Routed) -> None:
        """Nobody is told."""


if __name__ == "__main__":
    asyncio.run(Router(Database(sys.argv[1]), Silence(), asyncio.Event()).run())
