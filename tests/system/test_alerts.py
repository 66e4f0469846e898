"""Staff are alerted besides mail: by apprise, to a service that listens here; at least once, and once for each stop."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from sqlalchemy import update
from temporalio.testing import ActivityEnvironment

from activities.alerts import Alerts
from activities.mail import Held
from journey.effects import NotifyTeam, SendMessage
from journey.load import load
from journey.work import Work
from store import alerts as written
from store.clock import now
from store.tables import alert
from tests.system import definitions
from tests.system.listener import Listener
from tests.system.smtp_server import Fault, SmtpServer
from tests.system.test_mail import Desk, Silent
from tests.system.workshop import Workshop

CARE = "WAYFARE_SECRET_CARE_ALERTS"


@pytest.fixture
async def pager() -> AsyncIterator[Listener]:
    async with Listener() as listening:
        yield listening


def addresses(pager: Listener) -> dict[str, tuple[str, ...]]:
    there = f"json://user:hush@127.0.0.1:{pager.port}"
    return {"": (f"{there}/operators",), CARE: (f"{there}/care",)}


async def a_desk(workshop: Workshop) -> Desk:
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n")
    files["company.yaml"] = files["company.yaml"].replace(
        "email: care@northlight.example", f"email: care@northlight.example, alert: {CARE}"
    )
    assert CARE in files["company.yaml"]
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        return Desk(workshop, await workshop.begin("hello", customer="c-1"))


def told(pager: Listener) -> list[tuple[str, str, str]]:
    said = [(one.path.split("?")[0], json.loads(one.body)) for one in pager.kept]
    return [(path, body["title"], body["message"]) for path, body in said]


async def test_a_team_is_alerted_besides_its_mail_even_while_mail_is_away(
    workshop: Workshop, smtp: SmtpServer, pager: Listener
) -> None:
    desk = await a_desk(workshop)
    await smtp.down()
    ask = NotifyTeam(id="notify/1/0", team="care-team", text="Please call {{ customer.name }}.")
    work = Work(instance_id=desk.instance_id, effect=ask).model_dump(mode="json")
    for _ in range(2):  # a second attempt alerts nobody again
        with pytest.raises(Held):
            await ActivityEnvironment().run(workshop.mail.notify, work)
    ringing = Alerts(workshop.db, addresses(pager))
    while await ringing.some():
        pass
    assert told(pager) == [("/care", "The hello journey: Grete c-1", "Please call Grete c-1.")]


async def test_a_stopped_lane_alerts_the_operators_once_a_stop_and_not_once_a_message(
    workshop: Workshop, smtp: SmtpServer, pager: Listener
) -> None:
    desk = await a_desk(workshop)
    ringing = Alerts(workshop.db, addresses(pager))
    for number in range(2):
        smtp.fault = Fault("mail", "5xx")  # our sender address is refused
        for _ in range(3):
            assert await desk.attempt() == "later"
        while await ringing.some():
            pass
        assert len(pager.kept) == number + 1
        smtp.fault = None
        effect = SendMessage(id=f"other-{number}/1/0", message="welcome")
        desk.work = desk.work.model_copy(update={"effect": effect})
        async with workshop.db.write() as tx:
            await tx.exec_driver_sql("UPDATE lane SET state = 'open'")
        workshop.mail._lanes._seen.clear()
        assert await desk.attempt() == "accepted", "it is mended"
        desk.work = desk.work.model_copy(update={"effect": SendMessage(id=f"more-{number}/1/0", message="welcome")})
    path, title, text = told(pager)[0]
    assert (path, title) == ("/operators", "Wayfare: no email goes out")
    assert text.startswith("the mail server refuses our sender address (554 5.7.1 go away). Messages by email are held")


async def test_a_doubt_about_a_message_alerts_staff_if_its_step_says_so(
    workshop: Workshop, smtp: SmtpServer, pager: Listener
) -> None:
    desk = await a_desk(workshop)
    ringing = Alerts(workshop.db, addresses(pager))
    smtp.fault = Fault("after", "close")
    assert await desk.attempt() == "unknown"
    assert await ringing.some() == 0, "this step goes on without a word"
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="loud/1/0", message="welcome", alert=True))
    assert await desk.attempt() == "unknown"
    assert await ringing.some() == 1
    assert told(pager)[0][1] == "Wayfare: a message in doubt"
    assert 'The message "welcome" may have been sent' in told(pager)[0][2]


async def test_a_service_that_is_away_is_told_when_it_is_back_and_its_address_is_written_nowhere(
    workshop: Workshop, pager: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pager.answer = lambda posted: web.Response(status=503)
    ringing = Alerts(workshop.db, addresses(pager))
    async with workshop.db.write() as tx:
        await written.tell(tx, "a", CARE, "One", "first")
        await written.tell(tx, "a", CARE, "One", "said again")
        await written.tell(tx, "b", "WAYFARE_SECRET_NOBODY", "Two", "second")
    assert await ringing.some() == 2
    rows = {row.key: row for row in await workshop.rows(alert.select())}
    assert rows["a"].problem == "the service did not take it" and rows["a"].due_at > now()
    assert rows["b"].problem == "WAYFARE_SECRET_NOBODY is not set where Wayfare runs"

    pager.answer = lambda posted: web.Response(status=200)
    async with workshop.db.write() as tx:
        await tx.execute(update(alert).where(alert.c.key == "a").values(due_at=now()))
    assert await ringing.some() == 1
    rows = {row.key: row for row in await workshop.rows(alert.select())}
    assert rows["a"].told_at is not None and rows["a"].due_at is None and rows["a"].problem is None
    assert await ringing.some() == 0
    assert "hush" not in caplog.text and "hush" not in str(rows)
