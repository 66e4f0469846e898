"""Mail to staff about a task goes to whoever has it; else to the team."""

from __future__ import annotations

import email
import email.policy

import pytest

from activities.office import Office
from activities.writing import write
from journey.effects import NotifyTeam
from journey.work import Work
from store import definitions, task_acts
from store.database import Database
from store.ledger import Letter
from store.seal import Seal
from store.task_acts import Act
from tests.store.makers import begun
from tests.store.test_task_acts import employ, opened, opens

OFFICE = Office(Seal("s" * 32), "https://wayfare.example.org")


async def told(db: Database, instance_id: str, about: str, team: str = "care") -> tuple[str, str, str]:
    """Whom a mail about a task goes to: the address, the line To, and the text."""
    effect = NotifyTeam(id="n/1/0", team=team, text="Please call.", about=about)
    async with db.write() as tx:
        work, company = Work(instance_id=instance_id, effect=effect), await definitions.the_company(tx)
        letter = await write(tx, work, company, "k" * 52, OFFICE)
    assert isinstance(letter, Letter)
    read = email.message_from_bytes(letter.body, policy=email.policy.default)
    return letter.recipient, str(read["to"]), read.get_content()


@pytest.mark.parametrize(
    ("rule", "address", "to"),
    [
        ("by hand", "care@example.org", "Care <care@example.org>"),
        ("round robin", "ada@example.org", "Ada Lovelace <ada@example.org>"),
    ],
)
async def test_whoever_has_the_task_is_told_else_the_team(db: Database, rule: str, address: str, to: str) -> None:
    instance_id = await begun(db)
    await employ(db, rule)
    [task_id] = await opens(db, instance_id, opened())
    found, line, text = await told(db, instance_id, "task-call/1/0")
    assert (found, line) == (address, to)
    assert f"Task: {task_id}" in text and ("Team: Care" in text) == (rule != "by hand")


async def test_a_mail_about_no_task_goes_to_the_team(db: Database) -> None:
    instance_id = await begun(db)
    await employ(db, "round robin")
    await opens(db, instance_id, opened())
    assert (await told(db, instance_id, ""))[0] == "care@example.org"
    assert "Task:" not in (await told(db, instance_id, "task-other/1/0"))[2]


async def test_a_task_that_was_handed_over_is_reminded_of_to_whoever_has_it_now(db: Database) -> None:
    instance_id = await begun(db)
    await employ(db, "round robin")
    [task_id] = await opens(db, instance_id, opened())
    async with db.write() as tx:
        await task_acts.hand_over(tx, task_id, Act("ada"), to="bob")
    assert (await told(db, instance_id, "task-call/1/0"))[0] == "bob@example.org"
