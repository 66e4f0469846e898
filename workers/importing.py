"""Importing customers from a file: some lines a transaction, each with how far the work has come, so that one that was
killed goes on where it was and writes nothing twice."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from journey.record.rules import Rules
from store import editing, identity, jobs, rules, segments
from store.clock import now
from store.database import Database, Tx
from store.jobs import Job
from workers.import_file import Fault, Line, lines
from workers.mistakes import UserMistake

BATCH = 50
SAY_EVERY = 2.0
SOURCE = "import"

Say = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """What is to be imported: ``as_of`` is when the file was true (what was said later holds against it); ``again``
    does one that was finished once more."""

    file: Path
    dry_run: bool = False
    as_of: datetime | None = None
    again: bool = False


async def imported(db: Database, asked: Asked, say: Say, wrong: Say) -> tuple[str, bool]:
    """Import; what it came to, and whether every line could be taken. ``say`` gets the progress, ``wrong`` each
    mistake."""
    async with db.read() as tx:
        declared = (await rules.in_force(tx)).customer
    try:
        digest = hashlib.sha256(asked.file.read_bytes()).hexdigest()
    except OSError as error:
        raise UserMistake(f"{asked.file} cannot be read: {error.strerror}") from None
    work = _Import(db, asked, Job(digest), say, wrong)
    if not asked.dry_run:
        await work.take_up()
    return await work.run(lines(asked.file, declared))


class _Import:
    def __init__(self, db: Database, asked: Asked, job: Job, say: Say, wrong: Say) -> None:
        self._db, self._asked, self._job, self._say, self._wrong = db, asked, job, say, wrong
        self._counts = Counter[str]()
        self._since, self._said_at = time.monotonic(), time.monotonic()

    async def take_up(self) -> None:
        """Go on with the same file, or begin. Raises UserMistake if it is finished."""
        async with self._db.write() as tx:
            if self._asked.again:
                await jobs.forget(tx, self._job.job_id)
            self._job = await jobs.taken_up(tx, self._job.job_id, "import", self._asked.file.name)
        if self._job.finished_at is not None:
            raise UserMistake(
                f"{self._asked.file} was imported on {self._job.finished_at:%Y-%m-%d %H:%M} (UTC);"
                " with --again it is done once more"
            )
        self._counts.update(self._job.counts)
        if self._job.place:
            self._say(f"Going on behind line {self._job.place}: so far {_told(self._counts)}.")

    async def run(self, every: Iterable[Line]) -> tuple[str, bool]:
        """All lines behind the place where the work stands."""
        done = int(self._job.place or 0)
        for batch in _batches((line for line in every if line.number > done), BATCH):
            await (self._try(batch) if self._asked.dry_run else self._take(batch))
            self._progress(batch[-1].number)
        if not self._asked.dry_run:
            async with self._db.write() as tx:
                await self._keep(tx, self._job.place, finished=True)
        return _told(self._counts, dry=self._asked.dry_run), not self._counts["refused"]

    async def _take(self, batch: list[Line]) -> None:
        before, counts = self._job, Counter(self._counts)
        faults: list[Fault] = []
        async with self._db.write() as tx:
            in_force = await rules.in_force(tx)
            for line in batch:
                found = _faults(line, in_force)
                self._counts["refused"] += bool(found)
                faults += found
                if not found:
                    await self._write(tx, line, in_force)
            if not await self._keep(tx, str(batch[-1].number)):
                self._job, self._counts = before, counts
                raise UserMistake("the same file is being imported by somebody else at this moment")
        self._tell(faults)

    async def _write(self, tx: Tx, line: Line, in_force: Rules) -> None:
        given = dict(line.given)
        add, remove = (tuple(given.pop(name, None) or ()) for name in ("add_tags", "remove_tags"))
        at = self._asked.as_of or now()
        change = editing.Change(given, SOURCE, add, remove, at, because=segments.IMPORTED)
        made = await editing.upsert(tx, change, in_force)
        self._counts["new" if made.new else "changed" if made.changed else "same"] += 1

    async def _keep(self, tx: Tx, place: str, *, finished: bool = False) -> bool:
        before, self._job = self._job, Job(self._job.job_id, place)
        return await jobs.come_to(tx, before.job_id, before.place, place, self._counts, finished=finished)

    async def _try(self, batch: list[Line]) -> None:
        """Say what would become of these lines, and write nothing."""
        async with self._db.read() as tx:
            in_force = await rules.in_force(tx)
            for line in batch:
                faults = _faults(line, in_force)
                known = None if faults else await identity.of_names(tx, line.given)
                self._counts["refused" if faults else "known" if known else "new"] += 1
                self._tell(faults)

    def _tell(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self._wrong(fault.told(self._asked.file))

    def _progress(self, line: int) -> None:
        if time.monotonic() > self._said_at + SAY_EVERY:
            self._said_at = time.monotonic()
            pace = sum(self._counts.values()) / (self._said_at - self._since)
            self._say(f"line {line:,}: {_told(self._counts)}; {pace:,.0f} lines a second")


def _faults(line: Line, in_force: Rules) -> list[Fault]:
    """Everything wrong with a line, the attributes that do not fit what is declared among it."""
    attributes = line.given.get("attributes")
    unfit = in_force.unfit(attributes) if isinstance(attributes, dict) else []
    return [*line.faults, *(line.at(f"/attributes{one.pointer}", one.what, one.remedy) for one in unfit)]


def _told(counts: Counter[str], *, dry: bool = False) -> str:
    words = ("new", "known", "refused") if dry else ("new", "changed", "same", "refused")
    return ", ".join(f"{counts[word]:,} {word}" for word in words)


def _batches(every: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for one in every:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def as_of(text: str) -> datetime:
    """The moment that a day or a moment means, in UTC. Raises UserMistake."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UserMistake(f'--as-of {text}: this is no day. Write one such as "2026-03-31"') from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
