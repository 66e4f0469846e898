"""Letters through a real mail server of Debian (OpenSMTPD): delivered to the last byte, refused at RCPT, a kept
connection used again. Not encrypted: with OpenSSL 3 the version in Debian 12 breaks off every handshake of ours and of
others; ``test_stages.py`` shows STARTTLS and logins on a server of our own.

Where there is none these tests say so and are left out; ``.ci/run`` installs it and demands them."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from activities.channels.base import Outcome
from activities.mail import Mail
from activities.smtp import Mailer, Server
from journey.load import load
from store.tables import message
from tests.ports import free_port
from tests.system import definitions
from tests.system.smtp_server import SmtpServer
from tests.system.test_mail import Desk, Silent
from tests.system.waiting import until
from tests.system.workshop import OFFICE, Workshop

SMTPD = shutil.which("smtpd", path="/usr/sbin:/usr/local/sbin")
REQUIRED = bool(os.environ.get("WAYFARE_REQUIRE_MTA"))
pytestmark = pytest.mark.skipif(
    not REQUIRED and (SMTPD is None or os.geteuid() != 0),
    reason="there is no OpenSMTPD here, or nobody may start it: apt install opensmtpd, as root",
)
CONFIG = """
listen on 127.0.0.1 port {port} hostname here
action keep mda "{folder}/keep" virtual {{ "@" = "mail" }}
match from any for domain "example.org" rcpt-to {{ "known@example.org" }} action keep
"""


class Mta:
    """One OpenSMTPD in the foreground; what it has delivered stands in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make its configuration, and start it."""
        assert SMTPD is not None, "OpenSMTPD is demanded (WAYFARE_REQUIRE_MTA) and not there"
        self.folder.chmod(0o711)
        inbox = self.folder / "inbox"
        inbox.mkdir(mode=0o777)
        inbox.chmod(0o777)
        keep = self.folder / "keep"
        keep.write_text(f'#!/bin/sh\nfile=$(mktemp {inbox}/part.XXXXXX) && cat > "$file" && mv "$file" "$file.mail"\n')
        keep.chmod(0o755)
        file = self.folder / "smtpd.conf"
        file.write_text(CONFIG.format(folder=self.folder, port=self.port))
        file.chmod(0o600)
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen([SMTPD, "-d", "-f", str(file)], stdout=log, stderr=subprocess.STDOUT)

    async def ready(self) -> None:
        """Wait until it greets."""

        async def greets() -> bool:
            assert self._process is not None and self._process.poll() is None, (self.folder / "log").read_text()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return False
            line = await reader.readline()
            writer.close()
            return line.startswith(b"220")

        await until(greets, "OpenSMTPD greets")

    def stop(self) -> None:
        """End it and its children."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    async def delivered(self, count: int) -> list[bytes]:
        """The letters, once there are so many."""

        async def enough() -> list[bytes]:
            found = [path.read_bytes() for path in sorted((self.folder / "inbox").glob("*.mail"))]
            return found if len(found) >= count else []

        return await until(enough, f"{count} letters are delivered")

    @property
    def server(self) -> Server:
        """How we reach it."""
        return Server("127.0.0.1", self.port, "none")


@pytest.fixture(scope="module")
async def mta(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mta]:
    folder = tmp_path_factory.mktemp("mta")
    for parent in (folder, *folder.parents):
        if parent.owner() == "root" and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)  # the server delivers as somebody else
    made = Mta(folder)
    made.start()
    try:
        await made.ready()
        yield made
    finally:
        made.stop()


async def handed(mailer: Mailer, to: str, subject: str = "Hello") -> Outcome:
    async def passes() -> bool:
        return True

    letter = f"From: a@x.example\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n.a dot\r\n..\r\nUmläute\r\n".encode()
    return await mailer.transmit("a@x.example", to, letter, passes)


async def test_a_letter_is_delivered_as_it_was_written_and_somebody_unknown_refused_on_the_same_connection(
    mta: Mta,
) -> None:
    mailer = Mailer(mta.server, connections=1)
    try:
        outcome = await handed(mailer, "known@example.org", "the first")
        assert (outcome.state, outcome.code) == ("accepted", 250) and outcome.remote_id
        nobody = await handed(mailer, "nobody@example.org")
        assert (nobody.state, nobody.code, nobody.fault) == ("failed", 550, None)
        assert (await handed(mailer, "known@example.org", "the second")).state == "accepted"
    finally:
        await mailer.close()
    letters = await mta.delivered(2)
    for subject in (b"the first", b"the second"):
        [letter] = [one for one in letters if b"Subject: " + subject in one]
        assert letter.replace(b"\r\n", b"\n").endswith(b"\n\n.a dot\n..\nUml\xc3\xa4ute\n")


async def test_a_journeys_letter_goes_through_the_ledger_and_arrives_byte_for_byte(
    mta: Mta, workshop: Workshop, smtp: SmtpServer
) -> None:
    await workshop.publish(load(definitions.files(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n")))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello", customer="known"))
    mailer = Mailer(mta.server)
    assert await desk.attempt(Mail(workshop.db, mailer, OFFICE)) == "accepted"
    await mailer.close()
    [row] = await workshop.rows(select(message))

    async def arrived() -> bytes:
        ours = str(row.message_id).encode()
        return next((one for one in await mta.delivered(1) if ours in one), b"")

    letter = (await until(arrived, "it is delivered")).replace(b"\r\n", b"\n")
    assert letter.endswith(row.body.replace(b"\r\n", b"\n")), "the server only puts its own lines before it"
    assert smtp.kept == []
