"""The other side of each channel, on a socket of this machine and in the provider's own words: what it has received,
and how it can be told to fail."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol
from urllib.parse import parse_qs

from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from standardwebhooks.webhooks import Webhook as Receiver

from activities.channels.base import Channel, Parcel, as_kept
from activities.channels.email import Email
from activities.channels.push import Push, ServiceAccount
from activities.channels.sms import Sms
from activities.channels.texting import Account
from activities.channels.webhook import Webhook
from activities.channels.whatsapp import WhatsApp
from activities.public import Inside
from activities.smtp import Mailer, Server
from journey.messages import Rendered
from tests.system.listener import GONE, Listener, Posted
from tests.system.smtp_server import Fault, SmtpServer

Mood = Literal["well", "busy", "no such address", "ours", "cut off"]
TEXT = "Hello Grete, your lamp – Heron – is on its way."  # noqa: RUF001  a sign that no provider's alphabet has
BODY = as_kept(Rendered(subject="A lamp", text=TEXT, html=f"<p>{TEXT}</p>", locale="en"))
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, ok").decode()
_KEY = rsa.generate_private_key(65537, 2048)


class Counterpart(Protocol):
    """A channel, and who is at its other end. ``received``: to whom and the text, of every message that came whole."""

    channel: Channel
    received: list[tuple[str, str]]

    def parcel(self, key: str) -> Parcel:
        """A message to somebody who is there."""

    def mood(self, mood: Mood) -> None:
        """How the next messages are treated."""

    async def up(self) -> None:
        """Listen."""

    async def down(self) -> None:
        """Refuse connections."""

    async def close(self) -> None:
        """Leave nothing open."""


class MailServer:
    """An SMTP server."""

    def __init__(self) -> None:
        self.smtp = SmtpServer()
        self.channel: Channel

    async def up(self) -> None:
        await self.smtp.up()
        self.channel = Email(Mailer(Server("127.0.0.1", self.smtp.port, "none")))

    @property
    def received(self) -> list[tuple[str, str]]:
        return [(one.recipient, one.letter.get_content().strip()) for one in self.smtp.kept]

    def parcel(self, key: str) -> Parcel:
        letter = f"Subject: A lamp\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{TEXT}\r\n".encode()
        return Parcel(key, "hello@example.org", "grete@example.org", letter)

    def mood(self, mood: Mood) -> None:
        faults = {
            "well": None,
            "busy": Fault("dot", "4xx"),
            "no such address": Fault("rcpt", "5xx"),
            "ours": Fault("mail", "5xx"),
            "cut off": Fault("after", "close"),
        }
        self.smtp.fault = faults[mood]

    async def down(self) -> None:
        await self.smtp.down()

    async def close(self) -> None:
        await self.channel.close()
        await self.smtp.down()


class Http:
    """What providers by HTTP share. ``answers`` are theirs for each mood."""

    answers: ClassVar[dict[str, tuple[int, Any]]]
    recipient = "+491701234567"

    def __init__(self) -> None:
        self.listener = Listener(self._answer)
        self.received: list[tuple[str, str]] = []
        self.keys: list[str] = []
        self._mood: Mood = "well"
        self.channel: Channel

    def make(self) -> Channel:
        raise NotImplementedError

    def understood(self, posted: Posted) -> tuple[str, str]:
        """To whom and what, as the provider reads it; fails if a request is not in its form."""
        raise NotImplementedError

    async def up(self) -> None:
        await self.listener.up()
        if not hasattr(self, "channel"):
            self.channel = self.make()

    def parcel(self, key: str) -> Parcel:
        return Parcel(key, "hello@example.org", self.recipient, BODY)

    def mood(self, mood: Mood) -> None:
        self._mood = mood

    def _answer(self, posted: Posted) -> web.StreamResponse:
        said = self.understood(posted)
        if self._mood in ("well", "cut off"):
            self.received.append(said)
        if self._mood == "cut off":
            return GONE
        status, body = self.answers[self._mood]
        headers = {"Retry-After": "7"} if self._mood == "busy" else {}
        return web.json_response(body, status=status, headers=headers)

    async def down(self) -> None:
        await self.listener.down()

    async def close(self) -> None:
        await self.channel.close()
        await self.listener.down()


class Twilio(Http):
    """https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource"""

    mark = ""
    answers: ClassVar[dict[str, tuple[int, Any]]] = {
        "well": (201, {"sid": "SM123", "status": "queued", "error_code": None}),
        "busy": (429, {"code": 20429, "message": "Too Many Requests", "status": 429}),
        "no such address": (400, {"code": 21211, "message": "The 'To' number is not valid.", "status": 400}),
        "ours": (401, {"code": 20003, "message": "Authenticate", "status": 401}),
    }

    @property
    def account(self) -> Account:
        return Account.from_url(
            f"http://AC1:se%2Fcret@127.0.0.1:{self.listener.port}/2010-04-01/Accounts/AC1/Messages.json?from=%2B4930123"
        )

    def make(self) -> Channel:
        return Sms(self.account)

    def understood(self, posted: Posted) -> tuple[str, str]:
        assert (posted.method, posted.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
        assert posted.headers["content-type"] == "application/x-www-form-urlencoded"
        kind, _, credentials = posted.headers["authorization"].partition(" ")
        assert (kind, base64.b64decode(credentials)) == ("Basic", b"AC1:se/cret")
        form = {name: values[0] for name, values in parse_qs(posted.body.decode(), strict_parsing=True).items()}
        assert form.keys() == {"To", "From", "Body"} and form["From"] == f"{self.mark}+4930123"
        self.keys.append(posted.headers["idempotency-key"])
        return form["To"].removeprefix(self.mark), form["Body"]


class TwilioWhatsApp(Twilio):
    """The same, with marked numbers."""

    mark = "whatsapp:"

    def make(self) -> Channel:
        return WhatsApp(self.account)


class Fcm(Http):
    """https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send, and Google's token endpoint."""

    recipient = "device-1"
    folder: Path

    answers: ClassVar[dict[str, tuple[int, Any]]] = {
        "well": (200, {"name": "projects/lamps/messages/1"}),
        "busy": (429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}),
        "no such address": (
            404,
            {"error": {"code": 404, "status": "NOT_FOUND", "details": [{"errorCode": "UNREGISTERED"}]}},
        ),
        "ours": (403, {"error": {"code": 403, "status": "PERMISSION_DENIED"}}),
    }

    def make(self) -> Channel:
        pem = _KEY.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.folder / "key.json"
        said = {"project_id": "lamps", "client_email": "us@lamps", "private_key": pem.decode()}
        file.write_text(json.dumps({**said, "token_uri": f"{self.listener.url}/token"}))
        return Push(ServiceAccount.from_file(file, self.listener.url))

    def _answer(self, posted: Posted) -> web.StreamResponse:
        if posted.path != "/token":
            return super()._answer(posted)
        form = {name: values[0] for name, values in parse_qs(posted.body.decode()).items()}
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        head, body, signature = (base64.urlsafe_b64decode(part + "==") for part in form["assertion"].split("."))
        signed = form["assertion"].rpartition(".")[0].encode()
        _KEY.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        assert json.loads(head)["alg"] == "RS256" and json.loads(body)["iss"] == "us@lamps"
        return web.json_response({"access_token": "ya29.pass", "expires_in": 3600})

    def understood(self, posted: Posted) -> tuple[str, str]:
        assert posted.path == "/v1/projects/lamps/messages:send"
        assert posted.headers["authorization"] == "Bearer ya29.pass"
        message = json.loads(posted.body)["message"]
        assert message["notification"]["title"] == "A lamp"
        self.keys.append(message["data"]["message"])
        return message["token"], message["notification"]["body"]


class CompanysOwn(Http):
    """A receiver of Standard Webhooks, by their own library."""

    recipient = "c-1"
    answers: ClassVar[dict[str, tuple[int, Any]]] = {
        "well": (204, None),
        "busy": (503, None),
        "no such address": (422, None),
        "ours": (401, None),
    }

    def make(self) -> Channel:
        inside = Inside(frozenset({f"127.0.0.1:{self.listener.port}"}))
        return Webhook(f"{self.listener.url}/messages", [SECRET], inside)

    def understood(self, posted: Posted) -> tuple[str, str]:
        Receiver(SECRET).verify(posted.body, posted.headers)
        said = json.loads(posted.body)["data"]
        assert said["message"] == posted.headers["webhook-id"] and said.get("title", "A lamp") == "A lamp"
        self.keys.append(posted.headers["webhook-id"])
        return said["customer"], said["text"]


COUNTERPARTS: dict[str, Callable[[], Any]] = {
    "email": MailServer,
    "sms": Twilio,
    "whatsapp": TwilioWhatsApp,
    "push": Fcm,
    "webhook": CompanysOwn,
}
"""By channel. The inbox has none: it is in our own store."""
