"""An HTTP client that costs little, so that it is the server that is measured: one kept connection each."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field

from benchmarks._contenders import body
from benchmarks._lab import NEAR


@dataclass
class Posted:
    """What posting came to: seconds of each accepted event, and how long it all took."""

    seconds: list[float] = field(default_factory=list)
    took: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted events a second."""
        return len(self.seconds) / self.took


class Poster:
    """One connection to a gateway."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._head = (
            f"POST /v1/events HTTP/1.1\r\nHost: {NEAR}:{port}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )

    async def __aenter__(self) -> Poster:
        self._reader, self._writer = await asyncio.open_connection(NEAR, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def post(self, content: bytes) -> None:
        """Post one event; it must be accepted."""
        self._writer.write(f"{self._head}{len(content)}\r\n\r\n".encode() + content)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        answer = await self._reader.readexactly(int(length.partition(b":")[2]))
        if b" 202 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(f"the event was not accepted: {head.decode()}{answer.decode()}")


async def post_for(port: int, key: str, clients: int, seconds: float, most: int) -> Posted:
    """Post from so many clients at once, for so long and at most so many; every one waits for its answers."""
    posted = Posted()
    began = time.perf_counter()

    async def client() -> None:
        async with Poster(port, key) as poster:
            while time.perf_counter() - began < seconds and len(posted.seconds) < most:
                content = json.dumps(body("unheard")).encode()
                asked = time.perf_counter()
                await poster.post(content)
                posted.seconds.append(time.perf_counter() - asked)

    await asyncio.gather(*(client() for _ in range(clients)))
    posted.took = time.perf_counter() - began
    return posted
