"""Random zones, moments and calendars, near the days on which clocks change more often than not."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from journey.time import zones
from journey.time.calendar import Calendar

NAMES = sorted(zones.names())
FIRST, LAST = 1973, 2040
"""Since 1973 every zone is a whole number of minutes from UTC, so that minutes can be walked."""

COMMON = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@st.composite
def moments(draw: st.DrawFn, name: str) -> datetime:
    """A whole minute, mostly within two days of a change of the clocks there, or of a leap day."""
    year = draw(st.integers(FIRST, LAST))
    odd = [day.moment for day in zones.odd_days(name, year)]
    odd += [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in zones.leap_days(year, year)]
    if not odd or draw(st.integers(0, 3)) == 0:
        return datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 525_000)))
    near: datetime = draw(st.sampled_from(odd))
    return near.replace(second=0) + timedelta(minutes=draw(st.integers(-2880, 2880)))


@st.composite
def edges(draw: st.DrawFn) -> str:
    """The hours of one day: none to three intervals, from the first minute to the last."""
    at = sorted(draw(st.lists(st.integers(0, 96), max_size=6, unique=True)))
    pairs = zip(at[::2], at[1::2], strict=False)
    return ", ".join(f"{a // 4}:{a % 4 * 15:02}-{b // 4}:{b % 4 * 15:02}" for a, b in pairs) or "closed"


@st.composite
def calendars(draw: st.DrawFn, name: str, around: datetime) -> Calendar:
    """Any hours, with special days around a moment; always open for some hours of the week."""
    week = [draw(edges()) for _ in range(7)]
    if sum(text != "closed" for text in week) < 3:
        week[draw(st.integers(0, 6))] = "8:00-12:00, 13:00-18:30"
    today = around.date()
    special = draw(st.dictionaries(st.integers(-3, 12), edges(), max_size=5))
    days = {(today + timedelta(days=offset)).isoformat(): text for offset, text in sorted(special.items())}
    return Calendar(zone=name, week=tuple(week), days=days)


names = st.sampled_from(NAMES)
whole_days = st.dates(date(FIRST, 1, 1), date(LAST, 12, 31))
