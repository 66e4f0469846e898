"""Addresses a person may write in a setting, and what each must look like. Errors are sentences (ValueError)."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlsplit

Tls = Literal["auto", "starttls", "none", "implicit"]

WHAT_A_DATABASE_IS = "a database is sqlite:///path/to/file.db or postgresql://user:password@host:5432/name"
WHAT_A_MAIL_SERVER_IS = (
    "a mail server is smtp://user:password@host:587 or smtps://user:password@host:465,"
    " if need be with ?tls=starttls or ?tls=none behind it"
)
WHAT_AN_ADDRESS_IS = "an address is host:port, such as temporal.example.com:7233"
WHAT_A_BROKER_IS = "a broker is nats://user:password@host:4222"
WHAT_A_PROVIDER_IS = "a provider is https://user:password@host/path?from=%2B4930123, with our number after from="
WHAT_A_WEB_ADDRESS_IS = "a web address begins with http:// or https://, such as https://wayfare.example.com"

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class SmtpServer(NamedTuple):
    """Where mail is handed over.

    tls: auto takes STARTTLS when it is offered, starttls insists on it, implicit speaks TLS from the start.
    """

    host: str
    port: int
    username: str | None
    password: str | None
    tls: Tls


def port_number(text: str) -> int:
    """A port a program can listen on."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= 65_535):
        raise ValueError("a port is a whole number from 1 to 65535")
    return int(digits)


def database_url(text: str) -> str:
    """The address of the store as SQLAlchemy's asynchronous engine wants it."""
    scheme, separator, rest = text.strip().partition("://")
    driver = _DRIVERS.get(scheme.lower())
    if not separator or driver is None or not rest.strip("/"):
        raise ValueError(WHAT_A_DATABASE_IS)
    if driver.startswith("sqlite") and not rest.startswith("/"):
        raise ValueError(f"{WHAT_A_DATABASE_IS} (three strokes before a path, four before one from the root)")
    return f"{driver}://{rest}"


def smtp_server(text: str) -> SmtpServer:
    """The mail server behind an smtp:// or smtps:// address; a password is never sent without TLS unless ?tls=none."""
    url = urlsplit(text.strip())
    port = _port(url, WHAT_A_MAIL_SERVER_IS)
    asked = parse_qs(url.query, keep_blank_values=True)
    tls = asked.pop("tls", [""])[-1].lower()
    if url.scheme not in {"smtp", "smtps"} or not url.hostname or asked or tls not in {"", "starttls", "none"}:
        raise ValueError(WHAT_A_MAIL_SERVER_IS)
    username = unquote(url.username) if url.username else None
    password = unquote(url.password) if url.password else None
    if url.scheme == "smtps":
        return SmtpServer(url.hostname, port or 465, username, password, "implicit")
    insisted: Tls = "starttls" if tls == "starttls" or (username and not tls) else "none" if tls == "none" else "auto"
    return SmtpServer(url.hostname, port or (587 if username else 25), username, password, insisted)


def smtp_url(text: str) -> str:
    """An smtp address, as it was written, after it was checked."""
    smtp_server(text)
    return text.strip()


def host_and_port(text: str) -> str:
    """An address of the form host:port."""
    url = urlsplit(f"//{text.strip()}")
    port = _port(url, WHAT_AN_ADDRESS_IS)
    if not url.hostname or port is None or url.path or url.username or "://" in text:
        raise ValueError(WHAT_AN_ADDRESS_IS)
    return text.strip()


def web_address(text: str) -> str:
    """An address of a web page, without the stroke at its end."""
    url = urlsplit(text.strip())
    _port(url, WHAT_A_WEB_ADDRESS_IS)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise ValueError(WHAT_A_WEB_ADDRESS_IS)
    return text.strip().rstrip("/")


def nats_url(text: str) -> str:
    """The address of a NATS server."""
    url = urlsplit(text.strip())
    _port(url, WHAT_A_BROKER_IS)
    if url.scheme not in {"nats", "tls"} or not url.hostname or url.path.strip("/"):
        raise ValueError(WHAT_A_BROKER_IS)
    return text.strip()


def texting_url(text: str) -> str:
    """A provider of short messages, with our account and our number."""
    url = urlsplit(text.strip())
    _port(url, WHAT_A_PROVIDER_IS)
    sender = dict(parse_qsl(url.query)).get("from")
    if url.scheme not in {"http", "https"} or not url.hostname or not url.username or not sender:
        raise ValueError(WHAT_A_PROVIDER_IS)
    return text.strip()


def alert_urls(text: str) -> tuple[str, ...]:
    """Addresses of services that alert people, with spaces between."""
    found = tuple(text.split())
    if not all("://" in one for one in found):
        raise ValueError("addresses as apprise writes them, with spaces between, such as slack://…")
    return found


def nats_subject(text: str) -> str:
    """A subject to listen on; * and > stand for anything."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.([A-Za-z0-9_-]+|\*))*(\.>)?", text.strip()):
        raise ValueError("a subject is words with dots between, such as shop.events.>")
    return text.strip()


def near(host: str) -> str:
    """The host under which a program on this machine reaches one that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def reachable(host: str) -> str:
    """The same, ready to be put into an address."""
    place = near(host)
    return f"[{place}]" if ":" in place else place


def without_password(text: str) -> str:
    """The address with its password hidden, for people's eyes."""
    scheme, separator, rest = text.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{scheme}://{user}:***@{place}" if separator and at and colon else text


def _port(url: SplitResult, expected: str) -> int | None:
    try:
        return url.port
    except ValueError:
        raise ValueError(expected) from None


def hosts(text: str) -> frozenset[str]:
    """``desk.internal, 10.0.0.5:8080`` as the set of them, in lower case. Raises ValueError with a sentence."""
    found = frozenset(one.strip().lower() for one in text.split(",") if one.strip())
    for one in found:
        host, colon, port = one.rpartition(":") if one.count(":") == 1 else (one, "", "")
        if not host or any(letter.isspace() or letter in "/@" for letter in one):
            raise ValueError(f'"{one}" is not a host; write for example desk.internal or 10.0.0.5:8080')
        if colon:
            port_number(port)
    return found
