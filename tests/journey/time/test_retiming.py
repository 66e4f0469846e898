"""Clocks that run follow the calendars in force, and the version of their journey: against the ticking clock, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import machine
from journey.commands import Migrate, Retime
from journey.definition import Journey
from journey.effects import AddNote, ReadCustomer
from journey.inputs import CommandReceived, EffectDone, Entry, Event, EventReceived, Input, WokeUp
from journey.state import Clock
from journey.time.calendar import Calendar
from journey.time.wall import LocalTime, TimesInForce
from journey.time.zones import zone
from journey.turn import Turn
from tests.journey.time import oracle
from tests.journey.time.test_waits import BEGAN, OFFICE, journey
from tests.journey.time.towns import COMMON

MORNINGS = Calendar(
    name="office", zone="Europe/Berlin", week=(*["9:00-12:00"] * 5, "closed", "closed"), days={"2026-04-03": "closed"}
).stamped()
OUTING = OFFICE.model_copy(update={"days": {**OFFICE.days, "2026-03-03": "closed"}}).stamped()
EASTER = OFFICE.model_copy(update={"days": {**OFFICE.days, "2026-03-30": "closed", "2026-04-06": "closed"}}).stamped()
CALENDARS = (OFFICE, MORNINGS, OUTING, EASTER)
GOOD_FRIDAY_NEAR = datetime(2026, 3, 27, 9, tzinfo=UTC)  # two days before the clocks change, a week before a holiday

WAITING = """  - id: desk
    race:
      - for: hold
        do:
          - clock: {pause: answer, reason: we have asked the customer, until: replied, up to: 60 days}
          - goto: desk
      - {for: stop, do: [{clock: {stop: answer}}]}
    up to: 90 days
"""
STANDING = (
    "  - id: desk\n    race: [{for: stop, do: [{note: over}]}, {for: hold, do: [{note: held}]}]\n    up to: 90 days\n"
)


def clock(due: str, kind: str = "internal", *, warn: str = "") -> str:
    waiting = WAITING if kind == "internal" else STANDING
    return f"  - clock: {{start: answer, kind: {kind}, due: {due}}}\n{warn}    breach: [{{note: too late}}]\n{waiting}"


class Desk:
    """One instance whose calendar is another one from time to time; its timers are kept, as Temporal keeps them."""

    def __init__(
        self, steps: str | Journey, at: datetime = BEGAN, calendar: Calendar = OFFICE, pace: float = 1.0
    ) -> None:
        self.journey = journey(steps) if isinstance(steps, str) else steps
        self.calendar = calendar
        self.noted: list[tuple[datetime, str]] = []
        self.said: list[str] = []
        self._keep(machine.start(self.journey, Entry(event=Event(type="began", at=at), pace=pace), at))

    def _keep(self, turn: Turn) -> None:
        self.turn, self.state = turn, turn.state
        self.noted += [(turn.state.now, write.text) for write in turn.writes if isinstance(write, AddNote)]
        self.said += [decision.text for decision in turn.decisions]
        if turn.plan is not None:
            self.journey = Journey.model_validate(turn.plan)
        if isinstance(turn.ask, ReadCustomer) and turn.ask.local is not None:
            local = self._local(turn.ask.local.at)
            self._give(EffectDone(effect=turn.ask.id, local=local, at=turn.state.now))

    def _local(self, at: datetime) -> LocalTime:
        return TimesInForce("Europe/Berlin", "office", {"office": self.calendar}).of("", ("", "office"), at)

    def _give(self, happened: Input) -> None:
        self._keep(machine.advance(self.journey, self.state, happened))

    def go_to(self, moment: datetime) -> None:
        while self.state.alarm_at is not None and self.state.alarm_at <= moment:
            self._give(WokeUp(at=self.state.alarm_at))

    def event(self, kind: str, at: datetime) -> None:
        self.go_to(at)
        self._give(EventReceived(event=Event(type=kind, at=at), at=at))
        self.go_to(at)

    def publish(self, calendar: Calendar, at: datetime) -> None:
        self.go_to(at)
        was, self.calendar = {self.calendar.version: self.calendar}, calendar
        self._give(CommandReceived(command=Retime(at=at, local=self._local(at), was=was), at=at))
        self.go_to(at)

    def migrate(self, new: Journey, at: datetime) -> None:
        self.go_to(at)
        command = Migrate(at=at, version=new.hash, plan=new.plan, local=self._local(at))
        self._give(CommandReceived(command=command, at=at))

    @property
    def clock(self) -> Clock:
        return self.state.clocks["answer"]

    @property
    def breach(self) -> datetime:
        """When the clock is over, if nothing changes any more."""
        return next(aside.at for aside in self.state.asides if aside.what == "breach")


def at(day: str) -> datetime:
    """A moment of March or April 2026 in Berlin: ``03-03 14:00``."""
    return datetime.fromisoformat(f"2026-{day}").replace(tzinfo=zone("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "calendar", "moment", "until"),
    [
        ("8 business hours", OFFICE, "03-02 12:00", "03-03 10:00"),  # published again: nothing changes
        ("8 business hours", MORNINGS, "03-02 12:00", "03-04 12:00"),  # 2 used, 6 left, 3 a day
        ("8 business hours", OUTING, "03-02 12:00", "03-04 10:00"),  # tomorrow is closed by now
        ("3 business days", OUTING, "03-02 12:00", "03-06 10:00"),
        ("3 business days", MORNINGS, "03-02 17:00", "03-05 10:00"),  # 7 of 24 hours used, 17 of 24 of nine are left
    ],
)
def test_a_changed_calendar_reaches_a_clock_that_runs(due: str, calendar: Calendar, moment: str, until: str) -> None:
    desk = Desk(clock(due))
    desk.publish(calendar, at(moment))
    if (due, calendar) == ("3 business days", MORNINGS):
        # a share: 7/24 are used, and 17/24 of the new nine hours (6 h 22 min 30 s) are left
        assert desk.breach == oracle.after(MORNINGS, at("03-03 09:00"), timedelta(minutes=382)) + timedelta(seconds=30)
        return
    assert desk.breach == at(until)
    assert desk.clock.version == calendar.version


def test_it_is_on_record_what_changed_and_by_which_version() -> None:
    desk = Desk(clock("8 business hours"))
    desk.publish(OUTING, at("03-02 12:00"))
    [decision] = desk.turn.decisions
    berlin = "10:00 (Europe/Berlin)"
    assert decision.text == (
        'The calendar of the clock answer has changed (calendar "office"): it is due on'
        f" Wednesday 4 March 2026, {berlin}, not on Tuesday 3 March 2026, {berlin}."
    )
    assert (decision.values["before"], decision.values["version"]) == (OFFICE.version, OUTING.version)
    desk.publish(OUTING, at("03-02 13:00"))
    assert (desk.turn.decisions, desk.turn.refused) == ((), "")


def test_a_day_that_turns_out_to_be_closed_takes_back_a_warning_that_has_not_come_and_no_other() -> None:
    warn = "    warn: [{at: 25%, do: [{note: early}]}, {at: 75%, do: [{note: soon}]}]\n"
    desk = Desk(clock("8 business hours", warn=warn))
    desk.publish(OUTING, at("03-02 13:00"))
    desk.go_to(at("03-10 09:00"))
    assert desk.noted == [(at("03-02 12:00"), "early"), (at("03-02 16:00"), "soon"), (at("03-04 10:00"), "too late")]


def test_a_clock_that_was_breached_already_stays_so() -> None:
    desk = Desk(clock("8 business hours"))
    desk.go_to(at("03-03 10:00"))
    desk.publish(OUTING, at("03-03 11:00"))
    assert desk.said[-1].startswith("The clock answer is breached") and desk.noted == [(at("03-03 10:00"), "too late")]


def test_a_clock_whose_time_is_over_by_the_new_calendar_is_breached_at_once() -> None:
    desk = Desk(clock("8 business hours"), calendar=MORNINGS)
    desk.publish(OFFICE, at("03-04 11:59"))
    assert desk.breach == at("03-04 12:00")
    early = Desk(clock("3 business days", "statutory"), calendar=OUTING)
    early.publish(OFFICE, at("03-05 16:00"))
    assert early.noted == [(at("03-05 16:00"), "too late")]


def test_a_clock_that_stands_gets_its_new_time_when_it_goes_on() -> None:
    desk = Desk(clock("8 business hours"))
    desk.event("hold", at("03-02 12:00"))
    desk.publish(MORNINGS, at("03-02 15:00"))
    assert desk.said[-1].endswith(": it stands.")
    desk.event("replied", at("03-09 09:00"))
    assert desk.breach == at("03-10 12:00")  # 6 hours are left, 3 on each morning


def test_the_business_days_of_a_statutory_clock_find_another_end() -> None:
    desk = Desk(clock("3 business days", "statutory"))
    assert desk.breach == at("03-05 10:00")
    desk.publish(OUTING, at("03-02 12:00"))
    assert desk.breach == at("03-06 10:00")


def test_a_clock_of_real_time_does_not_care() -> None:
    desk = Desk(clock("8 weeks", "statutory"))
    before = desk.breach
    desk.publish(OUTING, at("03-02 12:00"))
    assert desk.breach == before and desk.turn.decisions == ()


def test_at_another_speed_it_is_the_clock_of_the_instance_that_counts() -> None:
    desk = Desk(clock("8 business hours"), pace=60.0)
    desk.publish(OUTING, BEGAN + timedelta(minutes=2))  # its clock shows 12:00
    assert desk.breach == BEGAN + timedelta(hours=48) / 60


def test_holidays_that_are_long_past_are_not_counted_as_open() -> None:
    """Three weeks after Good Friday a clock is paused: the holiday was no day of work."""
    desk = Desk(clock("300 business hours"), GOOD_FRIDAY_NEAR)
    desk.event("hold", at("04-24 10:00"))
    assert desk.clock.run.spent == oracle.between(OFFICE, GOOD_FRIDAY_NEAR, at("04-24 10:00"))


def test_another_version_of_the_journey_gives_a_running_clock_its_new_time_and_keeps_what_was_used() -> None:
    desk = Desk(clock("8 business hours"))
    desk.migrate(journey(clock("12 business hours")), at("03-02 15:00"))
    assert desk.breach == at("03-03 14:00")  # 5 are used, 7 are left
    assert any("The clock answer has new time: 12 business hours" in text for text in desk.said)
    same = Desk(clock("8 business hours"))
    same.migrate(journey(clock("8 business hours").replace("too late", "much too late")), at("03-02 15:00"))
    assert same.breach == at("03-03 10:00") and not any("new time" in text for text in same.said)
    gone = Desk(clock("8 business hours"))
    gone.migrate(journey(STANDING), at("03-02 15:00"))
    assert gone.breach == at("03-03 10:00")


def test_the_same_commands_give_the_same_bytes() -> None:
    lives = []
    for _ in range(2):
        desk = Desk(clock("8 business hours"))
        desk.publish(MORNINGS, at("03-02 12:00"))
        desk.publish(EASTER, at("03-03 09:30"))
        lives.append(desk.state.model_dump_json())
    assert lives[0] == lives[1]


@settings(COMMON, max_examples=40)
@given(st.data())
def test_whatever_changes_and_pauses_a_clock_uses_the_minutes_that_were_open_when_they_passed(
    data: st.DataObject,
) -> None:
    """Calendars change at any minute, and pauses come and go, through holidays and the change of the clocks."""
    began = data.draw(st.sampled_from((BEGAN, GOOD_FRIDAY_NEAR)))
    minutes = sorted(data.draw(st.lists(st.integers(1, 12 * 24 * 60), min_size=2, max_size=7, unique=True)))
    kinds = [data.draw(st.sampled_from(("hold", "replied", *range(4)))) for _ in minutes[:-1]]
    desk = Desk(clock("20 business hours"), began)
    opened = {one.version: _opened(one, began, minutes[-1]) for one in CALENDARS}
    spent, runs, calendar, passed, breached = 0, True, OFFICE, 0, None
    for minute, kind in zip(minutes, [*kinds, "stop"], strict=True):
        moment = began + timedelta(minutes=minute)
        for one in range(passed, minute):
            spent += runs and opened[calendar.version][one]
            if spent >= 20 * 60 and breached is None:
                breached = began + timedelta(minutes=one + 1)
        passed = minute
        if isinstance(kind, int):
            desk.publish(CALENDARS[kind], moment)
            calendar = CALENDARS[kind]
        else:
            desk.event(kind, moment)
            runs = {"hold": False, "replied": True}.get(kind, runs)
    hours, rest = divmod(spent, 60)
    used = f"{hours} h {rest} min" if rest else f"{hours} h"
    assert f": {used} of 20 h were used." in next(text for text in desk.said if "is stopped" in text)
    assert [when for when, text in desk.noted if text == "too late"] == ([breached] if breached else [])


def _opened(calendar: Calendar, began: datetime, count: int) -> list[bool]:
    walk = oracle.minutes(calendar, began)
    return [next(walk)[1] for _ in range(count)]
