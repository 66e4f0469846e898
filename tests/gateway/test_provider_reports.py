"""Reports of mail providers: bodies as they send them, proven with real keys, told once to the letter that is meant."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from sqlalchemy import update
from starlette.applications import Starlette

from gateway import fetching
from gateway.desk import Desk
from gateway.foresight import Foresight
from gateway.intake import Intake
from gateway.keys import Keys
from gateway.proofs import CERTIFICATE, SUBSCRIBE
from gateway.provider_reports import routes
from gateway.published import Published
from journey.returned.providers import postmark, sendgrid, ses
from store import ledger, reach
from store.clock import now
from store.database import Database
from store.ledger import Letter
from store.tables import message
from tests.console.test_browser import serving
from tests.store.makers import begun, rows, the_row

TOPIC = "arn:aws:sns:eu-central-1:123456789012:mail"
CERT_URL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
CONFIRM = f"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc123"
REMOTE = "0102018f-remote"
MARK = "m" * 64


class Aws:
    """A key and a certificate such as SNS has, and what was asked of it."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now() - timedelta(days=1))
            .not_valid_after(now() + timedelta(days=1))
            .sign(self.key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.asked: list[str] = []
        self.away = False

    async def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        if self.away:
            raise OSError("away")
        return self.pem if address == CERT_URL else b"<ConfirmSubscriptionResponse/>"

    def notification(self, said: Any, kind: str = "Notification", version: str = "1", **more: str) -> dict[str, Any]:
        """A message of SNS, signed."""
        text = said if isinstance(said, str) else json.dumps(said)
        whole = {
            "Type": kind,
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Message": text,
            "Timestamp": "2027-03-01T12:00:00.000Z",
            "SignatureVersion": version,
            "SigningCertURL": CERT_URL,
            **more,
        }
        names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
        signed = "".join(f"{name}\n{whole[name]}\n" for name in names if name in whole)
        hash_ = hashes.SHA256() if version == "2" else hashes.SHA1()
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hash_)
        return {**whole, "Signature": base64.b64encode(signature).decode()}


SENDGRID = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    SENDGRID.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
AWS = Aws()


class Provider:
    """A store with a letter that was sent, and the door."""

    def __init__(self, db: Database, http: httpx2.AsyncClient, key: str) -> None:
        self.db, self.http, self.key = db, http, key

    @property
    def message_id(self) -> str:
        return f"<{self.key}@northlight.example>"

    async def sns(self, whole: dict[str, Any]) -> httpx2.Response:
        return await self.http.post("/v1/mail/ses", content=json.dumps(whole), headers={"Content-Type": "text/plain"})

    async def ses(self, said: Any, **more: str) -> httpx2.Response:
        return await self.sns(AWS.notification(said, **more))

    async def sendgrid(
        self, *events: dict[str, Any], signed_by: ec.EllipticCurvePrivateKey = SENDGRID
    ) -> httpx2.Response:
        body = json.dumps(events).encode()
        signature = signed_by.sign(b"1600112502" + body, ec.ECDSA(hashes.SHA256()))
        headers = {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": "1600112502",
            "Content-Type": "application/json",
        }
        return await self.http.post("/v1/mail/sendgrid", content=body, headers=headers)

    async def postmark(self, said: dict[str, Any], password: str = "hook:pw") -> httpx2.Response:
        return await self.http.post("/v1/mail/postmark", json=said, auth=tuple(password.split(":")))  # type: ignore[arg-type]  # two

    async def events(self) -> list[str]:
        return [row["type"] for row in await rows(self.db, "inbox", source="wayfare")]

    async def suppressed(self) -> bool:
        async with self.db.read() as tx:
            return await reach.suppressed(tx, MARK) is not None


@pytest.fixture
async def provider(db: Database) -> AsyncIterator[Provider]:
    AWS.asked.clear()
    AWS.away = False
    instance_id = await begun(db)
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, "send/1/0", "welcome", "lifecycle")
        sent = f"<{row.send_key}@northlight.example>"
        await ledger.written(tx, row.send_key, Letter("g@example.org", "S", b"x", sent, "lifecycle", mark=MARK))
        await tx.execute(update(message).values(state="accepted", remote_id=REMOTE))
    secrets = {
        "WAYFARE_SECRET_SES": ("arn:other", TOPIC),
        "WAYFARE_SECRET_POSTMARK": ("old:pw", "hook:pw"),
        "WAYFARE_SECRET_SENDGRID": ("AAAA", PUBLIC),
    }
    async with Intake(db) as intake:
        desk = Desk(intake, db, Keys({}, db), Published(db), Foresight(db, 1.0), "", secrets)
        app = Starlette(routes=routes(desk, AWS.fetch))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://w.example") as http:
            yield Provider(db, http, row.send_key)


def ses_event(kind: str, **about: Any) -> dict[str, Any]:
    """As SES publishes it (shortened to what its documentation always shows)."""
    return {
        "eventType": kind,
        "mail": {
            "timestamp": "2027-03-01T12:00:00.000Z",
            "source": "Northlight <hello@northlight.example>",
            "messageId": REMOTE,
            "destination": ["grete@example.org"],
            "headersTruncated": False,
            "headers": [
                {"name": "From", "value": "hello@northlight.example"},
                {"name": "Message-ID", "value": "<x@y>"},
            ],
            "commonHeaders": {"messageId": REMOTE, "subject": "Hello"},
            "tags": {"ses:configuration-set": ["letters"]},
        },
        kind.lower(): about,
    }


BOUNCE = {
    "bounceType": "Permanent",
    "bounceSubType": "General",
    "bouncedRecipients": [
        {
            "emailAddress": "grete@example.org",
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }
    ],
    "timestamp": "2027-03-01T12:00:01.000Z",
    "feedbackId": "0102018f-feedback",
    "reportingMTA": "dsn; mx.example.org",
}


async def test_a_bounce_of_ses_is_told_once_and_suppresses(provider: Provider) -> None:
    for version in ("1", "2"):
        answer = await provider.ses(ses_event("Bounce", **BOUNCE), version=version)
        assert answer.status_code == 200
    assert answer.json() == {"state": "taken", "told": 0, "unknown": 0}
    assert await provider.events() == ["message.bounced"] and await provider.suppressed()
    data = (await the_row(provider.db, "inbox", source="wayfare"))["data"]
    assert (data["bounce"], data["code"], data["reason"]) == ("hard", "5.1.1", "550 5.1.1 user unknown")
    assert AWS.asked == [CERT_URL]


@pytest.mark.parametrize(
    ("kind", "about", "event"),
    [
        (
            "Delivery",
            {"timestamp": "2027-03-01T12:00:01.000Z", "recipients": ["grete@example.org"]},
            "message.delivered",
        ),
        ("Complaint", {"feedbackId": "f", "complaintFeedbackType": "abuse"}, "message.complained"),
        ("Open", {"timestamp": "2027-03-01T12:00:01.000Z", "userAgent": "Mozilla/5.0"}, "message.opened"),
        ("Click", {"timestamp": "2027-03-01T12:00:01.000Z", "link": "https://northlight.example/"}, "message.clicked"),
    ],
)
async def test_what_ses_reports_becomes_an_event(provider: Provider, kind: str, about: Any, event: str) -> None:
    assert (await provider.ses(ses_event(kind, **about))).json()["told"] == 1
    assert await provider.events() == [event]
    assert await provider.suppressed() == (kind == "Complaint")


async def test_a_topic_is_confirmed_at_an_address_of_sns_alone(provider: Provider) -> None:
    said = AWS.notification(
        "You have chosen to subscribe …", "SubscriptionConfirmation", Token="abc123", SubscribeURL=CONFIRM
    )
    assert (await provider.sns(said)).json() == {"state": "confirmed"}
    assert AWS.asked == [CERT_URL, CONFIRM]
    for address in (
        "http://169.254.169.254/latest/meta-data/",
        CONFIRM.replace("https", "http"),
        CONFIRM.replace("amazonaws.com", "amazonaws.com.evil.example"),
        CONFIRM.replace("https://", "https://evil@"),
        "https://sns.eu-central-1.amazonaws.com/?Action=DeleteTopic&TopicArn=x",
    ):
        said = AWS.notification("x", "SubscriptionConfirmation", Token="t", SubscribeURL=address)
        assert (await provider.sns(said)).status_code == 401
    assert len(AWS.asked) == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem?x=http://evil.example",
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0123.pem",
        "file:///etc/passwd",
    ],
)
async def test_a_certificate_from_elsewhere_is_not_even_fetched(provider: Provider, address: str) -> None:
    said = {**AWS.notification(ses_event("Bounce", **BOUNCE)), "SigningCertURL": address}
    assert (await provider.sns(said)).status_code == 401
    assert AWS.asked == [] and await provider.events() == []


@pytest.mark.parametrize("changed", ["Message", "Signature", "TopicArn", "Timestamp", "Type"])
async def test_a_message_of_sns_that_was_changed_is_refused(provider: Provider, changed: str) -> None:
    said = {**AWS.notification(ses_event("Bounce", **BOUNCE)), changed: "QUJD"}
    assert (await provider.sns(said)).status_code == 401
    assert await provider.events() == [] and not await provider.suppressed()


async def test_while_sns_cannot_be_asked_the_message_is_to_come_again(provider: Provider) -> None:
    AWS.away = True
    said = AWS.notification("x", "SubscriptionConfirmation", Token="t", SubscribeURL=CONFIRM)
    assert (await provider.sns(said)).status_code == 503


async def test_a_greeting_in_plain_words_is_no_report(provider: Provider) -> None:
    said = "Successfully validated SNS topic for Amazon SES event publishing."
    assert (await provider.ses(said)).json() == {"state": "taken", "told": 0, "unknown": 0}


def sendgrid_event(provider: Provider, event: str, **more: Any) -> dict[str, Any]:
    """As SendGrid posts it."""
    return {
        "email": "grete@example.org",
        "timestamp": 1803902400,
        "smtp-id": provider.message_id,
        "event": event,
        "category": ["letters"],
        "sg_event_id": f"id-{event}",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        **more,
    }


async def test_events_of_sendgrid_are_told(provider: Provider) -> None:
    answer = await provider.sendgrid(
        sendgrid_event(provider, "processed"),
        sendgrid_event(provider, "deferred", response="451 later"),
        sendgrid_event(provider, "delivered", response="250 OK"),
        sendgrid_event(provider, "open", sg_machine_open=True),
        sendgrid_event(provider, "open"),
        sendgrid_event(provider, "click", url="https://northlight.example/care"),
        sendgrid_event(provider, "spamreport"),
        {**sendgrid_event(provider, "delivered"), "smtp-id": "<not@ours.example>"},
    )
    assert answer.json() == {"state": "taken", "told": 4, "unknown": 1}
    assert await provider.events() == ["message.delivered", "message.opened", "message.clicked", "message.complained"]


async def test_a_block_of_sendgrid_is_soft_and_a_bounce_hard(provider: Provider) -> None:
    await provider.sendgrid(sendgrid_event(provider, "bounce", type="blocked", status="5.1.1", reason="policy"))
    assert not await provider.suppressed()
    await provider.sendgrid(sendgrid_event(provider, "bounce", type="bounce", status="5.1.1", reason="550 unknown"))
    assert await provider.suppressed() and await provider.events() == ["message.bounced"] * 2


async def test_events_that_another_key_signed_are_refused(provider: Provider) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    answer = await provider.sendgrid(sendgrid_event(provider, "bounce", status="5.1.1"), signed_by=other)
    assert answer.status_code == 401 and await provider.events() == []
    assert (await provider.http.post("/v1/mail/sendgrid", json=[])).status_code == 401


def postmark_bounce(provider: Provider, sort: str = "HardBounce") -> dict[str, Any]:
    """As Postmark posts it."""
    return {
        "RecordType": "Bounce",
        "MessageStream": "outbound",
        "ID": 4323372036854775807,
        "Type": sort,
        "TypeCode": 1,
        "Name": "Hard bounce",
        "Tag": "Test",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {"wayfare": provider.key},
        "ServerID": 23,
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Email": "grete@example.org",
        "From": "hello@northlight.example",
        "BouncedAt": "2027-03-01T12:00:00Z",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Hello",
    }


async def test_a_bounce_of_postmark_is_told_and_needs_the_password(provider: Provider) -> None:
    assert (await provider.postmark(postmark_bounce(provider), "hook:wrong")).status_code == 401
    assert (await provider.http.post("/v1/mail/postmark", json={})).status_code == 401
    assert (await provider.postmark(postmark_bounce(provider))).json()["told"] == 1
    assert await provider.events() == ["message.bounced"] and await provider.suppressed()


@pytest.mark.parametrize(
    ("sort", "events"),
    [("AutoResponder", []), ("SpamComplaint", ["message.complained"]), ("Transient", ["message.bounced"])],
)
async def test_what_postmark_calls_a_bounce_is_read_for_what_it_is(
    provider: Provider, sort: str, events: list[str]
) -> None:
    await provider.postmark(postmark_bounce(provider, sort))
    assert await provider.events() == events and await provider.suppressed() == (sort == "SpamComplaint")


async def test_other_reports_of_postmark(provider: Provider) -> None:
    about = {"MessageID": REMOTE, "Recipient": "grete@example.org", "ReceivedAt": "2027-03-01T12:00:00Z"}
    for kind in ("Delivery", "Open", "Click", "SubscriptionChange"):
        await provider.postmark({"RecordType": kind, **about, "OriginalLink": "https://northlight.example/"})
    assert await provider.events() == ["message.delivered", "message.opened", "message.clicked"]


async def test_a_provider_that_is_not_set_up_or_not_known_is_not_there(provider: Provider, db: Database) -> None:
    assert (await provider.http.post("/v1/mail/pigeon", json={})).status_code == 404
    async with Intake(db) as intake:
        app = Starlette(routes=routes(Desk(intake, db, Keys({}, db), Published(db), Foresight(db, 1.0))))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://w.example") as http:
            answer = await http.post("/v1/mail/ses", json={})
    assert answer.status_code == 404 and "WAYFARE_SECRET_SES" in answer.text


@pytest.mark.parametrize(
    "strange", [None, [], {}, "x", 3, [None, 3, {"event": ["bounce"]}], {"eventType": "Bounce", "bounce": 3}]
)
def test_reports_of_a_strange_form_come_to_nothing_without_an_error(strange: Any) -> None:
    for read in (ses, postmark, sendgrid):
        for told in read(strange):
            assert told.ids == () and told.kind


async def test_fetching_follows_no_redirect_and_reads_no_more_than_it_may() -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        there = scope["path"] == "/long"
        headers = [] if there else [(b"location", b"/long")]
        await send({"type": "http.response.start", "status": 200 if there else 302, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * 500_000 if there else b""})

    async with serving(answer) as address:  # type: ignore[arg-type]  # an application as plain as can be
        assert len(await fetching.fetched(f"{address}/long")) <= fetching.LONGEST
        with pytest.raises(OSError, match="302"):
            await fetching.fetched(f"{address}/elsewhere")
    with pytest.raises(OSError):  # noqa: PT011  whatever the system says of nobody being there
        await fetching.fetched(address)


def test_the_addresses_of_sns_are_told_from_all_others() -> None:
    assert CERTIFICATE.fullmatch(CERT_URL) and SUBSCRIBE.fullmatch(CONFIRM)
    assert CERTIFICATE.fullmatch(CERT_URL.replace(".com/", ".com.cn/").replace("eu-central", "cn-north"))
    assert not CERTIFICATE.fullmatch(CONFIRM) and not SUBSCRIBE.fullmatch(CERT_URL)
