"""Mail that comes back is read for what it is, and no mail can make the reading wrong, slow or loud."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.record.letters import words
from journey.returned import mime, quoting, reading
from journey.returned.bounces import FOR, verdict
from journey.returned.reports import hard

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
ABOUT = "abc@northlight.example"


def dsn(status: str, diagnostic: str = "", action: str = "failed", original: str = "") -> bytes:
    """A report as Postfix writes one (RFC 3464)."""
    given = (
        original or f"Content-Type: message/rfc822\n\nFrom: hello@northlight.example\nMessage-ID: <{ABOUT}>\n\nHello"
    )
    return f"""From: MAILER-DAEMON@mx.example
To: returns@northlight.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

This is the mail system. It could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 4F2
Arrival-Date: Mon, 1 Mar 2027 12:00:00 +0000 (UTC)

Final-Recipient: rfc822; grete@example.org
Action: {action}
Status: {status}
{f"Diagnostic-Code: smtp; {diagnostic}" if diagnostic else "Remote-MTA: dns; mx.example.org"}

--B
{given}
--B--
""".replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("status", "diagnostic", "nobody"),
    [
        ("5.1.1", "550 5.1.1 <grete@example.org>: user unknown", True),
        ("5.1.2", "", True),
        ("5.1.10", "556 5.1.10 null MX", True),
        ("5.2.1", "550 5.2.1 disabled", True),
        ("5.0.0", "550 No such user here", True),
        ("5.0.0", "550 5.1.1 unknown", True),
        ("5.0.0", "550 try it another day", False),
        ("5.2.2", "552 5.2.2 mailbox full", False),
        ("5.7.1", "550 5.7.1 policy; user unknown to us", False),
        ("4.4.7", "delivery time expired", False),
        ("5.3.4", "", False),
    ],
)
def test_a_report_says_whether_nobody_is_there(status: str, diagnostic: str, nobody: bool) -> None:
    found = reading.read(dsn(status, diagnostic), "")
    assert found.kind == "bounce" and found.bounce is not None
    assert found.bounce.hard is nobody and found.about[0] == ABOUT
    assert found.bounce.reason == diagnostic


def test_only_the_head_of_the_letter_may_come_back() -> None:
    head = f"Content-Type: text/rfc822-headers\n\nFrom: hello@northlight.example\nMessage-ID: <{ABOUT}>\n"
    assert reading.read(dsn("5.1.1", original=head), "").about == [ABOUT]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_of_a_delay_or_an_arrival_is_no_bounce(action: str) -> None:
    assert reading.read(dsn("4.0.0", action=action), "").kind == "machine"


def arf(kind: str = "abuse") -> bytes:
    return f"""From: fbl@provider.example
Subject: FW: Hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

This is an email abuse report.

--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <returns@northlight.example>

--B
Content-Type: message/rfc822

From: hello@northlight.example
Message-ID: <{ABOUT}>

Hello
--B--
""".encode()


def test_a_feedback_report_is_a_complaint_unless_it_says_that_it_is_no_spam() -> None:
    found = reading.read(arf(), "fbl@provider.example")
    assert (found.kind, found.note, found.about) == ("complaint", "abuse", [ABOUT])
    assert reading.read(arf("not-spam"), "fbl@provider.example").kind == "machine"


REPLY = "From: Grete <grete@example.org>\nSubject: {subject}\nIn-Reply-To: <" + ABOUT + ">\n{more}\nIt flickers.\n"


@pytest.mark.parametrize(
    ("more", "subject", "sender"),
    [
        ("Auto-Submitted: auto-replied\n", "Re: Hello", "grete@example.org"),
        ("Auto-Submitted: auto-generated; x=y\n", "Re: Hello", "grete@example.org"),
        ("X-Auto-Response-Suppress: OOF, AutoReply\n", "Re: Hello", "grete@example.org"),
        ("Precedence: bulk\n", "Re: Hello", "grete@example.org"),
        ("X-Autoreply: yes\n", "Re: Hello", "grete@example.org"),
        ("List-Id: <lamps.example.org>\n", "Re: Hello", "grete@example.org"),
        ("", "Automatic reply: Hello", "grete@example.org"),
        ("", "Automatische Antwort: Hello", "grete@example.org"),
        ("", "Out of Office: back on Monday", "grete@example.org"),
        ("", "Abwesenheitsnotiz", "grete@example.org"),
        ("", "=?utf-8?q?R=C3=A9ponse_automatique=3A_Hello?=", "grete@example.org"),
        ("", "Re: Hello", "<>"),
        ("", "Re: Hello", ""),
    ],
)
def test_machines_that_answer_by_themselves_are_told_from_people(more: str, subject: str, sender: str) -> None:
    found = reading.read(REPLY.format(subject=subject, more=more).encode(), sender)
    assert found.kind == "machine" and found.note


@pytest.mark.parametrize("subject", ["Re: Hello", "Autobahn", "Out of milk", "Vacuum", "Automobile question"])
def test_people_are_told_from_machines(subject: str) -> None:
    found = reading.read(REPLY.format(subject=subject, more="Auto-Submitted: no\n").encode(), "grete@example.org")
    assert (found.kind, found.text, found.about) == ("reply", "It flickers.", [ABOUT])
    assert found.sender == "grete@example.org"


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 1 Mar 2027 at 12:00, Northlight <hello@northlight.example> wrote:\n> Hello\n> Grete",
        "On Monday the first of March 2027 at noon, Northlight Lamps\n<hello@northlight.example> wrote:\n\n> Hello",
        "Am 01.03.2027 um 12:00 schrieb Northlight:\n> Hallo",
        "Le lun. 1 mars 2027 à 12:00, Northlight a écrit :\n> Bonjour",
        "-----Original Message-----\nFrom: Northlight\nHello",
        "________________________________\nFrom: Northlight\nSent: Monday\nHello",
        "From: Northlight <hello@northlight.example>\nSent: Monday\nTo: Grete\n\nHello",
        "Von: Northlight\nGesendet: Montag\n\nHallo",
        "-- \nGrete Hermann",
        "> Hello\n> Grete",
    ],
)
def test_what_is_quoted_is_left_out(quoted: str) -> None:
    assert (
        quoting.own_words(f"It flickers.\n\nOn Sunday it did not.\n\n{quoted}\n")
        == "It flickers.\n\nOn Sunday it did not."
    )


def test_a_mail_of_nothing_but_quotation_is_kept_whole() -> None:
    assert quoting.own_words("> Hello\n> Grete\n") == "> Hello\n> Grete"


@pytest.mark.parametrize(
    ("text", "score", "rest"),
    [("9", 9, ""), ("9/10\n\nGreat lamp", 9, "Great lamp"), ("10 of 10!", 10, ""), ("9 lamps", None, "9 lamps")],
)
def test_a_number_alone_is_a_score(text: str, score: int | None, rest: str) -> None:
    assert reading.score(text) == (score, rest)


def test_a_reply_in_html_alone_is_read_as_text() -> None:
    page = "<style>p { x }</style><!-- <p>not</p> --><p>It <b>flickers</b>.</p><p>Bye</p>"
    raw = f"From: a@example.org\nContent-Type: text/html; charset=utf-8\n\n{page}"
    assert reading.read(raw.encode(), "a@example.org").text == "It flickers.\n\nBye"


def test_an_attachment_is_not_taken_for_the_words() -> None:
    raw = (
        'From: a@example.org\nContent-Type: multipart/mixed; boundary="B"\n\n--B\nContent-Type: text/plain\n'
        "Content-Disposition: attachment\n\nnot this\n--B\nContent-Type: text/plain\n\nthis\n--B--\n"
    )
    assert reading.read(raw.encode(), "a@example.org").text == "this"


HOSTILE = {
    "nested": b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3000)),
    "letters in letters": b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    "as deep as is read": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(mime.MOST_BOUNDARIES)
    ),
    "one long line": b"Subject: " + b"a" * 500_000,
    "many headers": b"A: b\r\n" * 20_000 + b"\r\n",
    "every byte": bytes(range(256)) * 500,
    "no such charset": b"Content-Type: text/plain; charset=klingon\r\n\r\nHello \xff",
    "a charset that is no text": b"Content-Type: text/plain; charset=base64\r\n\r\nHello",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
    "encoded words": b"Subject: " + b"=?utf-8?q?=41?= " * 10_000 + b"\r\n\r\n",
    "a header in a header": b"Subject: =?utf-8?q?a=0ABcc=3A_evil@example.org?=\r\n\r\n",
    "references": b"References: " + b"<a@b> " * 50_000 + b"\r\n\r\n",
    "lists": b"Content-Type: text/html\r\n\r\n" + b"<ul><li>" * 20_000,
    "comments": b"Content-Type: text/html\r\n\r\n" + b"<!--" * 50_000,
    "quotes": b"\r\n\r\n" + (b"On " + b"x" * 199 + b"\r\n") * 500,
    "a zip": b"Content-Type: application/zip\r\n\r\nPK\x03\x04" + b"\0" * 200_000,
    "nothing": b"",
    "a report of nothing": b'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n--B--',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_within_bounds(name: str) -> None:
    found = reading.read(HOSTILE[name], "x@example.org")
    assert len(found.text) <= quoting.LONGEST and len(found.subject) <= mime.LONGEST and len(found.about) <= 50
    assert "\n" not in found.subject


@given(
    st.binary(max_size=400), st.sampled_from([dsn("5.1.1"), arf(), REPLY.format(subject="x", more="").encode(), b""])
)
def test_no_bytes_make_the_reading_fail(noise: bytes, start: bytes) -> None:
    middle = len(start) // 2
    for raw in (noise + start, start[:middle] + noise + start[middle:], start + noise):
        assert reading.read(raw, "x@example.org").kind in ("reply", "bounce", "complaint", "machine", "unreadable")


def test_a_hard_bounce_stops_an_address_for_good_at_once() -> None:
    found = verdict(True, "5.1.1 nobody", [], NOON)
    assert found is not None and found.until is None and found.reason == "it bounced (5.1.1 nobody)"


def test_five_soft_bounces_over_three_days_stop_it_for_a_month() -> None:
    days = [NOON - timedelta(days=3) + timedelta(hours=18 * number) for number in range(5)]
    assert verdict(False, "full", days[:4], NOON) is None
    assert verdict(False, "full", [NOON - timedelta(hours=1)] * 6, NOON) is None
    found = verdict(False, "full", days, NOON)
    assert found is not None and found.until == NOON + FOR


def test_the_words_alone_do_not_make_a_policy_a_missing_mailbox() -> None:
    assert hard("", "Recipient address rejected: user unknown") and not hard("5.7.1", "user unknown")


def test_what_became_of_a_letter_stands_on_the_timeline_in_words() -> None:
    bounced = {"message": "welcome", "bounce": "hard", "code": "5.1.1", "reason": "nobody", "suppressed": True}
    assert words("message.bounced", bounced) == (
        "the message “welcome”: it could not be delivered for good: 5.1.1 nobody. The address gets nothing more"
    )
    assert words("message.clicked", {"message": "a", "link": "https://x.example"}).endswith("https://x.example")
    assert words("message.replied", {}) == ""
