"""The gates before a message: everything that may hold or stop it, asked each time it is about to go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from journey import gates
from journey.channels import EMAIL
from journey.company import Company
from journey.effects import SendMessage
from journey.gates import Later, Verdict
from journey.policies import Policies
from journey.work import Work
from store import cases, definitions, lanes
from store.clock import now
from store.database import Tx

FRESH = timedelta(seconds=1)
"""For how long policies that were read count: they are the same for every message."""


@dataclass(frozen=True)
class Subject:
    """The message as the gates see it."""

    key: str
    kind: str
    topic: str
    mark: str | None
    released: bool
    hurried: bool = False
    channel: str = EMAIL


class Gates:
    """The policies in force, and what they say about one message."""

    def __init__(self) -> None:
        self._read: tuple[datetime, Policies] | None = None

    async def judge(self, tx: Tx, work: Work, subject: Subject, company: Company) -> Verdict:
        """None if a message to a customer may go. Staff mail has no gates."""
        effect = work.effect
        if not isinstance(effect, SendMessage):
            return None
        policies = await self.policies(tx)
        letter = cases.Letter(
            subject.key,
            effect,
            subject.kind,
            subject.topic,
            subject.mark or "",
            released=subject.released,
            hurried=subject.hurried,
            channel=subject.channel,
        )
        case = await cases.look(tx, work.instance_id, letter, policies, company.time_zone)
        return gates.judge(case, policies)

    async def provider(self, tx: Tx, channel: str) -> Later | None:
        """Why the provider can take no more now. Asked last: what it grants is counted."""
        full = await lanes.take(tx, channel, (await self.policies(tx)).rate(channel), now())
        return Later("rate", full.reason, full.until) if full else None

    async def policies(self, tx: Tx) -> Policies:
        """Those in force, at most a second old."""
        if self._read is None or now() - self._read[0] > FRESH:
            self._read = now(), await definitions.the_policies(tx)
        return self._read[1]
