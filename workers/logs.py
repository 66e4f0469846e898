"""Logs of a serving process: one line an entry; a message that has to wait is no fault and gets no traceback."""

from __future__ import annotations

import io
import logging
import sys

from activities.mail import Held


class _HeldIsNoFault(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, Held):
            record.exc_info = None
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args = "a message waits: %s", (error.message,)
        return True


def configure() -> None:
    """Log to the error stream, whatever letters an event holds."""
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's, which names every address
    logging.getLogger("temporalio.activity").addFilter(_HeldIsNoFault())
