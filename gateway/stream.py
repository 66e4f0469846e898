"""Events from a broker (NATS JetStream), behind the same inbox: acknowledged only after the commit.

CloudEvents by the NATS protocol binding (structured, binary, batched), or plain JSON. What is no event is kept in
quarantine and acknowledged: nobody would mend it, and it must not come again for ever. While the store is away nothing
is acknowledged and nothing else is taken, so the order stays."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError
from starlette.datastructures import Headers

from gateway import envelopes, quarantine, refusals
from gateway.intake import Intake
from gateway.published import InForce, Published
from store.inbox import NewEvent

SOURCE = "nats"
"""The source of events that name none."""
AT_ONCE = 100
WAIT_SECONDS = 5.0
ACK_SECONDS = 5.0
"""After so long what was taken and neither acknowledged nor said to be worked on is given out again."""
LOOK_SECONDS = 0.25
PAUSE_SECONDS = 1.0
STREAM = "WAYFARE"
DURABLE = "wayfare"

log = logging.getLogger(__name__)


class Stream:
    """Takes what is published under a subject. ``connect`` gives a connected client."""

    def __init__(
        self, connect: Callable[[], Awaitable[Client]], subject: str, intake: Intake, published: Published
    ) -> None:
        self._connect = connect
        self._subject = subject
        self._intake = intake
        self._published = published

    async def run(self) -> None:
        """Take for ever; a broker that is away is waited for."""
        said = False
        while True:
            try:
                await self._take()
            except (NatsError, OSError, TimeoutError) as error:
                if not said:
                    log.warning("no events from NATS for the moment: %s", str(error) or type(error).__name__)
                said = True
            await asyncio.sleep(PAUSE_SECONDS)

    async def _take(self) -> None:
        stream = (await self._connect()).jetstream()
        try:
            await stream.find_stream_name_by_subject(self._subject)
        except NotFoundError:
            await stream.add_stream(name=STREAM, subjects=[self._subject])
        limits = ConsumerConfig(ack_wait=ACK_SECONDS, max_ack_pending=AT_ONCE)
        subscription = await stream.pull_subscribe(self._subject, durable=DURABLE, config=limits)
        while True:
            await _after_others(subscription)
            try:
                messages = await subscription.fetch(AT_ONCE, timeout=WAIT_SECONDS)
            except TimeoutError:
                continue
            try:
                await self._keep(messages)
            except asyncio.CancelledError:
                await asyncio.gather(*(message.nak() for message in messages), return_exceptions=True)
                raise

    async def _keep(self, messages: Sequence[Msg]) -> None:
        """Commit what has come, then acknowledge it. While that fails, say that it is still worked on."""
        while True:
            try:
                in_force = await self._published.now()
                events = [event for message in messages for event in read(message, in_force)]
                receipts = await self._intake.accept_all(events, SOURCE)
                again = [
                    quarantine.contradicting(event)
                    for event, receipt in zip(events, receipts, strict=True)
                    if receipt.state == "conflict"
                ]
                await self._intake.accept_all(again, SOURCE)
                break
            except (refusals.StoreAway, refusals.TooFast):
                await asyncio.gather(*(message.in_progress() for message in messages))
                await asyncio.sleep(PAUSE_SECONDS)
        await asyncio.gather(*(message.ack() for message in messages))


async def _after_others(subscription: JetStreamContext.PullSubscription) -> None:
    """Wait while somebody else has messages that are not acknowledged; if they died, until those come again. New ones
    taken before would overtake them."""
    waited = 0.0
    while waited < ACK_SECONDS + LOOK_SECONDS and (await subscription.consumer_info()).num_ack_pending:
        await asyncio.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS


def read(message: Msg, in_force: InForce) -> list[NewEvent]:
    """The events in a message; what is none is one in quarantine."""
    headers = Headers({"content-type": "application/json"} | {k.lower(): v for k, v in (message.headers or {}).items()})
    try:
        form = envelopes.form_of(headers)
        if form == "batched":
            return envelopes.read_batch(message.data, SOURCE, in_force.fitting)
        return [in_force.fitting(envelopes.read(form, headers, message.data, SOURCE))]
    except refusals.Refused as refusal:
        return [quarantine.unreadable(_whatever(message.data), SOURCE, refusal)]


def _whatever(data: bytes) -> Any:
    """What a message says, as far as it can be read."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode("utf-8", "backslashreplace")
