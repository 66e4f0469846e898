"""Mail: a letter (RFC 5322) handed over by SMTP."""

from activities.channels.base import Barrier, Outcome, Parcel
from activities.smtp import Mailer


class Email:
    """By one mail server."""

    dedupes = False

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def transmit(self, parcel: Parcel, barrier: Barrier) -> Outcome:
        """Hand one letter over."""
        return await self._mailer.transmit(parcel.sender, parcel.recipient, parcel.body, barrier)

    async def close(self) -> None:
        """Say goodbye on every kept connection."""
        await self._mailer.close()
