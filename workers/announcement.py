"""What a person reads when everything runs, and what a script reads in run.json."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from workers.addresses import reachable, without_password
from workers.folder import run_file
from workers.lineup import NEAR, ROLES
from workers.settings import Settings
from workers.speed import speed_in_words
from workers.staff import Greeting

_TRY = (
    """curl -X POST {events} -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d """
    """'{{"id": "try-'$(date +%s)'", "type": "purchase.completed", "data": {{"customer": {{"id": "c-1","""
    """ "email": "grete@example.org", "name": "Grete Hermann"}}, "order_id": "o-'$(date +%s)'","""
    """ "product": {{"sku": "P-1", "name": "Lamp", "needs_setup": true}}, "amount": "49.00", "currency": "EUR"}}}}'"""
)


def run_file_content(
    settings: Settings, key: str, pids: Mapping[str, int | None], greeting: Greeting | None = None
) -> dict[str, Any]:
    """run.json: addresses, the key and the process ids (null for what does not run here)."""
    names = ("temporal", "mailbox", "serve", *ROLES, "feed")
    return {
        "version": 1,
        "console": settings.local_url,
        "sign_in": greeting.link if greeting else None,
        "events": f"{settings.local_url}/v1/events",
        "api_key": key,
        "mail": f"{settings.local_url}/mail",
        "mail_json": f"{settings.local_url}/mail.json",
        "temporal": settings.temporal_address,
        "temporal_ui": temporal_ui(settings),
        "smtp": _smtp_place(settings),
        "database": settings.database_url,
        "speed": settings.speed,
        "pids": {"supervisor": os.getpid(), **{name: pids.get(name) for name in names}},
    }


def temporal_ui(settings: Settings) -> str | None:
    """The address of Temporal's own pages, when the Temporal server is ours."""
    return f"http://{NEAR}:{settings.temporal_ui_port}" if settings.starts_temporal else None


def block(settings: Settings, key: str, greeting: Greeting | None = None) -> str:
    """The addresses, the key and a line to try."""
    url = settings.local_url
    lines = [("Console", url)]
    if greeting is not None:
        lines.append(("", f"{greeting.link}  (signs you in as {greeting.name}, once)"))
        if greeting.password:
            lines.append(("Password", f"{greeting.password}  (of {greeting.name}, shown this once)"))
    if settings.public_url != url:
        lines.append(("", f"{settings.public_url} (as people reach it)"))
    if settings.starts_mailbox:
        lines.append(("Caught mail", f"{url}/mail  (as JSON: {url}/mail.json)"))
    lines += [
        ("Temporal", temporal_ui(settings) or f"{settings.temporal_address}, your own"),
        ("Mail goes to", _smtp_place(settings) + ("" if settings.starts_mailbox else ", your own server")),
        ("Store", without_password(settings.database_url)),
        ("API key", key),
        ("Speed", "real time" if settings.speed == 1 else speed_in_words(settings.speed)),
        ("Demonstration", "purchases come by themselves" if settings.demo else "off"),
        ("For scripts", str(run_file(settings.data))),
    ]
    table = "\n".join(f"  {title:<14} {value}" for title, value in lines)
    curl = _TRY.format(events=f"{url}/v1/events", key=key)
    return f"\nWayfare is running. Ctrl-C stops it; everything is kept.\n\n{table}\n\n  Post a purchase:\n  {curl}\n"


def _smtp_place(settings: Settings) -> str:
    return f"{reachable(settings.smtp.host)}:{settings.smtp.port}"
