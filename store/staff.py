"""People who may open the console: their accounts, and who is signed in."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from journey.rights import Person
from store.clock import now
from store.database import Tx
from store.tables import session, sign_in_link, staff

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,119}")
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
"""A session ends so long after it was last used, and so long after it began."""
LINK = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)


class Taken(Exception):
    """There is somebody of this name already."""


async def add(
    tx: Tx,
    name: str,
    role: str,
    teams: Sequence[str] = (),
    password_hash: str | None = None,
    subject: str | None = None,
) -> str:
    """A new account; returns its id. Raises Taken."""
    if await by_name(tx, name) is not None:
        raise Taken(name)
    staff_id = secrets.token_hex(8)
    row = {"staff_id": staff_id, "name": name, "role": role, "teams": list(teams), "created_at": now()}
    await tx.execute(staff.insert().values(**row, password_hash=password_hash, subject=subject))
    return staff_id


async def by_name(tx: Tx, name: str) -> dict[str, Any] | None:
    """An account by its name, closed ones among them."""
    row = (await tx.execute(select(staff).where(staff.c.name == name))).mappings().first()
    return dict(row) if row else None


async def by_subject(tx: Tx, subject: str) -> dict[str, Any] | None:
    """The account of somebody of the company's own sign-in."""
    row = (await tx.execute(select(staff).where(staff.c.subject == subject))).mappings().first()
    return dict(row) if row else None


async def every(tx: Tx) -> list[dict[str, Any]]:
    """All accounts by name, each with when it was last seen; without what is kept of passwords."""
    columns = [column for column in staff.c if column.name != "password_hash"]
    seen = select(func.max(session.c.seen_at)).where(session.c.staff_id == staff.c.staff_id).scalar_subquery()
    rows = await tx.execute(select(*columns, seen.label("seen_at")).order_by(staff.c.name))
    return [dict(row) for row in rows.mappings()]


async def anybody(tx: Tx) -> bool:
    """Whether there is any account that is not closed."""
    return (await tx.execute(select(staff.c.staff_id).where(staff.c.closed_at.is_(None)).limit(1))).first() is not None


async def change(tx: Tx, name: str, **values: Any) -> bool:
    """Change an account; a new password or a closed account ends its sessions. False if there is none."""
    row = await by_name(tx, name)
    if row is None:
        return False
    await tx.execute(update(staff).where(staff.c.name == name).values(**values))
    if "password_hash" in values or values.get("closed_at"):
        await tx.execute(delete(session).where(session.c.staff_id == row["staff_id"]))
        await tx.execute(delete(sign_in_link).where(sign_in_link.c.staff_id == row["staff_id"]))
    return True


def digest(token: str) -> str:
    """What is kept of a session or a link."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def form_token(token: str) -> str:
    """What every form of a session carries: nobody can make it who does not know the session."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"form", hashlib.sha256).hexdigest()


async def sign_in(tx: Tx, staff_id: str, how: str) -> str:
    """A new session; returns what the browser is to keep."""
    token, moment = secrets.token_urlsafe(32), now()
    over = (session.c.seen_at < moment - IDLE) | (session.c.began_at < moment - LONGEST)
    await tx.execute(delete(session).where(session.c.staff_id == staff_id, over))
    row = {"digest": digest(token), "staff_id": staff_id, "how": how, "began_at": moment, "seen_at": moment}
    await tx.execute(session.insert().values(**row))
    return token


async def sign_out(tx: Tx, token: str) -> None:
    """End a session."""
    await tx.execute(delete(session).where(session.c.digest == digest(token)))


async def signed_in(tx: Tx, token: str) -> tuple[Person, datetime] | None:
    """Whose session it is, with the rights they have now, and when it was last noted as used."""
    moment = now()
    query = (
        select(staff, session.c.seen_at)
        .join(session, session.c.staff_id == staff.c.staff_id)
        .where(
            session.c.digest == digest(token),
            session.c.seen_at >= moment - IDLE,
            session.c.began_at >= moment - LONGEST,
            staff.c.closed_at.is_(None),
        )
    )
    row = (await tx.execute(query)).first()
    return (Person(row.staff_id, row.name, row.role, tuple(row.teams)), row.seen_at) if row else None


async def seen(tx: Tx, token: str) -> None:
    """Note that a session is used now."""
    await tx.execute(update(session).where(session.c.digest == digest(token)).values(seen_at=now()))


async def link(tx: Tx, staff_id: str) -> str:
    """A link's token that signs somebody in once, within a day; the links before it are void."""
    token = secrets.token_urlsafe(24)
    await tx.execute(delete(sign_in_link).where(sign_in_link.c.staff_id == staff_id))
    await tx.execute(sign_in_link.insert().values(digest=digest(token), staff_id=staff_id, until=now() + LINK))
    return token


async def linked(tx: Tx, token: str) -> dict[str, Any] | None:
    """The account that a link signs in, if the link is still good."""
    query = (
        select(staff)
        .join(sign_in_link, sign_in_link.c.staff_id == staff.c.staff_id)
        .where(sign_in_link.c.digest == digest(token), sign_in_link.c.until >= now(), staff.c.closed_at.is_(None))
    )
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def use_link(tx: Tx, token: str) -> bool:
    """Use a link up; False if somebody else was quicker."""
    return (await tx.execute(delete(sign_in_link).where(sign_in_link.c.digest == digest(token)))).rowcount == 1


async def came_by(tx: Tx, token: str) -> str | None:
    """How somebody signed in: password, link or oidc."""
    how: str | None = await tx.scalar(select(session.c.how).where(session.c.digest == digest(token)))
    return how
