"""Two workers killed in turn, and a mail server that drops connections after it took a message: no lifecycle mail comes
twice, no transactional mail is lost. ``python -m benchmarks.kills`` is the same with 2,000 journeys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.kill_storm import LETTERS, control, storm

JOURNEYS = 20
pytestmark = pytest.mark.timeout(300)


async def test_under_kills_and_dropped_connections_each_class_keeps_its_promise(tmp_path: Path) -> None:
    found = await storm(tmp_path, JOURNEYS, seed=5, apart=25)
    print(found.line())
    all_letters = JOURNEYS * len(LETTERS)
    # the journey of a second letter that a person has to decide about stands there, before its last two
    assert all_letters - 2 * found.waiting <= found.sent <= all_letters and found.kills >= 1
    assert found.duplicates["lifecycle"] == 0 and found.lost == {"lifecycle": 0, "transactional": 0}
    assert found.bodies == 1, "every copy of a message has the same bytes"
    assert found.states.keys() <= {"accepted", "unknown", "held"}


async def test_a_sender_that_marks_after_sending_makes_duplicates_on_that_server() -> None:
    sent, too_many = await control(200, seed=5)
    assert sent == 200 and too_many >= 3
