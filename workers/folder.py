"""The data folder: who may use it, the key in it, and run.json, where scripts find the running addresses."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workers.mistakes import UserMistake
from workers.settings import Settings

PRIVATE = 0o600


def prepare(folder: Path) -> None:
    """Make the folder, readable by its owner alone, with its logs inside."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "logs").mkdir(exist_ok=True)
        probe = folder / f".can-write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserMistake(
            f"the data folder {folder} cannot be used ({error.strerror}): give yourself the right to write there,"
            " or name another with WAYFARE_DATA"
        ) from None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process alone; the lock goes with the process, however it ends."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        where = f" The console is at {running['console']}." if (running := read_run_file(folder)) else ""
        raise UserMistake(
            f"Wayfare is already running here (process {owner}).{where}"
            " To run a second one beside it, give it a folder of its own with WAYFARE_DATA, and other ports."
        ) from None
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def api_key(settings: Settings) -> str:
    """The key that senders of events show: WAYFARE_API_KEY, or one made once and kept in the data folder."""
    return settings.api_key or _made_once(settings, "api_key")


def secret(settings: Settings) -> str:
    """What links are signed and addresses are marked with: WAYFARE_SECRET, or one made once and kept in the data
    folder. Losing it breaks every link ever sent, and forgets whom we may not write to."""
    return settings.secret or _made_once(settings, "secret")


def _made_once(settings: Settings, name: str) -> str:
    file = settings.data / name
    with contextlib.suppress(FileNotFoundError):
        if kept := file.read_text().strip():
            return kept
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{name}.{secrets.token_hex(4)}")
    _write_private(draft, f"wayfare_{secrets.token_urlsafe(24)}\n")
    try:
        os.link(draft, file)  # two processes that start together agree on one key: only the first link succeeds
    except FileExistsError:
        if not file.read_text().strip():
            os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)
    return file.read_text().strip()


def run_file(folder: Path) -> Path:
    """Where scripts find the addresses, the key and the process ids."""
    return folder / "run.json"


def write_run_file(folder: Path, content: Mapping[str, Any]) -> None:
    """Replace run.json at once, so that no reader ever sees half of it."""
    file = run_file(folder)
    draft = file.with_name("run.json.draft")
    _write_private(draft, json.dumps(content, indent=2) + "\n")
    os.replace(draft, file)


def read_run_file(folder: Path) -> dict[str, Any] | None:
    """What run.json says, or None when nothing runs here."""
    try:
        content = json.loads(run_file(folder).read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and "console" in content else None


def remove_run_file(folder: Path) -> None:
    """Nothing runs here any more."""
    run_file(folder).unlink(missing_ok=True)


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
