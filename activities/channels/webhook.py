"""Messages to the customer by a system of the company's own: posted to it, signed (https://www.standardwebhooks.com).

The id is the message's key, the same in every try: a receiver that keeps it gets no message twice, so a lost answer is
no doubt. Nothing inside is called unless it is named (WAYFARE_CALL_HOSTS).
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from activities.channels.base import Barrier, Outcome, Parcel, read
from activities.channels.post import PATIENCE, Poster, by_status
from activities.courier import signed
from activities.public import Inside


class Webhook:
    """One receiver."""

    dedupes = True

    def __init__(self, url: str, secrets: Sequence[str], inside: Inside, patience: timedelta = PATIENCE) -> None:
        self._url = url
        self._secrets = secrets
        self._poster = Poster(patience, inside)

    async def transmit(self, parcel: Parcel, barrier: Barrier) -> Outcome:
        """Post one message."""
        event = {"type": "message", "data": {"message": parcel.key, "customer": parcel.recipient, **read(parcel.body)}}
        body = json.dumps(event, ensure_ascii=False, sort_keys=True).encode()
        headers = signed(parcel.key, body, self._secrets) | {"Content-Type": "application/json"}
        answer = await self._poster.post(self._url, body, headers, barrier)
        if isinstance(answer, Outcome):
            return answer
        if 200 <= answer.status < 300:
            return Outcome("accepted", answer.status)
        return by_status(answer, f"the receiver answers {answer.status}")

    async def close(self) -> None:
        """Nothing is kept open."""
