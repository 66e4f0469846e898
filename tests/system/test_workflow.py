"""The workflow on a real Temporal server: what it costs, how it continues as new, bells, exits, and what it tells."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus

from journey.effects import ASKS
from journey.engine import Engine
from journey.inputs import Event
from journey.state import MAILBOX
from journey.work import Launch
from store import instances
from tests.system import definitions
from tests.system.smtp_server import Fault, SmtpServer
from tests.system.temporal import runs_of
from tests.system.waiting import until
from tests.system.workshop import Workshop, handle
from workers import wiring
from workers.settings import Settings
from workflows.effects import ACTIVITIES
from workflows.engine import TemporalEngine, workflow_id

FIXED = """\
start: {on: test.fixed, key: event.order_id}
steps:
  - send: first
  - set: {customer.stage: first}
  - wait: 1 second
  - send: second
  - set: {customer.stage: second}
  - wait: 1 second
  - send: third
  - set: {customer.stage: third}
  - finish: done
"""
SIX_NODES = """\
start: {on: test.six-nodes, key: event.order_id}
steps:
  - send: first
  - wait: 1 second
  - choose: [{if: customer.name != "", do: [{send: second}]}, {else: []}]
  - finish: done
"""
PATIENT = """\
start: {on: test.began, key: event.order_id}
exit: [{on: test.left, as: left}]
steps:
  - wait: {for: test.answered, if: event.number >= 0, up to: 1 hour, into: first}
  - wait: {for: test.answered, if: event.number >= 0, up to: 1 hour, into: second}
  - wait: {for: test.answered, if: event.number >= 0, up to: 1 hour, into: third}
  - note: "{{ vars.first.number }} {{ vars.second.number }} {{ vars.third.number }}"
"""
HELD = """\
start: {on: test.began, key: event.order_id}
exit: [{on: test.left, as: left}]
steps:
  - send: welcome
  - wait: {for: test.answered, up to: 1 hour, into: answer}
  - note: "{{ vars.answer.number }}"
  - finish: done
"""


@pytest.fixture
async def house(workshop: Workshop, client: Client) -> AsyncIterator[Workshop]:
    """The workshop at work: router, bells, worker."""
    engine = workshop.engine(client)
    async with workshop.working(client), workshop.routing(engine):
        yield workshop


async def events_of(client: Client, instance_id: str) -> list[str]:
    """The kinds of the history events of the present run."""
    history = await handle(client, instance_id).fetch_history()
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]


@pytest.mark.parametrize(("journey", "sends", "bound"), [("fixed", 3, 21), ("six-nodes", 2, 17)])
async def test_a_journey_costs_no_more_history_events_than_it_did(
    house: Workshop, client: Client, journey: str, sends: int, bound: int
) -> None:
    await house.publish(definitions.library(fixed=FIXED, six_nodes=SIX_NODES))
    instance_id = await house.begin(journey, f"test.{journey}")

    assert await house.ended(instance_id) == "done"
    assert await handle(client, instance_id).result() == "done"
    assert len(house.smtp.kept) == sends
    events = await events_of(client, instance_id)
    assert len(events) <= bound, events


async def test_temporal_shows_the_journeys_name_and_an_opaque_id(house: Workshop, client: Client) -> None:
    await house.publish(definitions.library(patient=PATIENT))
    instance_id = await house.begin("patient")
    await house.rests(instance_id)
    shown = await handle(client, instance_id).describe()

    assert shown.workflow_type == "patient"
    assert shown.id == f"journey/{instance_id}" and len(instance_id) == 24 and int(instance_id, 16)
    assert shown.raw_description.execution_config.default_workflow_task_timeout.seconds == 10


async def test_no_name_and_no_address_gets_into_a_history(house: Workshop, client: Client, smtp: SmtpServer) -> None:
    steps = """\
  - send: welcome
  - notify: care-team
    text: "{{ customer.name }} at {{ customer.email }}"
  - note: "{{ customer.name }}"
  - set: {customer.seen: true}
  - choose: [{if: 'customer.plan == "pro"', do: [{send: pro}]}, {else: [{send: plain}]}]
  - wait: {for: test.answered, if: 'event.number == 1 || customer.plan == "pro"', up to: 1 hour}
"""
    await house.publish(definitions.library(quiet=f"start: {{on: test.began, key: event.order_id}}\nsteps:\n{steps}"))
    answers = iter(["450 4.2.0 <{}>: greylisted, dear {}", "550 5.1.1 <{}>: unknown"])
    smtp.answer = lambda stage, line: (
        next(answers, "250 ok").format(line[9:-1], line[9:-1]) if stage == "rcpt" else None
    )
    instance_id = await house.begin("quiet", customer="secret-person")
    await house.rests(instance_id)
    await house.accept("test.answered", "secret-person", number=1)
    await house.ended(instance_id)
    exported = (await handle(client, instance_id).fetch_history()).to_json()
    readable = "\n".join([exported, *_decoded(json.loads(exported))])

    assert "greylisted" in readable and "test.answered" in readable  # it was read at all
    for secret in ("secret-person", "Grete", "@example.org", "example.org"):
        assert secret not in readable


def _decoded(value: Any) -> Iterator[str]:
    """Every payload in a history."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "data" and isinstance(inner, str):
                yield base64.b64decode(inner).decode()
            yield from _decoded(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _decoded(inner)


class Deaf(Engine):
    """Starts instances but rings nobody: the tests ring by hand."""

    def __init__(self, real: Engine) -> None:
        self._real = real

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        await self._real.start(journey, launch, afresh=afresh)

    async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
        return True


@pytest.fixture
async def by_hand(workshop: Workshop, client: Client) -> AsyncIterator[Workshop]:
    """The workshop with bells that ring nobody, and the patient journey."""
    await workshop.publish(definitions.library(patient=PATIENT))
    async with workshop.working(client), workshop.routing(Deaf(workshop.engine(client))):
        yield workshop


@pytest.mark.parametrize(
    "bells",
    [
        pytest.param([(2, True), (3, True), (4, True)], id="each once"),
        pytest.param([(4, False)], id="all but the last lost, and that one without its event"),
        pytest.param([(4, True)], id="all but the last lost"),
        pytest.param([(2, True), (2, True), (2, False), (3, True), (3, True), (4, True), (4, True)], id="doubled"),
        pytest.param([(4, True), (3, True), (2, True)], id="in the wrong order"),
        pytest.param([(3, True), (2, False), (4, True)], id="a gap"),
        pytest.param([(9, False), (4, False)], id="too early, for what is not there yet"),
        pytest.param([(2, True), (99, False), (1, False), (0, False)], id="nonsense"),
    ],
)
async def test_lost_doubled_early_and_disordered_bells_change_nothing(
    by_hand: Workshop, client: Client, bells: list[tuple[int, bool]]
) -> None:
    instance_id = await by_hand.begin("patient")
    await by_hand.rests(instance_id)
    sent: dict[int, Event] = {}
    for number in range(3):
        seq, event = await by_hand.deliver(instance_id, "test.answered", number=number)
        sent[seq] = event
    assert sorted(sent) == [2, 3, 4]
    engine = by_hand.engine(client)
    for upto, inline in bells:
        await engine.ring(instance_id, upto, sent[upto] if inline else None)

    assert await by_hand.ended(instance_id) == "completed"
    assert await by_hand.said(instance_id, "note") == ["0 1 2"]


async def test_a_bell_before_the_commit_is_harmless(by_hand: Workshop, client: Client) -> None:
    instance_id = await by_hand.begin("patient")
    await by_hand.rests(instance_id)
    engine = by_hand.engine(client)
    await engine.ring(instance_id, 2)
    await until(lambda: _looked(client, instance_id), "the workflow looks and finds nothing")
    for number in range(3):
        seq, event = await by_hand.deliver(instance_id, "test.answered", number=number)
        await engine.ring(instance_id, seq, event)

    assert await by_hand.ended(instance_id) == "completed"
    assert await by_hand.said(instance_id, "note") == ["0 1 2"]


async def _looked(client: Client, instance_id: str) -> bool:
    events = await events_of(client, instance_id)
    return events[-1] == "WORKFLOW_TASK_COMPLETED" or (events[-1] == "MARKER_RECORDED" and len(events) > 8)


FLOOD = """\
start: {on: test.began, key: event.order_id}
steps:
  - wait: {for: test.counted, if: event.number == 20, up to: 1 hour}
  - wait: {for: test.counted, if: event.number <= 20 || event.number == 90, up to: 1 hour, into: last}
  - wait: {for: test.counted, if: event.number == 40, since: journey, up to: 1 hour, into: early}
  - wait: {for: test.answered, up to: 1 hour}
  - note: "{{ vars.last.number }} {{ vars.early.number }}"
"""


async def test_continuing_as_new_keeps_state_mailbox_and_place(by_hand: Workshop, client: Client) -> None:
    await by_hand.publish(definitions.library(flood=FLOOD))
    instance_id = await by_hand.begin("flood")
    await by_hand.rests(instance_id)
    engine = by_hand.engine(client)
    first_run = (await handle(client, instance_id).describe()).run_id
    for number in range(1, 31):  # past the first wait
        seq, event = await by_hand.deliver(instance_id, "test.counted", number=number)
        await engine.ring(instance_id, seq, event)
    before = await by_hand.rests(instance_id, "wait-for-test.counted-2")
    for number in range(31, 61):  # each bell with its event
        seq, event = await by_hand.deliver(instance_id, "test.counted", number=number)
        await engine.ring(instance_id, seq, event)
    for number in range(61, 90):  # one bell for many
        seq, event = await by_hand.deliver(instance_id, "test.counted", number=number)
    await engine.ring(instance_id, seq)

    async def heard_all() -> Any:
        row = await by_hand.row(instance_id)
        return row if row.acked_seq == 90 else None

    row = await until(heard_all, "89 events are applied", within=60)
    assert row.step == before.step and row.wake_at == before.wake_at
    runs = await runs_of(client, instance_id)
    assert len(runs) >= 3 and runs[0] == first_run
    for run_id in runs:
        run = client.get_workflow_handle(workflow_id(instance_id), run_id=run_id)
        assert (await run.describe()).history_length < 300

    for type_, data in (("test.counted", {"number": 90}), ("test.answered", {})):
        seq, event = await by_hand.deliver(instance_id, type_, **data)
        await engine.ring(instance_id, seq, event)
    assert await by_hand.ended(instance_id) == "completed"
    assert await by_hand.said(instance_id, "note") == ["90 40"]


async def test_a_held_message_does_not_keep_the_history_from_starting_afresh(
    house: Workshop, client: Client, smtp: SmtpServer
) -> None:
    await house.publish(definitions.library(held=HELD))
    await smtp.down()
    instance_id = await house.begin("held", customer="c-9")
    await house.troubled(instance_id, "no connection")
    first_run = (await handle(client, instance_id).describe()).run_id
    numbers = itertools.count()

    async def afresh() -> bool:
        # One bell may stand for many events when the router is busy, so nobody knows how many make a long history.
        await house.accept("test.answered", "c-9", number=next(numbers))
        return bool((await handle(client, instance_id).describe()).run_id != first_run)

    await until(afresh, "it continues as new during the outage", within=90)
    await smtp.up()
    assert await house.ended(instance_id, within=90) == "done"
    assert len(smtp.kept) == 1
    [first] = await house.said(instance_id, "note")
    assert int(first) <= max(next(numbers) - MAILBOX, 0), "the first that is still kept"


async def test_an_exit_ends_a_wait_at_once(house: Workshop, client: Client) -> None:
    await house.publish(definitions.library(patient=PATIENT))
    instance_id = await house.begin("patient", customer="c-7")
    await house.rests(instance_id)
    await house.accept("test.left", "c-7")

    assert await house.ended(instance_id) == "left"
    assert await handle(client, instance_id).result() == "left"


async def test_an_instance_stopped_from_outside_sends_nothing_more_and_its_workflow_ends(
    house: Workshop, client: Client, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bells.UNHEARD_FOR", timedelta(seconds=0.2))
    monkeypatch.setattr("gateway.bells.SWEEP_SECONDS", 0.2)
    await house.publish(definitions.library(held=HELD))
    await smtp.down()
    instance_id = await house.begin("held")
    await house.troubled(instance_id, "no connection")
    async with house.db.write() as tx:
        await instances.stop(tx, instance_id, "merged", "two customers turned out to be one")

    async def over() -> bool:
        return str((await house.row(instance_id)).state) == "ended"

    assert await handle(client, instance_id).result() == "merged"
    await until(over, "its row says so too")
    await smtp.up()
    await asyncio.wait_for(house.mail.finish(), 10)
    assert await house.messages(instance_id) == [("welcome", "suppressed")] and smtp.kept == []
    assert (await house.said(instance_id, "ended")) == [
        'The journey ended as "merged". Cancelled: two customers turned out to be one.'
    ]


async def test_an_outage_of_the_mail_server_holds_the_journey_and_the_message_goes_once(
    house: Workshop, client: Client, smtp: SmtpServer
) -> None:
    await house.publish(definitions.library(held=HELD))
    await smtp.down()
    instance_id = await house.begin("held")
    said = await house.troubled(instance_id, "waits")
    assert said.startswith('The message "welcome" waits: no connection to the mail server (')
    row = await house.row(instance_id)
    assert (row.state, row.doing) == ("running", "sends welcome")
    await smtp.up()
    row = await house.rests(instance_id)

    assert row.trouble is None and len(smtp.kept) == 1
    assert await house.messages(instance_id) == [("welcome", "accepted")]
    assert (await handle(client, instance_id).describe()).status == WorkflowExecutionStatus.RUNNING


async def test_an_exit_while_a_message_is_held_withdraws_it(house: Workshop, client: Client, smtp: SmtpServer) -> None:
    await house.publish(definitions.library(held=HELD))
    await smtp.down()
    instance_id = await house.begin("held", customer="c-8")
    await house.troubled(instance_id, "no connection")
    await house.accept("test.left", "c-8")

    assert await house.ended(instance_id) == "left"
    assert await handle(client, instance_id).result() == "left"
    await smtp.up()
    await asyncio.wait_for(house.mail.finish(), 10)
    assert await house.messages(instance_id) == [("welcome", "suppressed")] and smtp.kept == []
    row = await house.row(instance_id)
    assert (row.trouble, row.wake_at, row.doing) == (None, None, "ended: left")
    events = await events_of(client, instance_id)
    assert "ACTIVITY_TASK_SCHEDULED" not in events, "a message that waits costs next to nothing"


class Hasty(TemporalEngine):
    """Looks for news every second or so while a local activity is tried; Temporal's own measure is eight seconds."""

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        data = launch.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        await self._client.start_workflow(
            journey,
            data,
            id=f"journey/{launch.instance_id}",
            task_queue=self._task_queue,
            task_timeout=timedelta(seconds=1.5),
        )


async def test_an_exit_while_a_message_is_on_the_wire_starts_no_second_attempt(
    workshop: Workshop, client: Client, smtp: SmtpServer
) -> None:
    await workshop.publish(definitions.library(held=HELD))
    smtp.fault = Fault("mail", "hang")
    async with workshop.working(client), workshop.routing(Hasty(client, workshop.task_queue)):
        instance_id = await workshop.begin("held", customer="c-8")
        await asyncio.wait_for(smtp.shown.wait(), 20)
        await workshop.accept("test.left", "c-8")
        assert await workshop.ended(instance_id) == "left"
        assert await handle(client, instance_id).result() == "left"
        assert "ACTIVITY_TASK_SCHEDULED" not in await events_of(client, instance_id)
        await smtp.down()
        await asyncio.wait_for(workshop.mail.finish(), 10)

    assert await workshop.messages(instance_id) == [("welcome", "suppressed")]
    assert (await workshop.row(instance_id)).trouble is None


async def test_what_comes_while_a_message_is_held_counts_for_the_wait_behind_it(
    house: Workshop, client: Client, smtp: SmtpServer
) -> None:
    await house.publish(definitions.library(held=HELD))
    await smtp.down()
    instance_id = await house.begin("held", customer="c-8")
    await house.troubled(instance_id, "no connection")
    await house.accept("test.answered", "c-8", number=5)

    async def heard() -> bool:
        return bool((await house.row(instance_id)).acked_seq == 2)

    await until(heard, "the event is applied")
    await house.troubled(instance_id, "no connection")  # and further attempts do not take that back
    assert (await house.row(instance_id)).acked_seq == 2
    await smtp.up()

    assert await house.ended(instance_id) == "done"
    assert await house.said(instance_id, "note") == ["5"]


async def test_every_effect_has_its_activity_and_its_limits(workshop: Workshop, client: Client) -> None:
    settings = Settings(data=Path("/nowhere"), task_queue=workshop.task_queue)
    registered = wiring.worker(client, settings, workshop.db, workshop.mail).config()["activities"]

    assert sorted(one.__name__ for one in registered) == sorted(ACTIVITIES)
    assert set(ACTIVITIES) == {*ASKS, "record", "fetch"}
