"""Zones and local times: which zone counts, and what a time means on the nights when clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from journey.time import local, zones

BERLIN = zones.zone("Europe/Berlin")


def test_the_customers_zone_counts_first_then_the_journeys_then_the_companys() -> None:
    assert zones.choose("Asia/Tokyo", "Europe/Paris", "Europe/Berlin").zone.key == "Asia/Tokyo"
    assert zones.choose("", "Europe/Paris", "Europe/Berlin").zone.key == "Europe/Paris"
    assert zones.choose("", "", "Europe/Berlin").zone.key == "Europe/Berlin"
    assert zones.choose("", "", "").zone.key == "UTC"


def test_the_zone_that_was_meant_needs_no_reason() -> None:
    assert zones.choose("", "Europe/Paris", "Europe/Berlin").reason == ""


def test_an_unknown_zone_falls_to_the_next_with_the_reason() -> None:
    chosen = zones.choose("Mars/Olympus", "", "Europe/Berlin")
    assert chosen.zone.key == "Europe/Berlin"
    assert chosen.reason == (
        'The time zone "Mars/Olympus" of the customer is not known. Europe/Berlin of the company counts.'
    )
    assert zones.choose("x", "y", "z").reason.endswith('The time zone "z" of the company is not known. UTC counts.')


def test_an_author_who_writes_an_unknown_zone_is_told_what_was_meant() -> None:
    with pytest.raises(ValueError, match=r'"Europe/Berln" is not a time zone; write for example Europe/Berlin$'):
        zones.zone("Europe/Berln")
    with pytest.raises(ValueError, match=r'"" is not a time zone; write for example Europe/Berlin'):
        zones.zone("")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "Europe", "zone.tab", "CET\x00"])
def test_a_name_that_leads_elsewhere_is_no_zone(name: str) -> None:
    assert zones.choose(name, "", "UTC").zone.key == "UTC"


def test_a_time_that_does_not_exist_moves_forward_to_the_next_that_does() -> None:
    night = date(2026, 3, 29)
    assert local.moment(night, time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # it is 3:00
    assert local.moment(night, time(2, 0), BERLIN) == local.moment(night, time(3, 0), BERLIN)
    assert local.moment(night, time(1, 59), BERLIN) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)


def test_a_time_that_occurs_twice_means_the_first() -> None:
    night = date(2026, 10, 25)
    assert local.moment(night, time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert local.moment(night, time(3, 0), BERLIN) == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)


def test_a_day_that_a_zone_left_out_means_the_beginning_of_the_next() -> None:
    apia = zones.zone("Pacific/Apia")
    assert local.moment(date(2011, 12, 30), time(9), apia) == local.moment(date(2011, 12, 31), time(0), apia)


def test_midnight_may_not_exist_and_may_come_twice() -> None:
    cairo, azores = zones.zone("Africa/Cairo"), zones.zone("Atlantic/Azores")
    assert local.moment(date(2026, 4, 24), time(0), cairo).astimezone(cairo).hour == 1
    assert local.moment(date(2026, 10, 25), time(0), azores) == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"), [("9:00", time(9)), ("17:30", time(17, 30)), ("9", time(9)), ("0:00", time(0))]
)
def test_times_of_day_are_read_as_people_write_them(text: str, expected: time) -> None:
    assert local.time_of_day(text) == expected


@pytest.mark.parametrize("text", ["24:00", "9:60", "9.30", "noon", "", "-1:00", "9:5", "9:00:00"])
def test_what_is_no_time_of_day_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time of day; write for example 9:00 or 17:30"):
        local.time_of_day(text)


def test_a_moment_is_said_in_the_zone_of_those_who_read_it() -> None:
    moment = datetime(2026, 3, 17, 8, 5, tzinfo=UTC)
    assert local.say(moment, BERLIN) == "Tuesday 17 March 2026, 09:05 (Europe/Berlin)"


def test_the_odd_days_of_a_year_are_listed_for_those_who_make_cases_of_them() -> None:
    spring, autumn = zones.odd_days("Europe/Berlin", 2026)
    assert (spring.day, spring.missing, spring.by) == (date(2026, 3, 29), True, timedelta(hours=1))
    assert (autumn.day, autumn.missing, autumn.shows.isoformat()) == (
        date(2026, 10, 25),
        False,
        "2026-10-25T02:00:00",
    )
    assert list(zones.odd_days("Asia/Tokyo", 2026)) == []
    assert zones.leap_days(2026, 2032) == (date(2028, 2, 29), date(2032, 2, 29))
    assert zones.leap_days(2099, 2101) == ()
