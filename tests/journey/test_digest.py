"""When a daily digest is due: at its hour by the team's clock, on open days, for four hours."""

from datetime import UTC, date, datetime

import pytest

from journey.digest import due
from journey.time.calendar import Calendar

OFFICE = Calendar(
    name="office", zone="Europe/Berlin", week=(*["9:00-17:00"] * 5, "closed", "closed"), days={"2026-04-03": "closed"}
)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-02T07:29", None),  # 8:29 in Berlin
        ("2026-03-02T07:30", date(2026, 3, 2)),
        ("2026-03-02T11:29", date(2026, 3, 2)),
        ("2026-03-02T11:30", None),  # after noon it is no use
        ("2026-03-07T08:00", None),  # Saturday
        ("2026-04-03T07:00", None),  # a holiday
        ("2026-03-30T06:30", date(2026, 3, 30)),  # summer time
    ],
)
def test_it_is_due_at_its_hour_on_open_days(at: str, day: date | None) -> None:
    found = due("8:30", OFFICE, datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert (found.day if found else None) == day


def test_the_day_ends_at_midnight_of_the_team() -> None:
    found = due("8:30", OFFICE, datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert found is not None and found.ends == datetime(2026, 3, 2, 23, tzinfo=UTC)
