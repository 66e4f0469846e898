"""The 24 races, each with its outcome, in one list: events, deadlines, merges, orders and kills that meet.

Those about the store run on both databases, those about a running journey on a real Temporal server. What each of them
does under load and in every order is in the tests of its subject; here is that none is missing.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from gateway.bells import launch_of
from gateway.orders import OURS
from gateway.router import Router
from journey import machine
from journey.commands import Erase
from journey.inputs import Event
from store import inbox, instances
from store.clock import now
from store.database import Database
from store.inbox import NewEvent
from store.tables import instance
from tests.databases import Databases
from tests.gateway.routing import House, started
from tests.simulation.invariants import violations
from tests.simulation.world import World
from tests.store.makers import a_journey, accept, new_event, publish, rows
from tests.system import definitions
from tests.system.racing import (
    ALONE,
    CAME,
    COUNTING,
    HEARS,
    HURRYING,
    LISTENING,
    Mumbling,
    Silence,
    answers,
    applied,
    past,
    unrung,
)
from tests.system.smtp_server import SmtpServer
from tests.system.temporal import runs_of
from tests.system.waiting import until
from tests.system.workshop import Workshop, handle
from workflows.engine import workflow_id


@pytest.fixture
async def house(db: Database) -> House:
    """A router on a store, with a journey that begins with a purchase and waits for one event."""
    await publish(db, HEARS)
    return House(db)


@pytest.fixture
async def shop(workshop: Workshop) -> Workshop:
    await workshop.publish(definitions.library(alone=ALONE, counting=COUNTING, hurrying=HURRYING, listening=LISTENING))
    return workshop


@pytest.fixture
async def at_work(shop: Workshop, client: Client) -> AsyncIterator[Workshop]:
    """Router, bells and worker on a real Temporal server."""
    async with shop.working(client), shop.routing(shop.engine(client)):
        yield shop


async def heard(house: House, instance_id: str) -> list[str]:
    """The events of an instance's sequence, which has no holes."""
    told = await rows(house.db, "delivery", instance_id=instance_id)
    assert [row["seq"] for row in told] == list(range(1, len(told) + 1))
    names = {row["event_pk"]: row["event_id"] for row in await rows(house.db, "inbox")}
    return [names[row["event_pk"]] for row in told]


async def states(house: House) -> dict[str, str]:
    return {row["event_id"]: row["state"] for row in await rows(house.db, "inbox")}


async def test_r01_an_event_in_the_same_batch_as_the_entry_is_the_second_one_heard(house: House) -> None:
    """The entry is number 1, it is number 2. What was accepted before the entry began nothing and says so."""
    await accept(house.db, new_event("before", CAME), new_event("entry"), new_event("after", CAME))
    await house.route()
    [one] = await rows(house.db, "instance")
    assert await heard(house, one["instance_id"]) == ["entry", "after"]
    assert await states(house) == {"before": "unmatched", "entry": "routed", "after": "routed"}


async def test_r02_an_event_before_its_wait_begins_counts_for_it(at_work: Workshop, smtp: SmtpServer) -> None:
    """It is kept in the mailbox until the wait that wants it begins: here while the letter before cannot be sent."""
    await smtp.down()
    one = await at_work.begin("counting", customer="c-2")
    await at_work.troubled(one, "no connection")
    await answers(at_work, "c-2", 1)
    await applied(at_work, one, 2)
    await smtp.up()
    assert (await at_work.rests(one, "wait-for-test.answered-2")).acked_seq == 2


def test_r03_between_going_to_rest_and_listening_there_is_no_moment() -> None:
    """No subscription is made that could be late: in 100 worlds that stop at every step nothing stays unheard."""
    for seed in range(30_000, 30_100):
        world = World(seed)
        world.live()
        assert violations(world) == [], f"World({seed})"


async def test_r04_events_while_an_activity_runs_are_heard_in_their_order(at_work: Workshop, smtp: SmtpServer) -> None:
    await smtp.down()
    one = await at_work.begin("counting", customer="c-4")
    await at_work.troubled(one, "no connection")
    await answers(at_work, "c-4", 1, 2, 3)
    await applied(at_work, one, 4)
    await smtp.up()
    assert await at_work.ended(one) == "completed"
    assert await at_work.said(one, "note") == ["1 2 3"]


async def test_r05_events_while_it_continues_as_new_are_all_heard(at_work: Workshop, client: Client) -> None:
    """The new run begins by looking for what it has not heard."""
    one = await at_work.begin("listening", "test.listened", customer="c-5")
    await at_work.rests(one)
    for number in range(1, 61):
        await at_work.accept("test.answered", "c-5", number=number)
    await applied(at_work, one, 61)
    await at_work.accept("test.answered", "c-5", number=200)
    assert await at_work.ended(one) == "done"
    assert len(await runs_of(client, one)) > 1, "it never continued as new"


async def test_r06_of_an_event_and_a_deadline_the_event_wins_if_it_was_accepted_in_time(
    shop: Workshop, client: Client
) -> None:
    """Decided by when it was accepted, not by who comes first: the router is late, and the event is not."""
    async with shop.working(client):
        async with shop.routing(shop.engine(client)):
            answered = await shop.begin("hurrying", "test.hurried", customer="c-1")
            silent = await shop.begin("hurrying", "test.hurried", customer="c-2")
            deadline: datetime = (await shop.rests(answered)).wake_at
            late: datetime = (await shop.rests(silent)).wake_at
        accepted = now()
        await shop.accept("test.answered", "c-1")
        await until(lambda: past(max(deadline, late)), "the deadlines have passed")
        await shop.accept("test.answered", "c-2")
        async with shop.routing(shop.engine(client)):
            outcomes = [await shop.ended(answered), await shop.ended(silent)]
    assert outcomes == ["answered" if accepted < deadline else "silent", "silent"]


async def test_r07_an_event_after_the_end_says_so_and_only_the_rule_of_entry_lets_it_begin_again(house: House) -> None:
    first = started(await house.post("entry"))
    await house.end(first)
    late = await house.post("late", CAME)
    assert (late["state"], late["result"]["heard"]) == ("unmatched", [])
    again = await house.post("again")
    assert again["result"]["started"] == [] and "key" in again["result"]["not_started"][0]["reason"]
    assert await heard(house, first) == ["entry"]


async def test_r08_events_before_the_customer_is_known_wait_and_are_heard_in_their_order(house: House) -> None:
    nobody = {"anonymous_id": "a-1"}
    names = [f"e-{number:02}" for number in range(20)]
    await accept(
        house.db, new_event("entry", customer=nobody), *(new_event(one, CAME, customer=nobody) for one in names)
    )
    await house.route()
    assert set((await states(house)).values()) == {"parked"}
    await house.post("signs-in", "customer.identified", customer={"id": "c-1", **nobody})
    [one] = await rows(house.db, "instance")
    assert await heard(house, one["instance_id"]) == ["entry", *names]


async def test_r09_tracked_identified_and_merged_in_any_order_it_is_one_customer(house: House) -> None:
    """In all 24 orders: the same names, and all events are somebody's."""
    for number, order in enumerate(permutations(range(4))):
        one, two = f"a{number}", f"b{number}"
        said: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
            ("page.viewed", {"anonymous_id": one}, {}),
            ("customer.identified", {"id": one, "anonymous_id": one}, {}),
            ("customer.identified", {"id": two, "email": f"{two}@example.org"}, {}),
            ("customer.merged", {"id": one}, {"other": {"id": two}}),
        ]
        for at in order:
            kind, who, more = said[at]
            await accept(house.db, new_event(f"{number}-{at}", kind, customer=who, **more))
    await house.route()
    alive = [row for row in await rows(house.db, "customer") if row["merged_into"] is None]
    names = [await _names(house, one["customer_id"]) for one in alive]
    assert sorted(names) == sorted(sorted([f"a{n}", f"a{n}", f"b{n}", f"b{n}@example.org"]) for n in range(24))
    assert "parked" not in (await states(house)).values()


async def _names(house: House, customer_id: str) -> list[str]:
    return sorted(row["value"] for row in await rows(house.db, "customer_alias", customer_id=customer_id))


async def test_r10_of_two_running_instances_that_become_one_customers_one_goes_on(
    at_work: Workshop, smtp: SmtpServer
) -> None:
    """The older one; the other ends, with the reason; what comes afterwards is heard once."""
    older, newer = [await at_work.begin("alone", "test.alone", customer=who) for who in ("c-10", "d-10")]
    for one in (older, newer):
        await at_work.rests(one)
    await at_work.accept("customer.merged", "c-10", other={"id": "d-10"})
    assert await at_work.ended(newer) == "merged"
    await answers(at_work, "d-10", 1, 2, 3)
    assert await at_work.ended(older) == "completed"
    assert await at_work.said(older, "note") == ["1 2 3"] and await at_work.said(newer, "note") == []
    assert len(smtp.subjects) == 2


async def test_r11_a_merge_makes_no_old_event_an_entry_and_may_end_an_open_wait(house: House) -> None:
    """What the other did before is no new beginning; what their journey had not used yet is heard."""
    stays = started(await house.post("mine", customer={"id": "c-1"}))
    await house.post("theirs", customer={"id": "c-2"}, order_id="o-2")
    await house.post("waits", CAME, customer={"id": "c-2"})
    await publish(house.db, HEARS, a_journey("late", start={"on": "purchase.completed"}))
    merge = await house.post("merge", "customer.merged", customer={"id": "c-1"}, other={"id": "c-2"})
    assert merge["result"]["started"] == []
    assert len(await rows(house.db, "instance")) == 2 and await heard(house, stays) == ["mine"]


@pytest.mark.parametrize("order", list(permutations(("one", "other", "merge"))), ids="-".join)
async def test_r12_a_merge_of_customers_who_are_not_known_yet_counts_when_they_are(
    house: House, order: tuple[str, ...]
) -> None:
    said: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "one": ("customer.identified", {"id": "c-1", "name": "Grete"}, {}),
        "other": ("customer.identified", {"id": "c-2", "email": "g@example.org"}, {}),
        "merge": ("customer.merged", {"id": "c-1"}, {"other": {"id": "c-2"}}),
    }
    for name in order:
        kind, who, more = said[name]
        await house.post(name, kind, customer=who, **more)
    [alive] = [row for row in await rows(house.db, "customer") if row["merged_into"] is None]
    assert (alive["external_id"], alive["email"], alive["name"]) == ("c-1", "g@example.org", "Grete")


async def test_r13_an_event_that_happened_long_ago_is_heard_in_the_order_of_acceptance(house: House) -> None:
    """What it says of the past is kept; it does not overtake what came before it."""
    one = started(await house.post("entry"))
    await house.post("new", CAME, occurred_at=now())
    await house.post("old", CAME, occurred_at=now() - timedelta(days=900))
    assert await heard(house, one) == ["entry", "new", "old"]
    moments = {row["event_id"]: row["occurred_at"] for row in await rows(house.db, "inbox")}
    assert moments["old"] < moments["new"]


async def test_r14_a_version_published_between_acceptance_and_routing_is_the_one_that_begins(house: House) -> None:
    """The version is pinned in the transaction that begins the instance, and stays."""
    await accept(house.db, new_event("before"))
    newer = a_journey(start={"on": "purchase.completed", "key": "event.order_id"}, title="Another")
    await publish(house.db, newer)
    await house.route()
    await publish(house.db, HEARS)
    [one] = await rows(house.db, "instance")
    assert one["def_hash"] == newer.hash != HEARS.hash


async def test_r15_a_router_that_dies_after_the_commit_is_made_up_for_by_the_sweeper(
    shop: Workshop, client: Client
) -> None:
    """The journey starts once, and hears what came meanwhile."""
    await shop.accept("test.began", "c-15", order_id="o-15")
    await answers(shop, "c-15", 1, 2, 3)
    while await Router(shop.db, Silence(), shop.awake).route_some():
        pass
    [row] = await shop.rows(select(instance.c.instance_id))
    async with shop.working(client), shop.routing(shop.engine(client)):
        await unrung(shop)
        assert await shop.ended(row.instance_id) == "completed"
    assert await shop.said(row.instance_id, "note") == ["1 2 3"] and len(await runs_of(client, row.instance_id)) == 1


async def test_r16_a_bell_whose_answer_is_lost_is_rung_again_and_heard_once(
    shop: Workshop, client: Client, smtp: SmtpServer
) -> None:
    async with shop.working(client), shop.routing(Mumbling(client, shop.task_queue)):
        one = await shop.begin("counting", customer="c-16")
        await answers(shop, "c-16", 1, 2, 3)
        await unrung(shop)
        assert await shop.ended(one) == "completed"
    assert await shop.said(one, "note") == ["1 2 3"] and len(smtp.subjects) == 1


async def test_r17_two_routers_route_each_event_once_and_in_order(house: House) -> None:
    other = Database(house.db.url)
    await accept(house.db, *(new_event(f"p-{n}", customer={"id": f"c-{n}"}, order_id=f"o-{n}") for n in range(2)))
    await accept(house.db, *(new_event(f"e-{n:02}", CAME, customer={"id": f"c-{n % 2}"}) for n in range(16)))
    await asyncio.gather(house.route(), House(other).route())
    await other.close()
    assert set((await states(house)).values()) == {"routed"}
    for one in await rows(house.db, "instance"):
        entry, *told = await heard(house, one["instance_id"])
        assert entry.startswith("p-") and told == sorted(told) and len(told) == 8


async def test_r18_a_workflow_that_an_operator_resets_reads_again_and_sends_nothing_again(
    at_work: Workshop, client: Client, smtp: SmtpServer
) -> None:
    """The place in the sequence goes back with it; the ledger knows what was sent."""
    one = await at_work.begin("counting", customer="c-18")
    await at_work.rests(one)
    await answers(at_work, "c-18", 1, 2)
    await at_work.rests(one, "wait-for-test.answered-3")
    history = await handle(client, one).fetch_history()
    first = next(e for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id(one)),
            reason="an operator",
            workflow_task_finish_event_id=first.event_id,
            request_id=secrets.token_hex(8),
        )
    )
    await answers(at_work, "c-18", 3)
    assert await at_work.ended(one) == "completed"
    assert await at_work.said(one, "note") == ["1 2 3"] and len(smtp.subjects) == 1
    assert await at_work.messages(one) == [("hello", "accepted")]


async def test_r19_a_workflow_that_temporal_has_lost_goes_on_where_it_stood(
    at_work: Workshop, client: Client, smtp: SmtpServer
) -> None:
    """As after a restored or emptied Temporal: it begins again from what the store knows."""
    one = await at_work.begin("counting", customer="c-19")
    await at_work.rests(one)
    await answers(at_work, "c-19", 1)
    await at_work.rests(one, "wait-for-test.answered-2")
    await handle(client, one).terminate("lost")
    async with at_work.db.read() as tx:
        row = await instances.launch(tx, one)
    assert row is not None
    await at_work.engine(client).start("counting", launch_of(row), afresh=True)
    await answers(at_work, "c-19", 2, 3)
    assert await at_work.ended(one) == "completed"
    assert await at_work.said(one, "note") == ["1 2 3"] and len(smtp.subjects) == 1


async def test_r20_what_is_queued_behind_an_erasure_is_heard_by_nobody(at_work: Workshop, client: Client) -> None:
    one = await at_work.begin("counting", customer="c-20")
    await at_work.rests(one)
    async with at_work.db.write() as tx:
        await instances.command(tx, one, Erase(at=now(), by="the customer"))
        for number in (1, 2, 3):
            await instances.deliver(tx, one, Event(type="test.answered", data={"number": number}, at=now()), None)
    await at_work.engine(client).ring(one, 5)
    assert await at_work.ended(one) == "erased"
    assert await at_work.said(one, "note") == []


@pytest.mark.parametrize(("first", "outcome"), [("answer", "completed"), ("cancel", "cancelled")])
async def test_r21_of_an_order_and_an_event_the_first_accepted_counts(
    at_work: Workshop, first: str, outcome: str
) -> None:
    """Both are in one sequence, here accepted in one moment and applied in one task."""
    one = await at_work.begin("counting", customer="c-21", order_id="o-21")
    await at_work.rests(one)
    await answers(at_work, "c-21", 1, 2)
    await at_work.rests(one, "wait-for-test.answered-3")
    cancel = new_event("order", OURS + "cancel", customer={"id": "c-21"})
    cancel = NewEvent(**{**vars(cancel), "data": {"journey": "counting", "key": "o-21"}})
    answer = new_event("answer", "test.answered", customer={"id": "c-21"}, number=3)
    made = {"cancel": cancel, "answer": answer}
    await accept(at_work.db, made.pop(first), *made.values())
    at_work.awake.set()
    assert await at_work.ended(one) == outcome


async def test_r22_an_event_on_which_we_stumble_is_said_and_the_journey_goes_on(
    at_work: Workshop, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No workflow task fails for ever: the event is marked, people see it, the next one is heard."""
    real = machine.advance

    def stumbling(journey: Any, state: Any, happened: Any) -> Any:
        if getattr(happened, "event", None) is not None and happened.event.data.get("number") == 13:
            raise ZeroDivisionError("thirteen")
        return real(journey, state, happened)

    monkeypatch.setattr(machine, "advance", stumbling)
    one = await at_work.begin("counting", customer="c-22")
    await at_work.rests(one)
    await answers(at_work, "c-22", 13)
    assert "thirteen" in await at_work.troubled(one, "our fault")
    await answers(at_work, "c-22", 1, 2, 3)
    assert await at_work.ended(one) == "completed"
    history = await handle(client, one).fetch_history()
    failed = [event for event in history.events if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED]
    causes = {event.workflow_task_failed_event_attributes.cause for event in failed}
    assert causes <= {WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND}, "a bell at the very end"


async def test_r23_a_burst_for_one_customer_is_heard_whole_in_few_tasks(shop: Workshop, client: Client) -> None:
    """200 at once: bells that wait are rung as one, and the workflow fetches many at a time."""
    async with shop.working(client):
        async with shop.routing(shop.engine(client)):
            one = await shop.begin("listening", "test.listened", customer="c-23")
            await shop.rests(one)
        burst = [new_event(f"e-{n}", "test.answered", customer={"id": "c-23"}, number=n) for n in range(1, 201)]
        await accept(shop.db, *burst)
        async with shop.routing(shop.engine(client)):
            assert await shop.ended(one) == "done"
    assert (await shop.row(one)).acked_seq == 201
    tasks = 0
    for run in await runs_of(client, one):
        history = await client.get_workflow_handle(workflow_id(one), run_id=run).fetch_history()
        tasks += sum(e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for e in history.events)
    assert tasks <= 20


async def test_r24_an_event_whose_transaction_commits_late_is_not_skipped(databases: Databases) -> None:
    """Routers ask what is new, not what comes after the last one seen. (On SQLite nobody commits beside another.)"""
    url = databases.migrated("postgresql")
    db = Database(url)
    await publish(db, HEARS)
    house = House(db)
    async with db.write() as slow:
        await inbox.accept(slow, [new_event("late", customer={"id": "c-2"}, order_id="o-2")])
        await house.post("quick", customer={"id": "c-1"})
    await house.route()
    assert await states(house) == {"late": "routed", "quick": "routed"}
    assert [row["event_id"] for row in await rows(db, "inbox")] == ["late", "quick"]
    await db.close()
    databases.drop(url)


def test_none_of_the_24_is_missing() -> None:
    here = [name for name in vars(sys.modules[__name__]) if name.startswith("test_r")]
    assert sorted({int(found[1]) for name in here if (found := re.match(r"test_r(\d\d)_", name))}) == [*range(1, 25)]
