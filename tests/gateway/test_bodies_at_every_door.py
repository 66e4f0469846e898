"""The malformed bodies of the reliability study at every door that takes a body: each with its status, in one table.

Doors of systems that cannot mend what they send keep a bad message aside (200 or 202, quarantined or unmatched) where
the others refuse it. `bodies.out` is the table; `UPDATE_GOLDEN=1` writes it anew: then read what has changed.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stripe
from standardwebhooks.webhooks import Webhook

from gateway.bodies import Limits
from tests.gateway.fakes import body, purchase
from tests.gateway.server import KEY, Answer, Server
from tests.gateway.test_bad_bodies import MALFORMED, MIB, UNREADABLE, valued
from tests.gateway.test_webhooks import MORE, SECRET
from tests.journey.folders import shipped_files
from tests.journey.golden import compare

Headers = dict[str, str | None]
Door = Callable[[Server, bytes, Headers], Answer]
ANY = list(MALFORMED)[: list(MALFORMED).index("an id that is empty")]
RAW = {
    **{name: MALFORMED[name][0] for name in ANY},
    "1 MiB and one byte": valued('"' + "x" * (MIB + 1 - len(valued('""'))) + '"'),
    "a million items": b"[" + b"1," * 1_000_000 + b"1]",
}
"""What is wrong whoever it is for."""


def signed_shopify(sent: bytes) -> Headers:
    made = base64.b64encode(hmac.new(b"shhh", sent, hashlib.sha256).digest()).decode()
    return {"Authorization": None, "X-Shopify-Topic": "orders/paid", "X-Shopify-Hmac-Sha256": made}


def signed_stripe(sent: bytes) -> Headers:
    seconds = int(datetime.now(UTC).timestamp())
    text = f"{seconds}.".encode() + sent
    made = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    assert stripe.WebhookSignature.EXPECTED_SCHEME == "v1"
    return {"Authorization": None, "Stripe-Signature": f"t={seconds},v1={made}"}


def signed_standard(sent: bytes) -> Headers:
    moment = datetime.now(UTC)
    text = f"msg-1.{int(moment.timestamp())}.".encode() + sent
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    made = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    known = Webhook(SECRET).sign("msg-1", moment, "{}")
    assert known.startswith("v1,")
    said = {"webhook-id": "msg-1", "webhook-timestamp": str(int(moment.timestamp())), "webhook-signature": made}
    return {"Authorization": None, **said}


BESIDE = "/beside"
BATCH: Headers = {"Content-Type": "application/cloudevents-batch+json"}
BINARY: Headers = {"ce-specversion": "1.0", "ce-id": "e", "ce-source": "/s", "ce-type": "t"}
PATHS: dict[str, tuple[str, Callable[[bytes], Headers]]] = {
    "events": ("/v1/events", lambda sent: {}),
    "binary": ("/v1/events", lambda sent: BINARY),
    "batched": ("/v1/events", lambda sent: BATCH),
    "dry run": ("/v1/events?dry_run=1", lambda sent: {}),
    "track": ("/v1/track", lambda sent: {}),
    "tracking batch": ("/v1/batch", lambda sent: {}),
    "shopify": ("/v1/sources/shopify", signed_shopify),
    "stripe": ("/v1/sources/stripe", signed_stripe),
    "standard": ("/v1/sources/helpdesk", signed_standard),
    "json": ("/v1/sources/till", lambda sent: {}),
    "orders": ("/v1/instances/onboarding/cancel", lambda sent: {}),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    secrets = {
        "WAYFARE_SECRET_SHOPIFY": ["shhh"],
        "WAYFARE_SECRET_STRIPE": [SECRET],
        "WAYFARE_SECRET_HELPDESK": [SECRET],
    }
    limits = Limits(body_seconds=2, parting_seconds=0.2)
    with Server(tmp_path_factory.mktemp("doors"), limits, secrets=secrets, embedded="default") as running:
        running.publish(shipped_files() | MORE)
        yield running


def sent_to(server: Server, door: str, raw: bytes, more: Headers) -> str:
    """The status, and where the message is if it was kept."""
    path, headers = PATHS[door]
    answer = server.ask("POST", path, raw, {**headers(raw), **more})
    new = [row for row in server.rows("inbox") if row["source"] != BESIDE]
    if new:
        server.empty()
    assert answer.status < 500, (door, raw[:100], answer)
    assert {row["state"] for row in new} <= {"quarantined", "unmatched"}, (door, raw[:100])
    if answer.status >= 400:
        assert new == [] and {"code", "message"} <= answer.json.keys(), (door, raw[:100], answer)
    kept = sorted({row["state"] for row in new})
    return f"{answer.status} {kept[0]}" if kept else str(answer.status)


class Beside:
    """Somebody who sends good events all the while."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self.answers: list[int] = []

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _send(self) -> None:
        while not self._over.wait(0.05):
            sent = body(f"beside-{len(self.answers)}", source=BESIDE)
            while (status := self._server.post(sent).status) == 503:  # as on any day: the machine is busy
                pass
            self.answers.append(status)


def test_every_malformed_body_has_its_status_at_every_door_and_good_ones_beside_are_served(server: Server) -> None:
    table = [["", *PATHS]]
    with Beside(server) as beside:
        for name, raw in RAW.items():
            table.append([name, *(sent_to(server, door, raw, {}) for door in PATHS)])
        for name, (more, _) in UNREADABLE.items():
            table.append([name, *(sent_to(server, door, b"{}", dict(more)) for door in PATHS)])
    assert len(beside.answers) > 10 and set(beside.answers) == {202}
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    compare("bodies", "\n".join(lines) + "\n", Path(__file__).parent)


@pytest.mark.parametrize("door", PATHS)
def test_a_body_that_drips_or_is_never_finished_is_given_up_at_every_door(server: Server, door: str) -> None:
    path, headers = PATHS[door]
    given: dict[str, Any] = {"Host": "x", "Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    given |= {**headers(b"{}"), "Content-Length": "100"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value is not None)
    answer, _ = server.raw([f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode(), b"{"])
    assert (answer.status, answer.json["code"]) == (408, "too-slow")


@pytest.mark.parametrize("door", PATHS)
def test_a_gzip_bomb_is_cut_off_at_every_door(server: Server, door: str) -> None:
    bomb = gzip.compress(bytes(50 * MIB), 1)
    assert sent_to(server, door, bomb, {"Content-Encoding": "gzip"}) == "413"


def test_a_batch_with_a_bad_event_of_every_kind_takes_the_good_ones(server: Server) -> None:
    """Whatever is wrong with one, if the batch can be read at all."""
    good = json.dumps(purchase("good", specversion="1.0", source="/s")).encode()
    for name, raw in RAW.items():
        server.empty()
        answer = server.ask("POST", "/v1/events", b"[" + raw + b"," + good + b"]", BATCH)
        assert answer.status in (202, 400, 413), name
        states = [row["state"] for row in server.rows("inbox")]
        assert sorted(states) == (["new", "quarantined"] if answer.status == 202 else []), name
