"""The daily digest on real parts: the store on both databases, and a mail server that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.digest import Digests
from activities.smtp import Mailer, Server
from journey.effects import OpenTask
from store import definitions, task_acts
from store.database import Database
from store.task_acts import Act
from tests.store.makers import a_journey, a_library, begun, rows
from tests.store.test_task_acts import company, opened, opens
from tests.system.smtp_server import Fault, SmtpServer

MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


class Clock:
    """What time it is."""

    def __init__(self) -> None:
        self.at = MORNING

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in ("activities.digest", "store.digests"):
        monkeypatch.setattr(f"{module}.now", made)
    return made


async def founded(db: Database, *tasks: OpenTask, digest: str | None = "9:00") -> list[str]:
    """A team with a digest, and tasks about Grete; their ids."""
    instance_id = await begun(db)
    known = company().model_dump(mode="json", by_alias=True)
    known["teams"]["care"] |= {"digest": digest}
    library = a_library(a_journey())
    async with db.write() as tx:
        whole = library.model_copy(update={"company": company().model_validate(known)})
        await definitions.publish(tx, whole, {})
    return await opens(db, instance_id, *tasks)


async def look(db: Database, smtp: SmtpServer) -> int:
    mailer = Mailer(Server("127.0.0.1", smtp.port, "none"))
    try:
        return await Digests(db, mailer).send_due()
    finally:
        await mailer.close()


def due(hours: float, number: int = 1, **more: Any) -> OpenTask:
    return opened(number, due_at=MORNING + timedelta(hours=hours), **more)


async def test_each_person_gets_their_own_and_the_team_gets_everything(
    db: Database, smtp: SmtpServer, clock: Clock
) -> None:
    tasks = [due(-2, 1, assign="ada", title="Late"), due(3, 2, title="Today"), due(40, 3, title="Tomorrow")]
    _, _, later = await founded(db, *tasks)
    async with db.write() as tx:
        await task_acts.follow_up(tx, later, Act("ada"), MORNING + timedelta(hours=1))

    assert await look(db, smtp) == 2
    letters = {one.recipient: one for one in smtp.kept}
    assert set(letters) == {"ada@example.org", "care@example.org"}
    assert letters["ada@example.org"].subject == "Care: 1 late"
    assert letters["care@example.org"].subject == "Care: 1 late, 1 due today, 1 to look at again"
    text = letters["care@example.org"].letter.get_content().replace("\r\n", "\n")
    assert "- Late (Grete Hermann), due Monday 2 March 2026, 07:30 (UTC); ada; task" in text
    assert "Due today:\n- Today" in text and "To look at again:\n- Tomorrow" in text and "nobody has it" in text


async def test_it_goes_once_a_day_however_often_and_by_however_many_it_is_looked_for(
    db: Database, smtp: SmtpServer, clock: Clock
) -> None:
    await founded(db, due(-1))
    assert [await look(db, smtp) for _ in range(3)] == [1, 0, 0]
    clock.at += timedelta(days=1)
    assert await look(db, smtp) == 1
    assert [row["state"] for row in await rows(db, "digest")] == ["accepted", "accepted"]


async def test_with_nothing_to_tell_nothing_goes(db: Database, smtp: SmtpServer, clock: Clock) -> None:
    await founded(db, due(40))
    assert await look(db, smtp) == 0
    assert smtp.kept == []


async def test_a_team_without_an_hour_gets_none(db: Database, smtp: SmtpServer, clock: Clock) -> None:
    await founded(db, due(-1), digest=None)
    assert await look(db, smtp) == 0


async def test_before_its_hour_and_on_a_closed_day_nothing_goes(db: Database, smtp: SmtpServer, clock: Clock) -> None:
    await founded(db, due(-1))
    clock.at = MORNING - timedelta(hours=1)
    assert await look(db, smtp) == 0
    clock.at = MORNING + timedelta(days=5)
    assert await look(db, smtp) == 0


async def test_a_mail_server_that_is_away_is_asked_again_and_one_that_refuses_is_not(
    db: Database, smtp: SmtpServer, clock: Clock
) -> None:
    await founded(db, due(-1))
    smtp.fault = Fault("mail", "4xx")
    assert await look(db, smtp) == 0
    smtp.fault = Fault("rcpt", "5xx")
    assert await look(db, smtp) == 0
    smtp.fault = None
    assert await look(db, smtp) == 0
    [row] = await rows(db, "digest")
    assert row["state"] == "failed" and "no such mailbox" in row["reason"]


async def test_before_anything_is_published_nothing_goes(db: Database, smtp: SmtpServer) -> None:
    assert await look(db, smtp) == 0
