"""The gates before a message: each reason that may hold or stop it, and which comes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journey import gates
from journey.gates import Case, Later, Never, Other, judge
from journey.policies import Policies
from journey.time import zones
from journey.time.zones import Chosen

AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)  # a Tuesday
BERLIN = Chosen(zones.zone("Europe/Berlin"))
TIPS = Case(AT, "lifecycle", "tips", "onboarding", "tips", zone=BERLIN)
RECEIPT = replace(TIPS, kind="transactional", name="receipt", topic="")


def policies(**given: Any) -> Policies:
    return Policies.model_validate({key.replace("_", " "): value for key, value in given.items()})


def days(count: float) -> timedelta:
    return timedelta(days=count)


def never(verdict: Any, state: str = "suppressed") -> str:
    assert isinstance(verdict, Never) and verdict.state == state
    return verdict.reason


def later(verdict: Any, waits: str, until: datetime | None) -> str:
    assert isinstance(verdict, Later)
    assert (verdict.waits, verdict.until) == (waits, until)
    return verdict.reason


def test_without_policies_and_without_a_word_from_the_customer_everything_goes() -> None:
    assert judge(TIPS, Policies()) is None and judge(RECEIPT, Policies()) is None


def test_what_is_out_of_date_expires_or_asks_a_person_and_a_released_one_goes() -> None:
    late = replace(TIPS, not_after=AT - days(1))
    assert never(judge(late, Policies()), "expired") == (
        "it was worth sending until Monday 2 March 2026, 13:00 (Europe/Berlin)"
    )
    asking = replace(late, ask_when_stale=True)
    assert later(judge(asking, Policies()), "person", None).endswith("is it still to go?")
    assert judge(replace(asking, released=True), Policies()) is None
    assert judge(replace(TIPS, not_after=AT), Policies()) is None


@pytest.mark.parametrize("case", [TIPS, RECEIPT], ids=["lifecycle", "service"])
def test_a_suppressed_address_gets_nothing_of_any_class(case: Case) -> None:
    assert never(judge(replace(case, suppressed="the address is suppressed: it bounced"), Policies())).endswith(
        "bounced"
    )


def test_who_declined_a_topic_or_everything_gets_no_such_lifecycle_mail_but_service_mail() -> None:
    assert '"tips"' in never(judge(replace(TIPS, consent=False), Policies()))
    assert "no such mail" in never(judge(replace(TIPS, refuses_all=True), Policies()))
    assert judge(replace(RECEIPT, refuses_all=True, consent=False), Policies()) is None
    assert judge(replace(TIPS, topic="", consent=False), Policies()) is None


def test_a_topic_that_needs_consent_is_only_for_those_who_said_yes() -> None:
    strict = policies(needs_consent=["tips"])
    assert "never agreed" in never(judge(TIPS, strict))
    assert judge(replace(TIPS, consent=True), strict) is None
    assert judge(replace(TIPS, topic="news"), strict) is None


def test_a_text_is_not_repeated_within_its_span() -> None:
    once = replace(TIPS, dedupe=days(30), had_it_at=AT - days(30))
    assert "has had this text on Sunday 1 February 2026" in never(judge(once, Policies()))
    assert judge(replace(once, had_it_at=AT - days(31)), Policies()) is None
    assert judge(replace(once, had_it_at=None), Policies()) is None


def complaint(then: str, **more: Any) -> Policies:
    return policies(precedence=[{"while": "complaint", "then": then, "journeys": ["onboarding"], **more}])


@pytest.mark.parametrize("then", ["mute", "end"])
def test_a_journey_that_gives_way_is_not_heard_while_the_other_runs(then: str) -> None:
    reason = never(judge(replace(TIPS, others=(Other("complaint"),)), complaint(then)))
    assert reason == 'the journey "complaint" runs for the customer, and "onboarding" gives way to it'
    assert judge(replace(TIPS, others=(Other("survey"),)), complaint(then)) is None
    assert judge(replace(RECEIPT, others=(Other("complaint"),)), complaint(then)) is None


def test_a_journey_that_is_held_goes_on_a_while_after_the_other_has_ended() -> None:
    rule = complaint("hold", resume_after="2 days")
    running = replace(TIPS, others=(Other("complaint"),))
    later(judge(running, rule), "journey", AT + gates.LOOK_AGAIN)
    ended = replace(TIPS, others=(Other("complaint", AT - days(1)),))
    assert "ended only a short while ago" in later(judge(ended, rule), "journey", AT + days(1))
    assert judge(replace(TIPS, others=(Other("complaint", AT - days(2)),)), rule) is None
    assert judge(replace(TIPS, journey="check-in", others=running.others), rule) is None


def test_drafts_wait_for_a_person_whether_the_journey_or_the_message_is_one() -> None:
    for drafts in ({"journeys": ["onboarding"]}, {"messages": ["tips"]}):
        later(judge(TIPS, policies(release=drafts)), "person", None)
        assert judge(replace(TIPS, released=True), policies(release=drafts)) is None
    later(judge(RECEIPT, policies(release={"journeys": ["onboarding"]})), "person", None)


def test_a_customer_who_wants_a_pause_hears_no_lifecycle_mail_until_then() -> None:
    quiet = replace(TIPS, paused_until=AT + days(7))
    later(judge(quiet, Policies()), "customer", AT + days(7))
    assert judge(replace(quiet, paused_until=AT), Policies()) is None
    assert judge(replace(RECEIPT, paused_until=AT + days(7)), Policies()) is None


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-03T12:00", None),
        ("2026-03-03T06:59", "2026-03-03T07:00"),
        ("2026-03-03T19:59", None),
        ("2026-03-03T20:00", "2026-03-04T07:00"),
        ("2026-03-28T20:30", "2026-03-30T06:00"),  # Sunday is closed, and the clocks go forward meanwhile
    ],
)
def test_lifecycle_mail_keeps_the_hours_of_the_customers_own_day(at: str, until: str | None) -> None:
    hours = policies(hours="8:00-21:00; sun closed".replace("8:00-21:00", "mon-sat 8:00-21:00"))
    case = replace(TIPS, at=datetime.fromisoformat(at).replace(tzinfo=UTC))
    verdict = judge(case, hours)
    if until is None:
        assert verdict is None
    else:
        later(verdict, "hours", datetime.fromisoformat(until).replace(tzinfo=UTC))
    assert judge(replace(case, kind="legal"), hours) is None
    assert judge(replace(case, pace=8640.0), hours) is None, "in accelerated time a day has no hours"


WEEK = [{"at most": 2, "within": "7 days"}]


def test_a_customer_gets_so_many_in_any_span_and_the_next_when_the_oldest_is_out_of_it() -> None:
    capped = policies(caps=WEEK)
    one, two = AT - days(6), AT - days(1)
    assert judge(replace(TIPS, sent=(one,)), capped) is None
    assert "at most 2 within 7 days" in later(judge(replace(TIPS, sent=(two, one)), capped), "cap", one + days(7))
    assert judge(replace(TIPS, sent=(AT - days(7), two)), capped) is None
    assert judge(replace(RECEIPT, sent=(one, two)), capped) is None
    later(judge(replace(TIPS, sent=(one, two, AT)), capped), "cap", two + days(7))


def test_the_messages_of_more_important_journeys_that_wait_come_first() -> None:
    capped = policies(caps=WEEK)
    waiting = replace(TIPS, sent=(AT - days(1),), first_in_line=1)
    assert "1 more important come before" in later(judge(waiting, capped), "cap", AT + days(6))
    later(judge(replace(TIPS, first_in_line=2), capped), "cap", AT + gates.LOOK_AGAIN)


def test_every_cap_counts_and_all_keep_pace() -> None:
    both = policies(caps=[{"at most": 5, "within": "7 days"}, {"at most": 1, "within": "1 day"}])
    later(judge(replace(TIPS, sent=(AT - timedelta(hours=1),)), both), "cap", AT + timedelta(hours=23))
    fast = replace(TIPS, pace=86_400.0, sent=(AT - timedelta(seconds=0.5),))
    later(judge(fast, both), "cap", AT + timedelta(seconds=1))


def test_what_can_never_be_is_said_before_what_is_not_now() -> None:
    """A message that will never go must not wait for hours first."""
    case = replace(
        TIPS, at=datetime(2026, 3, 3, 2, tzinfo=UTC), consent=False, paused_until=AT + days(3), suppressed="it bounced"
    )
    all_of_it = policies(hours="8:00-21:00", caps=WEEK, release={"journeys": ["onboarding"]})
    assert never(judge(case, all_of_it)) == "it bounced"
    assert "does not want" in never(judge(replace(case, suppressed=None), all_of_it))


def test_every_gate_is_in_the_list() -> None:
    written = {name for name, value in vars(gates).items() if name.startswith("_") and callable(value)}
    assert {gate.__name__ for gate in gates.GATES} == written - {"_when"}


def test_what_a_person_hurries_is_held_by_no_hour_cap_or_journey_but_by_the_customers_own_word() -> None:
    strict = policies(
        hours="mon-fri 8:00-9:00",
        caps=[{"at most": 1, "within": "7 days"}],
        precedence=[{"while": "complaint", "then": "hold", "journeys": ["onboarding"]}],
    )
    crowded = replace(TIPS, sent=(AT - days(1),), others=(Other("complaint"),))
    assert isinstance(judge(crowded, strict), Later)
    assert judge(replace(crowded, hurried=True), strict) is None
    assert isinstance(judge(replace(crowded, hurried=True, paused_until=AT + days(1)), strict), Later)
    muted = policies(precedence=[{"while": "complaint", "then": "mute", "journeys": ["onboarding"]}])
    never(judge(replace(crowded, hurried=True), muted))
