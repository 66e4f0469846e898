"""The speed of a demonstration."""

from __future__ import annotations

import pytest

from workers.speed import parse_speed, speed_in_words


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("8640", 8640),
        ("8640x", 8640),
        ("1 day = 10 seconds", 8640),
        ("1d=10s", 8640),
        ("1 Day=10 Second", 8640),
        ("day = minute", 1440),
        ("2 weeks = 1 hour", 336),
        ("1.5h = 90 s", 60),
        ("off", 1),
        (" Off ", 1),
        ("1", 1),
        ("0.5", 0.5),
    ],
)
def test_a_speed_may_be_written_in_many_ways(text: str, factor: float) -> None:
    assert parse_speed(text) == factor


@pytest.mark.parametrize(
    "text",
    ["", "fast", "0", "-3", "nan", "inf", "1 day", "1 day =", "= 10 s", "1 day = 0 seconds", "1 moon = 1 s", "1=2=3"],
)
def test_what_is_not_a_speed_is_told_what_one_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match="a speed is 'off', a number such as 8640, or an equation such as"):
        parse_speed(text)


@pytest.mark.parametrize(
    ("factor", "words"), [(1, "off"), (8640, "1 day = 10 seconds"), (86400, "1 day = 1 second"), (7, "7x")]
)
def test_a_speed_is_shown_as_people_say_it(factor: float, words: str) -> None:
    assert speed_in_words(factor) == words


@pytest.mark.parametrize("factor", [1, 2, 7, 60, 1440, 8640, 86400])
def test_a_speed_that_is_shown_can_be_written_back(factor: float) -> None:
    assert parse_speed(speed_in_words(factor)) == factor
