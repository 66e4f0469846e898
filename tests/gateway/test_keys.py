"""Keys: what each may do, two live ones of a source, revoked ones, and how fast each may send."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.keys import key_in
from gateway.pace import Pace
from store import api_keys
from store.database import Database
from tests.gateway.fakes import body, purchase
from tests.gateway.server import Answer, Server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("keys"), embedded="default") as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """A gateway with an empty inbox; the embedded key is that of an installation."""
    running.empty()
    return running


def with_key(key: str) -> dict[str, str | None]:
    return {"Authorization": f"Bearer {key}"}


def post(server: Server, key: str, event_id: str = "e-1", **changes: Any) -> Answer:
    return server.post(body(event_id, **changes), with_key(key))


def test_a_key_names_the_source_of_events_that_name_none(server: Server) -> None:
    assert post(server, server.add_key("till-1").key).json["source"] == "till-1"


def test_two_keys_of_a_source_are_live_and_a_revoked_one_is_not(server: Server) -> None:
    """So one is exchanged for the other without a gap: add the new one, change the sender, revoke the old one."""
    old, new = server.add_key("pair"), server.add_key("pair")
    with pytest.raises(api_keys.TooManyKeys):
        server.add_key("pair")
    assert [post(server, made.key).status for made in (old, new)] == [202, 202]
    assert server.revoke(old.key_id) and not server.revoke(old.key_id)
    assert [post(server, made.key).status for made in (old, new)] == [401, 202]
    assert server.add_key("pair").key_id not in (old.key_id, new.key_id)


def test_a_key_for_one_thing_does_not_do_for_another(server: Server) -> None:
    """One that a browser shows to everybody may only send."""
    sends, reads = server.add_key("web", "send"), server.add_key("web", "read")
    receipt = post(server, sends.key).json["receipt_url"]
    refused = server.ask("GET", receipt, headers=with_key(sends.key))
    assert (refused.status, refused.json["code"]) == (403, "not-allowed")
    assert server.ask("GET", receipt, headers=with_key(reads.key)).status == 200
    assert post(server, reads.key, "e-2").status == 403
    assert server.ids() == ["e-1"]


def test_a_key_may_be_held_to_sources_and_types(server: Server) -> None:
    key = server.add_key("narrow", sources=["narrow", "/till/*"], types=["purchase.*", "setup.completed"]).key
    assert post(server, key, "e-1").status == 202
    assert post(server, key, "e-2", source="/till/7", type="setup.completed").status == 202
    for changes, place in (({"source": "/shop"}, "/source"), ({"type": "complaint.opened"}, "/type")):
        refused = post(server, key, "e-3", **changes)
        assert (refused.status, refused.place) == (403, place)
    batch = [purchase(f"e-{n}", specversion="1.0", source="/till/1") for n in (4, 5)]
    batch[1]["type"] = "complaint.opened"
    headers = with_key(key) | {"Content-Type": "application/cloudevents-batch+json"}
    assert server.send("/v1/events", batch, headers).status == 403
    assert server.ids() == ["e-1", "e-2"]


def test_a_source_that_sends_too_fast_is_told_when_to_come_back_and_another_is_not_held_up(server: Server) -> None:
    hasty, calm = server.add_key("hasty", per_second=1.0).key, server.add_key("calm").key
    answers = [post(server, hasty, f"e-{n}") for n in range(5)]
    assert [answer.status for answer in answers][:2] == [202, 202]
    late = [answer for answer in answers if answer.status == 429]
    assert late and {answer.json["code"] for answer in late} == {"too-fast"}
    assert all(1 <= int(answer.headers["retry-after"]) <= 2 for answer in late)
    assert post(server, calm, "e-9").status == 202


def test_keys_are_kept_as_digests_only(server: Server, tmp_path: Path) -> None:
    made = server.add_key("hidden")
    assert made.key not in str(server.rows("api_key"))
    assert api_keys.digest(made.key) in str(server.rows("api_key"))


def test_known_keys_count_while_the_store_is_away(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    key = server.add_key("steady").key
    assert post(server, key, "e-1").status == 202

    def away() -> None:
        raise OSError("away")

    monkeypatch.setattr(server.db, "read", away)
    assert post(server, key, "e-2").status == 202
    assert post(server, "wrong", "e-3").status == 401


def test_before_the_keys_were_ever_read_a_store_that_is_away_is_503(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not 401: the sender would think its key wrong and drop the event. The embedded key needs no store."""
    with Server(tmp_path) as server:

        def away() -> None:
            raise OSError("away")

        monkeypatch.setattr(server.db, "read", away)
        assert post(server, "perhaps-a-key").status == 503


def test_the_pace_allows_bursts_and_keeps_the_average() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.wait("a", None) == 0
    for _ in range(20):
        assert pace.wait("a", 10.0) == 0
        pace.spend("a", 10.0, 1)
    assert pace.wait("a", 10.0) == pytest.approx(0.1)
    assert pace.wait("b", 10.0) == 0
    now = 1.0
    assert pace.wait("a", 10.0) == 0
    pace.spend("a", 10.0, 60)
    assert pace.wait("a", 10.0) == pytest.approx(5.1)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (None, None),
        ("", None),
        ("Bearer", None),
        ("Bearer k", "k"),
        ("bearer  k ", "k"),
        ("Basic " + base64.b64encode(b"k:").decode(), "k"),
        ("Basic " + base64.b64encode(b"k:ignored").decode(), "k"),
        ("Basic " + base64.b64encode(b":").decode(), None),
        ("Basic é", None),
        ("Basic x", None),
        ("Digest k", None),
    ],
)
def test_a_key_is_found_in_either_kind_of_header(header: str | None, key: str | None) -> None:
    assert key_in(header) == key


async def test_keys_are_made_listed_and_revoked(db: Database) -> None:
    async with db.write() as tx:
        first = await api_keys.add(tx, "shop", ["send"], types=["a.*"], per_second=2.5, note="the old shop")
        await api_keys.add(tx, "app", ["send", "read"])
        assert await api_keys.revoke(tx, first.key_id)
        assert not await api_keys.revoke(tx, "none")
    async with db.read() as tx:
        assert [row["source"] for row in await api_keys.live(tx)] == ["app"]
        app, shop = await api_keys.every(tx)
    assert (app["source"], app["scopes"], app["revoked_at"]) == ("app", ["send", "read"], None)
    assert (shop["types"], shop["per_second"], shop["note"]) == (["a.*"], 2.5, "the old shop")
    assert shop["revoked_at"] is not None and "digest" not in shop
