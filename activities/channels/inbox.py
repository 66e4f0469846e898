"""The customer's inbox on the company's own site: the message is put into our store, and the site shows it."""

from activities.channels.base import Barrier, Outcome, Parcel, read
from store import site_messages
from store.database import Database


class Inbox:
    """The inboxes of all customers. Putting a message in twice puts it in once."""

    dedupes = True

    def __init__(self, db: Database) -> None:
        self._db = db

    async def transmit(self, parcel: Parcel, barrier: Barrier) -> Outcome:
        """Put one message in."""
        if not await barrier():
            return Outcome("stopped", None, "another attempt has taken over")
        said = read(parcel.body)
        async with self._db.write() as tx:
            await site_messages.put_in(
                tx, parcel.key, said.get("title", ""), said.get("text", ""), said.get("html", "")
            )
        return Outcome("accepted")

    async def close(self) -> None:
        """Nothing is kept open."""
