"""Calls to other systems over real connections: what is answered, what is cut off, and where nothing may be called."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from temporalio.testing import ActivityEnvironment

from activities import services
from activities.public import Inside, is_public
from activities.services import Secret, Services
from journey.effects import CallService
from journey.work import Work
from store.database import Database
from tests.databases import empty
from tests.ports import free_port
from tests.store.makers import begun


class Desk:
    """Another system: it answers as its paths say, and remembers what it was asked."""

    def __init__(self) -> None:
        self.port = free_port()
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        way = request.match_info["way"]
        if way == "packed":
            body = gzip.compress(b"[]" + b" " * 1_000_000)
            return web.Response(body=body, headers={"Content-Encoding": "gzip"})
        if way == "endless":
            return await self._endless(request)
        if way == "slow":
            await asyncio.Event().wait()
        if way == "redirect":
            return web.Response(status=302, headers={"Location": f"http://127.0.0.1:{self.port}/secret"})
        if way.isdigit():
            return web.Response(status=int(way), text="{}")
        texts = {"empty": "", "nan": "[NaN]", "words": "well", "bytes": "\udcff"}
        return web.Response(body=texts.get(way, '{"id": 9}').encode("utf-8", "surrogateescape"))

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 8192)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A running one."""
    desk = Desk()
    app = web.Application()
    app.router.add_route("*", "/{way}", desk.answer)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", desk.port).start()
    yield desk
    await runner.cleanup()


@pytest.fixture
async def sqlite_db(stores: dict[str, Database]) -> Database:
    """A store, empty."""
    await empty(stores["sqlite"])
    return stores["sqlite"]


@pytest.fixture
async def instance_id(sqlite_db: Database) -> str:
    """Whose turn it is."""
    return await begun(sqlite_db)


class Caller:
    """Makes calls for one instance."""

    def __init__(self, db: Database, instance_id: str, inside: str, **secrets: Secret) -> None:
        self._instance_id = instance_id
        self._services = Services(db, Inside(frozenset({inside} if inside else ())), secrets)

    async def __call__(self, url: str, *, within: float = 5.0, body: Any = None, **headers: str) -> dict[str, Any]:
        effect = CallService(
            id="call-desk/1/0", name="desk", method="POST" if body is not None else "GET", url=url, body=body,
            headers=headers, key="call-desk/1", timeout=within,
        )  # fmt: skip
        work = Work(instance_id=self._instance_id, effect=effect).model_dump(mode="json", exclude_defaults=True)
        found: dict[str, Any] = await ActivityEnvironment().run(self._services.call, work)
        return found


@pytest.fixture
def call(sqlite_db: Database, instance_id: str, desk: Desk) -> Caller:
    """One who may call the desk, and knows its secret and another's."""
    return Caller(
        sqlite_db, instance_id, f"127.0.0.1:{desk.port}",
        desk=Secret("127.0.0.1", "Bearer mine"), other=Secret("elsewhere.example", "Bearer theirs"),
    )  # fmt: skip


async def test_what_is_answered_comes_back_as_data(call: Caller, desk: Desk, instance_id: str) -> None:
    answer = await call(f"http://127.0.0.1:{desk.port}/tickets?a=b%2Fc", body={"n": "ü"}, Who="Ada")

    assert answer == {"outcome": "accepted", "value": {"status": 200, "body": {"id": 9}}}
    [(method, path, headers, body)] = desk.asked
    assert (method, path, json.loads(body)) == ("POST", "/tickets?a=b%2Fc", {"n": "ü"})
    assert (headers["Who"], headers["Content-Type"]) == ("Ada", "application/json")
    assert headers["Idempotency-Key"] == f"{instance_id}/call-desk/1"
    assert "Cookie" not in headers and "Content-Type" not in (await again(call, desk))[2]


async def again(call: Caller, desk: Desk) -> tuple[str, str, dict[str, str], bytes]:
    assert (await call(f"http://127.0.0.1:{desk.port}/empty"))["value"] == {"status": 200, "body": None}
    return desk.asked[-1]


@pytest.mark.parametrize(
    ("way", "kind", "said"),
    [
        ("404", "refused", "it answers 404"),
        ("429", "busy", "it answers 429"),
        ("503", "busy", "it answers 503"),
        ("500", "error", "it answers 500"),
        ("redirect", "refused", "calls follow no redirects"),
        ("endless", "unreadable", "longer than 64 KB"),
        ("packed", "unreadable", "packed"),
        ("nan", "unreadable", "no JSON"),
        ("words", "unreadable", "no JSON"),
        ("bytes", "unreadable", "no JSON"),
    ],
)
async def test_every_other_answer_is_a_kind_of_failure(
    call: Caller, desk: Desk, way: str, kind: str, said: str
) -> None:
    answer = await call(f"http://127.0.0.1:{desk.port}/{way}")

    assert answer["outcome"] == kind and said in answer["value"]["reason"]
    assert all(path != "/secret" for _, path, _, _ in desk.asked)


async def test_an_answer_that_takes_too_long_is_not_waited_for(call: Caller, desk: Desk) -> None:
    answer = await call(f"http://127.0.0.1:{desk.port}/slow", within=0.2)

    assert answer == {"outcome": "timeout", "value": {"reason": "no answer within 0.2 seconds"}}


async def test_where_nobody_listens_is_unreachable(sqlite_db: Database, instance_id: str) -> None:
    port = free_port()
    answer = await Caller(sqlite_db, instance_id, f"127.0.0.1:{port}")(f"http://127.0.0.1:{port}/x")

    assert answer["outcome"] == "unreachable"


async def test_a_secret_goes_to_its_own_host_and_to_no_other(call: Caller, desk: Desk) -> None:
    url = f"http://127.0.0.1:{desk.port}/x"
    assert (await call(url, Authorization="secret desk"))["outcome"] == "accepted"
    assert desk.asked[0][2]["Authorization"] == "Bearer mine"
    for name in ("other", "nobody"):
        answer = await call(url, Authorization=f"secret {name}")
        assert answer["outcome"] == "forbidden" and f'no secret "{name}" for 127.0.0.1' in answer["value"]["reason"]
        assert "theirs" not in str(answer)

    assert len(desk.asked) == 1


INWARD = (
    "http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://0/", "http://localhost/",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/",
    "http://[::127.0.0.1]/", "http://224.0.0.1/", "http://100.64.0.1/", "http://0.0.0.0/", "http://169.254.169.254/",
    "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://[fe80::1]/", "http://[fc00::1]/",
)  # fmt: skip


@pytest.mark.parametrize("url", INWARD)
async def test_nothing_inside_is_called_whatever_it_is_called(
    sqlite_db: Database, instance_id: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    monkeypatch.setattr(services, "_any_socket", opened.append)
    answer = await Caller(sqlite_db, instance_id, "")(url)

    assert answer["outcome"] in ("forbidden", "unreachable") and opened == []


async def test_a_name_that_leads_inside_is_found_out_when_the_connection_is_made(
    sqlite_db: Database, instance_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name may lead to a public address when it is looked up first, and inside when it is looked up again."""

    async def inward(self: Any, host: str, port: int = 0, family: Any = 0) -> list[dict[str, Any]]:
        row = {"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 6, "flags": 0}
        return [row, {**row, "host": "10.0.0.1"}]

    monkeypatch.setattr("aiohttp.connector.DefaultResolver.resolve", inward)
    answer = await Caller(sqlite_db, instance_id, "")("http://desk.example/")

    assert answer["outcome"] == "forbidden" and "not an address of the public internet" in answer["value"]["reason"]


async def test_a_port_that_is_not_the_webs_is_called_only_where_it_is_named(
    sqlite_db: Database, instance_id: str, desk: Desk
) -> None:
    answer = await Caller(sqlite_db, instance_id, "")(f"http://127.0.0.1:{desk.port}/x")
    assert answer["outcome"] == "forbidden" and "WAYFARE_CALL_HOSTS" in answer["value"]["reason"]
    answer = await Caller(sqlite_db, instance_id, "127.0.0.1")(f"http://127.0.0.1:{desk.port}/x")

    assert answer["outcome"] == "accepted" and len(desk.asked) == 1


async def test_no_proxy_of_the_environment_is_asked(call: Caller, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert (await call(f"http://127.0.0.1:{desk.port}/x"))["outcome"] == "accepted"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("8.8.8.8", True), ("2606:4700:4700::1111", True), ("2a00:1450:4001::5e", True),
        ("127.0.0.1", False), ("100.64.0.1", False), ("198.18.0.1", False), ("203.0.113.5", False),
        ("240.0.0.1", False), ("255.255.255.255", False), ("192.0.0.8", False), ("64:ff9b::8.8.8.8", False),
        ("2002:808:808::1", False), ("::ffff:8.8.8.8", False), ("2001:db8::1", False), ("2001:0:1::1", False),
        ("ff02::1", False), ("fe80::1", False), ("3fff::1", False),
        ("2606:4700:4700::1111%eth0", False), ("desk.example", False), ("", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public
