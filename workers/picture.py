"""A page as a picture, taken by a Chromium without a window over its own pipe (the DevTools protocol).

The page runs no scripts. Nothing but Chromium is needed, and without it there are no pictures.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TALLEST = 8_000
"""Pixels; a longer page is cut off."""
PATIENCE_SECONDS = 60.0
IMAGES_SECONDS = 10.0


_ENDED = "Chromium ended before it had taken the picture."


class NoPicture(Exception):
    """No picture can be taken; the text says why and what to do."""


def chromium() -> str | None:
    """Where Chromium is, if it is installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass(frozen=True)
class Shot:
    """One picture: so many pixels wide, in light or dark colours."""

    width: int
    dark: bool = False


def taken(html: str, shots: Sequence[Shot]) -> list[bytes]:
    """The whole page as PNG, once for each shot. Raises NoPicture."""
    program = chromium()
    if program is None:
        raise NoPicture("There is no Chromium here to take a picture with: apt-get install chromium.")
    # Some child of Chromium may still write while the folder is taken away.
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        _running(program, profile) as browser,
    ):
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        page = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.call("Emulation.setScriptExecutionDisabled", page, value=True)
        browser.call("Page.enable", page)
        file = Path(profile, "page.html")
        file.write_text(html, encoding="utf-8")
        browser.call("Page.navigate", page, url=file.as_uri())
        browser.loaded()
        return [_taken(browser, page, shot) for shot in shots]


def _taken(browser: _Browser, page: str, shot: Shot) -> bytes:
    scheme = {"name": "prefers-color-scheme", "value": "dark" if shot.dark else "light"}
    browser.call("Emulation.setEmulatedMedia", page, features=[scheme])
    browser.size(page, shot.width, 300)
    height = browser.call("Page.getLayoutMetrics", page)["cssContentSize"]["height"]
    browser.size(page, shot.width, min(max(int(height), 1), TALLEST))
    return base64.b64decode(browser.call("Page.captureScreenshot", page, format="png")["data"])


class _Browser:
    """The two ends of the pipe: messages are JSON, each ended by a zero byte."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to, self._back = to, back
        self._number = 0
        self._rest = b""
        self._loaded = False

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Ask for something and wait for the answer."""
        self._number += 1
        said: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            said["sessionId"] = session
        try:
            self._write(json.dumps(said).encode() + b"\0")
        except BrokenPipeError:
            raise NoPicture(_ENDED) from None
        while True:
            answer = self._heard(PATIENCE_SECONDS)
            if answer is None:
                raise NoPicture(f"Chromium did not answer for {PATIENCE_SECONDS:g} seconds.")
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise NoPicture(f"Chromium could not take the picture ({answer['error'].get('message')}).")
                result: dict[str, Any] = answer["result"]
                return result

    def loaded(self) -> None:
        """Wait until the page and its images are there; images that do not come are left out."""
        while not self._loaded and self._heard(IMAGES_SECONDS) is not None:
            pass

    def _write(self, said: bytes) -> None:
        while said:
            said = said[os.write(self._to.fileno(), said) :]

    def size(self, session: str, width: int, height: int) -> None:
        """How large the window seems to the page."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            session,
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def _heard(self, seconds: float) -> dict[str, Any] | None:
        """The next that Chromium says; None if it is silent for so long."""
        while b"\0" not in self._rest:
            if not select.select([self._back], [], [], seconds)[0]:
                return None
            more = os.read(self._back.fileno(), 1 << 16)
            if not more:
                raise NoPicture(_ENDED)
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        said: dict[str, Any] = json.loads(message)
        self._loaded = self._loaded or said.get("method") == "Page.loadEventFired"
        return said


_PLACING = """import os, sys
for place, end in ((3, sys.argv[1]), (4, sys.argv[2])):
    os.dup2(int(end), place)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Puts the two ends where Chromium looks for them, and becomes Chromium."""


@contextlib.contextmanager
def _running(program: str, profile: str) -> Iterator[_Browser]:
    """A Chromium that reads its orders from descriptor 3 and answers on 4."""
    read_orders, write_orders = os.pipe()
    read_answers, write_answers = os.pipe()
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
    command = [program, *options, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read_orders, write_answers)]
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _PLACING, *map(str, ends), *command],
        pass_fds=ends,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for end in (read_orders, write_answers, *ends):
        os.close(end)
    try:
        with os.fdopen(write_orders, "wb", buffering=0) as to, os.fdopen(read_answers, "rb") as back:
            yield _Browser(to, back)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its children, too: there is nothing that it should save
        process.wait()
