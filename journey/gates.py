"""Whether a message may go now: asked at the moment of sending, each time it is tried, and answered with the reason.

The order of the gates is the order of the reasons: what can never be comes before what is not now.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from journey import durations
from journey.policies import Policies
from journey.time import business, calendar, local, zones
from journey.time.zones import Chosen

SERVICE = ("transactional", "legal")


@dataclass(frozen=True)
class Other:
    """Another journey of the same customer: whether it runs, else when it ended."""

    journey: str
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Case:
    """One message that is about to go, and all that matters about it."""

    at: datetime
    kind: str
    name: str
    journey: str
    topic: str = ""
    pace: float = 1.0
    zone: Chosen = field(default_factory=lambda: Chosen(zones.zone("UTC")))
    not_after: datetime | None = None
    ask_when_stale: bool = False
    released: bool = False
    hurried: bool = False
    """A person says that it goes now: neither hours nor caps nor other journeys hold it."""
    suppressed: str | None = None
    channel: str = "email"
    refuses_channel: bool = False
    refuses_all: bool = False
    consent: bool | None = None
    paused_until: datetime | None = None
    had_it_at: datetime | None = None
    dedupe: timedelta | None = None
    sent: tuple[datetime, ...] = ()
    first_in_line: int = 0
    others: tuple[Other, ...] = ()

    @property
    def service(self) -> bool:
        """Whether the customer asked for it or must get it."""
        return self.kind in SERVICE


@dataclass(frozen=True)
class Never:
    """It will not go: ``state`` is suppressed or expired. ``ends``: and its journey ends. ``elsewhere``: by another way
    it may."""

    state: str
    reason: str
    ends: bool = False
    elsewhere: bool = False


@dataclass(frozen=True)
class Later:
    """It does not go now: for what it waits, in one word and in a sentence, and until when (None: for a person)."""

    waits: str
    reason: str
    until: datetime | None


Verdict = Never | Later | None


def judge(case: Case, policies: Policies) -> Verdict:
    """None if it may go."""
    for gate in GATES:
        verdict = gate(case, policies)
        if verdict is not None:
            return verdict
    return None


def _fresh(case: Case, policies: Policies) -> Verdict:
    if case.not_after is None or case.at <= case.not_after or case.released:
        return None
    reason = f"it was worth sending until {_when(case.not_after, case)}"
    return Later("person", f"{reason}; is it still to go?", None) if case.ask_when_stale else Never("expired", reason)


def _reachable(case: Case, policies: Policies) -> Verdict:
    if case.suppressed:
        return Never("suppressed", case.suppressed, elsewhere=True)
    if case.refuses_channel and not case.service:
        return Never("suppressed", f"the customer wants nothing by {case.channel}", elsewhere=True)
    return None


def _wanted(case: Case, policies: Policies) -> Verdict:
    if case.service:
        return None
    if case.refuses_all:
        return Never("suppressed", "the customer wants no such mail from us")
    if case.topic and case.consent is False:
        return Never("suppressed", f'the customer does not want mail about "{case.topic}"')
    if case.topic in policies.needs_consent and not case.consent:
        return Never("suppressed", f'the customer never agreed to mail about "{case.topic}"')
    return None


def _once(case: Case, policies: Policies) -> Verdict:
    if case.dedupe is None or case.had_it_at is None or case.at - case.had_it_at > case.dedupe:
        return None
    return Never("suppressed", f"the customer has had this text on {_when(case.had_it_at, case)}")


def _given_way(case: Case, policies: Policies) -> Verdict:
    for rule in policies.precedence if not case.service else ():
        if case.journey not in rule.journeys:
            continue
        for other in case.others:
            until = other.ended_at + rule.afterwards / case.pace if other.ended_at else None
            if other.journey != rule.while_ or (until is not None and until <= case.at):
                continue
            runs = "runs for the customer" if until is None else "ended only a short while ago"
            reason = f'the journey "{rule.while_}" {runs}, and "{case.journey}" gives way to it'
            if rule.then != "hold":
                return Never("suppressed", reason, ends=rule.then == "end")
            if case.hurried:
                continue
            return Later("journey", reason, until or case.at + LOOK_AGAIN / case.pace)
    return None


def _released(case: Case, policies: Policies) -> Verdict:
    draft = case.journey in policies.release.journeys or case.name in policies.release.messages
    return Later("person", "it waits for a person to let it go", None) if draft and not case.released else None


def _not_paused(case: Case, policies: Policies) -> Verdict:
    if case.service or case.paused_until is None or case.paused_until <= case.at:
        return None
    return Later("customer", f"the customer wants no mail until {_when(case.paused_until, case)}", case.paused_until)


def _in_hours(case: Case, policies: Policies) -> Verdict:
    """In accelerated time a day has no hours worth the name."""
    if case.service or case.hurried or policies.hours is None or case.pace != 1.0:
        return None
    opens = business.next_open(calendar.of_window(policies.hours, case.zone.zone.key), case.at)
    if opens <= case.at:
        return None
    return Later("hours", f"mail goes out {policies.hours} of the customer's day", opens)


def _within_caps(case: Case, policies: Policies) -> Verdict:
    """Messages of more important journeys that wait for their turn have it before this one."""
    for cap in policies.caps if not (case.service or case.hurried) else ():
        span = cap.span / case.pace
        recent = sorted(moment for moment in case.sent if moment > case.at - span)
        over = len(recent) + case.first_in_line - cap.at_most
        if over >= 0:
            freed = recent[min(over, len(recent) - 1)] + span if recent else case.at + LOOK_AGAIN / case.pace
            length = durations.say(cap.span)
            before = f", and {case.first_in_line} more important come before" if case.first_in_line else ""
            reason = f"the customer gets at most {cap.at_most} within {length}{before}"
            return Later("cap", reason, max(freed, case.at + timedelta(seconds=1)))
    return None


LOOK_AGAIN = timedelta(hours=1)
"""When nobody can say when something ends."""
GATES: tuple[Callable[[Case, Policies], Verdict], ...] = (
    _fresh,
    _reachable,
    _wanted,
    _once,
    _given_way,
    _released,
    _not_paused,
    _in_hours,
    _within_caps,
)


def _when(moment: datetime, case: Case) -> str:
    return local.say(moment, case.zone.zone)
