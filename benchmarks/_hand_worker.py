"""A worker for the journeys written by hand: their activities, on one SQLite file and one kept SMTP connection.

    python -m benchmarks._hand_worker <Temporal's address> <task queue> <sandbox: yes or no> <SQLite file> <SMTP port>

The letter is written by the same templates and library as Wayfare's, so that both hand over the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import aiosmtplib
import aiosqlite
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from benchmarks._hand_flows import Bare, FixedByHand, OneMailByHand, Order, SixNodesByHand
from journey import messages
from workers.run_main import run_main

SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (id TEXT PRIMARY KEY, name TEXT, email TEXT, plan TEXT, stage TEXT);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, customer_id TEXT, number INTEGER, subject TEXT, body BLOB, sent_at TEXT);
"""
HELLO = Path(__file__).parent / "definitions" / "messages" / "hello.md"
SENDER = "Northlight Lamps <hello@northlight.example>"


class Hands:
    """The activities."""

    def __init__(self, db: aiosqlite.Connection, smtp: aiosmtplib.SMTP) -> None:
        self._db = db
        self._smtp = smtp
        text, problems = messages.parse("hello", HELLO.read_text(), str(HELLO))
        assert text is not None, problems
        self._text = text

    @activity.defn
    async def send(self, order: Order, number: int) -> None:
        """Write the letter, hand it over, note it down. A retry sends it again."""
        query = "SELECT name, email FROM customer WHERE id = ?"
        rows = list(await self._db.execute_fetchall(query, (order.customer_id,)))
        name, email = rows[0]
        letter = self._letter(order, name, email)
        await self._smtp.send_message(letter)
        row = (order.customer_id, number, letter["Subject"], letter.as_bytes(), datetime.now(UTC).isoformat())
        await self._db.execute(
            "INSERT INTO message (customer_id, number, subject, body, sent_at) VALUES (?, ?, ?, ?, ?)", row
        )
        await self._db.commit()

    @activity.defn
    async def set_stage(self, customer_id: str, stage: str) -> None:
        """One update."""
        await self._db.execute("UPDATE customer SET stage = ? WHERE id = ?", (stage, customer_id))
        await self._db.commit()

    @activity.defn
    async def plan_of(self, customer_id: str) -> str:
        """One attribute of the customer."""
        rows = list(await self._db.execute_fetchall("SELECT plan FROM customer WHERE id = ?", (customer_id,)))
        return str(rows[0][0])

    @activity.defn
    async def moment(self) -> datetime:
        """When this ran."""
        return datetime.now(UTC)

    def _letter(self, order: Order, name: str, email: str) -> EmailMessage:
        known = {
            "customer": {"name": name, "first_name": name.split()[0], "email": email},
            "start": {"order_id": order.order_id, "product": {"name": order.product}},
            "company": {"name": "Northlight Lamps", "website": "https://northlight.example"},
        }
        written = messages.render(self._text, known)
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = SENDER, f"{name} <{email}>", written.subject
        letter["Message-ID"] = make_msgid(domain="northlight.example")
        letter.set_content(written.text, cte="quoted-printable")
        letter.add_alternative(written.html, subtype="html", cte="quoted-printable")
        return letter


async def main(address: str, task_queue: str, sandbox: str, file: str, smtp_port: str) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        db = await stack.enter_async_context(aiosqlite.connect(file))
        # As durable as Wayfare's store: what an activity reported done has reached the disk.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            await db.execute(f"PRAGMA {pragma}")
        await db.executescript(SCHEMA)
        smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=int(smtp_port), start_tls=False)
        await stack.enter_async_context(smtp)
        client = await Client.connect(address)
        hands = Hands(db, smtp)
        await stack.enter_async_context(
            Worker(
                client,
                task_queue=task_queue,
                workflows=[FixedByHand, SixNodesByHand, OneMailByHand, Bare],
                activities=[hands.send, hands.set_stage, hands.plan_of, hands.moment],
                workflow_runner=SandboxedWorkflowRunner() if sandbox == "yes" else UnsandboxedWorkflowRunner(),
            )
        )
        await stop.wait()


if __name__ == "__main__":
    run_main(main(*sys.argv[1:]))
