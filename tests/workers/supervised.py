"""A data folder with free ports, and a supervisor in it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from tests.ports import free_port
from workers import lineup
from workers.children import ChildSpec
from workers.folder import read_run_file
from workers.preparation import Preparation
from workers.settings import Settings
from workers.supervisor import Supervisor

STAND_IN = Path(__file__).with_name("stub_serve.py")


def lineup_with_stand_in(settings: Settings) -> list[ChildSpec]:
    """The real line-up, but `wayfare serve` is a small program that answers /healthz."""
    command = (sys.executable, str(STAND_IN), str(settings.http_port), str(settings.data / "events.jsonl"))
    specs = lineup.lineup(settings)
    return [dataclasses.replace(spec, command=command) if spec.name == "serve" else spec for spec in specs]


def alive(pid: int | None) -> bool:
    """Whether a process exists and is not just waiting to be buried."""
    try:
        return pid is not None and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def until(what: Callable[[], Any], within: float = 15.0) -> Any:
    """Wait until something is true, and return it."""
    deadline = time.monotonic() + within
    while not (value := what()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return value


class House:
    """One data folder, the settings for it, and all that was said while a supervisor ran in it."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        given = {"data": folder, "http_port": free_port(), "smtp_port": free_port(), "demo": False}
        self.settings = Settings(**{**given, "temporal_port": free_port(1000), **changes})
        self.said: list[str] = []

    @property
    def output(self) -> str:
        return "\n".join(self.said)

    @property
    def pids(self) -> dict[str, int | None]:
        running = read_run_file(self.settings.data)
        return dict(running["pids"]) if running else {}

    def environment(self) -> dict[str, str]:
        """The settings for a supervisor that is a program of its own."""
        return {**os.environ, **self.settings.environment()}

    def supervisor(self, specs: Sequence[ChildSpec], preparations: Sequence[Preparation] = ()) -> Supervisor:
        return Supervisor(self.settings, self.said.append, specs, preparations, first_pause=0.1)

    @contextlib.asynccontextmanager
    async def running(self, specs: Sequence[ChildSpec] | None = None) -> AsyncIterator[Supervisor]:
        """Everything is up inside the block, and stopped behind it."""
        supervisor = self.supervisor(lineup_with_stand_in(self.settings) if specs is None else specs)
        run = asyncio.create_task(supervisor.run())
        await self.until(lambda: run.done() or "Ctrl-C stops it" in self.output)
        if run.done():
            run.result()
        try:
            yield supervisor
        finally:
            supervisor.stop()
            assert await run == 0

    async def until(self, what: Callable[[], Any], within: float = 15.0) -> Any:
        deadline = time.monotonic() + within
        while not (value := what()):
            assert time.monotonic() < deadline, f"it did not happen in time; said was:\n{self.output}"
            await asyncio.sleep(0.02)
        return value
