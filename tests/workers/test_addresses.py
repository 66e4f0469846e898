"""Addresses that a person writes in a setting: what is taken, what it means, and the sentence about what is not."""

from __future__ import annotations

import pytest

from workers import addresses


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", frozenset()),
        (" , ,", frozenset()),
        ("desk.internal", {"desk.internal"}),
        ("Desk.Internal, 10.0.0.5:8080,desk.internal", {"desk.internal", "10.0.0.5:8080"}),
        ("[2001:db8::1]", {"[2001:db8::1]"}),
        ("2001:db8::1", {"2001:db8::1"}),
        ("[2001:db8::1]:8443", {"[2001:db8::1]:8443"}),
    ],
)
def test_hosts_are_a_set_in_small_letters(text: str, found: set[str]) -> None:
    assert addresses.hosts(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://desk.internal", '"https://desk.internal" is not a host; write for example desk.internal'),
        ("desk.internal/tickets", "is not a host"),
        ("ada@desk.internal", "is not a host"),
        ("desk internal", '"desk internal" is not a host'),
        (":8080", '":8080" is not a host'),
        ("desk:http", "a port is a whole number from 1 to 65535"),
        ("desk:", "a port is a whole number"),
        ("good.example, desk:70000", "a port is a whole number"),
        ("desk:٣", "a port is a whole number"),
    ],
)
def test_what_is_no_host_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="is") as told:
        addresses.hosts(text)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ada:secret@db.example/x", "postgresql://ada:***@db.example/x"),
        ("postgresql://ada:se@cr@et@db.example/x", "postgresql://ada:***@db.example/x"),
        ("postgresql://ada@db.example/x", "postgresql://ada@db.example/x"),
        ("sqlite:///x.db", "sqlite:///x.db"),
        ("no address", "no address"),
    ],
)
def test_a_password_is_hidden_from_peoples_eyes(text: str, shown: str) -> None:
    assert addresses.without_password(text) == shown


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgres://db.example/x", "postgresql+psycopg://db.example/x"),
        (" POSTGRESQL://db.example/x ", "postgresql+psycopg://db.example/x"),
    ],
)
def test_a_database_is_named_as_people_name_it(text: str, url: str) -> None:
    assert addresses.database_url(text) == url


@pytest.mark.parametrize("text", ["", "x.db", "mysql://db/x", "sqlite://x.db", "postgresql://", "sqlite:///"])
def test_what_is_no_database_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="a database is sqlite:"):
        addresses.database_url(text)


@pytest.mark.parametrize(
    ("host", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("wayfare.example", "wayfare.example")],
)
def test_a_host_that_listens_everywhere_is_reached_on_this_machine(host: str, reached: str) -> None:
    assert addresses.reachable(host) == reached


@pytest.mark.parametrize("text", ["temporal.example:7233", "[::1]:7233", "10.0.0.5:1"])
def test_an_address_is_a_host_and_a_port(text: str) -> None:
    assert addresses.host_and_port(f" {text} ") == text


@pytest.mark.parametrize("text", ["", "temporal", ":7233", "http://a:1", "a:1/x", "ada@a:1", "a:99999", "a:x"])
def test_what_is_no_host_with_a_port_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="an address is host:port"):
        addresses.host_and_port(text)
