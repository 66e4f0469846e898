"""`wayfare up`: check, prepare, start everything, keep it running, stop it in order.

1. Checks, before anything is started: Python, Temporal's program, the data folder, the ports.
2. Preparation: the store is migrated, the definitions are published.
3. Every process is started and waited for, in the order of the line-up.
4. A process that ends is started again, with growing pauses.
5. On Ctrl-C or SIGTERM all are stopped, in the opposite order.
"""

from __future__ import annotations

import asyncio
import contextlib
import platform
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from workers import announcement, folder, lineup, ports
from workers.children import Child, ChildSpec, status_in_words
from workers.mistakes import UserMistake
from workers.preparation import Preparation, standard_preparations
from workers.probes import accepts
from workers.run_main import INTERRUPTED, OK
from workers.settings import Settings
from workers.staff import Greeting, greeting

FIRST_PAUSE_S, LONGEST_PAUSE_S, HEALTHY_AFTER_S = 0.5, 30.0, 60.0
OTHER_TEMPORAL_DEADLINE_S = 15.0
LOG_ROUND_S = 5.0

Say = Callable[[str], None]


class Supervisor:
    """Everything that runs here, from the first check to the last stop."""

    def __init__(
        self,
        settings: Settings,
        say: Say | None = None,
        specs: Sequence[ChildSpec] | None = None,
        preparations: Sequence[Preparation] | None = None,
        first_pause: float = FIRST_PAUSE_S,
    ) -> None:
        self.settings = settings
        self._output = say or _print
        self._specs = specs
        self._preparations = preparations if preparations is not None else standard_preparations(settings)
        self._greets = preparations is None
        self._greeting: Greeting | None = None
        self._first_pause = first_pause
        self._children: list[Child] = []
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._complete = False
        self._began = time.monotonic()

    async def run(self) -> int:
        """Run until asked to stop; the exit code."""
        folder.prepare(self.settings.data)
        with folder.locked(self.settings.data), self._signals():
            folder.remove_run_file(self.settings.data)
            try:
                return await self._until_stopped()
            finally:
                await self._stop_all()

    def stop(self) -> None:
        """Stop everything in order; asked a second time, at once."""
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    async def _until_stopped(self) -> int:
        """Bring everything up and keep it up. A request to stop cuts either short."""
        stop = asyncio.create_task(self._stop.wait())
        work = asyncio.create_task(self._work())
        await asyncio.wait({stop, work}, return_when=asyncio.FIRST_COMPLETED)
        for task in (stop, work):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        return OK if self._complete else INTERRUPTED

    async def _work(self) -> None:
        self._say(f"Wayfare is starting, with its data in {self.settings.data}")
        self._check()
        await self._prepare()
        await self._start_all()
        self._complete = True
        self._greeting = await greeting(self.settings) if self._greets else None
        self._write_run_file()
        self._output(announcement.block(self.settings, folder.api_key(self.settings), self._greeting))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._bound_logs())
            for child in self._children:
                group.create_task(self._keep(child))

    def _check(self) -> None:
        if problems := ports.problems(lineup.wanted_ports(self.settings)):
            raise UserMistake("\n".join(problems))
        specs = self._specs if self._specs is not None else lineup.lineup(self.settings)
        self._children = [Child(spec, self.settings.data / "logs") for spec in specs]
        folder.api_key(self.settings)
        self._say(f"Python {platform.python_version()}, Temporal's program and all ports are at hand")

    async def _prepare(self) -> None:
        for preparation in self._preparations:
            # In a thread, because they run event loops of their own, and so that Ctrl-C is heard meanwhile.
            problems = await asyncio.to_thread(preparation.run, self.settings)
            if problems:
                raise UserMistake("\n".join(problems))
            self._say(preparation.done)

    async def _start_all(self) -> None:
        if not self.settings.starts_temporal:
            await self._meet_other_temporal()
        for child in self._children:
            child.turn_log()
            await child.start()
            if problem := await self._not_ready(child):
                raise UserMistake(self._with_log(child, f"{child.spec.title} did not start: {problem}"))
            self._say(f"{child.spec.title} is running (process {child.pid})")

    async def _meet_other_temporal(self) -> None:
        address = self.settings.temporal_address
        host, _, port = address.rpartition(":")
        probe = accepts(host.strip("[]"), int(port))
        deadline = time.monotonic() + OTHER_TEMPORAL_DEADLINE_S
        while problem := await probe():
            if time.monotonic() > deadline:
                raise UserMistake(
                    f"TEMPORAL_ADDRESS={address}: {problem}. Start that Temporal server,"
                    " or leave the setting away, and Wayfare starts one of its own"
                )
            await asyncio.sleep(0.5)
        self._say(f"Temporal answers on {address}")

    async def _not_ready(self, child: Child) -> str | None:
        """Wait until the child can be used; None when it can, else what is wrong."""
        deadline = child.started_at + child.spec.deadline
        problem: str | None = None
        while child.spec.ready:
            if (status := await child.ended(within=0.05)) is not None:
                return f"it ended at once ({status_in_words(status)})"
            if (problem := await child.spec.ready()) is None:
                return None
            if time.monotonic() > deadline:
                return f"it was not ready within {child.spec.deadline:.0f} s ({problem})"
            await asyncio.sleep(0.1)
        return None

    async def _keep(self, child: Child) -> None:
        """Start the child again whenever it ends, after pauses that grow until it has been healthy for a while."""
        pause = self._first_pause
        while True:
            status = await child.ended()
            self._write_run_file()
            if time.monotonic() - child.started_at >= HEALTHY_AFTER_S:
                pause = self._first_pause
            how = status_in_words(status or 0)
            self._say(f"{child.spec.title} ended by itself ({how}); it starts again in {pause:g} s. Log: {child.log}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            await self._start_again(child)

    async def _start_again(self, child: Child) -> None:
        try:
            await child.start()
        except OSError as error:
            self._say(f"{child.spec.title} cannot be started ({error.strerror})")
            return
        self._write_run_file()
        if problem := await self._not_ready(child):
            self._say(self._with_log(child, f"{child.spec.title} did not come back: {problem}"))
            await child.kill()
        else:
            self._say(f"{child.spec.title} is running again (process {child.pid})")

    async def _bound_logs(self) -> None:
        while True:
            await asyncio.sleep(LOG_ROUND_S)
            for child in self._children:
                with contextlib.suppress(OSError):  # a full disk shall not end what still runs
                    child.bound_log()

    async def _stop_all(self) -> None:
        """The last to start is the first to stop, so that nobody loses a neighbour in the middle of work."""
        for child in self._children:
            await child.settled()
        running = [child for child in reversed(self._children) if child.pid]
        if running:
            self._say(
                "Stopping everything in order (Ctrl-C once more hurries)"
                if self._complete
                else "Stopping what was started"
            )
        for child in running:
            self._say(f"{child.spec.title} {await child.stop(self._hurry)}")
        folder.remove_run_file(self.settings.data)
        if self._complete:
            self._say("Everything is stopped. The next start continues every journey where it was")

    def _write_run_file(self) -> None:
        pids = {child.spec.name: child.pid for child in self._children}
        pids |= {role: child.pid for child in self._children for role in child.spec.roles}
        key = folder.api_key(self.settings)
        try:
            content = announcement.run_file_content(self.settings, key, pids, self._greeting)
            folder.write_run_file(self.settings.data, content)
        except OSError as error:
            self._say(f"{folder.run_file(self.settings.data)} cannot be written ({error.strerror}) and is out of date")

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup we outlive the terminal
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _with_log(self, child: Child, sentence: str) -> str:
        lines = child.last_lines()
        tail = "\n".join(["Its last words:", *(f"    {line}" for line in lines)]) if lines else "It said nothing."
        return f"{sentence}. {tail}\nThe whole log: {child.log}"

    def _say(self, sentence: str) -> None:
        self._output(f"{time.monotonic() - self._began:6.1f} s  {sentence}")


def _print(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may have gone; that is no reason to leave processes behind
        print(text, flush=True)
