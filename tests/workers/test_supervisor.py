"""`wayfare up` with a real Temporal server, a real mail catcher, and a stand-in for `wayfare serve`."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import smtplib
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.workers.supervised import House, alive, lineup_with_stand_in, until
from workers.children import ChildSpec
from workers.folder import read_run_file, run_file
from workers.mistakes import UserMistake
from workers.preparation import Preparation
from workers.settings import Settings

PYTHON = sys.executable


def script(name: str, code: str, **changes: object) -> ChildSpec:
    return ChildSpec(name, name, (PYTHON, "-c", code), **changes)  # type: ignore[arg-type]


def order_of_stops(output: str) -> list[str]:
    after = output.partition("Stopping everything")[2]
    return re.findall(r"s  (.+?) (?:stopped in|did not stop|had ended)", after)


def test_everything_comes_up_says_where_it_is_and_stops_in_order(tmp_path: Path) -> None:
    house = House(tmp_path / "data", demo=True, speed=8640.0)

    async def story() -> None:
        async with house.running():
            run = read_run_file(house.settings.data)
            assert run is not None
            file = run_file(house.settings.data)
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert run["events"] == f"{run['console']}/v1/events"
            assert run["speed"] == 8640
            assert all(alive(pid) for pid in run["pids"].values())
            assert run["pids"]["worker"] == run["pids"]["gateway"] == run["pids"]["serve"]
            assert (await asyncio.to_thread(urllib.request.urlopen, run["temporal_ui"])).status == 200
            host, port = run["smtp"].split(":")
            with smtplib.SMTP(host, int(port), timeout=5) as client:
                assert client.noop()[0] == 250
            events = house.settings.data / "events.jsonl"
            await house.until(lambda: events.exists() and len(events.read_text().splitlines()) >= 2)

    asyncio.run(story())
    assert order_of_stops(house.output) == ["the demonstration", "the service", "the mail catcher", "Temporal"]
    assert not run_file(house.settings.data).exists()
    assert (
        "api_key" not in house.output
        and f"Bearer {(house.settings.data / 'api_key').read_text().strip()}" in house.output
    )


def test_a_killed_process_is_started_again_and_said_so(house: House) -> None:
    async def story() -> None:
        async with house.running():
            before = house.pids
            for name in ("serve", "temporal"):
                os.kill(before[name] or 0, signal.SIGKILL)
            await house.until(lambda: house.output.count("is running again") == 2)
            after = house.pids
            assert alive(after["serve"]) and alive(after["temporal"]) and after["mailbox"] == before["mailbox"]
            assert after["worker"] == after["serve"] != before["serve"]

    asyncio.run(story())
    assert "the service ended by itself (killed by SIGKILL); it starts again in 0.1 s" in house.output
    assert "Temporal ended by itself (killed by SIGKILL); it starts again in 0.1 s" in house.output


def test_the_pauses_between_restarts_grow(house: House) -> None:
    async def story() -> None:
        async with house.running([script("brittle", "raise SystemExit(4)")]):
            await house.until(lambda: "in 0.8 s" in house.output)

    asyncio.run(story())
    pauses = re.findall(r"brittle ended by itself \(exit status 4\); it starts again in (\S+) s", house.output)
    assert pauses[:4] == ["0.1", "0.2", "0.4", "0.8"]


def test_a_port_in_use_is_named_with_the_setting_that_changes_it_and_nothing_starts(house: House) -> None:
    taken = ("127.0.0.1", house.settings.temporal_ui_port)
    with socket.create_server(taken), pytest.raises(UserMistake) as mistake:
        asyncio.run(house.supervisor(lineup_with_stand_in(house.settings)).run())
    assert f"port {house.settings.temporal_ui_port} for Temporal's own pages is in use" in str(mistake.value)
    assert f"by process {os.getpid()}" in str(mistake.value)
    assert re.search(r"choose another, for example WAYFARE_TEMPORAL_PORT=\d+", str(mistake.value))
    assert not list((house.settings.data / "logs").iterdir())


def test_a_second_start_in_the_same_folder_names_the_process_that_runs_there(house: House) -> None:
    async def story() -> None:
        async with house.running([script("idle", "import time; time.sleep(60)")]):
            with pytest.raises(UserMistake, match=rf"already running here \(process {os.getpid()}\).*WAYFARE_DATA"):
                await House(house.settings.data).supervisor([]).run()
            assert run_file(house.settings.data).exists()

    asyncio.run(story())


def test_all_mistakes_in_the_definitions_are_listed_and_nothing_starts(house: House) -> None:
    preparations = [
        Preparation(lambda settings: [], "the store is ready"),
        Preparation(lambda settings: ["a.yaml:1:1: one mistake", "b.yaml:2:2: another"], "never said"),
    ]
    with pytest.raises(UserMistake) as mistake:
        asyncio.run(house.supervisor(lineup_with_stand_in(house.settings), preparations).run())
    assert str(mistake.value) == "a.yaml:1:1: one mistake\nb.yaml:2:2: another"
    assert "the store is ready" in house.output and "never said" not in house.output
    assert not list((house.settings.data / "logs").iterdir())


def test_a_process_that_cannot_start_is_reported_with_its_last_words_and_the_others_are_stopped(house: House) -> None:
    async def never_ready() -> str | None:
        return "nothing there"

    broken = script("broken", "print('the lamp is missing'); raise SystemExit(2)", ready=never_ready)
    with pytest.raises(UserMistake) as mistake:
        asyncio.run(house.supervisor([script("idle", "import time; time.sleep(60)"), broken]).run())
    assert "broken did not start: it ended at once (exit status 2)" in str(mistake.value)
    assert "the lamp is missing" in str(mistake.value)
    assert "idle stopped in" in house.output


def test_a_process_that_is_never_ready_is_reported_after_its_deadline(house: House) -> None:
    async def never_ready() -> str | None:
        return "nothing there"

    slow = script("slow", "import time; time.sleep(60)", ready=never_ready, deadline=0.5)
    with pytest.raises(UserMistake, match=r"it was not ready within 0 s \(nothing there\)\. It said nothing"):
        asyncio.run(house.supervisor([slow]).run())
    assert "slow stopped in" in house.output


def test_a_process_that_does_not_stop_is_killed_when_its_patience_is_over_or_there_is_a_hurry(house: House) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )

    async def story() -> None:
        specs = [script("patient", code, patience=30), script("short", code, patience=0.3)]
        async with house.running(specs) as supervisor:
            logs = house.settings.data / "logs"
            await house.until(lambda: all("deaf" in (logs / f"{spec.name}.log").read_text() for spec in specs))
            pids = [int(word) for word in re.findall(r"is running \(process (\d+)\)", house.output)]
            supervisor.stop()
            await house.until(lambda: "short did not stop in 0.3 s and was killed" in house.output)
            supervisor.stop()
            await house.until(lambda: re.search(r"patient did not stop in \S+ s and was killed", house.output))
            assert len(pids) == 2 and not any(alive(pid) for pid in pids)

    asyncio.run(story())


def test_a_missing_temporal_of_ones_own_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.supervisor.OTHER_TEMPORAL_DEADLINE_S", 0.1)
    house = House(tmp_path / "data", temporal_address="127.0.0.1:1")
    with pytest.raises(UserMistake, match=r"TEMPORAL_ADDRESS=127.0.0.1:1: nothing answers on 127.0.0.1:1"):
        asyncio.run(house.supervisor(lineup_with_stand_in(house.settings)).run())


def up(house: House) -> subprocess.Popen[str]:
    program = Path(__file__).with_name("stub_up.py")
    return subprocess.Popen(
        [PYTHON, str(program)], env=house.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_killing_the_supervisor_takes_everything_with_it_and_the_next_start_just_works(house: House) -> None:
    first = up(house)
    pids = until(lambda: house.pids)
    first.kill()
    first.communicate()
    until(lambda: not any(alive(pid) for pid in pids.values()))

    second = up(house)
    until(lambda: house.pids and house.pids["supervisor"] == second.pid)
    second.send_signal(signal.SIGINT)
    output, _ = second.communicate(timeout=20)
    assert second.returncode == 0, output
    assert order_of_stops(output) == ["the service", "the mail catcher", "Temporal"]


def test_ctrl_c_during_the_start_stops_what_was_started(house: House) -> None:
    starting = up(house)
    log = house.settings.data / "logs" / "temporal.log"
    until(log.exists)
    starting.send_signal(signal.SIGINT)
    output, _ = starting.communicate(timeout=20)
    assert starting.returncode == 130, output
    assert "Temporal stopped in" in output


def test_a_log_that_grows_too_large_is_put_aside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.children.LOG_BYTES", 10_000)
    monkeypatch.setattr("workers.supervisor.LOG_ROUND_S", 0.05)
    code = "import time\nfor n in range(600): print('x' * 100, flush=True); time.sleep(0.001)\ntime.sleep(60)"

    async def story() -> None:
        async with house.running([script("chatty", code)]):
            await house.until((house.settings.data / "logs" / "chatty.1.log").exists)

    asyncio.run(story())


def test_run_json_can_be_read_by_scripts_at_any_moment(house: House) -> None:
    async def story() -> None:
        async with house.running([script("brittle", "raise SystemExit(1)")]):
            for _ in range(200):
                json.loads(run_file(house.settings.data).read_text())
                await asyncio.sleep(0.002)

    asyncio.run(story())


def test_the_settings_reach_the_processes_that_are_started(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, speed=8640.0, http_port=8081)
    environments = [spec.environment for spec in lineup_with_stand_in(settings) if spec.name != "temporal"]
    assert environments and all(Settings.from_environment(dict(given)) == settings for given in environments)
