"""The daily digest: what is late, due today, or to be looked at again, mailed to each person and to the team.

A digest that a dying worker has begun is not sent again: the next day brings another, and nobody wants two.
"""

import asyncio
import hashlib
import logging
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from activities.letter import compose
from activities.smtp import Mailer
from journey import digest
from journey.company import Company, Team, address_of
from journey.digest import Today
from journey.time import local, zones
from journey.time.calendar import ORDINARY, Calendar
from store import calendars, digests
from store.clock import now
from store.database import Database

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=1)


class Digests:
    """Looks every minute whether some team's digest is due."""

    def __init__(self, db: Database, mailer: Mailer) -> None:
        self._db = db
        self._mailer = mailer

    async def run(self) -> None:
        """For ever. A store that is away is asked again."""
        while True:
            try:
                await self.send_due()
            except (DBAPIError, PoolTimeout, OSError) as error:
                log.warning("digests could not be looked for: %s", str(error).split("\n")[0])
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def send_due(self) -> int:
        """Send what is due now; returns how many went."""
        async with self._db.read() as tx:
            company = await digests.company_in_force(tx)
            teams = {name: team for name, team in company.teams.items() if team.digest} if company else {}
            names = {team.calendar or (company.calendar if company else None) or "" for team in teams.values()}
            known = await calendars.in_force(tx, names - {""})
        sent = 0
        for name, team in teams.items():
            assert company is not None, "teams belong to a company"
            assert team.digest is not None, "the others are left out"
            calendar = known.get(team.calendar or company.calendar or "", ORDINARY)
            today = digest.due(team.digest, calendar, now())
            if today is None:
                continue
            for assignee, address, who in _recipients(company, name, team):
                sent += await self._send(company, name, today, calendar, (assignee, address, who))
        return sent

    async def _send(
        self, company: Company, team: str, today: Today, calendar: Calendar, to: tuple[str, str, str]
    ) -> bool:
        assignee, address, who = to
        async with self._db.write() as tx:
            told = await digests.of(tx, team, assignee, today.ends)
            if not told or not await digests.begin(tx, team, today.day, address):
                return False
        key = hashlib.sha256(f"digest|{team}|{today.day}|{address}".encode()).hexdigest()[:40]
        sender = address_of(company.mail_from)
        title = company.teams[team].title
        body = compose(
            sender=company.mail_from,
            recipient_name=who,
            recipient=address,
            subject=_subject(title, told),
            text=_text(told, calendar),
            html=None,
            message_id=f"<{key}@{sender.rpartition('@')[2]}>",
            at=now(),
        )
        outcome = await self._mailer.transmit(sender, address, body, _go)
        async with self._db.write() as tx:
            state = "later" if outcome.state == "stopped" else outcome.state
            await digests.settle(tx, team, today.day, address, state, outcome.reason)
        return outcome.state == "accepted"


async def _go() -> bool:
    return True


def _recipients(company: Company, name: str, team: Team) -> list[tuple[str, str, str]]:
    """Whose tasks ('': the whole team's), the address, and the name on it."""
    people = [(one, company.staff[one].email, company.staff[one].name) for one in company.members(name)]
    return [*people, ("", team.email, team.title)]


def _subject(title: str, told: digests.Digest) -> str:
    parts = [f"{len(told.late)} late", f"{len(told.today)} due today", f"{len(told.again)} to look at again"]
    return f"{title}: {', '.join(part for part in parts if not part.startswith('0 '))}"


def _text(told: digests.Digest, calendar: Calendar) -> str:
    groups = (("Late", told.late), ("Due today", told.today), ("To look at again", told.again))
    parts = [f"{title}:\n" + "\n".join(_line(row, calendar) for row in rows) for title, rows in groups if rows]
    return "\n\n".join(parts) + "\n"


def _line(row: dict[str, Any], calendar: Calendar) -> str:
    due = f", due {local.say(row['due_at'], zones.zone(calendar.zone))}" if row["due_at"] else ""
    who = row["customer_name"] or row["customer_email"] or row["external_id"] or row["customer_id"]
    return f"- {row['title']} ({who}){due}; {row['assignee'] or 'nobody has it'}; task {row['task_id']}"
