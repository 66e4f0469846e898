"""Lengths of time as people write and read them."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import durations
from journey.load import check
from tests.journey.folders import folder

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2 days", 2 * DAY), ("1 day", DAY), ("1 week", 7 * DAY), ("36 hours", 1.5 * DAY), ("90 minutes", DAY / 16),
        ("10 seconds", timedelta(seconds=10)), ("1 day 12 hours", 1.5 * DAY), ("1 day, 12 hours", 1.5 * DAY),
        ("1 day and 12 hours", 1.5 * DAY), ("2w", 14 * DAY), ("1d12h", 1.5 * DAY), ("1.5 days", 1.5 * DAY),
        ("  2   Days ", 2 * DAY), ("0 seconds", timedelta()), ("5 mins", timedelta(minutes=5)),
        ("3660 days", 3660 * DAY), ("0.001 s", timedelta(milliseconds=1)),
    ],
)  # fmt: skip
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert durations.parse(text) == length


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a length of time; write for example 2 days"),
        ("   ", "is not a length of time"),
        ("soon", "is not a length of time"),
        ("days", "is not a length of time"),
        ("2", "is not a length of time"),
        ("-2 days", "is not a length of time"),
        ("2 days ago", "is not a length of time"),
        ("two days", "is not a length of time"),
        ("1 day x 2 hours", "is not a length of time"),
        ("1e3 days", '"e" is not a unit of time'),
        ("2 months", "months are not counted here; write for example 26 weeks or 180 days"),
        ("1 day 2 lightyears", '"lightyears" is not a unit of time'),
        ("3661 days", "is longer than ten years"),
        ("999999999 weeks", "is longer than ten years"),
        ("999999999 weeks " * 50, "is longer than ten years"),
        ("1" * 30 + " days", "is not a length of time"),
    ],
)
def test_what_is_no_length_of_time_is_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"time|years|months") as caught:
        durations.parse(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(), "0 seconds"), (DAY, "1 day"), (2.5 * DAY, "2 days 12 hours"),
        (timedelta(seconds=61), "1 minute 1 second"), (timedelta(days=1, hours=2, minutes=3), "1 day 2 hours"),
        (timedelta(days=400), "400 days"), (-DAY, "-1 day"), (timedelta(microseconds=3), "0 seconds"),
        (timedelta(hours=1), "1 hour"), (timedelta(days=1, seconds=5), "1 day 5 seconds"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_said_in_its_two_largest_units(length: timedelta, said: str) -> None:
    assert durations.say(length) == said


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(st.integers(0, 3600), st.integers(0, 23))
def test_what_is_said_is_read_back(days: int, hours: int) -> None:
    length = timedelta(days=days, hours=hours)
    assert durations.parse(durations.say(length)) == length


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789. ,-andweksthourimc٣²", max_size=60))
def test_any_text_is_a_length_or_refused(text: str) -> None:
    try:
        assert timedelta() <= durations.parse(text) <= durations.MAX
    except ValueError as problem:
        assert "traceback" not in str(problem)


@pytest.mark.parametrize(
    ("steps", "head"),
    [
        ("  - send: a\n    stale_after: 2 business days\n", ""),
        ("  - send: a\n    dedupe: 2 business days\n", ""),
        ("  - send: a\n    retry: {times: 1, pause: 2 business days}\n", ""),
        ("  - collect: x\n    up to: 1 day\n    quiet: 2 business days\n    into: xs\n", ""),
        ("  - throttle: t\n    at most: 1\n    per: 2 business days\n    otherwise: [{finish: x}]\n", ""),
        ("  - split: [{holdout: 10, up to: 2 business days}, {percent: 90, as: a, do: []}]\n", ""),
        ("  - wait: {for: x, up to: 1 day, since: 2 business days}\n", ""),
        ("  - call: c\n    url: https://a.example/\n    timeout: 2 business days\n", ""),
        ("  - send: a\n", "goal: {on: x, as: y, within: 2 business days}\n"),
    ],
)
def test_where_a_length_is_real_time_business_time_is_told_with_what_to_write(steps: str, head: str) -> None:
    told = [problem.render() for problem in check(folder(steps, head))[1] if not problem.warning]
    assert len(told) == 1
    assert "Business time is not counted here; write for example 2 days or 36 hours. [bad-duration]" in told[0]
