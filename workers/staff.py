"""Accounts of the console, for people at a terminal. Errors are sentences (UserMistake)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from journey.rights import ROLES
from store import audit, passwords, staff
from store.clock import now
from store.database import Database, Tx
from workers.mistakes import UserMistake
from workers.settings import Settings, settings_in_force

TERMINAL = "the terminal"
FIRST = "admin"


@dataclass(frozen=True)
class Greeting:
    """What a start says about signing in: a link that is good once, for whom, and the password of a new account."""

    link: str
    name: str
    password: str | None


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The store of these settings."""
    db = Database(settings.database_url)
    try:
        yield db
    finally:
        await db.close()


async def greeting(settings: Settings) -> Greeting | None:
    """Make the first account if there is none, and a link for its owner; None if somebody else is in charge by now."""
    async with opened(settings) as db, db.write() as tx:
        password = None
        if not await staff.anybody(tx) and await staff.by_name(tx, FIRST) is None:
            password = passwords.made()
            await staff.add(tx, FIRST, "admin", password_hash=passwords.kept(password))
            await audit.note(tx, TERMINAL, "add staff", f"staff {FIRST}", detail={"role": "admin"})
        account = await staff.by_name(tx, FIRST)
        if account is None or account["closed_at"] is not None:
            return None
        token = await staff.link(tx, account["staff_id"])
    return Greeting(f"{settings.local_url}/sign-in/{token}", FIRST, password)


async def add(name: str, role: str, teams: Sequence[str]) -> str:
    """A new account; what to tell the person, its password among it."""
    name = name.lower()
    if not staff.NAME.fullmatch(name):
        raise UserMistake(f'"{name}" cannot be a name: one word of letters, digits and . _ @ + -')
    _known_role(role)
    password = passwords.made()
    async with opened(settings_in_force()) as db:
        try:
            async with db.write() as tx:
                await staff.add(tx, name, role, teams, passwords.kept(password))
                await audit.note(tx, TERMINAL, "add staff", f"staff {name}", detail=_said(role, teams))
        except staff.Taken:
            raise UserMistake(f"there is somebody named {name} already. wayfare staff list shows who") from None
    return f"{name} may sign in as {role}. The password, shown this once and kept nowhere:\n\n  {password}\n"


async def change(name: str, role: str, teams: Sequence[str]) -> str:
    """Another role, or other teams."""
    _known_role(role)
    async with opened(settings_in_force()) as db, db.write() as tx:
        await _changed(tx, name, role=role, teams=list(teams), closed_at=None)
        await audit.note(tx, TERMINAL, "change staff", f"staff {name}", detail=_said(role, teams))
    return f"{name} is {role} from now on{_of(teams)}, at once."


async def new_password(name: str) -> str:
    """A new password for somebody; every session of theirs ends."""
    password = passwords.made()
    async with opened(settings_in_force()) as db, db.write() as tx:
        await _changed(tx, name, password_hash=passwords.kept(password))
        await audit.note(tx, TERMINAL, "new password", f"staff {name}")
    return f"The new password of {name}, shown this once and kept nowhere:\n\n  {password}\n"


async def link(name: str) -> str:
    """A link that signs somebody in once."""
    settings = settings_in_force()
    async with opened(settings) as db, db.write() as tx:
        account = await staff.by_name(tx, name)
        if account is None or account["closed_at"] is not None:
            raise _nobody(name)
        token = await staff.link(tx, account["staff_id"])
        await audit.note(tx, TERMINAL, "make link", f"staff {name}")
    return f"Good once, within a day:\n\n  {settings.public_url}/sign-in/{token}\n"


async def close(name: str) -> str:
    """Somebody may not sign in any more; every session of theirs ends."""
    async with opened(settings_in_force()) as db, db.write() as tx:
        await _changed(tx, name, closed_at=now())
        await audit.note(tx, TERMINAL, "close staff", f"staff {name}")
    return f"{name} is signed out and cannot sign in. wayfare staff role {name} ROLE opens the account again."


async def listing() -> str:
    """All accounts, as a table."""
    async with opened(settings_in_force()) as db, db.read() as tx:
        rows = await staff.every(tx)
    if not rows:
        return "There are no accounts. wayfare staff add NAME --role admin makes the first one."
    head = ("name", "role", "teams", "since", "last seen", "")
    lines = [
        (
            row["name"],
            row["role"],
            ", ".join(row["teams"]) or "all",
            f"{row['created_at']:%Y-%m-%d %H:%M}",
            f"{row['seen_at']:%Y-%m-%d %H:%M}" if row["seen_at"] else "never",
            "closed" if row["closed_at"] else "",
        )
        for row in rows
    ]
    widths = [max(len(line[number]) for line in (head, *lines)) for number in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in (head, *lines))


async def _changed(tx: Tx, name: str, **values: object) -> None:
    if not await staff.change(tx, name, **values):
        raise _nobody(name)


def _nobody(name: str) -> UserMistake:
    return UserMistake(f'there is nobody named "{name}". wayfare staff list shows who there is')


def _known_role(role: str) -> None:
    if role not in ROLES:
        said = ", ".join(f"{name} ({what})" for name, what in ROLES.items())
        raise UserMistake(f'"{role}" is not a role. The roles, each with what the one before it may: {said}')


def _said(role: str, teams: Sequence[str]) -> dict[str, object]:
    return {"role": role, "teams": list(teams)}


def _of(teams: Sequence[str]) -> str:
    return f" of {', '.join(teams)}" if teams else ""
