"""A letter's bytes say what was meant and nothing else, whatever is in the names and the texts."""

from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities import letter
from activities.letter import UnsafeLetter, compose
from tests import hostile

EXPECTED = [
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "Content-Language", "MIME-Version",
    "Content-Type",
]  # fmt: skip
UNICODE = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)


def written(**more: Any) -> bytes:
    usual: dict[str, Any] = {
        "sender": "Northlight Lamps <hello@northlight.example>",
        "recipient_name": "Grete Hermann",
        "recipient": "grete@example.org",
        "subject": "Hello",
        "text": "Hello.\n",
        "html": "<p>Hello.</p>",
        "message_id": "<key@northlight.example>",
        "at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "reply_to": "help@northlight.example",
        "language": "de",
    }
    return compose(**{**usual, **more})


def is_as_meant(raw: bytes) -> None:
    """As a mail program reads it: our header lines and no other, one recipient, two parts, no line too long."""
    said = message_from_bytes(raw, policy=policy.default)
    assert said.keys() == EXPECTED
    assert [address.addr_spec for address in said["To"].addresses] == ["grete@example.org"]
    assert [address.addr_spec for address in said["From"].addresses] == ["hello@northlight.example"]
    assert [part.get_content_type() for part in said.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert b"\r\n.\r\n" not in raw


@pytest.mark.parametrize("evil", hostile.EVERYTHING.values(), ids=hostile.EVERYTHING)
def test_a_hostile_name_and_subject_make_no_header_and_no_recipient(evil: str) -> None:
    with suppress(UnsafeLetter):  # refused in words is as good
        is_as_meant(written(recipient_name=evil, subject=evil))
    is_as_meant(written(text=f"{evil}\n{evil}", html=f"<p>{evil}</p>"))


@pytest.mark.parametrize("evil", hostile.HEADERS.values(), ids=hostile.HEADERS)
def test_nor_does_what_stands_in_the_companys_name_or_in_another_header(evil: str) -> None:
    for place in ({"sender": f"{evil} <hello@northlight.example>"}, {"more": {"List-Unsubscribe": evil}}):
        try:
            said = message_from_bytes(written(**place), policy=policy.default)
        except UnsafeLetter:
            continue
        assert set(said.keys()) <= {*EXPECTED, "List-Unsubscribe"}
        assert len(said.keys()) == len(EXPECTED) + ("more" in place)


@pytest.mark.parametrize(
    "address",
    [
        "grete@example.org\r\nBcc: evil@example.org", "grete@example.org, evil@example.org", "a b@example.org", "grete",
        "<grete@example.org>", "grete@example.org>", "@example.org", "grete@", "", "grete@exa mple.org", "a@b@c",
        "=?utf-8?q?a=0ABcc=3A_evil?=@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UnsafeLetter):
        written(recipient=address)


@given(UNICODE, UNICODE, UNICODE)
def test_every_letter_reads_as_it_was_meant_or_is_refused(name: str, subject: str, text: str) -> None:
    try:
        raw = written(recipient_name=name, subject=subject, text=text, html=f"<p>{text}</p>")
    except UnsafeLetter:
        return
    is_as_meant(raw)
    plain, html = message_from_bytes(raw, policy=policy.default).iter_parts()
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == lines.rstrip("\n")
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == f"<p>{lines}</p>"


def test_half_a_character_is_refused_and_not_a_fault() -> None:
    for field in ("subject", "text", "html", "recipient_name"):
        with pytest.raises(UnsafeLetter):
            written(**{field: "a\ud800b"})


def test_bytes_that_say_something_else_are_noticed_whoever_is_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter, "_part", lambda subtype, text: b"Content-Type: text/plain\r\n\r\nother\r\n")
    with pytest.raises(UnsafeLetter, match="the text of the message"):
        written()
    monkeypatch.undo()
    monkeypatch.setattr(letter, "_plain", lambda value: value)
    letter._line.cache_clear()
    with pytest.raises(UnsafeLetter):
        written(subject="=?utf-8?q?a=0ABcc=3A_evil?=")
    with pytest.raises(UnsafeLetter):
        written(recipient_name="=?utf-8?q?a=0ABcc=3A_evil?=")
    with pytest.raises(UnsafeLetter, match="the header Subject"):
        written(subject="=?utf-8?q?no_more_headers_but_other_words?=")
    letter._line.cache_clear()


def test_a_letter_says_its_language_and_further_lines_of_ours() -> None:
    raw = written(
        more={"List-Unsubscribe": "<https://example.org/u/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    )
    said = message_from_bytes(raw, policy=policy.default)
    assert said["Content-Language"] == "de"
    assert said["List-Unsubscribe"] == "<https://example.org/u/1>"
    for name, value in (("X Y", "a"), ("X:", "a"), ("X", "ä"), ("X", "a\r\nb"), ("X", ""), ("X", "x" * 901), ("", "a")):
        with pytest.raises(UnsafeLetter):
            written(more={name: value})
    with pytest.raises(UnsafeLetter):
        written(more={"Subject": "twice"})
