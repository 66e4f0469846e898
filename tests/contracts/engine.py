"""What everybody who starts and rings journeys relies on, whatever runs them.

A test class inherits from ``EngineContract`` and gives the fixtures ``engine`` (at work on ``workshop``), ``lose``
(ends one run without a word to the store) and ``away`` (an engine that cannot be reached).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from gateway.bells import launch_of
from journey.engine import Engine, EngineDown
from journey.work import Launch
from store import instances
from store.clock import now
from tests.system import definitions
from tests.system.smtp_server import SmtpServer
from tests.system.waiting import until
from tests.system.workshop import Workshop

JOURNEYS = {
    "counting": """\
start: {on: test.began, key: event.order_id}
exit: [{on: test.left, as: left}]
steps:
  - send: hello
  - wait: {for: test.answered, up to: 1 hour, into: first}
  - wait: {for: test.answered, up to: 1 hour, into: second}
  - note: "{{ vars.first.number }} {{ vars.second.number }}"
  - send: goodbye
""",
    "hurrying": """\
start: {on: test.hurried, key: event.order_id}
steps:
  - choose: [{if: customer.name != "", do: [{note: "known"}]}, {else: [{note: "unknown"}]}]
  - wait: {for: test.answered, up to: 3 seconds}
    then: [{finish: answered}]
    otherwise: [{finish: silent}]
""",
}
Lose = Callable[[str], Awaitable[None]]


class EngineContract:
    """The suite."""

    @pytest.fixture
    async def house(self, workshop: Workshop, engine: Engine) -> AsyncIterator[Workshop]:
        """Router and bells at work with the engine."""
        await workshop.publish(definitions.library(**JOURNEYS))
        async with workshop.routing(engine):
            yield workshop

    async def test_what_is_started_runs_and_says_where_it_stands(self, house: Workshop, engine: Engine) -> None:
        instance_id = await house.begin("counting")
        row = await house.rests(instance_id)

        assert row.doing == "waits for test.answered" and row.acked_seq == 1
        assert await engine.ring(instance_id, 1)
        assert house.smtp.subjects[0].startswith("hello")

    async def test_starting_and_ringing_again_change_nothing(self, house: Workshop, engine: Engine) -> None:
        instance_id = await house.begin("counting", customer="c-1")
        await house.rests(instance_id)
        launch = await launch_again(house, instance_id)
        for _ in range(3):
            await engine.start("counting", launch)
            await engine.start("counting", launch, afresh=True)
            assert await engine.ring(instance_id, 1)
        await finish(house, instance_id, "c-1")

        assert [subject.split()[0] for subject in house.smtp.subjects] == ["hello", "goodbye"]

    async def test_nobody_hears_a_bell_of_an_unknown_instance(self, engine: Engine) -> None:
        assert not await engine.ring("0" * 24, 1)

    async def test_what_has_ended_hears_nothing_and_does_not_start_again(self, house: Workshop, engine: Engine) -> None:
        instance_id = await house.begin("counting", customer="c-1")
        await house.rests(instance_id)
        launch = await launch_again(house, instance_id)
        await finish(house, instance_id, "c-1")

        async def deaf() -> bool:
            return not await engine.ring(instance_id, 9)

        await until(deaf, "the run is over")
        await engine.start("counting", launch)
        assert await deaf()

    async def test_a_lost_run_begins_again_only_afresh_and_where_it_stood(
        self, house: Workshop, engine: Engine, lose: Lose
    ) -> None:
        instance_id = await house.begin("counting", customer="c-1")
        before = await house.rests(instance_id)
        await house.accept("test.answered", "c-1", number=1)
        before = await until(lambda: applied(house, instance_id, 2), "the first answer is heard")
        await lose(instance_id)
        assert not await engine.ring(instance_id, 2)
        launch = await launch_again(house, instance_id)
        await engine.start("counting", launch)
        assert not await engine.ring(instance_id, 2)
        await engine.start("counting", launch, afresh=True)
        assert await engine.ring(instance_id, 2)
        await house.accept("test.answered", "c-1", number=2)

        assert await house.ended(instance_id) == "completed"
        assert await house.said(instance_id, "note") == ["1 2"]
        assert [subject.split()[0] for subject in house.smtp.subjects] == ["hello", "goodbye"]
        assert before.step == "wait-for-test.answered-2"

    async def test_a_bell_for_what_is_not_there_yet_is_harmless(self, house: Workshop, engine: Engine) -> None:
        instance_id = await house.begin("counting", customer="c-1")
        await house.rests(instance_id)
        assert await engine.ring(instance_id, 5)
        await finish(house, instance_id, "c-1")

        assert await house.said(instance_id, "note") == ["1 2"]

    async def test_deliveries_are_applied_in_order_whatever_the_order_of_bells(
        self, house: Workshop, engine: Engine
    ) -> None:
        instance_id = await house.begin("counting")
        await house.rests(instance_id)
        first = await house.deliver(instance_id, "test.answered", number=1)
        second = await house.deliver(instance_id, "test.answered", number=2)
        await engine.ring(instance_id, *second)
        await engine.ring(instance_id, *second)
        await engine.ring(instance_id, *first)

        assert await house.ended(instance_id) == "completed"
        assert await house.said(instance_id, "note") == ["1 2"]

    async def test_a_deadline_passes(self, house: Workshop) -> None:
        instance_id = await house.begin("hurrying", "test.hurried")
        row = await house.rests(instance_id)

        assert await house.ended(instance_id) == "silent"
        assert now() >= row.wake_at and await house.said(instance_id, "note") == ["known"]

    async def test_what_was_accepted_before_the_deadline_wins_though_nobody_rang(self, house: Workshop) -> None:
        instance_id = await house.begin("hurrying", "test.hurried")
        row = await house.rests(instance_id)
        _, event = await house.deliver(instance_id, "test.answered")
        assert event.at < row.wake_at, "the machine was too slow for this test"

        assert await house.ended(instance_id) == "answered"

    async def test_a_deadline_that_passed_while_the_run_was_lost_has_passed(
        self, house: Workshop, engine: Engine, lose: Lose
    ) -> None:
        instance_id = await house.begin("hurrying", "test.hurried")
        row = await house.rests(instance_id)
        await lose(instance_id)

        async def over() -> bool:
            return bool(now() > row.wake_at)

        await until(over, "the deadline passes")
        await house.deliver(instance_id, "test.answered")
        await engine.start("hurrying", await launch_again(house, instance_id), afresh=True)

        assert await house.ended(instance_id) == "silent"

    async def test_an_exit_ends_it_at_once_also_while_a_message_waits(self, house: Workshop, smtp: SmtpServer) -> None:
        resting = await house.begin("counting", customer="c-1")
        await house.rests(resting)
        await smtp.down()
        holding = await house.begin("counting", customer="c-2")
        await house.troubled(holding, "no connection")
        await house.accept("test.left", "c-1")
        await house.accept("test.left", "c-2")

        assert [await house.ended(resting), await house.ended(holding)] == ["left", "left"]
        assert await house.messages(holding) == [("hello", "suppressed")]

    async def test_a_message_that_had_to_wait_goes_once(self, house: Workshop, smtp: SmtpServer) -> None:
        await smtp.down()
        instance_id = await house.begin("counting", customer="c-1")
        await house.troubled(instance_id, "no connection")
        await smtp.up()
        await house.rests(instance_id)
        await finish(house, instance_id, "c-1")

        assert [subject.split()[0] for subject in smtp.subjects] == ["hello", "goodbye"]

    async def test_an_engine_that_is_away_says_so(self, away: Engine, workshop: Workshop) -> None:
        launch = Launch(instance_id="0" * 24, plan=definitions.library(**JOURNEYS).journeys["counting"].plan)
        with pytest.raises(EngineDown):
            await away.start("counting", launch)
        with pytest.raises(EngineDown):
            await away.ring("0" * 24, 1)

    async def test_while_it_is_away_events_are_kept_and_what_began_begins_when_it_is_back(
        self, workshop: Workshop, engine: Engine, away: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.bells.SWEEP_SECONDS", 0.1)
        monkeypatch.setattr("gateway.bells.UNHEARD_FOR", timedelta(seconds=0.2))
        await workshop.publish(definitions.library(**JOURNEYS))
        async with workshop.routing(away):
            begun = [await workshop.begin("counting", customer=f"c-{number}") for number in range(5)]
            await workshop.accept("test.answered", "c-0", number=1)
            await until(lambda: delivered(workshop, begun[0], 2), "the router puts it into the sequence")
        assert workshop.smtp.kept == []
        async with workshop.routing(engine):
            for instance_id in begun:
                await workshop.rests(instance_id)
            await until(lambda: applied(workshop, begun[0], 2), "the answer is heard")

        assert len(workshop.smtp.kept) == 5


async def launch_again(house: Workshop, instance_id: str) -> Launch:
    """Its start, as it would be now."""
    async with house.db.read() as tx:
        row = await instances.launch(tx, instance_id)
    assert row is not None
    return launch_of(row)


async def applied(house: Workshop, instance_id: str, number: int) -> object:
    row = await house.row(instance_id)
    return row if row.acked_seq == number else None


async def delivered(house: Workshop, instance_id: str, number: int) -> bool:
    return bool((await house.row(instance_id)).next_seq == number + 1)


async def finish(house: Workshop, instance_id: str, customer: str) -> None:
    """Answer twice, and wait for the end."""
    for number in (1, 2):
        await house.accept("test.answered", customer, number=number)
    assert await house.ended(instance_id) == "completed"
