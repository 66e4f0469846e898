"""How far long work has come: written with the work itself, so that it can be taken up again after a crash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import job


@dataclass(frozen=True)
class Job:
    """Long work: behind which place it goes on, what it has come to so far, when it was finished."""

    job_id: str
    place: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None


async def taken_up(tx: Tx, job_id: str, kind: str, title: str) -> Job:
    """The job of this id, begun if there is none."""
    moment = now()
    row: dict[str, Any] = {
        "job_id": job_id,
        "kind": kind,
        "title": title[:300],
        "place": "",
        "counts": {},
        "started_at": moment,
        "updated_at": moment,
    }
    await insert_new(tx, job, [row], ["job_id"])
    found = await get(tx, job_id)
    assert found is not None, "made in this very transaction"
    return found


async def get(tx: Tx, job_id: str) -> Job | None:
    """A job; None if it was never begun."""
    row = (await tx.execute(select(job).where(job.c.job_id == job_id))).first()
    return Job(row.job_id, row.place, row.counts, row.started_at, row.finished_at) if row else None


async def come_to(
    tx: Tx, job_id: str, before: str, place: str, counts: Mapping[str, int], *, finished: bool = False
) -> bool:
    """Write down how far it has come. False if somebody else has come further than ``before``: then this work is to be
    undone."""
    moment = now()
    values = {"place": place, "counts": dict(counts), "updated_at": moment, "finished_at": moment if finished else None}
    mine = update(job).where(job.c.job_id == job_id, job.c.place == before)
    return (await tx.execute(mine.values(**values))).rowcount == 1


async def forget(tx: Tx, job_id: str) -> None:
    """Begin anew the next time."""
    await tx.execute(delete(job).where(job.c.job_id == job_id))
