"""A Temporal server of the tests: the program that `wayfare up` starts, with the same settings, on free ports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RetryConfig

from tests.ports import free_port
from workers import lineup
from workers.children import Child, ChildSpec
from workers.settings import Settings
from workflows.engine import workflow_id

AFRESH_AT = 50
"""It suggests to continue as new after so many history events: the tests need not make thousands."""


@contextlib.asynccontextmanager
async def temporal_server(folder: Path) -> AsyncIterator[Client]:
    """A client of a server that keeps its data in this folder."""
    settings = Settings(data=folder, temporal_port=free_port(1000))
    spec = lineup.temporal(settings)
    limit = ("--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={AFRESH_AT}")
    (folder / "logs").mkdir(exist_ok=True)
    child = Child(ChildSpec("temporal", "Temporal", (*spec.command, *limit)), folder / "logs")
    await child.start()
    try:
        yield await _connected(settings.temporal_address)
    finally:
        await child.kill()


async def _connected(address: str) -> Client:
    for _ in range(600):
        with contextlib.suppress(RuntimeError):
            return await Client.connect(address)
        await asyncio.sleep(0.1)
    raise AssertionError("Temporal did not start")


async def runs_of(client: Client, instance_id: str) -> list[str]:
    """The ids of all runs of its workflow, in order: each history names the one that it continues."""
    runs: list[str] = []
    run_id: str | None = (await client.get_workflow_handle(workflow_id(instance_id)).describe()).run_id
    while run_id:
        runs.insert(0, run_id)
        workflow = client.get_workflow_handle(workflow_id(instance_id), run_id=run_id)
        first = (await workflow.fetch_history()).events[0]
        run_id = first.workflow_execution_started_event_attributes.continued_execution_run_id
    return runs


@contextlib.asynccontextmanager
async def cut_off(client: Client) -> AsyncIterator[Client]:
    """A client of the same server whose connection has been cut after it was made, and that soon gives up."""
    host, _, port = client.service_client.config.target_host.rpartition(":")
    ends: list[asyncio.StreamWriter] = []
    tasks: list[asyncio.Task[None]] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while some := await reader.read(65_536):
                writer.write(some)

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        ends.extend((writer, there_writer))
        tasks.append(asyncio.create_task(pass_on(there_reader, writer)))
        await pass_on(reader, there_writer)

    server = await asyncio.start_server(taken, "127.0.0.1", 0)
    soon = RetryConfig(max_elapsed_time_millis=500)
    connected = await Client.connect(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", retry_config=soon)
    server.close()
    for end in ends:
        end.close()
    for end in ends:
        with contextlib.suppress(ConnectionError):
            await end.wait_closed()
    await asyncio.gather(*tasks)
    yield connected
