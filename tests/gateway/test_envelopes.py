"""From a request to an event: the three ways to write one, and what is kept of it."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway import envelopes
from gateway.refusals import Malformed, NotJson, UnclearCustomer
from store.inbox import NewEvent
from tests.gateway.fakes import body, body_with_customer, purchase

STRUCTURED = Headers({"content-type": "application/cloudevents+json"})
PLAIN = Headers({"content-type": "application/json"})
BINARY = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/shop", "ce-type": "purchase.completed"}

# The first draw builds Unicode tables, which on a busy machine looks like a slow test.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(headers: Headers, raw: bytes) -> NewEvent:
    """The event in a request."""
    return envelopes.read(envelopes.form_of(headers), headers, raw, "shop")


def structured(**changes: Any) -> bytes:
    """A structured CloudEvent."""
    return json.dumps(purchase(specversion="1.0", source="/shop") | changes).encode()


def test_a_plain_event_is_kept_as_a_structured_cloudevent() -> None:
    """With the key's name as source, sorted keys, and the hash of exactly that text."""
    event = read(PLAIN, body("e-1", time="2026-11-24T10:30:00.5+01:00"))
    kept = json.loads(event.envelope)
    assert kept == purchase("e-1", specversion="1.0", source="shop", time="2026-11-24T10:30:00.5+01:00")
    assert event.envelope == json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert event.body_hash == hashlib.sha256(event.envelope.encode()).hexdigest()
    assert event.occurred_at == datetime(2026, 11, 24, 9, 30, 0, 500_000, tzinfo=UTC)
    assert (event.source, event.event_id, event.type) == ("shop", "e-1", "purchase.completed")
    assert event.data == purchase()["data"]


def test_one_event_in_three_ways_of_writing_is_the_same_event() -> None:
    """So that a sender may change its library between two attempts."""
    time = "2026-11-24T09:30:00Z"
    ways = [
        read(PLAIN, body("e-1", source="/shop", time=time)),
        read(STRUCTURED, structured(time=time, datacontenttype="application/json", subject=None)),
        read(Headers(BINARY | {"ce-time": time}), json.dumps(purchase()["data"]).encode()),
    ]
    assert len({event.body_hash for event in ways}) == 1


def test_data_sent_as_bytes_is_the_same_data() -> None:
    """Senders that do not look into what they carry write JSON as base64."""
    packed = base64.b64encode(json.dumps(purchase()["data"]).encode()).decode()
    assert read(STRUCTURED, structured(data=None, data_base64=packed)) == read(STRUCTURED, structured())


def test_extension_attributes_are_kept() -> None:
    """What a sender adds beside the data is part of the event."""
    event = read(STRUCTURED, structured(traceparent="00-ab-cd-01", sequence=7, urgent=True))
    kept = json.loads(event.envelope)
    assert (kept["traceparent"], kept["sequence"], kept["urgent"]) == ("00-ab-cd-01", 7, True)


def test_ce_headers_are_unquoted_and_percent_decoded() -> None:
    """As the HTTP binding says; a lone percent sign stays."""
    written = {"ce-id": "100%", "ce-source": "/gr%C3%B6%C3%9Fe", "ce-subject": '"a \\"b\\" %20c"'}
    event = read(Headers(BINARY | written), body_data())
    assert (event.event_id, event.source) == ("100%", "/größe")
    assert json.loads(event.envelope)["subject"] == 'a "b"  c'


def body_data() -> bytes:
    """The data of a purchase, as binary mode sends it."""
    return json.dumps(purchase()["data"]).encode()


@pytest.mark.parametrize("media", ["application/json", "application/vnd.shop.order+json", "text/json; charset=utf-8"])
def test_binary_mode_takes_any_json(media: str) -> None:
    """The content type is the data's there."""
    assert read(Headers(BINARY | {"content-type": media}), body_data()).event_id == "e-1"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"specversion": 1.0}, "/specversion"),
        ({"source": None}, "/source"),
        ({"data_base64": "e30="}, "/data_base64"),
        ({"data": None, "data_base64": "e30"}, "/data_base64"),
        ({"data": None, "data_base64": "€"}, "/data_base64"),
        ({"data": None, "data_base64": "W10="}, "/data_base64 (body)"),
        ({"datacontenttype": "text/xml"}, "/datacontenttype"),
        ({"datacontenttype": 7}, "/datacontenttype"),
        ({"customer": {"id": "c-1"}}, "/customer"),
        ({"time": ""}, "/time"),
    ],
)
def test_a_structured_event_is_held_to_cloudevents(changes: dict[str, Any], place: str) -> None:
    """400 with the pointer."""
    with pytest.raises(Malformed) as refused:
        read(STRUCTURED, structured(**changes))
    assert refused.value.problem.place == place


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"ce-specversion": "2.0"}, "header ce-specversion"),
        ({"ce-id": ""}, "header ce-id"),
        ({"ce-id": "%ff"}, "header ce-id"),
        ({"ce-id": "a%0Ab"}, "header ce-id"),
        ({"ce-time": "yesterday"}, "header ce-time"),
    ],
)
def test_a_binary_event_is_held_to_cloudevents(changes: dict[str, str], place: str) -> None:
    """400 with the header."""
    with pytest.raises(Malformed) as refused:
        read(Headers(BINARY | changes), body_data())
    assert refused.value.problem.place == place


def test_a_header_given_twice_is_refused() -> None:
    """Two ids are none, and two content types are none."""
    twice = Headers(raw=[*Headers(BINARY).raw, (b"ce-id", b"e-2")])
    with pytest.raises(Malformed, match="header ce-id"):
        read(twice, body_data())
    with pytest.raises(NotJson):
        envelopes.form_of(Headers(raw=[(b"content-type", b"application/json"), (b"content-type", b"text/html")]))


def test_all_mistakes_in_a_customer_are_told_at_once() -> None:
    """The first is the headline, the others follow."""
    with pytest.raises(UnclearCustomer) as refused:
        read(PLAIN, body_with_customer(id=7, email="no", time_zone="berlin", attributes="x"))
    answer = refused.value.as_json()
    assert answer["error"]["place"] == "/data/customer/id"
    assert [problem["place"].rsplit("/")[-1] for problem in answer["more"]] == ["email", "time_zone", "attributes"]


@pytest.mark.parametrize("name", [{"phone": "+49 30 123456"}, {"anonymous_id": "x-1"}])
def test_a_phone_number_or_an_anonymous_id_says_whom_it_is_about(name: dict[str, str]) -> None:
    assert read(PLAIN, body_with_customer(**name)).data["customer"] == name


@pytest.mark.parametrize("nobody", [{}, {"name": "Grete"}, {"phone": "at home"}, {"phone": "000000000"}])
def test_whoever_has_no_name_to_be_found_by_is_refused(nobody: dict[str, str]) -> None:
    with pytest.raises(UnclearCustomer):
        read(PLAIN, body_with_customer(**nobody))


def test_a_misspelt_time_zone_is_met_with_the_likely_one() -> None:
    """Did you mean."""
    for written, meant in {
        "europe/berlin": "Europe/Berlin",
        "Europe/Kiew": "Europe/Kiev",
        "America/New York": "America/New_York",
    }.items():
        with pytest.raises(UnclearCustomer, match=f'Did you mean "{meant}"'):
            read(PLAIN, body_with_customer(id="c", time_zone=written))


@pytest.mark.parametrize(
    "customer",
    [
        {"id": "c-1"},
        {"email": "grete@example.org"},
        {"id": None, "email": "grete@example.org", "name": None, "attributes": None},
        {
            "id": "c-1",
            "email": "o'hara+shop@mail.example.museum",
            "name": "Zoë 山田 🌷",
            "phone": "+49 (30) 12-3",
            "locale": "de-DE",
        },
        {"id": "c-1", "email": "grete@müller.example", "time_zone": "Asia/Kathmandu", "attributes": {"plan": "pro"}},
        {"id": "c-1", "email": "test@shop.test"},
        {"id": "c-1", "email": "root@localhost"},
        {"id": "c-1", "nickname": "G", "vip": True, "household": [{"id": 2}]},
    ],
)
def test_a_customer_may_look_like_this(customer: dict[str, Any]) -> None:
    """Kept as sent, with keys that we do not know."""
    assert read(PLAIN, body_with_customer(**customer)).data["customer"] == customer


@patient
@given(
    st.datetimes().map(lambda local: local.replace(year=1970 + local.year % 130, day=min(local.day, 28))),
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_a_time_means_the_moment_that_it_says(local: datetime, zone: timezone) -> None:
    """Whatever its offset."""
    written = local.replace(tzinfo=zone)
    assert read(PLAIN, body(time=written.isoformat())).occurred_at == written


@patient
@given(
    st.dictionaries(
        st.sampled_from(["specversion", "id", "source", "type", "time", "data", "datacontenttype", "x"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["customer", "id", "email", "name"]), inner)
            ),
            max_leaves=5,
        ),
    )
)
def test_any_json_object_gives_an_event_or_a_refusal(value: dict[str, Any]) -> None:
    """Never another exception, in either form."""
    raw = json.dumps(value).encode()
    for headers in (PLAIN, STRUCTURED):
        try:
            assert json.loads(read(headers, raw).envelope)["data"] == value["data"]
        except (Malformed, UnclearCustomer) as refusal:
            assert refusal.problem.remedy
