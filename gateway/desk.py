"""What every door needs at hand: the intake, the store, the keys, the limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from gateway import answers, bodies, quarantine, refusals
from gateway.bodies import Limits
from gateway.foresight import Foresight
from gateway.intake import Intake
from gateway.keys import SCOPES, SEND, Caller, Keys, key_in
from gateway.pace import Pace
from gateway.published import Published
from store.database import Database
from store.inbox import NewEvent, Receipt

RECEIPTS = "/v1/receipts"
EMBEDDED = "default"
"""The source of the key that comes with an installation; it may stand in for any other."""


@dataclass(frozen=True)
class Desk:
    """`public_url` goes before the addresses of receipts; `secrets` are those by which upstream systems sign, each by
    the name of its variable, two while one is exchanged."""

    intake: Intake
    db: Database
    keys: Keys
    published: Published
    foresight: Foresight
    public_url: str = ""
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    pace: Pace = field(default_factory=Pace)

    def routes(self, path: str, ask: answers.Ask, *methods: str, name: str) -> list[BaseRoute]:
        """The routes of one address: these methods, and 405 for every other."""
        door = answers.refusing(ask, self.limits)
        allowed = ", ".join(("GET", "HEAD") if methods == ("GET",) else methods)
        return [
            answers.Door(path, door, methods=list(methods), name=name),
            answers.Door(path, answers.Only(allowed, self.limits)),
        ]

    def routes_of(self, path: str, asks: Mapping[str, answers.Ask], *, name: str) -> list[BaseRoute]:
        """The routes of one address where each method is a door of its own, and 405 for every other."""
        found: list[BaseRoute] = [
            answers.Door(path, answers.refusing(ask, self.limits), methods=[method], name=f"{name} {method.lower()}")
            for method, ask in asks.items()
        ]
        allowed = ", ".join([*asks, *(["HEAD"] if "GET" in asks else [])])
        return [*found, answers.Door(path, answers.Only(allowed, self.limits))]

    async def caller(
        self, request: Request, scope: str = SEND, *, key: str | None = None, source: str | None = None
    ) -> Caller:
        """Whoever shows a key: in the header `Authorization`, unless it was found elsewhere. It must be allowed what
        the scope says, and be of the source, if one is demanded."""
        offered = key or key_in(request.headers.get("authorization"))
        if offered is None:
            raise refusals.NoKey
        caller = await self.keys.who(offered)
        if scope not in caller.scopes:
            may = ", ".join(sorted(caller.scopes))
            raise refusals.NotAllowed(
                "key", f"It may not {SCOPES[scope]}; it is for: {may}.", "Use the key made for it."
            )
        if source is not None and caller.source not in (source, EMBEDDED):
            raise refusals.NotAllowed("key", f"It is not a key of {source}.", f"Make one: wayfare keys add {source}.")
        if scope == SEND and (seconds := self.pace.wait(caller.source, caller.per_second)):
            raise refusals.TooFast(seconds, f"{caller.source} may send {caller.per_second:g} events a second.")
        return caller

    def allow(self, caller: Caller, events: Sequence[NewEvent]) -> None:
        """Raise `NotAllowed` if the caller may not send one of these; else they count against its rate."""
        for event in events:
            if event.state == "new":
                caller.check(event.source, event.type)
        self.pace.spend(caller.source, caller.per_second, len(events))

    async def body(self, request: Request, *, batch: bool = False, packed: bool = False) -> bytes:
        """The whole body of a request, within the limits of one event or of a batch."""
        most = self.limits.batch_bytes if batch else self.limits.body_bytes
        body = await bodies.read(request.receive, self.limits, most, packed=packed)
        request.state.body_read = True
        return body

    async def keep_all(self, events: Sequence[NewEvent], line: str) -> list[tuple[NewEvent, Receipt]]:
        """Commit every event of a batch, in the line of its sender; each with its receipt, in the same order. Raises
        `StoreAway` if any is not kept: the sender repeats the whole batch, and what was kept is then a duplicate.

        An event that contradicts an earlier one of the same id is kept beside it, in quarantine: an accepted batch
        loses nothing."""
        kept = list(zip(events, await self.intake.accept_all(events, line), strict=True))
        conflicts = [place for place, (_, receipt) in enumerate(kept) if receipt.state == "conflict"]
        aside = [quarantine.contradicting(events[place]) for place in conflicts]
        for place, event, receipt in zip(conflicts, aside, await self.intake.accept_all(aside, line), strict=True):
            kept[place] = (event, receipt)
        return kept

    def receipt_shown(self, receipt: Receipt) -> dict[str, Any]:
        """A receipt as the sender sees it."""
        return {
            "receipt": receipt.receipt,
            "receipt_url": f"{self.public_url}{RECEIPTS}/{receipt.receipt}",
            "source": receipt.source,
            "id": receipt.event_id,
            "state": receipt.state,
        }

    def receipt_answer(self, event: NewEvent, receipt: Receipt) -> answers.Json:
        """The answer to a single event: its receipt, or why it contradicts an earlier one."""
        answer = self.receipt_shown(receipt) | ({"reason": event.reason} if event.reason else {})
        if receipt.state != "conflict":
            return answers.Json(answer, status=202)
        refusal = refusals.OtherBody(
            "/id",
            "An event with this source and id was accepted before, and it said something else. The first one is kept.",
            "Give each event an id of its own; to send an event again, send exactly the same one.",
        )
        return answers.Json(refusal.as_json() | answer, status=refusal.status)

    def batch_shown(self, kept: Sequence[tuple[NewEvent, Receipt]]) -> dict[str, Any]:
        """What became of a batch, event by event; what was put aside with the reason."""
        shown = [
            self.receipt_shown(receipt) | ({"reason": event.reason} if event.reason else {}) for event, receipt in kept
        ]
        states = [receipt.state for _, receipt in kept]
        return {
            "events": shown,
            **{state: states.count(state) for state in ("accepted", "duplicate", "unmatched", "quarantined")},
        }
