"""Waits on the clock and the calendar of the customer: dates, windows and business time, as a journey lives them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from journey import machine
from journey.definition import Journey
from journey.effects import ReadCustomer
from journey.inputs import EffectDone, Entry, Event, WokeUp
from journey.load import load
from journey.schema import schema
from journey.simulator import simulate
from journey.time import zones
from journey.time.calendar import Calendar
from journey.time.wall import LocalTime, TimesInForce
from journey.turn import Turn
from tests.journey.folders import COMPANY, folder

OFFICE = Calendar(
    name="office", zone="Europe/Berlin", week=(*["9:00-17:00"] * 5, "closed", "closed"), days={"2026-04-03": "closed"}
).stamped()
HOTLINE = Calendar(name="hotline", zone="America/New_York", week=("8:00-20:00",) * 7).stamped()
TIMES = TimesInForce("Europe/Berlin", "office", {"office": OFFICE, "hotline": HOTLINE})
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday; 10:00 in Berlin, 18:00 in Tokyo

HEAD = "title: Hours of work\ntime zone: {zone}\nhours: {{{hours}}}\n"
FILES = {
    "calendars/office.yaml": "calendar: office\n" + HEAD.format(zone="Europe/Berlin", hours="mon-fri: 9:00-17:00"),
    "calendars/hotline.yaml": "calendar: hotline\n" + HEAD.format(zone="America/New_York", hours="daily: 8:00-20:00"),
    "company.yaml": COMPANY + "calendar: office\ntime zone: Europe/Berlin\n",
}
OTHER = "journey: other\ntitle: Another\nowner: tests@example.org\nstart: {on: other}\nsteps: [{send: a}]\n"
GO_ON = "    on_past: go on\n    on_invalid: go on\n"


def journey(steps: str, head: str = "") -> Journey:
    return load({**folder(steps, head), **FILES, "other.yaml": OTHER}).journeys["story"]


def told(steps: str, zone: str = "", head: str = "", at: datetime = BEGAN, **start: Any) -> list[tuple[str, str]]:
    """What is sent, noted and finished: the local time in Berlin, and what."""
    record = {"id": "c-1", "time_zone": zone}
    trace = simulate(journey(steps, head), at, start, record, times=TIMES)
    berlin = OFFICE.zone
    return [
        (_local(at + line.after, berlin), line.text) for line in trace.lines if line.kind in ("send", "note", "finish")
    ]


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(zones.zone(zone)):%Y-%m-%d %H:%M}"


def reasons(steps: str, zone: str = "", **start: Any) -> list[str]:
    trace = simulate(journey(steps), BEGAN, start, {"id": "c-1", "time_zone": zone}, times=TIMES)
    return [line.text for line in trace.lines if line.kind == "why"]


DATE = """  - wait: {date: 14 days before start.ends_on, at: 9:00}
    on_past:
      - note: late
    on_invalid:
      - finish: no-date
  - send: a
"""


def test_a_date_with_an_offset_is_waited_for_in_the_zone_of_the_customer() -> None:
    assert told(DATE, ends_on="2026-03-31")[0] == ("2026-03-17 09:00", "a")
    assert told(DATE, "Asia/Tokyo", ends_on="2026-03-31")[0] == ("2026-03-17 01:00", "a")


def test_the_reason_says_which_moment_it_is_and_why() -> None:
    assert reasons(DATE, "Asia/Tokyo", ends_on="2026-03-31")[1:] == [
        "14 days before start.ends_on at 9:00 is Tuesday 17 March 2026, 09:00 (Asia/Tokyo).",
        "The wait until 14 days before start.ends_on at 9:00 is over.",
        'The journey came to its end. It ends as "completed".',
    ]


def test_a_date_that_is_past_takes_the_way_that_is_written_for_it() -> None:
    assert told(DATE, ends_on="2026-03-15") == [
        ("2026-03-02 10:00", "late"), ("2026-03-02 10:00", "a"), ("2026-03-02 10:00", "completed"),
    ]  # fmt: skip
    assert "is past: it was Sunday 1 March 2026, 09:00 (Europe/Berlin)." in reasons(DATE, ends_on="2026-03-15")[1]


def test_a_date_that_is_this_very_moment_is_not_past() -> None:
    steps = "  - wait: {date: start.at}\n    on_past: [{finish: late}]\n    on_invalid: [{finish: none}]\n  - send: a\n"
    assert _first(steps, "2026-03-02T09:00:00Z") == "a"
    assert _first(steps, "2026-03-02T08:59:59Z") == "late"


def _first(steps: str, moment: str) -> str:
    trace = simulate(journey(steps), BEGAN, {"at": moment}, {"id": "c-1"}, times=TIMES)
    return next(line.text for line in trace.lines if line.kind in ("send", "finish"))


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ({}, "There is no date to wait for: start.ends_on is missing."),
        ({"ends_on": "soon"}, 'There is no date to wait for: "soon" is not a date such as 2027-03-31.'),
        ({"ends_on": None}, "There is no date to wait for: start.ends_on is missing."),
        ({"ends_on": "2026-02-30"}, 'There is no date to wait for: "2026-02-30" is not a date that there is.'),
        ({"ends_on": "9999-12-31"}, 'There is no date to wait for: "9999-12-31" is more than ten years away.'),
        ({"ends_on": 20260331}, "There is no date to wait for: 20260331 is not a date such as 2027-03-31."),
    ],
)
def test_data_without_a_date_take_the_way_that_is_written_for_it(start: dict[str, Any], why: str) -> None:
    assert told(DATE, **start) == [("2026-03-02 10:00", "no-date")]
    assert reasons(DATE, **start)[1] == why


def test_go_on_does_nothing_and_goes_on() -> None:
    steps = "  - wait: {date: start.ends_on, at: 9:00}\n    on_past: go on\n    on_invalid: go on\n  - send: a\n"
    assert told(steps, ends_on="2026-01-01")[0] == ("2026-03-02 10:00", "a")
    assert told(steps)[0] == ("2026-03-02 10:00", "a")
    written = journey(steps)
    assert Journey.model_validate(written.plan) == written


def test_a_written_date_needs_no_way_for_data_without_one() -> None:
    steps = "  - wait: {date: 2 weeks before 2026-03-31, at: 9:00}\n    on_past: go on\n  - send: a\n"
    assert told(steps)[0] == ("2026-03-17 09:00", "a")


def test_a_date_of_the_customer_is_read_with_the_same_single_read() -> None:
    steps = "  - wait: {date: customer.birthday, at: 9:00}\n    on_past: go on\n    on_invalid: go on\n  - send: a\n"
    turn = machine.start(journey(steps), Entry(event=Event(type="began", at=BEGAN)), BEGAN)
    assert isinstance(turn.ask, ReadCustomer)
    assert (turn.ask.fields, turn.ask.local is not None) == (("birthday",), True)


def test_business_days_before_a_date_are_counted_in_the_calendar() -> None:
    steps = "  - wait: {date: 1 business day before start.on, at: 9:00}\n" + GO_ON + "  - send: a\n"
    assert told(steps, on="2026-04-06")[0] == ("2026-04-02 09:00", "a")  # Good Friday and a weekend before it


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("  - wait: 2 business days\n  - send: a\n", "2026-03-04 10:00"),
        ("  - wait: 8 business hours\n  - send: a\n", "2026-03-03 10:00"),
        ("  - wait: 12 business hours\n    calendar: hotline\n  - send: a\n", "2026-03-03 02:00"),
        ("  - wait: {for: x, up to: 3 business days}\n  - send: a\n", "2026-03-05 10:00"),
        ("  - race: [{for: x, do: []}, {for: y, do: []}]\n    up to: 1 business day\n  - send: a\n", "2026-03-03 10:00"),  # noqa: E501  one line is one case
        ("  - repeat: {times: 2, every: 5 business days}\n    do: [{note: round}]\n  - send: a\n", "2026-03-09 10:00"),
        ("  - collect: x\n    up to: 4 business hours\n    into: all\n  - send: a\n", "2026-03-02 14:00"),
    ],
)  # fmt: skip
def test_business_time_may_stand_wherever_a_step_waits(steps: str, expected: str) -> None:
    assert next(when for when, what in told(steps) if what == "a") == expected


def test_business_time_may_be_counted_long_after_a_step_was_entered() -> None:
    """A question and a task work it out when they are answered, by the calendar that was read at first."""
    asked = "  - ask: a\n    up to: 2 business days\n    otherwise: [{note: silent}]\n"
    task = """  - task: call
    team: care
    title: Call
    due: 1 business day
    warn: 2 business hours
    escalate: [{after: 4 business hours, to: care}]
    up to: 3 business days
    otherwise: [{note: nobody called}]
"""
    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert told(asked, at=friday)[1] == ("2026-03-10 10:00", "silent")
    other = "  - start: other\n    up to: 2 business days\n    otherwise: [{note: still under way}]\n"
    assert told(other, at=friday)[0] == ("2026-03-10 10:00", "still under way")
    trace = simulate(journey(task), friday, {}, {"id": "c-1"}, times=TIMES)
    seen = [(_local(friday + line.after, OFFICE.zone), line.text) for line in trace.lines if "is told" in line.text]
    assert [when for when, _ in seen] == ["2026-03-06 16:00", "2026-03-09 14:00"]
    assert told(task, at=friday)[-2] == ("2026-03-11 10:00", "nobody called")


def test_the_calendar_of_the_step_counts_before_the_journeys_and_the_companys() -> None:
    wait = "  - wait: 1 business hour\n"
    late = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # 19:30 in Berlin, 13:30 in New York
    assert told(wait + "  - send: a\n", at=late)[0][0] == "2026-03-03 10:00"
    assert told(wait + "  - send: a\n", head="calendar: hotline\n", at=late)[0][0] == "2026-03-02 20:30"
    with_calendar = wait + "    calendar: office\n  - send: a\n"
    assert told(with_calendar, head="calendar: hotline\n", at=late)[0][0] == "2026-03-03 10:00"


def test_the_reason_names_the_calendar_and_its_version() -> None:
    trace = simulate(journey("  - wait: 1 business day\n"), BEGAN, {}, {"id": "c-1"}, times=TIMES)
    assert (
        trace.lines[2].text
        == '1 business day from now (calendar "office") is Tuesday 3 March 2026, 10:00 (Europe/Berlin).'
    )
    turn = _answered("  - wait: 1 business day\n", TIMES)
    assert turn.decisions[0].values == {"calendar": "office", "version": OFFICE.version}


def _answered(steps: str, times: TimesInForce, zone: str = "", pace: float = 1.0, **start: Any) -> Turn:
    """The turn in which the first step has read what it needs."""
    story = journey(steps)
    turn = machine.start(story, Entry(event=Event(type="began", at=BEGAN, data=start), pace=pace), BEGAN)
    assert isinstance(turn.ask, ReadCustomer)
    assert turn.ask.local is not None
    local = times.of(zone, turn.ask.local.calendars, turn.ask.local.at)
    return machine.advance(story, turn.state, EffectDone(effect=turn.ask.id, local=local, at=BEGAN))


def test_a_calendar_that_is_not_in_force_any_more_is_replaced_with_the_reason() -> None:
    wait = "  - wait: 1 business day\n    calendar: hotline\n"
    gone = TimesInForce("Europe/Berlin", "office", {"office": OFFICE})
    turn = _answered(wait, gone)
    assert turn.decisions[0].text == 'The calendar "hotline" is not in force any more; "office" counts.'
    turn = _answered(wait, TimesInForce())
    assert turn.decisions[0].text.endswith("Monday to Friday, 9:00 to 17:00 (UTC) counts.")
    assert turn.state.wake_at == BEGAN + timedelta(days=1)


def test_an_unknown_zone_of_a_customer_falls_to_the_next_with_the_reason_on_the_timeline() -> None:
    said = reasons(DATE, "Mars/Olympus", ends_on="2026-03-31")
    assert said[1] == (
        'The time zone "Mars/Olympus" of the customer is not known. Europe/Berlin of the company counts.'
    )
    assert told(DATE, "Mars/Olympus", ends_on="2026-03-31")[0] == ("2026-03-17 09:00", "a")
    assert told(DATE, "Mars/Olympus", "time zone: Asia/Tokyo\n", ends_on="2026-03-31")[0] == ("2026-03-17 01:00", "a")


WINDOW = "  - wait: {window: mon-fri 9:00-17:00}\n  - send: a\n"


def test_a_window_that_is_open_lets_the_journey_go_on_at_once() -> None:
    assert told(WINDOW)[0] == ("2026-03-02 10:00", "a")
    assert reasons(WINDOW)[1] == "It is within mon-fri 9:00-17:00 now."


def test_a_window_that_is_closed_holds_the_journey_until_it_opens_for_this_customer() -> None:
    assert told(WINDOW, "Asia/Tokyo")[0] == ("2026-03-03 01:00", "a")  # nine o'clock in Tokyo
    friday = datetime(2026, 3, 6, 17, tzinfo=UTC)
    assert told(WINDOW, at=friday)[0] == ("2026-03-09 09:00", "a")


def test_a_calendar_is_a_window_in_its_own_zone() -> None:
    steps = "  - wait: {window: hotline}\n  - send: a\n"
    assert told(steps, "Asia/Tokyo")[0] == ("2026-03-02 14:00", "a")  # eight o'clock in New York


def test_a_window_on_the_night_of_the_change_opens_when_its_hour_is_there() -> None:
    saturday = datetime(2026, 3, 28, 22, tzinfo=UTC)
    steps = "  - wait: {window: sun 2:30-4:00}\n  - send: a\n"
    assert told(steps, at=saturday)[0] == ("2026-03-29 03:00", "a")


def test_a_journey_without_local_time_asks_for_nothing() -> None:
    turn = machine.start(journey("  - wait: 2 days\n"), Entry(event=Event(type="began", at=BEGAN)), BEGAN)
    assert (turn.ask, turn.state.wake_at) == (None, BEGAN + timedelta(days=2))


def test_a_journey_with_local_time_asks_once_for_each_wait_that_needs_it() -> None:
    trace = simulate(journey(WINDOW + "  - wait: 2 days\n  - send: b\n"), BEGAN, {}, {"id": "c-1"}, times=TIMES)
    assert trace.state.turns == 1 + 1 + 1 + 1 + 1  # began, read, a sent, two days over, b sent


def test_what_was_worked_out_is_kept_when_the_calendar_changes_later() -> None:
    story = journey("  - wait: 2 business days\n")
    turn = _answered("  - wait: 2 business days\n", TIMES)
    assert turn.state.wake_at == BEGAN + timedelta(days=2)
    later = machine.advance(story, turn.state, WokeUp(at=BEGAN + timedelta(days=2)))
    assert later.state.ended is not None


def test_at_another_pace_local_times_are_read_on_the_clock_of_the_instance() -> None:
    pace = 8640.0  # one day in ten seconds
    turn = _answered(DATE, TIMES, pace=pace, ends_on="2026-03-31")
    fortnight = datetime(2026, 3, 17, 8, tzinfo=UTC) - BEGAN
    assert turn.state.wake_at is not None
    assert abs((turn.state.wake_at - BEGAN) - fortnight / pace) < timedelta(milliseconds=1)
    assert turn.decisions[0].text.endswith("is Tuesday 17 March 2026, 09:00 (Europe/Berlin).")


def test_at_another_pace_a_window_opens_when_the_clock_of_the_instance_says_so() -> None:
    story = journey("  - wait: 12 hours\n" + WINDOW)
    state = machine.start(story, Entry(event=Event(type="began", at=BEGAN), pace=3600.0), BEGAN).state
    turn = machine.advance(story, state, WokeUp(at=BEGAN + timedelta(seconds=12)))  # it is 22:00 on its clock
    assert isinstance(turn.ask, ReadCustomer)
    done = EffectDone(effect=turn.ask.id, local=LocalTime(company="Europe/Berlin"), at=BEGAN + timedelta(seconds=12))
    turn = machine.advance(story, turn.state, done)
    assert turn.state.wake_at == BEGAN + timedelta(seconds=23)  # eleven hours later on its clock


def test_at_another_pace_conditions_see_the_clock_of_the_instance() -> None:
    later = "now >= timestamp('2026-03-04T09:00:00Z')"
    steps = f"  - wait: 2 days\n  - choose: [{{if: {later}, do: [{{note: later}}]}}, {{else: []}}]\n"
    story = journey(steps)
    state = machine.start(story, Entry(event=Event(type="began", at=BEGAN), pace=86_400.0), BEGAN).state
    turn = machine.advance(story, state, WokeUp(at=BEGAN + timedelta(seconds=2)))
    assert [write.kind for write in turn.writes] == ["note"]


def test_editors_know_the_words_go_on() -> None:
    data = {"journey": "x", "title": "x", "owner": "a@example.org", "start": {"on": "began"}}
    wait = {"wait": {"date": "2027-03-31", "at": "9:00"}, "on_past": "go on"}
    editor = Draft202012Validator(schema("journey"))
    assert list(editor.iter_errors(data | {"steps": [wait]})) == []
    assert list(editor.iter_errors(data | {"steps": [wait | {"on_past": "go back"}]})) != []
