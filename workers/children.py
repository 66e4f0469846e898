"""A process that the supervisor keeps: start it, hear of its end, stop it, read its log."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from workers.probes import Probe

LOG_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class ChildSpec:
    """What to run. `ready` tells when it can be used, `patience` how many seconds it gets to stop by itself."""

    name: str
    title: str
    command: tuple[str, ...]
    ready: Probe | None = None
    deadline: float = 30.0
    patience: float = 5.0
    environment: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()


class Child:
    """One process at a time for one spec."""

    def __init__(self, spec: ChildSpec, logs: Path) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self.started_at = 0.0
        self._process: asyncio.subprocess.Process | None = None
        self._ended: asyncio.Task[int] | None = None
        self._starting: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and alive else None

    async def start(self) -> None:
        """Start the process in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone."""
        self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)  # cut short in between, we would lose sight of the new process

    async def _start(self) -> None:
        with self.log.open("ab") as log:
            log.write(f"--- {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z started: {self.spec.name}\n".encode())
            log.flush()
            self._process = await asyncio.create_subprocess_exec(
                *self.spec.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.spec.environment},
                start_new_session=True,
                preexec_fn=_die_with_me(os.getpid()),
            )
        self.started_at = time.monotonic()
        self._ended = asyncio.create_task(self._process.wait())

    async def settled(self) -> None:
        """Wait until a start that is under way has gone through, one way or the other."""
        if self._starting is not None:
            await asyncio.wait({self._starting})

    async def ended(self, within: float | None = None) -> int | None:
        """The exit status once the process has ended, or None if it has not within so many seconds."""
        if self._ended is None:
            return None
        await asyncio.wait({self._ended}, timeout=within)
        return self._ended.result() if self._ended.done() else None

    async def stop(self, hurry: asyncio.Event) -> str:
        """Ask it to stop, wait as long as it may take or until there is a hurry, then kill; says how it went."""
        if self._process is None or self._ended is None or self._ended.done():
            return "had ended already"
        asked_at = time.monotonic()
        self._signal(signal.SIGTERM)
        rush = asyncio.create_task(hurry.wait())
        await asyncio.wait({self._ended, rush}, timeout=self.spec.patience, return_when=asyncio.FIRST_COMPLETED)
        rush.cancel()
        if self._ended.done():
            return f"stopped in {time.monotonic() - asked_at:.1f} s"
        await self.kill()
        return f"did not stop in {time.monotonic() - asked_at:.1f} s and was killed"

    async def kill(self) -> None:
        """End it at once, with whatever it started."""
        self._signal(signal.SIGKILL)
        await self.ended()

    def last_lines(self, count: int = 12) -> list[str]:
        """The end of its log since its last start, for a person who asks what went wrong."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, os.fstat(log.fileno()).st_size - 16_384))
                lines = log.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return []
        starts = [number for number, line in enumerate(lines) if line.startswith("--- ") and " started: " in line]
        return [line for line in lines[starts[-1] + 1 if starts else 0 :] if line.strip()][-count:]

    def turn_log(self) -> None:
        """Put the log of the last run aside, and begin a new one."""
        if self.log.exists():
            os.replace(self.log, self._older_log)

    def bound_log(self) -> None:
        """Keep the log small. The process goes on appending to the same file, so it is copied and emptied."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            shutil.copyfile(self.log, self._older_log)
            os.truncate(self.log, 0)

    @property
    def _older_log(self) -> Path:
        return self.log.with_name(f"{self.spec.name}.1.log")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)
        except ProcessLookupError:
            pass


def status_in_words(status: int) -> str:
    """An exit status as a person reads it."""
    if status < 0:
        try:
            return f"killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"killed by signal {-status}"
    return f"exit status {status}"


def _die_with_me(parent: int) -> Callable[[], None] | None:
    """Have the kernel kill the child when the supervisor dies without a word (Linux; elsewhere it would live on)."""
    if _LIBC is None:
        return None
    libc = _LIBC

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_the_kernel
