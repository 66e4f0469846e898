"""Clocks beside the way: internal and statutory ones, warnings and breach, pauses, new time, and what is on record."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import machine
from journey.commands import Cancel, Migrate, Pause, Resume, Skip
from journey.effects import ReadCustomer
from journey.inputs import CommandReceived, EffectDone, Entry, Event, EventReceived, WokeUp
from journey.life import Coming
from journey.simulator import Trace, simulate
from journey.state import State
from journey.time.zones import zone
from journey.turn import Turn
from tests.journey.time import oracle
from tests.journey.time.test_waits import BEGAN, OFFICE, TIMES, journey
from tests.journey.time.towns import COMMON

BERLIN = zone("Europe/Berlin")
CLOCK = """  - clock: {start: answer, kind: internal, due: 8 business hours}
    warn:
      - at: 50%
        do: [{note: half}]
      - at: 75%
        do: [{note: soon}]
    breach:
      - note: too late
"""
ANSWER = """  - wait: {for: answered, up to: 60 days}
  - clock: {stop: answer}
"""
PAUSE = "  - clock: {pause: answer, reason: a question to the customer, until: replied, up to: 5 business days}\n"


def told(steps: str, *events: tuple[str, str], head: str = "", at: datetime = BEGAN) -> list[tuple[str, str]]:
    """What is noted, sent and finished: the local time in Berlin, and what."""
    trace = lived(steps, *events, head=head, at=at)
    return [(_local(at + line.after), line.text) for line in trace.lines if line.kind in ("note", "send", "finish")]


def lived(steps: str, *events: tuple[str, str], head: str = "", at: datetime = BEGAN) -> Trace:
    coming = [Coming(_moment(when) - at, kind) for when, kind in events]
    return simulate(journey(steps, head), at, {}, {"id": "c-1"}, coming, times=TIMES)


def reasons(steps: str, *events: tuple[str, str]) -> list[str]:
    return [line.text for line in lived(steps, *events).lines if line.kind == "why" and "clock" in line.text]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M}"


def test_warnings_and_breach_come_at_their_shares_of_the_business_time_while_the_journey_waits() -> None:
    assert told(CLOCK + ANSWER, ("2026-03-05 12:00", "answered")) == [
        ("2026-03-02 14:00", "half"),
        ("2026-03-02 16:00", "soon"),
        ("2026-03-03 10:00", "too late"),
        ("2026-03-05 12:00", "completed"),
    ]


def test_an_answer_in_time_stops_the_clock_and_what_it_used_is_on_record() -> None:
    assert told(CLOCK + ANSWER, ("2026-03-02 15:30", "answered"))[-1] == ("2026-03-02 15:30", "completed")
    assert reasons(CLOCK + ANSWER, ("2026-03-02 15:30", "answered")) == [
        "The clock answer starts: 8 business hours, due on Tuesday 3 March 2026, 10:00 (Europe/Berlin).",
        "The clock answer has used 50% of its time. It is due on Tuesday 3 March 2026, 10:00 (Europe/Berlin).",
        "The clock answer is stopped in time: 5 h 30 min of 8 h were used.",
    ]


def test_a_breach_is_on_record_and_so_is_the_late_stop() -> None:
    said = reasons(CLOCK + ANSWER, ("2026-03-03 12:00", "answered"))
    assert said[-2:] == [
        "The clock answer is breached: 8 business hours were over on Tuesday 3 March 2026, 10:00 (Europe/Berlin).",
        "The clock answer is stopped too late: 10 h of 8 h were used.",
    ]


def test_an_internal_clock_pauses_and_goes_on_by_itself_when_the_customer_replies() -> None:
    steps = CLOCK + "  - wait: 2 hours\n" + PAUSE + ANSWER
    assert told(steps, ("2026-03-04 09:00", "replied"), ("2026-03-06 12:00", "answered")) == [
        ("2026-03-04 11:00", "half"),  # two hours were used before the pause
        ("2026-03-04 13:00", "soon"),
        ("2026-03-04 15:00", "too late"),
        ("2026-03-06 12:00", "completed"),
    ]
    said = reasons(steps, ("2026-03-04 09:00", "replied"), ("2026-03-04 10:00", "answered"))
    assert said[1:] == [
        "The clock answer pauses: a question to the customer. 2 h of 8 h are used.",
        "The clock answer goes on: replied came. It is due on Wednesday 4 March 2026, 15:00 (Europe/Berlin).",
        "The clock answer is stopped in time: 3 h of 8 h were used.",
    ]


def test_a_pause_has_an_end_even_if_nobody_replies() -> None:
    steps = CLOCK + PAUSE + ANSWER
    assert told(steps, ("2026-03-20 12:00", "answered"))[0] == ("2026-03-09 14:00", "half")
    assert "goes on: it has stood for 5 business days." in reasons(steps, ("2026-03-20 12:00", "answered"))[2]


def test_a_reply_that_is_not_the_right_one_changes_nothing() -> None:
    steps = CLOCK + PAUSE.replace("until: replied", "until: replied, if: event.final") + ANSWER
    said = reasons(steps, ("2026-03-03 09:00", "replied"), ("2026-03-03 12:00", "answered"))
    assert said[-1] == "The clock answer is stopped in time: 0 h of 8 h were used."


def test_the_reply_counts_from_when_it_was_accepted_whatever_is_being_done_then() -> None:
    story = journey(CLOCK + "  - wait: 2 hours\n" + PAUSE + "  - send: a\n" + ANSWER)
    state = _until_asked(story, "send")
    replied = Event(type="replied", at=state.now + timedelta(hours=1))
    state = machine.advance(story, state, EventReceived(event=replied, at=replied.at)).state
    done = EffectDone(effect="send-a/1/0", outcome="accepted", at=state.now + timedelta(hours=9))
    state = machine.advance(story, state, done).state
    assert state.alarm_at == replied.at  # at once
    turn = machine.advance(story, state, WokeUp(at=state.now))
    turn = _read(story, turn)
    assert turn.state.clocks["answer"].run.since == replied.at
    assert turn.state.step == "wait-for-answered"
    assert turn.state.wake_at is not None


def _until_asked(story: Any, kind: str) -> State:
    turn = machine.start(story, Entry(event=Event(type="began", at=BEGAN)), BEGAN)
    while not (turn.ask and turn.ask.kind == kind):
        if isinstance(turn.ask, ReadCustomer):
            turn = _read(story, turn)
        else:
            assert turn.state.alarm_at is not None
            turn = machine.advance(story, turn.state, WokeUp(at=turn.state.alarm_at))
    return turn.state


def _read(story: Any, turn: Turn) -> Turn:
    """What is read is answered at once."""
    while isinstance(turn.ask, ReadCustomer):
        wanted = turn.ask.local
        local = TIMES.of("", wanted.calendars, wanted.at) if wanted else None
        turn = machine.advance(story, turn.state, EffectDone(effect=turn.ask.id, local=local, at=turn.state.now))
    return turn


def test_new_time_keeps_what_was_used_and_repeats_no_warning() -> None:
    again = "  - clock: {start: answer, kind: internal, due: 12 business hours}\n    breach: [{note: late at last}]\n"
    steps = CLOCK + "  - wait: 5 hours\n" + again + ANSWER
    assert told(steps, ("2026-03-09 12:00", "answered")) == [
        ("2026-03-02 14:00", "half"),
        ("2026-03-03 14:00", "late at last"),  # 15:00 + (12 - 5) business hours
        ("2026-03-09 12:00", "completed"),
    ]
    less = again.replace("12 business hours", "3 business hours")
    assert told(CLOCK + "  - wait: 5 hours\n" + less + ANSWER, ("2026-03-09 12:00", "answered"))[1] == (
        "2026-03-02 15:00", "late at last",
    )  # fmt: skip


def test_a_statutory_clock_counts_calendar_time_and_its_business_days_only_find_the_end() -> None:
    weeks = """  - clock: {start: final, kind: statutory, due: 8 weeks}
    warn: [{at: 75%, do: [{note: holding letter}]}]
    breach: [{note: breached}]
"""
    wait = "  - wait: {for: answered, up to: 90 days}\n  - clock: {stop: final}\n"
    assert told(weeks + wait)[:2] == [("2026-04-13 11:00", "holding letter"), ("2026-04-27 11:00", "breached")]
    days = weeks.replace("8 weeks", "3 business days").replace("75%", "50%")
    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)  # ten o'clock
    assert told(days + wait, at=friday)[:2] == [
        ("2026-03-08 22:00", "holding letter"),
        ("2026-03-11 10:00", "breached"),
    ]


def test_a_statutory_clock_may_count_from_the_beginning_of_the_journey() -> None:
    start = "  - clock: {start: final, kind: statutory, due: 10 days, since: journey}\n    breach: [{note: breached}]\n"
    steps = "  - wait: 4 days\n" + start + "  - wait: 20 days\n  - clock: {stop: final}\n"
    assert told(steps)[0] == ("2026-03-12 10:00", "breached")


def test_two_clocks_run_side_by_side_through_daylight_saving_and_easter() -> None:
    steps = """  - clock: {start: inside, kind: internal, due: 40 business hours}
    breach: [{note: inside}]
  - clock: {start: outside, kind: statutory, due: 2 weeks}
    breach: [{note: outside}]
  - wait: 60 days
  - clock: {stop: inside}
  - clock: {stop: outside}
"""
    friday = datetime(2026, 3, 27, 9, tzinfo=UTC)  # two days before the clocks change, a week before Good Friday
    assert told(steps, at=friday)[:2] == [("2026-04-06 10:00", "inside"), ("2026-04-10 11:00", "outside")]


def test_a_breach_may_lead_the_journey_elsewhere_and_end_the_wait() -> None:
    steps = (
        CLOCK.replace("- note: too late", "- goto: leads")
        + ANSWER
        + "  - finish: answered\n"
        + "  - id: leads\n    note: handed over\n  - clock: {stop: answer}\n  - finish: escalated\n"
    )
    assert told(steps, ("2026-03-09 12:00", "answered"))[-2:] == [
        ("2026-03-03 10:00", "handed over"), ("2026-03-03 10:00", "escalated"),
    ]  # fmt: skip


def test_a_breach_may_end_the_journey() -> None:
    steps = CLOCK.replace("- note: too late", "- finish: too-late") + ANSWER
    assert told(steps)[-1] == ("2026-03-03 10:00", "too-late")


def test_a_wait_that_ends_at_the_moment_of_the_breach_goes_first() -> None:
    steps = CLOCK + "  - wait: 8 business hours\n  - clock: {stop: answer}\n  - note: done\n"
    assert [what for _, what in told(steps)] == ["half", "soon", "done", "completed"]


def test_a_clock_that_is_never_stopped_ends_with_the_journey_and_says_whether_it_was_kept() -> None:
    assert reasons(CLOCK + "  - wait: 1 hour\n")[-1] == "The clock answer ends with the journey, in time."
    assert reasons(CLOCK + "  - wait: 9 days\n")[-1] == "The clock answer ends with the journey, after its breach."


def test_an_exit_ends_the_clocks_too() -> None:
    head = "exit: [{on: left, as: left}]\n"
    trace = lived(CLOCK + ANSWER, ("2026-03-02 12:00", "left"), head=head)
    assert trace.state.ended is not None
    assert (trace.state.ended.outcome, trace.state.clocks, trace.state.asides) == ("left", {}, ())


def test_what_cannot_be_done_with_a_clock_is_on_record_and_stops_nothing() -> None:
    steps = (
        ANSWER.replace("wait: {for: answered, up to: 60 days}", "clock: {resume: answer}")
        + PAUSE
        + CLOCK
        + PAUSE
        + PAUSE
    )
    said = reasons(steps + "  - clock: {resume: answer}\n  - clock: {resume: answer}\n  - clock: {stop: answer}\n")
    assert [text for text in said if " not " in text] == [
        "The clock answer does not go on: it does not run.",
        "The clock answer is not stopped: it does not run.",
        "The clock answer is not paused: it does not run.",
        "The clock answer is not paused: it stands already.",
        "The clock answer does not go on: it runs already.",
    ]


def test_a_pause_by_people_holds_alarms_back_and_they_come_when_it_goes_on() -> None:
    story = journey(CLOCK + ANSWER)
    state = _read(story, machine.start(story, Entry(event=Event(type="began", at=BEGAN)), BEGAN)).state
    pause = Pause(at=BEGAN + timedelta(hours=1))
    state = machine.advance(story, state, CommandReceived(command=pause, at=pause.at)).state
    assert state.alarm_at is None
    resume = Resume(at=BEGAN + timedelta(days=2))
    turn = machine.advance(story, state, CommandReceived(command=resume, at=resume.at))
    assert [getattr(write, "text", "") for write in turn.writes] == ["half", "soon", "too late"]
    assert turn.state.step == "wait-for-answered"


def test_while_something_is_done_beside_the_way_people_are_asked_to_try_again() -> None:
    story = journey(_NOTIFYING + ANSWER)
    state = _until_asked(story, "notify")
    turn = machine.advance(story, state, CommandReceived(command=Skip(at=state.now), at=state.now))
    assert turn.refused == "it is doing notify-care beside its way; try again when it rests"
    gone = machine.advance(story, state, CommandReceived(command=Cancel(at=state.now), at=state.now))
    assert gone.state.ended is not None
    assert gone.given_up == "notify-care/1/0"


def test_an_instance_that_does_something_beside_its_way_is_not_migrated() -> None:
    story = journey(_NOTIFYING + ANSWER)
    state = _until_asked(story, "notify")
    command = Migrate(at=state.now, version=story.hash, plan=story.plan)
    turn = machine.advance(story, state, CommandReceived(command=command, at=state.now))
    assert turn.refused == "it is doing notify-care beside its way; try again when it rests"


def test_in_a_version_without_the_clock_its_alarms_are_not_done_and_the_reason_is_on_record() -> None:
    old, new = journey(CLOCK + ANSWER), journey("  - wait: {for: answered, up to: 60 days}\n")
    state = _read(old, machine.start(old, Entry(event=Event(type="began", at=BEGAN)), BEGAN)).state
    command = Migrate(at=BEGAN + timedelta(hours=1), version=new.hash, plan=new.plan)
    state = machine.advance(old, state, CommandReceived(command=command, at=command.at)).state
    assert state.alarm_at is not None
    turn = machine.advance(new, state, WokeUp(at=state.alarm_at))
    assert [decision.text for decision in turn.decisions] == [
        "What clock-start-answer was to do is not done: this version has no such step."
    ]
    assert turn.state.step == "wait-for-answered"


def test_a_pause_by_people_in_the_middle_of_a_reading_beside_the_way_reads_anew_afterwards() -> None:
    story = journey(CLOCK + PAUSE + ANSWER)
    state = _read(story, machine.start(story, Entry(event=Event(type="began", at=BEGAN)), BEGAN)).state
    replied = Event(type="replied", at=BEGAN + timedelta(hours=3))
    state = machine.advance(story, state, EventReceived(event=replied, at=replied.at)).state
    turn = machine.advance(story, state, WokeUp(at=replied.at))
    assert isinstance(turn.ask, ReadCustomer)
    pause = Pause(at=replied.at + timedelta(minutes=1))
    state = machine.advance(story, turn.state, CommandReceived(command=pause, at=pause.at)).state
    state = machine.advance(story, state, EffectDone(effect=turn.ask.id, at=pause.at)).state
    resume = Resume(at=replied.at + timedelta(hours=2))
    turn = _read(story, machine.advance(story, state, CommandReceived(command=resume, at=resume.at)))
    assert turn.state.clocks["answer"].run.since == replied.at
    assert turn.state.beside is None


def test_an_event_from_a_clock_that_is_ahead_ends_one_rest_and_not_the_next() -> None:
    story = journey("  - wait: 1 second\n  - wait: 1 second\n  - wait: {for: paid, up to: 1 day}\n")
    state = machine.start(story, Entry(event=Event(type="began", at=BEGAN)), BEGAN).state
    paid = Event(type="paid", at=BEGAN + timedelta(minutes=1))
    turn = machine.advance(story, state, EventReceived(event=paid, at=BEGAN + timedelta(seconds=1)))
    assert turn.state.step == "wait-1-second-2"


def test_an_event_that_comes_meanwhile_is_applied_when_the_instance_is_back() -> None:
    story = journey(_NOTIFYING + ANSWER)
    state = _until_asked(story, "notify")
    answered = Event(type="answered", at=state.now + timedelta(minutes=1))
    state = machine.advance(story, state, EventReceived(event=answered, at=answered.at)).state
    assert (state.step, state.ended) == ("notify-care", None)
    turn = machine.advance(story, state, EffectDone(effect="notify-care/1/0", outcome="accepted", at=answered.at))
    turn = _read(story, turn)
    assert turn.state.ended is not None
    assert turn.state.moved_at == answered.at


_NOTIFYING = CLOCK.replace(
    "        do: [{note: half}]\n", "        do:\n          - notify: care\n            text: Hurry.\n"
)


@settings(COMMON, max_examples=30)
@given(st.data())
def test_whatever_is_done_to_a_clock_it_uses_the_time_that_the_oracle_ticks(data: st.DataObject) -> None:
    """A journey that pauses, resumes and gives new time by events, at any minutes, against the ticking clock."""
    steps = "  - clock: {start: answer, kind: internal, due: 8 business hours}\n    breach: [{note: too late}]\n"
    lanes = {"hold": PAUSE.strip()[2:], "go": "clock: {resume: answer}", "longer": "", "stop": ""}
    again = "clock: {start: answer, kind: internal, due: 11 business hours}, breach: [{note: too late}]"
    steps += f"""  - id: desk
    race:
      - {{for: hold, do: [{{{lanes["hold"]}}}, {{goto: desk}}]}}
      - {{for: go, do: [{{{lanes["go"]}}}, {{goto: desk}}]}}
      - {{for: longer, do: [{{{again}}}, {{goto: desk}}]}}
      - {{for: stop, do: [{{clock: {{stop: answer}}}}]}}
    up to: 90 days
"""
    minutes = sorted(data.draw(st.lists(st.integers(1, 7 * 24 * 60), min_size=1, max_size=6, unique=True)))
    kinds = [data.draw(st.sampled_from(("hold", "go", "longer"))) for _ in minutes[:-1]] + ["stop"]
    events = [Coming(timedelta(minutes=minute), kind) for minute, kind in zip(minutes, kinds, strict=True)]
    trace = simulate(journey(steps), BEGAN, {}, {"id": "c-1"}, events, times=TIMES)
    ticker = _ticked(list(zip(minutes, kinds, strict=True)))
    said = next(line.text for line in trace.lines if "is stopped" in line.text)
    hours, rest = divmod(ticker.spent, 60)
    used = f"{hours} h {rest} min" if rest else f"{hours} h"
    assert f": {used} of " in said
    breached = [BEGAN + line.after for line in trace.lines if line.kind == "note"]
    assert breached[:1] == ticker.breached[:1]


class _Breaching(oracle.Ticker):
    """Remembers the first minute at which its time was over."""

    breached: list[datetime]

    def go_to(self, moment: datetime) -> None:
        while self.now < moment:
            super().go_to(self.now + oracle.MINUTE)
            if self.runs and self.spent >= self.total and not self.breached:
                self.breached.append(self.now)


def _ticked(script: Sequence[tuple[int, str]]) -> _Breaching:
    opened = {minute: is_open for minute, is_open, _ in _minutes(script[-1][0] + 1)}
    ticker = _Breaching(BEGAN, timedelta(hours=8), opened.__getitem__)
    ticker.breached = []
    held_until: datetime | None = None
    for minute, kind in script:
        at = BEGAN + timedelta(minutes=minute)
        if held_until is not None and held_until <= at:
            ticker.go_to(held_until)
            ticker.runs, held_until = True, None
        ticker.go_to(at)
        if kind == "hold" and ticker.runs:
            ticker.runs, held_until = False, oracle.days_after(OFFICE, at, 5)
        elif kind == "go":
            ticker.runs, held_until = True, None
        elif kind == "longer":
            ticker.total = 11 * 60
    return ticker


def _minutes(count: int) -> list[tuple[datetime, bool, Any]]:
    walk = oracle.minutes(OFFICE, BEGAN)
    return [next(walk) for _ in range(count)]


@pytest.mark.parametrize("share", ["0%", "100%", "75", "7.5%", "-5%"])
def test_a_share_is_one_to_ninety_nine_percent(share: str) -> None:
    with pytest.raises(Exception, match="is not a share of the time"):
        journey(CLOCK.replace("50%", f'"{share}"') + ANSWER)
