"""The connection to NATS: one for a process, made when it is first needed, and made again when it is lost."""

from __future__ import annotations

import asyncio
import logging

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0


class Broker:
    """JetStream behind one address (``nats://user:password@host:4222``)."""

    def __init__(self, url: str, connect_seconds: float = CONNECT_SECONDS) -> None:
        self._url = url
        self._connect_seconds = connect_seconds
        self._client: Client | None = None
        self._one = asyncio.Lock()

    async def client(self) -> Client:
        """A connected client. Raises OSError."""
        async with self._one:
            if self._client is None or self._client.is_closed:
                try:
                    async with asyncio.timeout(self._connect_seconds):  # it would try for ever
                        self._client = await nats.connect(
                            self._url, max_reconnect_attempts=-1, error_cb=_said, name="wayfare"
                        )
                except (NatsError, OSError, TimeoutError) as error:
                    raise OSError(f"NATS cannot be reached: {str(error) or type(error).__name__}") from error
            return self._client

    async def publish(self, subject: str, notice_id: str, body: bytes) -> None:
        """Give a notice to JetStream; returns when a stream has kept it. Its id keeps repetitions out. Raises
        OSError."""
        client = await self.client()
        headers = {"Nats-Msg-Id": notice_id, "Content-Type": "application/cloudevents+json"}
        try:
            await client.jetstream().publish(subject, body, headers=headers)
        except NatsError as error:
            raise OSError(f"NATS did not keep it: {str(error) or type(error).__name__}") from error

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None and not self._client.is_closed:
            await self._client.close()


async def _said(error: Exception) -> None:
    log.warning("NATS: %s", str(error) or type(error).__name__)
