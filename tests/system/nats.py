"""A real NATS server with JetStream, from Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.ports import free_port

PROGRAM = shutil.which("nats-server")
MISSING = "there is no nats-server here: apt-get install nats-server"


def needs_nats() -> pytest.MarkDecorator:
    """Left out, loudly, where there is no server; CI demands one."""
    if PROGRAM is None and os.environ.get("WAYFARE_REQUIRE_NATS"):
        raise RuntimeError(MISSING)
    return pytest.mark.skipif(PROGRAM is None, reason=MISSING)


class NatsServer:
    """One server with its data in a folder; it can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert PROGRAM is not None
        command = [PROGRAM, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self._folder)]
        with (self._folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while b"Server is ready" not in (self._folder / "nats.log").read_bytes().rpartition(b"Starting nats-server")[2]:
            assert time.monotonic() < deadline and self._process.poll() is None, "nats-server did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
