"""Fourteen stages of handing a message over, six faults at each, two classes: what comes of each, and how many copies.

Only what was lost between the end of the message and its answer is in doubt; everything before is tried again, and what
is refused for good is decided. The way is closed by what is wrong with the way, never by what is wrong with a message.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import delete, select
from temporalio.testing import ActivityEnvironment

from activities.mail import Held, Mail
from activities.patience import Patience
from activities.smtp import Mailer, Server
from journey.effects import SendMessage
from journey.load import load
from journey.work import Work
from store import ledger
from store.clock import now
from store.tables import lane, message, suppression
from tests.system import definitions
from tests.system.smtp_server import Fault, Kind, SmtpServer, Stage
from tests.system.test_mail import Silent
from tests.system.workshop import OFFICE, Workshop

SHORT = timedelta(seconds=0.2)
CLASSES = ("lifecycle", "transactional")
KINDS: tuple[Kind, ...] = get_args(Kind)
STAGES: tuple[Stage, ...] = get_args(Stage)
THE_WAY: tuple[Stage, ...] = ("connect", "ehlo", "starttls", "tls", "ehlo again", "auth")
"""Before any message is spoken of."""


@dataclass(frozen=True)
class End:
    """What one attempt comes to: the ledger's state, the copies the server keeps, and the lane afterwards."""

    state: str
    copies: int = 0
    lane: str = "open"


def expected(stage: Stage, kind: Kind, kind_of_mail: str) -> End:
    """The table."""
    if stage in THE_WAY:
        refused = kind == "5xx" and stage != "tls"
        return End("held", lane="stopped" if refused else "away")
    if stage == "rset":
        return End("accepted", 1)  # a kept connection that is of no use any more is replaced by another
    if stage == "mail" and kind == "5xx":
        return End("held", lane="stopped")
    if stage in ("rcpt", "data") and kind == "5xx":
        return End("failed")
    if stage in ("dot", "after") and kind == "4xx":
        return End("held", stage == "after")
    if stage in ("dot", "after") and kind == "5xx":
        return End("refused", stage == "after")
    if stage in ("dot", "after") or (stage in ("body", "last line") and kind == "hang"):
        return End("unknown", stage == "after")  # a short letter is in the network's hands whether it is read or not
    return End("held")


@dataclass
class Rig:
    """One instance, and a mail server with TLS and a password."""

    workshop: Workshop
    instance_id: str
    smtp: SmtpServer
    mail: Mail
    mailer: Mailer

    async def attempt(self, effect: str, name: str) -> None:
        work = Work(instance_id=self.instance_id, effect=SendMessage(id=effect, message=name))
        with contextlib.suppress(Held):
            await ActivityEnvironment().run(self.mail.send, work.model_dump(mode="json"))

    async def end(self, effect: str) -> End:
        """What came of a message, as the ledger, the server and the lane say."""
        key = ledger.send_key(self.instance_id, effect)
        [row] = await self.workshop.rows(select(message).where(message.c.send_key == key))
        copies = [one for one in self.smtp.kept if one.letter["Message-ID"] == row.message_id]
        assert len({one.raw for one in copies} | {row.body}) == 1, "every copy has the same bytes"
        lanes = await self.workshop.rows(select(lane.c.state))
        return End(row.state, len(copies), lanes[0].state if lanes else "open")

    async def all_is_well(self) -> None:
        """The fault is gone, the way is open, and what cools down is cool."""
        self.smtp.fault = None
        self.mailer.patience = Patience()
        self.mail._lanes._seen.clear()
        self.mail._lanes._suspects.clear()
        async with self.workshop.db.write() as tx:
            await tx.execute(delete(lane))
            await tx.execute(delete(suppression))
            await tx.execute(message.update().where(message.c.due_at.is_not(None)).values(due_at=now()))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost that is its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    moment = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
async def rig(workshop: Workshop, certificate: Path) -> AsyncIterator[Rig]:
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: lifecycle}, {send: transactional}]\n")
    for kind in CLASSES:
        files[f"messages/{kind}.md"] = files[f"messages/{kind}.md"].replace("---\n", f"---\nclass: {kind}\n", 1)
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        instance_id = await workshop.begin("hello", customer="c-1")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    trusts = ssl.create_default_context(cafile=certificate)
    async with SmtpServer(server) as smtp:
        place = Server("localhost", smtp.port, "starttls", "user", "password")
        mailer = Mailer(place, tls_context=trusts)
        yield Rig(workshop, instance_id, smtp, Mail(workshop.db, mailer, OFFICE), mailer)
        await mailer.close()


@pytest.fixture
def told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The barrier waits until the server has failed in the middle of the body and the network has said so."""
    passed = Mail._barrier

    async def barrier(mail: Mail, taken: Any) -> bool:
        fault = rig.smtp.fault
        if fault is not None and fault.stage in ("body", "last line") and fault.kind != "hang":
            await asyncio.wait_for(rig.smtp.shown.wait(), 10)
            await asyncio.sleep(0.05)
        return await passed(mail, taken)

    monkeypatch.setattr(Mail, "_barrier", barrier)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("stage", STAGES)
async def test_each_fault_at_each_stage_has_its_outcome(rig: Rig, stage: Stage) -> None:
    """And when all is well again, what was held goes, transactional mail in doubt goes once more, and nothing else."""
    wrong = []
    for kind in KINDS:
        for name in CLASSES:
            effect = f"{stage.replace(' ', '-')}-{kind}-{name}/1/0"
            if stage == "rset":
                await rig.attempt(f"before-{effect}", name)
            else:
                await rig.mailer.close()
            rig.smtp.shown.clear()
            rig.smtp.fault = Fault(stage, kind)
            if kind == "hang":
                at_the_dot = expected(stage, kind, name).state == "unknown"
                rig.mailer.patience = Patience(dot=SHORT) if at_the_dot else Patience(command=SHORT, data=SHORT)
            await rig.attempt(effect, name)
            wanted, seen = expected(stage, kind, name), await rig.end(effect)
            wrong += [(effect, "at once", wanted, seen)] if wanted != seen else []
            await rig.all_is_well()
            await rig.attempt(effect, name)
            goes = wanted.state == "held" or (wanted.state == "unknown" and name == "transactional")
            later = End("accepted", wanted.copies + 1) if goes else End(wanted.state, wanted.copies)
            seen = await rig.end(effect)
            wrong += [(effect, "afterwards", later, seen)] if later != seen else []

    assert wrong == []


def test_the_matrix_is_whole() -> None:
    assert (len(STAGES), len(KINDS), len(CLASSES)) == (14, 6, 2)
