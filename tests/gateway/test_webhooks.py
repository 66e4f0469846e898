"""Upstream systems that send messages of their own: signed by the vendors' packages, against the running gateway."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from standardwebhooks.webhooks import Webhook

from tests.gateway.server import Answer, Server
from tests.journey.folders import shipped_files

SECRET, OTHER = "whsec_" + base64.b64encode(b"s" * 24).decode(), "whsec_" + base64.b64encode(b"t" * 24).decode()
SIGNED = """source: helpdesk
title: Any sender of Standard Webhooks
sent by: standard webhooks
secret: WAYFARE_SECRET_HELPDESK
customer: {email: = event.data.requester}
events:
  - when: ticket.*
    type: = event.type
    data: = event.data
ignore: ticket.viewed
"""
TILL = """source: till
title: A till that shows a key
sent by: json
named by: event.kind
known by: string(event.number)
customer: {id: = event.card}
events:
  - {when: sale, type: till.sale, data: {sum: = event.sum}}
otherwise: refuse
"""
SOLD = "event: till.sale\ntitle: Something was sold at the till\nfields: {sum: amount}\n"
MORE = {"sources/helpdesk.yaml": SIGNED, "sources/till.yaml": TILL, "events/till.sale.yaml": SOLD}
ORDER: dict[str, Any] = {
    "id": 820982911946154508,
    "email": "grete@example.org",
    "total_price": "409.94",
    "currency": "USD",
    "test": False,
    "customer": {"id": 115310627314723954, "first_name": "Grete", "last_name": None, "phone": None},
    "line_items": [{"sku": None, "product_id": 632910392, "title": "IPod Nano"}],
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    secrets = {
        "WAYFARE_SECRET_SHOPIFY": ["shhh", "shhh-new"],
        "WAYFARE_SECRET_STRIPE": [SECRET],
        "WAYFARE_SECRET_HELPDESK": [OTHER, SECRET],
    }
    with Server(tmp_path_factory.mktemp("webhooks"), secrets=secrets) as server:
        server.publish(shipped_files() | MORE)
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """A gateway with the shipped sources and two more, and an empty inbox."""
    running.empty()
    return running


def post(server: Server, source: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post without a key of ours."""
    return server.ask("POST", f"/v1/sources/{source}", body, {"Authorization": None, **headers})


def shopify(
    server: Server, topic: str, content: Any, *, event: str = "ev-1", secret: str = "shhh", new: bool = False
) -> Answer:
    """What Shopify sends, by its documentation; the newer webhooks have other names for the same headers."""
    body = json.dumps(content).encode()
    signed = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    said = {"Topic": topic, "Hmac-Sha256": signed, "Shop-Domain": "lamps.myshopify.com", "Event-Id": event}
    said |= {"Triggered-At": "2026-11-24T09:30:00.123Z", "Webhook-Id": "w-1"}
    names = {name: f"shopify-{name}".lower() if new else f"X-Shopify-{name}" for name in said}
    return post(server, "shopify", body, {names[name]: value for name, value in said.items()})


def stripe_headers(body: bytes, *, secret: str = SECRET, ago: int = 0) -> dict[str, str]:
    """A signature made by Stripe's own package."""
    seconds = int(datetime.now(UTC).timestamp()) - ago
    made = stripe.WebhookSignature._compute_signature(f"{seconds}.{body.decode()}", secret)
    stripe.WebhookSignature.verify_header(body.decode(), f"t={seconds},v1={made}", secret)
    return {"Stripe-Signature": f"t={seconds},v1={made},v0=feedface"}


def paid(**more: Any) -> bytes:
    """A checkout that was paid."""
    about = {
        "id": "cs_1",
        "payment_status": "paid",
        "client_reference_id": "c-1",
        "customer_details": {"email": "grete@example.org", "name": "Grete Hermann"},
        "amount_total": 4905,
        "currency": "eur",
        "metadata": {"order_id": "o-1", "sku": "P-1", "product": "Lamp"},
    }
    whole = {"id": "evt_1", "type": "checkout.session.completed", "created": 1795512600, "data": {"object": about}}
    return json.dumps(whole | more).encode()


def standard(server: Server, content: Any, *, secret: str = SECRET, names: str = "webhook", ago: int = 0) -> Answer:
    """Signed by the standard's own package."""
    body, moment = json.dumps(content), datetime.now(UTC) - timedelta(seconds=ago)
    signature = Webhook(secret).sign("msg-1", moment, body)
    said = {"id": "msg-1", "timestamp": str(int(moment.timestamp())), "signature": f"v1a,xyz {signature}"}
    return post(server, "helpdesk", body.encode(), {f"{names}-{name}": value for name, value in said.items()})


@pytest.mark.parametrize("new", [False, True])
def test_an_order_of_shopify_becomes_a_purchase(server: Server, new: bool) -> None:
    answer = shopify(server, "orders/paid", ORDER, new=new)
    assert (answer.status, answer.json["state"]) == (200, "accepted")
    [kept] = server.rows("inbox")
    assert (kept["source"], kept["event_id"]) == ("shopify", "lamps.myshopify.com orders/paid ev-1")
    assert kept["occurred_at"] == datetime(2026, 11, 24, 9, 30, 0, 123_000, tzinfo=UTC)
    assert kept["data"] == {
        "customer": {"id": "115310627314723954", "email": "grete@example.org", "name": "Grete"},
        "order_id": "820982911946154508",
        "product": {"sku": "632910392", "name": "IPod Nano"},
        "amount": "409.94",
        "currency": "USD",
    }


def test_a_message_of_shopify_sent_again_is_known_and_one_of_another_topic_is_another(server: Server) -> None:
    states = [shopify(server, "orders/paid", ORDER, event=event).json["state"] for event in ("a", "a", "b")]
    assert states == ["accepted", "duplicate", "accepted"]
    assert shopify(server, "refunds/create", {"order_id": 1}, event="a").json["state"] != "duplicate"


@pytest.mark.parametrize(
    ("topic", "content", "state", "kind"),
    [
        ("customers/update", {"id": 7, "email": "g@example.org", "first_name": "G"}, "accepted", "customer.identified"),
        ("orders/updated", ORDER, "ignored", None),
        ("products/delete", {"id": 1}, "ignored", None),
        ("orders/paid", ORDER | {"test": True}, "unmatched", "orders/paid"),
        ("orders/paid", ORDER | {"customer": None, "email": None}, "unmatched", "purchase.completed"),
        ("orders/paid", ORDER | {"line_items": []}, "unmatched", "purchase.completed"),
        ("themes/publish", {"id": 1}, "unmatched", "themes/publish"),
        ("customers/update", {"note": "\ud800"}, "quarantined", "unreadable"),
    ],
)
def test_what_becomes_of_a_message_follows_the_table_and_nothing_is_refused_for_what_it_says(
    server: Server, topic: str, content: Any, state: str, kind: str | None
) -> None:
    """Shopify tries eight times and then removes the webhook: what people have to look at is kept here."""
    answer = shopify(server, topic, content)
    assert (answer.status, answer.json["state"]) == (200, state)
    assert [row["type"] for row in server.rows("inbox")] == ([kind] if kind else [])
    if state in ("unmatched", "quarantined"):
        assert answer.json["reason"] == server.rows("inbox")[0]["result"]["reason"]
        assert "".join(json.dumps(content).split()) in "".join(server.rows("inbox")[0]["envelope"].split()) or kind


def test_both_secrets_count_while_one_is_exchanged(server: Server) -> None:
    assert [shopify(server, "orders/paid", ORDER, secret=one).status for one in ("shhh", "shhh-new", "old")] == [
        200,
        200,
        401,
    ]


def test_a_checkout_of_stripe_becomes_a_purchase(server: Server) -> None:
    answer = post(server, "stripe", paid(), stripe_headers(paid()))
    assert (answer.status, answer.json["id"], answer.json["state"]) == (200, "evt_1", "accepted")
    [kept] = server.rows("inbox")
    assert kept["occurred_at"] == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert kept["data"] == {
        "customer": {"id": "c-1", "email": "grete@example.org", "name": "Grete Hermann"},
        "order_id": "o-1",
        "product": {"sku": "P-1", "name": "Lamp"},
        "amount": "49.05",
        "currency": "EUR",
    }


def test_a_message_of_stripe_sent_again_is_known_whatever_it_says_of_its_own_sending(server: Server) -> None:
    states = []
    for pending in (2, 1):
        body = paid(pending_webhooks=pending)
        states.append(post(server, "stripe", body, stripe_headers(body)).json["state"])
    assert states == ["accepted", "duplicate"]


FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "no signature": dict,
    "another secret": lambda: stripe_headers(paid(), secret=OTHER),
    "another body": lambda: stripe_headers(paid(id="evt_2")),
    "five minutes old": lambda: stripe_headers(paid(), ago=301),
    "of the future": lambda: stripe_headers(paid(), ago=-400),
    "no time": lambda: {"Stripe-Signature": "v1=" + "0" * 64},
    "nonsense": lambda: {"Stripe-Signature": "t=,v1=é,,=,v1"},
    "a time that is none": lambda: {"Stripe-Signature": "t=1e9,v1=" + "0" * 64},
}
"""Signed when the test runs: what was of the future when it was collected need not be any more."""


@pytest.mark.parametrize("name", FORGED)
def test_what_stripe_did_not_sign_just_now_is_refused(server: Server, name: str) -> None:
    answer = post(server, "stripe", paid(), FORGED[name]())
    assert (answer.status, answer.json["code"]) == (401, "bad-signature")
    assert server.ids() == []


@pytest.mark.parametrize("names", ["webhook", "svix"])
def test_any_sender_of_standard_webhooks_is_understood(server: Server, names: str) -> None:
    content = {"type": "ticket.opened", "timestamp": "2026-11-24T09:30:00Z", "data": {"requester": "g@example.org"}}
    assert standard(server, content, names=names).json["state"] == "accepted"
    [kept] = server.rows("inbox")
    assert (kept["event_id"], kept["type"]) == ("msg-1", "ticket.opened")
    assert kept["data"] == {"requester": "g@example.org", "customer": {"email": "g@example.org"}}
    assert kept["occurred_at"] == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_a_standard_webhook_with_another_secret_or_an_old_one_is_refused(server: Server) -> None:
    stranger = "whsec_" + base64.b64encode(b"x" * 24).decode()
    assert standard(server, {"type": "ticket.opened"}, secret=stranger).status == 401
    assert standard(server, {"type": "ticket.opened"}, ago=400).status == 401
    assert server.ids() == []


def test_a_system_of_ones_own_shows_a_key_of_its_source(server: Server) -> None:
    """The key of another source does not do; the message is named and known as its source says."""
    sale = {"kind": "sale", "number": 7, "card": "c-1", "sum": "4.90"}
    keys = {name: server.add_key(name).key for name in ("till", "shop")}
    answers = {
        name: server.send("/v1/sources/till", sale, {"Authorization": f"Bearer {key}"}) for name, key in keys.items()
    }
    assert (answers["till"].json["id"], answers["till"].json["state"]) == ("7", "accepted")
    assert (answers["shop"].status, answers["shop"].json["code"]) == (403, "not-allowed")
    refused = server.send("/v1/sources/till", {"kind": "opened"}, {"Authorization": f"Bearer {keys['till']}"})
    assert (refused.status, refused.json["code"]) == (422, "not-wanted")
    assert server.send("/v1/sources/till", sale, {"Authorization": None}).status == 401
    assert server.ids() == ["7"]


def test_a_source_that_is_not_declared_or_has_other_doors_is_not_there(server: Server) -> None:
    for name in ("nobody", "segment", "%00"):
        answer = post(server, name, b"{}", {})
        assert (answer.status, answer.json["code"]) == (404, "unknown-source")


def test_a_secret_that_is_not_set_is_our_own_fault_and_the_sender_tries_again(server: Server) -> None:
    server.publish({**shipped_files(), "sources/helpdesk.yaml": SIGNED.replace("_HELPDESK", "_FORGOTTEN")})
    answer = standard(server, {"type": "ticket.opened"})
    server.publish(shipped_files() | MORE)
    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "not-set-up", "300")
    assert "WAYFARE_SECRET_FORGOTTEN" in answer.json["message"]


def test_a_body_that_is_no_json_is_refused_even_with_a_good_signature(server: Server) -> None:
    body = b"order=1"
    signed = base64.b64encode(hmac.new(b"shhh", body, hashlib.sha256).digest()).decode()
    answer = post(server, "shopify", body, {"X-Shopify-Topic": "orders/paid", "X-Shopify-Hmac-Sha256": signed})
    assert (answer.status, answer.json["code"]) == (400, "malformed")


def test_a_changed_table_does_not_make_the_same_message_another_one(server: Server) -> None:
    """What the sender wrote is compared, not what we make of it."""
    assert shopify(server, "orders/paid", ORDER).json["state"] == "accepted"
    changed = shipped_files()["sources/shopify.yaml"].replace("amount: = event.total_price", "amount: '1.00'")
    server.publish(shipped_files() | {"sources/shopify.yaml": changed})
    state = shopify(server, "orders/paid", ORDER).json["state"]
    server.publish(shipped_files() | MORE)
    assert state == "duplicate"


def test_a_large_order_is_taken(server: Server) -> None:
    """More values and bytes than one event of our own may have."""
    large = ORDER | {"note_attributes": [{"name": f"n-{n}", "value": "x" * 200} for n in range(6_000)]}
    assert shopify(server, "orders/paid", large).json["state"] == "accepted"
