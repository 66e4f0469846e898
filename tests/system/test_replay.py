"""Recorded histories are replayed: a change of the workflow that running journeys could not follow turns this red."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowReplayResult

from journey.commands import Command
from journey.effects import Ask
from journey.work import Work
from tests.system.record_histories import HISTORIES, SCENES
from workflows import journey as shell
from workflows.journey import JourneyWorkflow

FILES = sorted(HISTORIES.glob("*.json"))


def history(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("journey/recorded", json.loads(file.read_text()))


async def replay(file: Path) -> WorkflowReplayResult:
    replayer = Replayer(workflows=[JourneyWorkflow], workflow_runner=UnsandboxedWorkflowRunner())
    return await replayer.replay_workflow(history(file), raise_on_replay_failure=False)


def test_every_scene_is_recorded_and_every_record_has_a_scene() -> None:
    assert {file.name.split(".")[0] for file in FILES} == set(SCENES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_recorded_history_replays(file: Path) -> None:
    assert (await replay(file)).replay_failure is None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_recorded_history_says_nothing_of_the_machine_it_was_recorded_on(file: Path) -> None:
    text = file.read_text()

    assert 'stackTrace": "/' not in text and "@vm" not in text and "/site-packages/" not in text


def swapped(real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def swap(name: str, *arguments: Any) -> Any:
        return await real("record" if name == "send" else name, *arguments)

    return swap


def doubled(real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def twice(name: str, *arguments: Any) -> Any:
        await real(name, *arguments)
        return await real(name, *arguments)

    return twice


@pytest.mark.parametrize("change", [swapped, doubled])
async def test_a_workflow_that_asks_for_something_else_is_found_out(
    change: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "_at_once", change(shell._at_once))
    failures = [(await replay(file)).replay_failure for file in FILES if file.name.startswith("onboarding")]

    assert len(failures) == 2 and None not in failures


@pytest.mark.parametrize("scene", ["onboarding-stalled", "clocks", "steered"])
async def test_a_workflow_that_sets_no_timer_is_found_out(scene: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JourneyWorkflow, "_set_alarm", lambda self, state: setattr(self, "state", state))

    assert (await replay(HISTORIES / f"{scene}.1.json")).replay_failure is not None


def test_the_recorded_histories_hold_every_effect_and_every_command() -> None:
    said = " ".join(text for file in FILES for text in payloads(json.loads(file.read_text())))
    effects = [one.model_fields["kind"].default for one in get_args(get_args(Ask)[0])]
    commands = [one.model_fields["kind"].default for one in get_args(Command)]

    assert [kind for kind in effects if f'"activity_type":"{kind}"' not in said] == []
    commands.remove("retime")  # test_local_time.py makes a history with it and replays it
    assert [kind for kind in commands if f'"kind":"{kind}"' not in said] == []


def payloads(value: Any) -> Iterator[str]:
    """Every payload of a history, as text."""
    if isinstance(value, dict):
        if isinstance(value.get("data"), str) and "metadata" in value:
            yield base64.b64decode(value["data"]).decode().replace(" ", "")
        for inner in value.values():
            yield from payloads(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from payloads(inner)


async def test_a_workflow_that_writes_down_twice_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = JourneyWorkflow._keep

    async def again(self: JourneyWorkflow, turn: Any) -> None:
        await self._perform("record", Work(instance_id=self.launch.instance_id))
        await keep(self, turn)

    monkeypatch.setattr(JourneyWorkflow, "_keep", again)

    assert (await replay(HISTORIES / "complaint.1.json")).replay_failure is not None
