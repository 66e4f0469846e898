"""Push to the customer's device, by Firebase Cloud Messaging (HTTP v1)."""

import asyncio
import base64
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from activities.channels.base import Barrier, Outcome, Parcel, read
from activities.channels.post import PATIENCE, Answer, Poster, by_status, refused

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GONE = ("UNREGISTERED", "SENDER_ID_MISMATCH")
"""What is said of a device that is not there for us any more."""
AHEAD = 300.0
"""Seconds before its end when a pass is renewed."""


@dataclass(frozen=True)
class ServiceAccount:
    """Who we are at Google, as its key file says."""

    project: str
    email: str
    key: str
    token_url: str
    url: str

    @classmethod
    def from_file(cls, path: Path, url: str = "https://fcm.googleapis.com") -> "ServiceAccount":
        """Read the key file of a service account. Raises ValueError with a sentence."""
        try:
            said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            parts = [str(said[name]) for name in ("project_id", "client_email", "private_key", "token_uri")]
        except OSError as error:
            raise ValueError(f"it cannot be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError):
            raise ValueError("it is no key file of a service account") from None
        project, email, key, token_url = parts
        return cls(project, email, key, token_url, str(said.get("fcm_url") or url))


class Push:
    """Messages to devices of one project."""

    dedupes = False

    def __init__(self, account: ServiceAccount, patience: timedelta = PATIENCE) -> None:
        self._account = account
        self._poster = Poster(patience)
        self._pass, self._until = "", 0.0

    async def transmit(self, parcel: Parcel, barrier: Barrier) -> Outcome:
        """Post one message."""
        try:
            token = await self._authorised()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Outcome("later", None, f"no pass for push messages ({_plain(error)})", "unreachable")
        except ValueError as error:
            return Outcome("later", None, f"no pass for push messages ({error})", "ours")
        said = read(parcel.body)
        note = {"title": said.get("title", ""), "body": said.get("text", "")}
        message = {"token": parcel.recipient, "notification": note, "data": {"message": parcel.key}}
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        url = f"{self._account.url}/v1/projects/{self._account.project}/messages:send"
        answer = await self._poster.post(url, json.dumps({"message": message}).encode(), headers, barrier)
        if isinstance(answer, Answer) and answer.status == 401:
            self._pass = ""
        return answer if isinstance(answer, Outcome) else _outcome(answer)

    async def _authorised(self) -> str:
        """A pass, kept for as long as it holds. Raises ValueError if we get none."""
        if self._pass and time.monotonic() < self._until:
            return self._pass
        moment = int(time.time())
        account = self._account
        claims = {"iss": account.email, "scope": SCOPE, "aud": account.token_url, "iat": moment, "exp": moment + 3600}
        assertion = _assertion(claims, account.key)
        async with (
            asyncio.timeout(self._poster.patience.total_seconds()),
            aiohttp.ClientSession(trust_env=False) as session,
            session.post(account.token_url, data={"grant_type": GRANT, "assertion": assertion}) as answer,
        ):
            if answer.status >= 500 or answer.status == 429:
                raise aiohttp.ClientError(f"it answers {answer.status}")
            if answer.status != 200:
                raise ValueError(f"it answers {answer.status}")
            said = await answer.json()
        self._pass = str(said["access_token"])
        self._until = time.monotonic() + float(said.get("expires_in", 3600)) - AHEAD
        return self._pass

    async def close(self) -> None:
        """Nothing is kept open."""


def _assertion(claims: dict[str, Any], pem: str) -> str:
    """A JSON Web Token signed with RS256 (RFC 7515). Raises ValueError."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except TypeError as error:
        raise ValueError(f"the key cannot be read ({error})") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the key is no RSA key")
    said = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    return f"{said}.{_base64(key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _outcome(answer: Answer) -> Outcome:
    said = answer.said
    if answer.status == 200:
        return Outcome("accepted", 200, remote_id=str(said.get("name") or "")[:200] or None)
    error = said.get("error") if isinstance(said.get("error"), dict) else {}
    codes = [one.get("errorCode") for one in error.get("details", ()) if isinstance(one, dict)] if error else []
    word = next((str(one) for one in codes if one), str(error.get("status") or "") if error else "")
    reason = f"the provider answers {answer.status}" + (f" ({word})" if word else "")
    if word in GONE:
        return refused(answer, reason, for_good=True, nobody_there=True)
    return by_status(answer, reason)


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
