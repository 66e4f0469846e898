"""By which of its channels a message goes: the first that reaches the customer, and the next one when it certainly did
not arrive by that. A message in doubt goes by no other channel: it may have come."""

from collections.abc import Collection
from dataclasses import dataclass

from journey import channels
from journey.channels import EMAIL
from journey.effects import NotifyTeam, SendMessage
from journey.work import Work
from store import customers, instances, ledger, reach
from store.database import Tx
from store.ledger import Row
from store.seal import Seal


@dataclass(frozen=True)
class Way:
    """The channel, and the message's row for it. ``nowhere``: why it reaches the customer by none; ``held``: because a
    provider is missing, which can be mended."""

    row: Row
    nowhere: str = ""
    held: bool = False

    @property
    def channel(self) -> str:
        """The channel."""
        return self.row.channel


def mark_of(seal: Seal, channel: str, address: str) -> str:
    """What stands for an address of a channel: a number may be barred for SMS and not for WhatsApp."""
    return seal.mark(address if channel == EMAIL else f"{channel}:{address}")


class Ways:
    """``set_up``: the channels that have a provider here."""

    def __init__(self, set_up: Collection[str], seal: Seal) -> None:
        self._set_up = set_up
        self._seal = seal

    async def next(self, tx: Tx, work: Work, passed: Collection[str] = ()) -> Way:
        """The way that a message takes now; ``passed`` are channels that proved to be none in this very transaction."""
        effect = work.effect
        assert isinstance(effect, (SendMessage, NotifyTeam))
        if not isinstance(effect, SendMessage):
            return Way(await ledger.intend(tx, work.instance_id, effect.id, effect.team, "staff"))
        if not effect.channels:
            return Way(await ledger.intend(tx, work.instance_id, effect.id, effect.message, ""))
        await instances.lock(tx, work.instance_id)  # two attempts at once must not take two channels
        rows = await ledger.by_all_channels(tx, work.instance_id, effect.id)
        last = rows[-1] if rows else None
        if last is not None and last.channel not in passed and not _in_vain(last):
            return Way(last)
        owner = await instances.owner(tx, work.instance_id)
        customer = await customers.known(tx, owner.customer_id)
        order = channels.order(effect.channels, customer)
        left = [channel for channel in order if channel not in {row.channel for row in rows}]
        channel, why, held = await self._first(tx, left, customer)
        if channel:
            return Way(await ledger.intend(tx, work.instance_id, effect.id, effect.message, "", channel))
        if last is not None:
            return Way(last)
        row = await ledger.intend(tx, work.instance_id, effect.id, effect.message, "", order[0])
        return Way(row, why, held)

    async def _first(self, tx: Tx, left: list[str], customer: dict[str, object]) -> tuple[str, str, bool]:
        """The first channel that can reach the customer; else why not, and whether only a provider is missing."""
        reasons, held = [], False
        for channel in left:
            try:
                address = channels.address(channel, customer)
            except ValueError as problem:
                reasons.append(str(problem))
                continue
            if channel not in self._set_up:
                reasons.append(f"no provider is set up for {channel}")
                held = True
                continue
            barred = await reach.suppressed(tx, mark_of(self._seal, channel, address))
            if barred is None:
                return channel, "", False
            reasons.append(f"the address for {channel} is suppressed: {barred['reason']}")
        return "", "; ".join(dict.fromkeys(reasons)), held


def _in_vain(row: Row) -> bool:
    return row.decided and row.state in channels.ELSEWHERE
