"""What comes of 2,000 journeys with four messages each while two workers are killed in turn, and 5 % of the connections
to the mail server are dropped after it took the message.

    .venv/bin/python -m benchmarks.kills [--journeys 2000]

Real parts on this machine: gateway, two workers, Temporal, SQLite, SMTP. Half of the messages are lifecycle mail, half
transactional. Beside it a sender that marks after sending, on the same server: it has to make duplicates, or the server
is too kind for the rest to show anything.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._lab import machine
from tests.system.kill_storm import LETTERS, control, storm

SEED = 20261128


async def main(journeys: int) -> None:
    """Both, and a line about each."""
    print(f"{machine()}\n")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="wayfare-kills-") as folder:
        found = await storm(Path(folder), journeys, SEED, apart=27)
    print(f"Wayfare, {time.perf_counter() - began:.0f} s: {found.line()}")
    print(f"states: {dict(sorted(found.states.items()))}; bodies of one message: {found.bodies}")
    sent, too_many = await control(journeys * len(LETTERS), SEED)
    print(f"marking after sending, killed by nobody: sent {sent} · duplicates {too_many}")
    assert found.duplicates["lifecycle"] == 0 and found.lost["transactional"] == 0 and too_many > 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--journeys", type=int, default=2000)
    asyncio.run(main(arguments.parse_args().journeys))
    sys.stdout.flush()
