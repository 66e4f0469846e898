"""The mail catcher's messages."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from store.mailbox import CaughtMessage, Mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mailbox.db")


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage()
    given = {
        "From": "Lumen Lamps <hello@lumen.example>",
        "To": "Grete Hermann <grete@example.org>",
        "Subject": "Welcome",
    }
    for name, value in {**given, **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content("Dear Grete,\n\nwelcome!\n")
    message.add_alternative("<p>Dear Grete, <b>welcome!</b></p>\n", subtype="html")
    return message


def keep(mailbox: Mailbox, raw: bytes, to: tuple[str, ...] = ("grete@example.org",)) -> CaughtMessage:
    kept = mailbox.get(mailbox.add(raw, "bounce@lumen.example", to))
    assert kept is not None
    return kept


def test_a_message_is_kept_with_its_parts(mailbox: Mailbox) -> None:
    raw = letter(Message_ID="<1@lumen.example>").as_bytes().replace(b"\n", b"\r\n")
    kept = keep(mailbox, raw)
    assert kept.sender == "hello@lumen.example" and kept.to == "grete@example.org" and kept.subject == "Welcome"
    assert kept.headers["Message-ID"] == "<1@lumen.example>"
    assert kept.text == "Dear Grete,\n\nwelcome!\n" and kept.html == "<p>Dear Grete, <b>welcome!</b></p>\n"
    assert mailbox.raw(kept.id) == raw


def test_the_json_twin_has_what_scripts_ask_for(mailbox: Mailbox) -> None:
    twin = keep(mailbox, letter().as_bytes()).as_json()
    assert set(twin) == {"id", "from", "to", "subject", "headers", "text", "html", "received_at", "envelope"}
    assert twin["from"] == "hello@lumen.example"
    assert twin["envelope"] == {"from": "bounce@lumen.example", "to": ["grete@example.org"]}
    assert twin["received_at"].endswith("+00:00")


def test_several_recipients_are_joined_and_names_left_out(mailbox: Mailbox) -> None:
    kept = keep(mailbox, letter(To='"Hermann, Grete" <grete@example.org>, ibrahim@example.org').as_bytes())
    assert kept.to == "grete@example.org, ibrahim@example.org"


def test_without_address_headers_the_envelope_speaks(mailbox: Mailbox) -> None:
    kept = keep(mailbox, b"Subject: bare\r\n\r\nhello\r\n", ("a@example.org", "b@example.org"))
    assert (kept.sender, kept.to, kept.text) == ("bounce@lumen.example", "a@example.org, b@example.org", "hello\n")


def test_a_coded_subject_is_decoded(mailbox: Mailbox) -> None:
    kept = keep(mailbox, letter(Subject="Schöne Grüße, 田辺さん").as_bytes())
    assert kept.subject == kept.headers["Subject"] == "Schöne Grüße, 田辺さん"


def test_raw_utf8_headers_are_read(mailbox: Mailbox) -> None:
    assert keep(mailbox, "Subject: Grüße\r\nTo: grüße@example.org\r\n\r\nä".encode()).subject == "Grüße"


def test_a_header_that_comes_twice_keeps_both_values(mailbox: Mailbox) -> None:
    assert keep(mailbox, b"Received: one\r\nReceived: two\r\n\r\n").headers["Received"] == "one\ntwo"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"no header at all",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xe4",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n",
        b"From: <<>>,,@\r\nTo: =?utf-8?q?=0ABcc=3A?=\r\nSubject: =?x?y?z?=\r\nDate: yesterday\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Message-ID: <\r\nMIME-Version: x\r\n\r\n",
        b"Subject: \xff\xfe\r\n\r\n",
    ],
)
def test_nonsense_is_kept_as_it_came(mailbox: Mailbox, raw: bytes) -> None:
    kept = keep(mailbox, raw)
    assert mailbox.raw(kept.id) == raw and kept.as_json()


def test_the_newest_come_first_and_pages_follow_each_other(mailbox: Mailbox) -> None:
    for number in range(5):
        keep(mailbox, letter(Subject=str(number)).as_bytes())
    assert [message.subject for message in mailbox.list(limit=2)] == ["4", "3"]
    assert [message.subject for message in mailbox.list(limit=2, offset=2)] == ["2", "1"]
    assert mailbox.count() == 5 and mailbox.get(99) is None and mailbox.raw(99) is None


def test_another_process_sees_a_message_as_soon_as_it_is_kept(tmp_path: Path) -> None:
    writer, reader = Mailbox(tmp_path / "m.db"), Mailbox(tmp_path / "m.db")
    kept = keep(writer, letter().as_bytes())
    assert reader.list() == [kept]


def test_the_oldest_messages_go_when_there_are_too_many(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.mailbox.KEPT", 10)
    for _ in range(1000):
        mailbox.add(b"", "", ())
    assert mailbox.count() == 10
