"""Taking the customers of a segment into a journey: one transaction each, with how far the work has come, so that one
that was killed goes on where it was and takes nobody in twice."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from journey.definition import Journey
from store import definitions, enrolling, jobs, rules, segments
from store.database import Database
from store.enrolling import Candidate
from store.jobs import Job
from workers.mistakes import UserMistake

PAGE = 200
SAY_EVERY = 2.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """Whom to take in where: the customers of a segment, at most so many a minute (0: as fast as it goes)."""

    journey: str
    segment: str
    per_minute: float = 0
    pace: float = 1.0


async def tried(db: Database, asked: Asked, show: Say) -> str:
    """Say who would be taken in at which step, and who not and why; nothing is written."""
    journey = await _known(db, asked)
    steps, reasons = Counter[str](), Counter[str]()
    async for customer_id in _members(db, asked.segment, ""):
        async with db.read() as tx:
            found = await enrolling.candidates(tx, journey, customer_id, asked.segment, asked.pace)
        for one in found:
            show(_told(one))
            (steps if one.place else reasons).update([_where(one)])
    lines = [f"{steps.total():,} would be taken into {asked.journey}, {reasons.total():,} not."]
    lines += [f"  {count:>6,}  {step}" for step, count in steps.most_common()]
    lines += ["Not:", *(f"  {count:>6,}  {reason}" for reason, count in reasons.most_common())] if reasons else []
    return "\n".join(lines)


async def enrolled(db: Database, asked: Asked, say: Say) -> str:
    """Take them in; what it came to. Raises UserMistake."""
    journey = await _known(db, asked)
    job = await _taken_up(db, asked)
    if job.place:
        say(f"Going on where it was: {job.counts.get('in', 0):,} are in, {job.counts.get('not', 0):,} not.")
    counts, said_at, begun_at, done = Counter(job.counts), time.monotonic(), time.monotonic(), 0
    async for customer_id in _members(db, asked.segment, job.place):
        async with db.write() as tx:
            found = await enrolling.take_in(tx, journey, customer_id, asked.segment, asked.pace)
            counts.update("in" if one.place else "not" for one in found)
            if not await jobs.come_to(tx, job.job_id, job.place, customer_id, counts):
                raise UserMistake("somebody else is taking the same customers in at this moment")
        job, done = Job(job.job_id, customer_id), done + 1
        if time.monotonic() > said_at + SAY_EVERY:
            said_at = time.monotonic()
            say(f"{counts['in']:,} are in, {counts['not']:,} not")
        if asked.per_minute:
            await asyncio.sleep(max(0.0, begun_at + done * 60 / asked.per_minute - time.monotonic()))
    async with db.write() as tx:
        await jobs.come_to(tx, job.job_id, job.place, job.place, counts, finished=True)
    return f"{counts['in']:,} are taken into {asked.journey}, {counts['not']:,} not."


async def _taken_up(db: Database, asked: Asked) -> Job:
    """Go on with what was interrupted, or begin."""
    job_id = hashlib.sha256(f"enrol {asked.journey} {asked.segment}".encode()).hexdigest()
    async with db.write() as tx:
        before = await jobs.get(tx, job_id)
        if before is not None and before.finished_at is not None:
            await jobs.forget(tx, job_id)
        return await jobs.taken_up(tx, job_id, "enrol", f"{asked.journey}: {asked.segment}")


async def _known(db: Database, asked: Asked) -> Journey:
    async with db.read() as tx:
        journeys = await definitions.active(tx)
        known = (await rules.in_force(tx)).segments
    if asked.journey not in journeys:
        raise UserMistake(f'no journey "{asked.journey}" is published: {", ".join(sorted(journeys)) or "none is"}')
    if asked.segment not in known:
        raise UserMistake(f'no segment "{asked.segment}" is published: {", ".join(sorted(known)) or "none is"}')
    return journeys[asked.journey]


async def _members(db: Database, segment: str, after: str) -> AsyncIterator[str]:
    while True:
        async with db.read() as tx:
            page = await segments.members(tx, segment, PAGE, after)
        for customer_id in page:
            yield customer_id
        if len(page) < PAGE:
            return
        after = page[-1]


def _where(one: Candidate) -> str:
    return f"{one.place.state.step}: {one.place.doing}" if one.place else one.reason


def _told(one: Candidate) -> str:
    since = f"{one.event.at:%Y-%m-%d}" if one.event else "-"
    key = f" ({one.key})" if one.key else ""
    if one.place is None:
        return f"{one.name}{key}  since {since}  not: {one.reason}"
    alarm = one.place.state.alarm_at
    until = f" until {alarm:%Y-%m-%d %H:%M}" if alarm else ""
    passed = f"; passes over {', '.join(one.place.passed)}" if one.place.passed else ""
    return f"{one.name}{key}  since {since}  at {_where(one)}{until}{passed}"
