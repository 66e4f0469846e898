"""Are the ports free that we are about to listen on, and if not, what can a person do?"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Wanted(NamedTuple):
    """A port we want: what for, and which setting changes it. `below` leads from this port to the setting's value."""

    purpose: str
    host: str
    port: int
    setting: str
    below: int = 0


def problems(wanted: Iterable[Wanted]) -> list[str]:
    """A sentence for every port that cannot be had."""
    return [sentence for want in wanted if (sentence := _problem(want))]


def _problem(want: Wanted) -> str | None:
    reason = _refusal(want.host, want.port)
    if reason is None:
        return None
    place = f"port {want.port} for {want.purpose}"
    if reason == errno.EADDRINUSE:
        other = _next_free(want)
        return (
            f"{place} is in use{_by_whom(want.port)}: stop what uses it,"
            f" or choose another, for example {want.setting}={other}"
        )
    if reason == errno.EACCES:
        return f"{place} needs the rights of the administrator: choose one from 1024 up with {want.setting}"
    return f"{place} cannot be opened on {want.host} ({os.strerror(reason)}): is WAYFARE_HTTP_HOST right?"


def _refusal(host: str, port: int) -> int | None:
    """The system's reason for not letting us listen there, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
            attempt.listen()
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OSError as error:
            return error.errno or errno.EIO
    return None


def _next_free(want: Wanted) -> int:
    free = next((port for port in range(want.port + 1, 65_536) if _refusal(want.host, port) is None), want.port)
    return free - want.below


def _by_whom(port: int) -> str:
    """' by process 123 (nginx)' where Linux lets us see it, else nothing."""
    sockets = {line[9] for line in _listening() if int(line[1].rpartition(":")[2], 16) == port}
    for process in Path("/proc").glob("[0-9]*"):
        if any(f"socket:[{inode}]" in _held(process) for inode in sockets):
            return f" by process {process.name} ({(process / 'comm').read_text().strip()})"
    return ""


def _held(process: Path) -> set[str]:
    """What a process has open, as far as we may see it; a handle may go while we look."""
    held = set()
    with contextlib.suppress(OSError):
        for handle in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                held.add(str(handle.readlink()))
    return held


def _listening() -> list[list[str]]:
    lines: list[list[str]] = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        lines += [row.split() for row in rows if row.split()[3] == "0A"]  # 0A is LISTEN
    return lines
