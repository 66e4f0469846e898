"""The mail catcher as a process, over real SMTP."""

from __future__ import annotations

import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import pytest

from store.mailbox import Mailbox
from tests.workers.supervised import House, until


@pytest.fixture
def catcher(house: House) -> Iterator[subprocess.Popen[bytes]]:
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-m", "cli", "mailbox"], env=house.environment(), cwd=root)

    def answers() -> bool:
        try:
            connect(house).close()
        except OSError:
            return False
        return True

    until(answers)
    yield process
    process.kill()
    process.wait()


def connect(house: House) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", house.settings.smtp_port, timeout=10)


def caught(house: House) -> Mailbox:
    return Mailbox(house.settings.data / "mailbox.db")


def letter(to: str, subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hello@lumen.example", to, subject
    message.set_content("Grüße\n")
    return message


@pytest.mark.usefixtures("catcher")
def test_a_message_is_in_the_mailbox_when_the_server_has_said_yes(house: House) -> None:
    with connect(house) as client:
        client.send_message(letter("grete@example.org"))
        assert [(mail.to, mail.text) for mail in caught(house).list()] == [("grete@example.org", "Grüße\n")]


@pytest.mark.usefixtures("catcher")
def test_international_addresses_and_large_messages_are_taken(house: House) -> None:
    with connect(house) as client:
        client.send_message(letter("grüße@exämple.org"), mail_options=["SMTPUTF8"])
        client.sendmail("a@example.org", ["b@example.org"], b"Subject: large\r\n\r\n" + (b"x" * 78 + b"\r\n") * 120_000)
    large, international = caught(house).list()
    assert international.to == "grüße@exämple.org" and international.envelope_to == ("grüße@exämple.org",)
    assert large.subject == "large" and len(large.text) > 9_000_000


@pytest.mark.usefixtures("catcher")
def test_a_message_above_ten_megabytes_is_refused(house: House) -> None:
    with connect(house) as client, pytest.raises(smtplib.SMTPResponseException) as refusal:
        client.sendmail("a@example.org", ["b@example.org"], (b"x" * 78 + b"\r\n") * 130_000)
    assert refusal.value.smtp_code == 552


@pytest.mark.usefixtures("catcher")
def test_many_senders_at_once_lose_nothing(house: House) -> None:
    def send(sender: int) -> None:
        with connect(house) as client:
            for number in range(50):
                client.send_message(letter(f"c-{sender}-{number}@example.org"))

    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))
    rate = 200 / (time.monotonic() - began)
    assert len({mail.to for mail in caught(house).list(limit=1000)}) == caught(house).count() == 200
    print(f"{rate:.0f} mails a second")


def test_what_was_accepted_survives_a_kill(house: House, catcher: subprocess.Popen[bytes]) -> None:
    with connect(house) as client:
        client.send_message(letter("grete@example.org"))
        catcher.kill()
    assert caught(house).count() == 1


def test_the_catcher_stops_cleanly_when_asked(catcher: subprocess.Popen[bytes]) -> None:
    catcher.send_signal(signal.SIGTERM)
    assert catcher.wait(timeout=5) == 0


@pytest.mark.usefixtures("catcher")
def test_a_port_in_use_is_said_in_a_sentence(house: House) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "cli", "mailbox"]
    second = subprocess.run(command, env=house.environment(), cwd=root, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"cannot listen on port {house.settings.smtp_port}: it is in use. Choose another" in second.stderr
