"""Accepting events: many requests, one transaction at a time, and an answer only after the commit.

One writer takes whatever is waiting (group commit): a lone event is committed at once, and under load up to
`MOST_AT_ONCE` share one commit and its fsync. Nobody is made to wait for others to arrive.

Each source waits in a line of its own, and every commit takes from all lines in turn: a source that sends ten times as
much as usual waits behind itself, not before the others. A line that is too long is refused (429), and so is
everybody when all lines together are (503).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from gateway.patience import within
from gateway.refusals import StoreAway, TooFast
from gateway.strict_json import shown
from store import inbox
from store.database import Database
from store.inbox import NewEvent, Receipt

MOST_AT_ONCE = 200
MOST_WAITING = 10_000
MOST_OF_ONE_SOURCE = 5_000
MOST_WAITING_CHARACTERS = 64 * 1024 * 1024
"""What may wait for the store; beyond it new events are refused at once, so that memory stays flat while it is away."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Waiting:
    """One request: its event, and where its answer goes. A request that gave up has cancelled its answer."""

    event: NewEvent
    answer: asyncio.Future[Receipt]


class Intake:
    """Takes events from concurrent requests into the inbox. Use it as `async with Intake(...)`, in one event loop.

    `on_accepted` is the doorbell of the router in the same process: called after each commit that accepted something.
    `patience` is how long one request waits, in seconds, and `longest_commit` when a hanging transaction is given up.
    """

    def __init__(
        self,
        db: Database,
        on_accepted: Callable[[], None] = lambda: None,
        *,
        patience: float = 2.0,
        longest_commit: float = 10.0,
    ) -> None:
        self._db = db
        self._on_accepted = on_accepted
        self._patience = patience
        self._longest_commit = longest_commit
        self._lines: dict[str, deque[_Waiting]] = {}
        self._waiting = 0
        self._characters = 0
        self._bell = asyncio.Event()
        self._open = False
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._open = True
        self._writer = asyncio.create_task(self._write(), name="intake writer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Refuse newcomers, commit what waits, and end; a store that is away is not waited for beyond its time."""
        self._open = False
        self._bell.set()
        if self._writer:
            _, late = await asyncio.wait([self._writer], timeout=self._longest_commit)
            for writer in late:
                writer.cancel()
                await asyncio.wait([writer])

    async def accept(self, event: NewEvent, line: str = "") -> Receipt:
        """The receipt of `event`, which is then committed; or `StoreAway`, and the sender repeats it. `line` is whose
        line it waits in (its source's). Raises `TooFast` if that line is too long.

        A commit that was under way when the patience ended may still happen. That is harmless: the repeated event is
        then a duplicate, with the same receipt."""
        self._check_room(line or event.source, 1)
        return await self._accept(event, line)

    async def accept_all(self, events: Sequence[NewEvent], line: str = "") -> list[Receipt]:
        """The receipts of all events, in the same order; `StoreAway` if any of them was not committed, after every one
        of them was tried. Raises `TooFast`, and none is tried, if they do not fit into the line."""
        if not events:
            return []
        self._check_room(line or events[0].source, len(events))
        answers = await asyncio.gather(*(self._accept(event, line) for event in events), return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        if failures:
            raise failures[0]
        return [answer for answer in answers if isinstance(answer, Receipt)]

    def _check_room(self, line: str, events: int) -> None:
        if not self._open or self._waiting + events > MOST_WAITING or self._characters > MOST_WAITING_CHARACTERS:
            raise StoreAway
        if len(self._lines.get(line, ())) + events > MOST_OF_ONE_SOURCE:
            raise TooFast(self._patience, f"Too many events of {shown(line)} wait for the store already.")

    async def _accept(self, event: NewEvent, line: str) -> Receipt:
        request = _Waiting(event, asyncio.get_running_loop().create_future())
        self._lines.setdefault(line or event.source, deque()).append(request)
        self._waiting += 1
        self._characters += len(event.envelope)
        self._bell.set()
        try:
            async with asyncio.timeout(self._patience):
                return await request.answer
        except TimeoutError:
            raise StoreAway from None

    async def _write(self) -> None:
        while self._open or self._waiting:
            await self._bell.wait()
            self._bell.clear()
            while requests := self._take():
                await self._commit(requests)

    def _take(self) -> list[_Waiting]:
        """The next requests, one of each line in turn, each line in order of arrival; without those that gave up. The
        line that comes next is the first one the next time."""
        taken: list[_Waiting] = []
        while self._lines and len(taken) < MOST_AT_ONCE:
            name, line = next(iter(self._lines.items()))
            del self._lines[name]
            request = line.popleft()
            if line:
                self._lines[name] = line
            self._waiting -= 1
            self._characters -= len(request.event.envelope)
            if not request.answer.done():
                taken.append(request)
        return taken

    async def _commit(self, requests: Sequence[_Waiting]) -> None:
        """Commit all in one transaction. If that fails, try each alone: one bad event must not refuse its neighbours.

        Two failures on end mean that the store is away and not that an event is bad; the rest are refused untried.
        """
        if await self._commit_together(requests) or len(requests) == 1:
            return
        failures = 0
        for request in requests:
            if failures >= 2:
                _refuse(request)
            elif not request.answer.done():
                failures = 0 if await self._commit_together([request]) else failures + 1

    async def _commit_together(self, requests: Sequence[_Waiting]) -> bool:
        """Whether the transaction was committed and the requests are answered. A lone request is refused if not."""
        try:
            receipts = await within(self._longest_commit, self._keep([request.event for request in requests]))
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, nothing was committed for sure
            # The first line only: what follows in a database error may be the event itself.
            log.warning("%d event(s) not stored: %s %s", len(requests), type(error).__name__, str(error).split("\n")[0])
            if len(requests) == 1:
                _refuse(requests[0])
            return False
        for request, receipt in zip(requests, receipts, strict=True):
            if not request.answer.done():
                request.answer.set_result(receipt)
        if any(receipt.state == "accepted" for receipt in receipts):
            self.ring()
        return True

    async def _keep(self, events: Sequence[NewEvent]) -> list[Receipt]:
        async with self._db.write() as tx:
            return await inbox.accept(tx, events)

    def ring(self) -> None:
        """Tell the router that something has come."""
        try:
            self._on_accepted()
        except Exception:
            # The events are committed and the sweeper finds them; a broken bell must not stop the intake.
            log.exception("The router's doorbell failed")


def _refuse(request: _Waiting) -> None:
    if not request.answer.done():
        request.answer.set_exception(StoreAway())
