"""The arithmetic of local and business time against the slow oracle that walks through every minute.

The samples are the same in every run; ``make soak`` goes through all zones of tzdata.
"""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.time import business, clocks, local, zones
from journey.time.lengths import Length
from tests.journey.time import oracle
from tests.journey.time.towns import COMMON, LAST, NAMES, calendars, moments, names

lengths = st.integers(0, 30 * 60).map(lambda minutes: timedelta(minutes=minutes))


@settings(COMMON, max_examples=250)
@given(st.data(), names)
def test_a_local_time_means_the_first_minute_at_which_the_wall_shows_it_or_a_later_one(
    data: st.DataObject, name: str
) -> None:
    day = data.draw(moments(name)).astimezone(zones.zone(name)).date()
    at = time(data.draw(st.integers(0, 23)), data.draw(st.sampled_from((0, 1, 15, 30, 59))))
    assert local.moment(day, at, zones.zone(name)) == oracle.moment(day, at, zones.zone(name))


@settings(COMMON, max_examples=40)
@given(st.data(), names)
def test_open_time_passes_as_the_wall_says(data: st.DataObject, name: str) -> None:
    start = data.draw(moments(name))
    calendar, length = data.draw(calendars(name, start)), data.draw(lengths)
    assert business.next_open(calendar, start) == oracle.next_open(calendar, start)
    end = business.after(calendar, start, length)
    assert end == oracle.after(calendar, start, length)
    assert business.between(calendar, start, end) == length


@settings(COMMON, max_examples=30)
@given(st.data(), names)
def test_open_time_between_two_moments_is_what_the_wall_counts(data: st.DataObject, name: str) -> None:
    start = data.draw(moments(name))
    end = start + timedelta(minutes=data.draw(st.integers(-600, 6000)))
    calendar = data.draw(calendars(name, start))
    assert business.between(calendar, start, end) == oracle.between(calendar, start, max(start, end))
    assert business.is_open(calendar, start) == (oracle.next_open(calendar, start) == start)


@settings(COMMON, max_examples=25)
@given(st.data(), names)
def test_open_time_before_a_moment_is_what_the_wall_counts_backwards(data: st.DataObject, name: str) -> None:
    end = data.draw(moments(name))
    calendar, length = data.draw(calendars(name, end)), data.draw(lengths)
    start = business.before(calendar, end, length)
    assert start == oracle.before(calendar, end, length)
    assert business.between(calendar, start, end) == length


@settings(COMMON, max_examples=40)
@given(st.data(), names)
def test_business_days_are_counted_as_the_wall_counts_them(data: st.DataObject, name: str) -> None:
    start = data.draw(moments(name))
    calendar, count = data.draw(calendars(name, start)), data.draw(st.integers(1, 6))
    assert business.days_after(calendar, start, count) == oracle.days_after(calendar, start, count)


@settings(COMMON, max_examples=60)
@given(st.data(), names)
def test_business_days_backwards_undo_business_days_forwards(data: st.DataObject, name: str) -> None:
    start = data.draw(moments(name))
    calendar, count = data.draw(calendars(name, start)), data.draw(st.integers(1, 9))
    day = calendar.day(start)
    there = business.day(calendar, day, count)
    back = business.day(calendar, there, -count)
    assert back == day or (not business.is_business_day(calendar, day) and back < day)


@settings(COMMON, max_examples=40)
@given(st.data(), names, st.booleans())
def test_a_clock_is_due_when_it_has_ticked_through_its_time_whatever_pauses_and_targets_come(
    data: st.DataObject, name: str, in_real_time: bool
) -> None:
    start = data.draw(moments(name))
    calendar = None if in_real_time else data.draw(calendars(name, start))
    opened = None if calendar is None else oracle.minutes(calendar, start)
    ticks = {} if opened is None else {minute: is_open for minute, is_open, _ in (next(opened) for _ in range(30_000))}
    total = data.draw(lengths)
    run = clocks.started(start, _length(total, calendar is None), calendar)
    ticker = oracle.Ticker(start, total, (lambda _: True) if opened is None else ticks.__getitem__)
    at = start
    for _ in range(data.draw(st.integers(0, 5))):
        at += timedelta(minutes=data.draw(st.integers(0, 1500)))
        ticker.go_to(at)
        assert clocks.spent(run, at, calendar) == ticker.spent * oracle.MINUTE
        happens = data.draw(st.sampled_from(("pause", "resume", "target")))
        if happens == "target":
            total = data.draw(lengths)
            run = clocks.retargeted(run, at, start, _length(total, calendar is None), calendar)
            ticker.total = total // oracle.MINUTE
        else:
            run = clocks.paused(run, at, calendar) if happens == "pause" else clocks.resumed(run, at)
            ticker.runs = happens == "resume"
    if not ticker.runs:
        assert clocks.due(run, calendar) is None
        return
    over = ticker.spent >= ticker.total
    due = clocks.due(run, calendar)
    assert due is not None
    assert (due <= at) if over else due == ticker.due()


def _length(total: timedelta, real: bool) -> Length:
    return Length(real=total) if real else Length(open_time=total)


@settings(COMMON, max_examples=3)
@given(names, st.integers(1973, LAST))
def test_the_odd_days_of_a_zone_are_those_on_which_the_wall_jumps(name: str, year: int) -> None:
    assert [(day.moment, day.by) for day in zones.odd_days(name, year)] == oracle.changes(name, year)


def _gaps_and_folds(name: str, years: range) -> None:
    where = zones.zone(name)
    for year in years:
        odd = list(zones.odd_days(name, year))
        assert [(day.moment, day.by) for day in odd] == oracle.changes(name, year)
        for day in odd:
            for minutes in range(-150, 151, 15):
                wanted = day.shows + timedelta(minutes=minutes)
                assert local.moment(wanted.date(), wanted.time(), where) == oracle.moment(
                    wanted.date(), wanted.time(), where
                )


@pytest.mark.soak
def test_every_gap_and_every_fold_of_every_zone() -> None:
    for name in NAMES:
        _gaps_and_folds(name, range(1973, LAST + 1))


@pytest.mark.soak
def test_open_time_in_every_zone() -> None:
    for name in NAMES:
        _lives_in(name)


def _lives_in(name: str) -> None:
    @settings(COMMON, max_examples=20)
    @given(st.data())
    def live(data: st.DataObject) -> None:
        start = data.draw(moments(name))
        calendar, length = data.draw(calendars(name, start)), data.draw(lengths)
        assert business.after(calendar, start, length) == oracle.after(calendar, start, length)
        assert business.days_after(calendar, start, 3) == oracle.days_after(calendar, start, 3)

    live()


@pytest.mark.parametrize(
    ("name", "year"),
    [("Europe/Berlin", 2026), ("Australia/Lord_Howe", 2026), ("Pacific/Apia", 2011), ("Africa/Casablanca", 2026)],
)
def test_gaps_and_folds_of_famous_zones(name: str, year: int) -> None:
    _gaps_and_folds(name, range(year, year + 1))


def test_the_samples_meet_gaps_folds_and_both_halves_of_the_world() -> None:
    seen = {day.missing for name in NAMES[::40] for day in zones.odd_days(name, 2026)}
    assert seen == {True, False}
    assert len(NAMES) > 590
    assert datetime(2026, 3, 29, 1, tzinfo=UTC) in [day.moment for day in zones.odd_days("Europe/Berlin", 2026)]
