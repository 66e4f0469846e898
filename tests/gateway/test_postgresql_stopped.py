"""PostgreSQL stands still: the doors say so and lose nothing, and all goes on when it does."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.gateway.fakes import body
from tests.gateway.server import Server


@pytest.fixture
def server(databases: Databases, tmp_path: Path) -> Iterator[Server]:
    """A gateway on PostgreSQL, with little patience."""
    url = databases.migrated("postgresql")
    with Server(tmp_path, patience=0.5, url=url) as running:
        yield running
    databases.drop(url)


def family(pid: int) -> list[int]:
    """A process and all that came of it."""
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            children.append(int(stat.parent.name))
    return [pid, *(one for child in children for one in family(child))]


class Stopped:
    """PostgreSQL, standing still inside the block."""

    def __init__(self, databases: Databases) -> None:
        self._pid = databases.server_pid()

    def __enter__(self) -> None:
        self._halted = family(self._pid)
        for pid in self._halted:
            os.kill(pid, signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        for pid in reversed(self._halted):
            os.kill(pid, signal.SIGCONT)


def sent(server: Server, number: int, *, tries: int = 400) -> list[int]:
    """One event, again until it is accepted; every answer."""
    statuses = []
    for _ in range(tries):
        answer = server.post(body(f"e-{number}"))
        statuses.append(answer.status)
        if answer.status == 202:
            return statuses
        assert answer.status == 503 and answer.headers["retry-after"] == "2"
        time.sleep(0.05)
    raise AssertionError(f"e-{number} was never accepted")


def halt(server: Server, databases: Databases, seconds: float) -> float:
    """Stop it for so long while events come; how long it took afterwards until the first was accepted."""
    assert sent(server, 0) == [202]
    with ThreadPoolExecutor(24) as pool:
        with Stopped(databases):
            posting = [pool.submit(sent, server, number) for number in range(1, 25)]
            refused = [server.post(body(f"r-{number}")).status for number in range(3)]
            time.sleep(seconds)
            assert not any(one.done() for one in posting)
        went_on = time.monotonic()
        answers = [one.result(120) for one in posting]
        took = time.monotonic() - went_on
    assert refused == [503, 503, 503]
    assert all(503 in statuses and statuses[-1] == 202 for statuses in answers)
    ids = [one for one in server.ids() if one.startswith("e-")]
    assert sorted(ids) == sorted(f"e-{number}" for number in range(25))
    assert sent(server, 99) == [202]
    return took


def test_while_postgresql_stands_still_events_are_refused_and_afterwards_none_is_lost(
    server: Server, databases: Databases
) -> None:
    halt(server, databases, 0.5)


@pytest.mark.soak
def test_half_a_minute_of_a_stopped_postgresql_loses_nothing(server: Server, databases: Databases) -> None:
    """P9: 503 for thirty seconds, nothing lost, and back within ten seconds."""
    took = halt(server, databases, 30)
    print(f"accepted all of them {took:.1f} s after it went on")
    assert took < 10
