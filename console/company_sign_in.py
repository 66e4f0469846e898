"""Signing in by the company's own sign-in (OpenID Connect, authorization code flow with PKCE).

Whoever the company vouches for gets in only if there is an account here: by their subject once they have come, before
by their verified address. What is sent along and comes back is kept in a cookie that only we can write.
"""

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import aiohttp
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
ASKED_FOR = "openid email"
LEEWAY_S = 60
ON_THE_WAY_S = 600
FRESH_S = 3600
PATIENCE = aiohttp.ClientTimeout(total=10)
MOST_BYTES = 1_000_000
UNTRUSTED = "What the company's sign-in said cannot be trusted"


class NotVouchedFor(Exception):
    """The company's sign-in does not vouch for them; the text says why, for the person or for whoever set it up."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is to the company: ``subject`` never changes; ``email`` is '' unless the company has verified it."""

    subject: str
    email: str


@dataclass(frozen=True)
class Leaving:
    """Where somebody is sent, and what their browser keeps until they come back."""

    address: str
    kept: str


@dataclass
class Company:
    """One provider. ``secret`` seals what the browser keeps on the way; ``back`` is our address to come back to."""

    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    back: str
    secret: str = field(repr=False)
    _known: dict[str, Any] = field(default_factory=dict, repr=False)
    _read_at: float = field(default=float("-inf"), repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def leave(self, following: str) -> Leaving:
        """Somebody wants to sign in. Raises NotVouchedFor if the provider cannot be reached."""
        provider = await self._provider()
        way = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": ASKED_FOR,
            "state": way["state"],
            "nonce": way["nonce"],
            "code_challenge": create_s256_code_challenge(way["verifier"]),
            "code_challenge_method": "S256",
        }
        kept = self._seal().dumps({**way, "next": following})
        return Leaving(f"{provider['authorization_endpoint']}?{urlencode(asked)}", str(kept))

    async def come_back(self, kept: str, state: str, code: str) -> tuple[Identity, str]:
        """Somebody comes back: who they are, and where they wanted to go. Raises NotVouchedFor."""
        try:
            way = self._seal().loads(kept, max_age=ON_THE_WAY_S)
        except BadSignature:
            raise NotVouchedFor("It took too long, or was not begun in this browser. Try again.") from None
        if not secrets.compare_digest(way["state"].encode(), state.encode("utf-8", "replace")):
            raise NotVouchedFor("It was not begun in this browser. Try again.")
        provider = await self._provider()
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": way["verifier"],
        }
        token = await self._asked("POST", provider["token_endpoint"], given)
        claims = await self._claims(token, way["nonce"], provider)
        verified = claims.get("email_verified") is True
        email = str(claims.get("email") or "").lower() if verified else ""
        return Identity(f"{self.issuer}|{claims['sub']}"[:300], email), str(way["next"])

    async def _claims(self, token: dict[str, Any], nonce: str, provider: dict[str, Any]) -> CodeIDToken:
        """What the identity token says, when it is signed by the provider, for us, now and for this very sign-in."""
        wanted = {
            "iss": {"essential": True, "value": provider["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
        }
        try:
            keys = KeySet.import_key_set(cast(KeySetSerialization, await self._asked("GET", provider["jwks_uri"])))
            signed = jwt.decode(str(token.get("id_token") or ""), keys, algorithms=ALGORITHMS)
            sent = {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
            claims = CodeIDToken(signed.claims, signed.header, options=wanted, params=sent)
            claims.validate(now=int(time.time()), leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError) as error:
            raise NotVouchedFor(f"{UNTRUSTED} ({type(error).__name__}).") from None
        if claims.get("nonce") != nonce:
            raise NotVouchedFor("What the company's sign-in said is not the answer to this sign-in.")
        return claims

    async def _provider(self) -> dict[str, Any]:
        async with self._turn:
            if time.monotonic() - self._read_at > FRESH_S:
                found = await self._asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if found.get("issuer") != self.issuer:
                    raise NotVouchedFor(f"The provider calls itself {found.get('issuer')}, not {self.issuer}.")
                self._known, self._read_at = found, time.monotonic()
            return self._known

    async def _asked(self, method: str, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """A JSON object of the provider; with a form we say who we are."""
        proof = aiohttp.encode_basic_auth(self.client_id, self.client_secret)
        headers = {"Authorization": proof} if form is not None else {}
        try:
            async with (
                aiohttp.ClientSession(timeout=PATIENCE, trust_env=False) as http,
                http.request(method, address, data=form, headers=headers, allow_redirects=False) as answer,
            ):
                body = await answer.content.read(MOST_BYTES)
                found = json.loads(body) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise NotVouchedFor(f"The company's sign-in at {urlsplit(address).netloc} did not answer as it should.")
        return found

    def _seal(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="wayfare.on-the-way")
