"""Reading a body: never more of it, packed or unpacked, and never for longer than the limits say.

What counts are the bytes that arrive, whatever the header says.
"""

import asyncio
import zlib
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Receive

from gateway import refusals

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much of a body is read, and for how long; and how long we listen on after refusing one."""

    body_bytes: int = MIB
    batch_bytes: int = 5 * MIB
    body_seconds: float = 10.0
    parting_seconds: float = 1.0
    store_seconds: float = 2.0


async def read(receive: Receive, limits: Limits, most: int, *, packed: bool = False) -> bytes:
    """The whole body, unpacked if it is gzip, or a refusal as soon as it is too large, too slow or broken off."""
    body = _Unpacked(most) if packed else _Plain(most)
    try:
        async with asyncio.timeout(limits.body_seconds):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise refusals.Malformed("body", "It broke off before its end.", "Send it again, whole.")
                body.add(message.get("body", b""))
                more = message.get("more_body", False)
    except TimeoutError:
        raise refusals.TooSlow(
            "body", f"It did not arrive within {limits.body_seconds:g} seconds.", "Send it again."
        ) from None
    return body.whole()


def packing(headers: Headers) -> bool:
    """Whether the body is packed with gzip; any other packing is refused."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return True
    if encoding not in ("identity", ""):
        raise refusals.NotJson("header Content-Encoding", "This packing is not read here.", "Send gzip, or none.")
    return False


class _Plain:
    """A body as it comes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._body = bytearray()

    def add(self, piece: bytes) -> None:
        """The next piece."""
        self._body += piece
        if len(self._body) > self._most:
            raise _too_large(self._most)

    def whole(self) -> bytes:
        """All of it."""
        return bytes(self._body)


class _Unpacked(_Plain):
    """A body packed with gzip. No piece is unpacked further than the limit, so a bomb costs what a good body costs."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._gzip = zlib.decompressobj(wbits=31)
        self._came = 0

    def add(self, piece: bytes) -> None:
        """Unpack the next piece."""
        self._came += len(piece)
        if self._came > self._most:  # blocks that hold nothing unpack to nothing, without end
            raise _too_large(self._most)
        try:
            super().add(self._gzip.decompress(piece, self._most + 1))
        except zlib.error:
            raise refusals.Malformed("body", "It is not gzip.", "Pack it again, or send it as it is.") from None
        if self._gzip.unused_data:
            raise refusals.Malformed("body", "Something follows after the end of the gzip.", "Send one gzip member.")

    def whole(self) -> bytes:
        """All of it; a body that ends too early is refused."""
        if not self._gzip.eof:
            raise refusals.Malformed("body", "The gzip ends too early.", "Send it again, whole.")
        return super().whole()


def _too_large(most: int) -> refusals.TooLarge:
    return refusals.TooLarge("body", f"It has more than {most:,} bytes.", "Send a smaller event, or several.")
