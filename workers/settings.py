"""Every setting of Wayfare: its name in the environment, a sentence, a default. Nobody else reads the environment."""

from __future__ import annotations

import difflib
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from journey import durations
from workers import addresses
from workers.addresses import SmtpServer
from workers.mistakes import UserMistake
from workers.speed import parse_speed, speed_in_words

DEMO_SPEED = 8640.0  # 1 day = 10 seconds
TEMPORAL_UI_ABOVE = 1000


class SettingsError(UserMistake):
    """One or more settings are wrong; `problems` holds a sentence for each, in the order of the list of settings."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Env:
    """How a setting is read: its name in the environment, and what makes a value of the text, or says what is wrong."""

    name: str
    read: Callable[[str], object] = str
    default: str = ""  # in words, where it depends on something else
    secret: bool = False
    opaque: bool = False  # a secret of which no part is shown


class Row(NamedTuple):
    """One setting as `wayfare settings` shows it; secrets are masked."""

    name: str
    value: str
    default: str
    given: bool
    sentence: str


def _yes_or_no(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    answer = words.get(text.strip().lower())
    if answer is None:
        raise ValueError("it is switched with 1 or 0")
    return answer


def _name(text: str) -> str:
    name = text.strip()
    if not name or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise ValueError("a name is one word without spaces")
    return name


def _key(text: str) -> str:
    key = text.strip()
    if not key or not all("!" <= letter <= "~" for letter in key):
        raise ValueError("a key is made of visible ASCII letters, digits and signs, without spaces")
    return key


def _path(text: str) -> Path:
    return Path(text.strip())


def _length(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = durations.parse(text).total_seconds()
    if not 0 < seconds < math.inf:
        raise ValueError("it must take some time")
    return seconds


def _temporal_port(text: str) -> int:
    port = addresses.port_number(text)
    if port + TEMPORAL_UI_ABOVE > 65_535:
        raise ValueError("a whole number from 1 to 64535, because Temporal's own pages take the port 1000 above it")
    return port


def _public_url(given: dict[str, Any]) -> str:
    return f"http://{addresses.reachable(given['http_host'])}:{given['http_port']}"


def _sqlite_file(given: dict[str, Any]) -> str:
    return f"sqlite+aiosqlite:///{Path(given['data']).resolve() / 'wayfare.db'}"


def _catcher(given: dict[str, Any]) -> str:
    return f"smtp://127.0.0.1:{given['smtp_port']}?tls=none"


def _own_temporal(given: dict[str, Any]) -> str:
    return f"127.0.0.1:{given['temporal_port']}"


class Settings(BaseModel):
    """All settings in force, each checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    data: Annotated[Path, Env("WAYFARE_DATA")] = Path("./.wayfare")
    """The folder that keeps the store, Temporal's file, caught mail, logs and the key."""

    definitions: Annotated[Path, Env("WAYFARE_DEFINITIONS")] = Path("./definitions")
    """The folder with the journeys, their messages and company.yaml."""

    http_host: Annotated[str, Env("WAYFARE_HTTP_HOST", _name)] = "127.0.0.1"
    """The address of this machine on which events and the console are served; 0.0.0.0 is all."""

    http_port: Annotated[int, Env("WAYFARE_HTTP_PORT", addresses.port_number)] = 8080
    """The port for events and the console."""

    public_url: Annotated[
        str, Env("WAYFARE_PUBLIC_URL", addresses.web_address, "http://<WAYFARE_HTTP_HOST>:<WAYFARE_HTTP_PORT>")
    ] = Field(default_factory=_public_url)
    """The web address under which people and customers reach this Wayfare, as it appears in links."""

    database_url: Annotated[
        str, Env("WAYFARE_DATABASE_URL", addresses.database_url, "an SQLite file in the data folder", secret=True)
    ] = Field(default_factory=_sqlite_file, repr=False)
    """The store: sqlite:///file or postgresql://user:password@host/name."""

    smtp_port: Annotated[int, Env("WAYFARE_SMTP_PORT", addresses.port_number)] = 1025
    """The port of the built-in mail catcher."""

    inbound_port: Annotated[
        int | None, Env("WAYFARE_INBOUND_PORT", addresses.port_number, "none: the door is shut")
    ] = None
    """The port of the SMTP door by which your mail server hands over what comes back (`returns` in company.yaml)."""

    smtp_url: Annotated[str, Env("WAYFARE_SMTP_URL", addresses.smtp_url, "the built-in mail catcher", secret=True)] = (
        Field(default_factory=_catcher, repr=False)
    )
    """A mail server of your own (smtp://user:password@host:587, smtps://host); it replaces the catcher."""

    mail_patience: Annotated[float, Env("WAYFARE_MAIL_PATIENCE", _length, "10 minutes")] = 600.0
    """How long a mail server may think about a message that was handed over, for example '10 minutes'; then nobody can
    say whether it went. A shorter time makes more such doubts."""

    temporal_port: Annotated[int, Env("WAYFARE_TEMPORAL_PORT", _temporal_port)] = 7233
    """The port of the Temporal server that Wayfare starts; its own pages are 1000 above."""

    temporal_address: Annotated[
        str, Env("TEMPORAL_ADDRESS", addresses.host_and_port, "a Temporal server of our own")
    ] = Field(default_factory=_own_temporal)
    """A Temporal server of your own as host:port; Wayfare then starts none."""

    temporal_namespace: Annotated[str, Env("TEMPORAL_NAMESPACE", _name)] = "default"
    """The Temporal namespace in which journeys run."""

    task_queue: Annotated[str, Env("WAYFARE_TASK_QUEUE", _name)] = "journeys"
    """The Temporal task queue by which workers find journeys."""

    api_key: Annotated[
        str | None, Env("WAYFARE_API_KEY", _key, "made at the first start and kept in the data folder", secret=True)
    ] = Field(default=None, repr=False)
    """The key that senders of events show."""

    nats_url: Annotated[str | None, Env("WAYFARE_NATS_URL", addresses.nats_url, "none", secret=True)] = Field(
        default=None, repr=False
    )
    """A NATS server with JetStream (nats://user:password@host:4222) that events come from and changes go to."""

    nats_events: Annotated[str, Env("WAYFARE_NATS_EVENTS", addresses.nats_subject)] = "wayfare.events.>"
    """The subject under which events come on NATS; the stream is made if there is none."""

    call_hosts: Annotated[frozenset[str], Env("WAYFARE_CALL_HOSTS", addresses.hosts, "none")] = frozenset()
    """Hosts inside your network that journeys may call, each as host or host:port, with commas between."""

    call_secrets: Annotated[Path | None, Env("WAYFARE_CALL_SECRETS", _path, "none")] = None
    """A YAML file of secrets for the headers of calls: name: {host: desk.example.org, value: Bearer …}."""

    sms_url: Annotated[str | None, Env("WAYFARE_SMS_URL", addresses.texting_url, "none", secret=True)] = Field(
        default=None, repr=False
    )
    """The provider of SMS, one that speaks as Twilio does: https://user:password@host/path?from=%2B4930123."""

    whatsapp_url: Annotated[str | None, Env("WAYFARE_WHATSAPP_URL", addresses.texting_url, "none", secret=True)] = (
        Field(default=None, repr=False)
    )
    """The provider of WhatsApp, written like that of SMS."""

    push_key: Annotated[Path | None, Env("WAYFARE_PUSH_KEY", _path, "none")] = None
    """The key file (JSON) of the Google service account by which push messages go out (Firebase Cloud Messaging)."""

    webhook_url: Annotated[str | None, Env("WAYFARE_WEBHOOK_URL", addresses.web_address, "none")] = None
    """Where messages by the channel webhook are posted, signed with WAYFARE_SECRET_WEBHOOK."""

    alert_urls: Annotated[
        tuple[str, ...], Env("WAYFARE_ALERT_URLS", addresses.alert_urls, "none", secret=True, opaque=True)
    ] = Field(default=(), repr=False)
    """Where you are alerted when mail is refused for a fault of ours, as apprise writes it (slack://…, mailtos://…)."""

    dkim_key: Annotated[Path | None, Env("WAYFARE_DKIM_KEY", _path, "none: the mail server signs, or nobody")] = None
    """A file with the private key (PEM, RSA or Ed25519) by which mail is signed with DKIM for the sender's domain."""

    dkim_selector: Annotated[str, Env("WAYFARE_DKIM_SELECTOR", _name)] = "wayfare"
    """Under which name the DNS of the sender's domain shows the DKIM key: <selector>._domainkey.<domain>."""

    secret: Annotated[
        str | None, Env("WAYFARE_SECRET", _key, "made at the first start and kept in the data folder", secret=True)
    ] = Field(default=None, repr=False)
    """What links in mail are signed and suppressed addresses are marked with; the same in all processes, for ever."""

    oidc_issuer: Annotated[str | None, Env("WAYFARE_OIDC_ISSUER", addresses.web_address, "none")] = None
    """The address of your company's sign-in (OpenID Connect), as it names itself; people then sign in there."""

    oidc_client: Annotated[str | None, Env("WAYFARE_OIDC_CLIENT", _key, "none")] = None
    """The name under which your company's sign-in knows this Wayfare (client id)."""

    oidc_secret: Annotated[str | None, Env("WAYFARE_OIDC_SECRET", _key, "none", secret=True)] = Field(
        default=None, repr=False
    )
    """The secret that goes with that name (client secret)."""

    oidc_title: Annotated[str, Env("WAYFARE_OIDC_TITLE")] = "your company"
    """What the button says: Sign in with ..."""

    demo: Annotated[bool, Env("WAYFARE_DEMO", _yes_or_no)] = True
    """1 lets `wayfare up` feed demonstration purchases, 0 does not."""

    speed: Annotated[
        float, Env("WAYFARE_SPEED", parse_speed, "off; `wayfare up` with the demonstration takes 1 day = 10 seconds")
    ] = 1.0
    """How much faster waits pass, for a demonstration: '1 day = 10 seconds', 8640 or off."""

    @field_validator("*", mode="before")
    @classmethod
    def _read(cls, value: object, info: ValidationInfo) -> object:
        spec = next(spec for field, spec, _ in _fields() if field == info.field_name)
        return value if value is None else spec.read(str(value))

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Settings:
        """The settings an environment asks for; an empty variable counts as not set. Raises SettingsError."""
        given = {field: env[spec.name] for field, spec, _ in _fields() if env.get(spec.name, "").strip()}
        try:
            settings = cls(**given)  # type: ignore[arg-type]  # texts: the validators above turn them into values
        except ValidationError as error:
            raise SettingsError(_sentences(error, given)) from None
        if clashes := _clashes(settings):
            raise SettingsError(clashes)
        return settings

    @property
    def starts_temporal(self) -> bool:
        """Whether `wayfare up` starts a Temporal server (nobody named another)."""
        return "temporal_address" not in self.model_fields_set

    @property
    def starts_mailbox(self) -> bool:
        """Whether `wayfare up` starts the mail catcher (nobody named a mail server)."""
        return "smtp_url" not in self.model_fields_set

    @property
    def temporal_ui_port(self) -> int:
        """The port of Temporal's own pages, when Wayfare starts Temporal."""
        return self.temporal_port + TEMPORAL_UI_ABOVE

    @property
    def smtp(self) -> SmtpServer:
        """The mail server that takes our mail."""
        return addresses.smtp_server(self.smtp_url)

    @property
    def local_url(self) -> str:
        """The web address of gateway and console for programs on this machine."""
        return f"http://{addresses.reachable(self.http_host)}:{self.http_port}"

    def environment(self) -> dict[str, str]:
        """The same settings as environment variables, for a process we start; only what was given, so defaults stay."""
        return {
            spec.name: _text(getattr(self, field)) for field, spec, _ in _fields() if field in self.model_fields_set
        }

    def rows(self) -> list[Row]:
        """Every setting for people to read, secrets masked."""
        return [_row(self, field, spec, sentence) for field, spec, sentence in _fields()]


def settings_in_force() -> Settings:
    """The settings that this process's environment asks for; odd variables are named on the error stream."""
    for warning in unknown_settings(os.environ):
        print(f"warning: {warning}", file=sys.stderr)
    return Settings.from_environment(os.environ)


SECRET_PREFIX = "WAYFARE_SECRET_"  # noqa: S105  the beginning of names, not a secret


def secrets_in_force() -> dict[str, tuple[str, ...]]:
    """The secrets by which upstream systems sign, by the names of their variables, as sources name them. Two with a
    space between them are both in force, while one is exchanged for the other."""
    return {name: tuple(value.split()) for name, value in os.environ.items() if name.startswith(SECRET_PREFIX)}


def unknown_settings(env: Mapping[str, str]) -> list[str]:
    """A sentence for every WAYFARE_ variable that no setting has as its name."""
    known = {spec.name.partition("_")[2]: spec.name for _, spec, _ in _fields()}
    sentences = []
    odd = [name for name in env if name.startswith("WAYFARE_") and not name.startswith(SECRET_PREFIX)]
    for name in sorted(name for name in odd if name not in known.values()):
        near = difflib.get_close_matches(name.partition("_")[2], known, n=1)
        hint = f"Did you mean {known[near[0]]}?" if near else "`wayfare settings` lists those there are."
        sentences.append(f"{name} is not a setting and has no effect. {hint}")
    return sentences


def _fields() -> Iterator[tuple[str, Env, str]]:
    for field, info in Settings.model_fields.items():
        spec = next(mark for mark in info.metadata if isinstance(mark, Env))
        yield field, spec, info.description or ""


def _sentences(error: ValidationError, given: Mapping[str, str]) -> list[str]:
    specs = {field: spec for field, spec, _ in _fields()}
    sentences = []
    for problem in error.errors():
        field = str(problem["loc"][0])
        if field not in given:
            continue  # a default that was not made because a setting it depends on is wrong
        spec = specs[field]
        value = _masked(given[field], spec) if spec.secret else given[field]
        reason = problem.get("ctx", {}).get("error", problem["msg"])
        sentences.append(f"{spec.name}={value}: {reason}")
    return sentences


def _clashes(settings: Settings) -> list[str]:
    """Two of our own servers on one port."""
    taken: dict[int, str] = {}
    wanted = [("WAYFARE_HTTP_PORT", settings.http_port)]
    if settings.starts_temporal:
        wanted.append(("WAYFARE_TEMPORAL_PORT", settings.temporal_port))
        wanted.append(("WAYFARE_TEMPORAL_PORT (Temporal's own pages, 1000 above it)", settings.temporal_ui_port))
    if settings.starts_mailbox:
        wanted.append(("WAYFARE_SMTP_PORT", settings.smtp_port))
    if settings.inbound_port is not None:
        wanted.append(("WAYFARE_INBOUND_PORT", settings.inbound_port))
    problems = []
    for name, port in wanted:
        if port in taken:
            problems.append(f"port {port} is asked for twice, by {taken[port]} and by {name}: change one of them")
        taken.setdefault(port, name)
    return problems


def _row(settings: Settings, field: str, spec: Env, sentence: str) -> Row:
    given = field in settings.model_fields_set
    value = getattr(settings, field)
    default = spec.default or _shown(field, Settings.model_fields[field].default)
    shown = default if value in (None, ()) else _masked(_text(value), spec) if spec.secret else _shown(field, value)
    return Row(spec.name, shown, default, given, sentence)


def _shown(field: str, value: Any) -> str:
    if field == "mail_patience":
        return durations.say(timedelta(seconds=value))
    return speed_in_words(value) if field == "speed" else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return repr(value) if isinstance(value, float) else str(value)


def _masked(secret: str, spec: Env) -> str:
    return addresses.without_password(secret) if "://" in secret and not spec.opaque else "***"
