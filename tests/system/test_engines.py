"""The engine on Temporal and the one without a server keep the same promises."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.contracts.engine import EngineContract, Lose
from tests.contracts.fake_engine import FakeEngine
from tests.system.temporal import cut_off
from tests.system.workshop import Workshop, handle
from workflows.engine import TemporalEngine


class TestTemporal(EngineContract):
    """The real one."""

    @pytest.fixture
    async def engine(self, workshop: Workshop, client: Client) -> AsyncIterator[TemporalEngine]:
        async with workshop.working(client):
            yield workshop.engine(client)

    @pytest.fixture
    def lose(self, client: Client) -> Lose:
        async def terminate(instance_id: str) -> None:
            await handle(client, instance_id).terminate()

        return terminate

    @pytest.fixture
    async def away(self, client: Client) -> AsyncIterator[TemporalEngine]:
        async with cut_off(client) as alone:
            yield TemporalEngine(alone, "nobody")


class TestFake(EngineContract):
    """The one for tests."""

    @pytest.fixture
    async def engine(self, workshop: Workshop) -> AsyncIterator[FakeEngine]:
        made = FakeEngine(workshop.db, workshop.mailer)
        yield made
        await made.close()

    @pytest.fixture
    def lose(self, engine: FakeEngine) -> Lose:
        return engine.lose

    @pytest.fixture
    def away(self, workshop: Workshop) -> FakeEngine:
        made = FakeEngine(workshop.db, workshop.mailer)
        made.down = True
        return made
