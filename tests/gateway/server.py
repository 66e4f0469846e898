"""The doors on a real server and a real socket, in a thread of their own, and a plain client for them."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar

import uvicorn

from gateway.app import alone
from gateway.bodies import Limits
from gateway.desk import Desk
from gateway.foresight import Foresight
from gateway.intake import Intake
from gateway.keys import SCOPES, Keys
from gateway.published import Published
from journey.load import load
from store import api_keys, definitions
from store.tables import inbox
from tests.gateway.fakes import UnsteadyDatabase, ids_in, new_database
from tests.store.makers import rows

KEY = "a-key-for-tests"
USUAL = Limits()
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    json: dict[str, Any]

    @property
    def place(self) -> str:
        """Where the server says the mistake is."""
        return str(self.json["error"]["place"])


class Server:
    """A running gateway with an empty store in `folder`. `rings` counts the doorbell."""

    def __init__(
        self,
        folder: Path,
        limits: Limits = USUAL,
        *,
        patience: float = 2.0,
        secrets: Mapping[str, Sequence[str]] = MappingProxyType({}),
        embedded: str = "shop",
        url: str = "",
    ) -> None:
        self.url = url
        self.embedded = embedded
        self.folder = folder
        self.secrets = secrets
        self.limits = limits
        self.patience = patience
        self.rings = 0
        # With its protocol named, or asyncio leaves Nagle's delay on and each answer takes 40 ms.
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(512)
        self.port: int = self.socket.getsockname()[1]
        self.db: UnsteadyDatabase
        self.desk: Desk
        self._loop: asyncio.AbstractEventLoop
        self._server: uvicorn.Server
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.db = UnsteadyDatabase(self.url) if self.url else new_database(self.folder)
        intake = Intake(self.db, self._ring, patience=self.patience)
        keys = Keys({self.embedded: KEY}, self.db, fresh=0)
        published = Published(self.db, fresh=0)
        self.desk = desk = Desk(
            intake, self.db, keys, published, Foresight(self.db), secrets=self.secrets, limits=self.limits
        )
        app = alone(desk)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on"))
        self._started.set()
        await self._server.serve(sockets=[self.socket])
        await self.db.close()

    def _ring(self) -> None:
        self.rings += 1

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something with the store where the server runs."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def ids(self) -> list[str]:
        """The ids of all events in the inbox."""
        return self.do(ids_in(self.db))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What a table holds, in the order of its keys."""
        return self.do(rows(self.db, table))

    def empty(self) -> None:
        """Forget every event."""

        async def work() -> None:
            async with self.db.write() as tx:
                await tx.execute(inbox.delete())

        self.do(work())

    def publish(self, files: Mapping[str, str]) -> None:
        """Put a definitions folder into force."""

        async def work() -> None:
            async with self.db.write() as tx:
                await definitions.publish(tx, load(files), {})

        self.do(work())

    def add_key(self, source: str, *scopes: str, **more: Any) -> api_keys.Made:
        """Make a key."""

        async def work() -> api_keys.Made:
            async with self.db.write() as tx:
                return await api_keys.add(tx, source, scopes or tuple(SCOPES), **more)

        return self.do(work())

    def revoke(self, key_id: str) -> bool:
        """Take a key out of force."""

        async def work() -> bool:
            async with self.db.write() as tx:
                return await api_keys.revoke(tx, key_id)

        return self.do(work())

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str | None] | None = None
    ) -> Answer:
        """One request with the key; a header given as None is left out."""
        given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"} | (headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, body, {k: v for k, v in given.items() if v is not None})
            return _answer(connection.getresponse())
        finally:
            connection.close()

    def text(self, path: str) -> str:
        """A page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def post(self, body: bytes, headers: dict[str, str | None] | None = None) -> Answer:
        """Post one event."""
        return self.ask("POST", "/v1/events", body, headers)

    def send(self, path: str, content: Any, headers: dict[str, str | None] | None = None) -> Answer:
        """Post something as JSON."""
        return self.ask("POST", path, json.dumps(content).encode(), headers)

    def connect(self) -> socket.socket:
        """A bare connection, for requests that no client would send."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def raw(self, pieces: Iterable[bytes]) -> tuple[Answer, int]:
        """Send the pieces as they are, until the server cuts the line or they end; the answer, and the bytes sent."""
        sent = 0
        with self.connect() as line:
            try:
                for piece in pieces:
                    line.sendall(piece)
                    sent += len(piece)
            except ConnectionError:
                pass
            response = http.client.HTTPResponse(line)
            response.begin()
            return _answer(response), sent


def head(**headers: str) -> bytes:
    """The head of a raw POST with the key; underscores in names become hyphens."""
    given = {"Host": "x", "Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST /v1/events HTTP/1.1\r\n{lines}\r\n".encode()


def _answer(response: http.client.HTTPResponse) -> Answer:
    content = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    is_json = headers.get("content-type") == "application/json"
    return Answer(response.status, headers, json.loads(content) if is_json and content else {})
