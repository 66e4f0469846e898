"""The gateway, but its intake answers at once and keeps nothing: what HTTP, the key and the checks cost alone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from store.inbox import NewEvent, Receipt
from workers import web
from workers.run_main import run_main
from workers.serve import serve
from workers.settings import settings_in_force


class AtOnce:
    """In the place of ``gateway.intake.Intake``."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """It needs no store."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    async def accept(self, event: NewEvent, line: str = "") -> Receipt:
        """A receipt for nothing."""
        return Receipt(secrets.token_hex(12), event.source, event.event_id, "accepted")

    async def accept_all(self, events: Sequence[NewEvent], line: str = "") -> list[Receipt]:
        """Receipts for nothing."""
        return [await self.accept(event) for event in events]


def main() -> int:
    """Serve the role ``gateway``."""
    web.Intake = AtOnce  # type: ignore[assignment, attr-defined]  # the only difference from the real one
    return asyncio.run(serve(settings_in_force(), frozenset({"gateway"})))


if __name__ == "__main__":
    run_main(main)
