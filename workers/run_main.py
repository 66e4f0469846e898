"""The one way out of every Wayfare process: exit codes that tell the truth.

0: done. 1: a mistake of the user, said in a sentence. 3: a fault of ours, with a traceback. 130: interrupted.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from workers.mistakes import UserMistake

OK, USER_MISTAKE, OUR_FAULT, INTERRUPTED = 0, 1, 3, 130

Main = Callable[[], int | None] | Coroutine[Any, Any, int | None]


def run_main(main: Main) -> NoReturn:
    """Run to the end, flush, and leave with the exit code."""
    code = exit_code_of(main)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # the reader has gone; there is nobody left to tell
            stream.flush()
    if "temporalio" in sys.modules:
        # Its native threads may abort the interpreter while it winds up (temporalio/sdk-python#300); a moment of
        # rest and no winding up at all keep the exit code true.
        gc.collect()
        time.sleep(0.1)
    os._exit(code)


def exit_code_of(main: Main) -> int:
    """Run to the end and say the exit code; what went wrong is on the error stream."""
    try:
        return (asyncio.run(main) if isinstance(main, Coroutine) else main()) or OK
    except UserMistake as mistake:
        print(mistake, file=sys.stderr)
        return USER_MISTAKE
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else OK if leave.code is None else _said(leave.code)
    except BrokenPipeError:  # `wayfare settings | head`: the reader has what it wanted
        return OK
    except BaseException:  # noqa: BLE001  the last resort: whatever is left is a fault of ours
        _report_fault()
        return OUR_FAULT


def _said(words: object) -> int:
    print(words, file=sys.stderr)
    return USER_MISTAKE


def _report_fault() -> None:
    """A person gets a sentence and a file; a log gets the traceback itself."""
    trace = traceback.format_exc()
    folder = Path(os.environ.get("WAYFARE_DATA") or "./.wayfare")
    if sys.stderr.isatty() and folder.is_dir():
        file = folder / f"fault-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.txt"
        try:
            file.write_text(trace)
        except OSError:
            pass
        else:
            last = trace.strip().splitlines()[-1]
            print(f"Wayfare failed, and the fault is ours: {last}\nPlease report it with {file}", file=sys.stderr)
            return
    print(f"Wayfare failed, and the fault is ours. Please report this:\n{trace}", file=sys.stderr)
