"""What comes next for a customer: certain, or under which condition; walked with the machine itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from journey.outlook import DEADLINE, END, MESSAGE, TASK, TEAM, Expected, on_one_day, outlook
from tests.journey.folders import journey
from tests.journey.player import BEGAN, Player, after

MONTH = BEGAN + timedelta(days=30)


def seen(
    steps: str, head: str = "", known: dict[str, Any] | None = None
) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """What is to come from where a new instance rests: after how long, the kind, the name, the conditions."""
    made = journey(steps, head)
    player = Player(made)
    found = outlook(made, player.state, known or {}, MONTH)
    return [(str(one.at - BEGAN), one.kind, one.name, one.conditions) for one in found]


def test_what_follows_waits_alone_is_certain() -> None:
    assert seen("  - wait: 2 days\n  - send: a\n  - wait: 5 days\n  - send: b\n") == [
        ("2 days, 0:00:00", MESSAGE, "a", ()),
        ("7 days, 0:00:00", END, "completed", ()),
        ("7 days, 0:00:00", MESSAGE, "b", ()),
    ]


def test_nothing_is_seen_beyond_the_horizon() -> None:
    assert seen("  - wait: 29 days\n  - send: a\n  - wait: 2 days\n  - send: b\n") == [
        ("29 days, 0:00:00", MESSAGE, "a", ())
    ]


WAIT = """  - wait: {for: answered, up to: 2 days}
    then:
      - send: a
    otherwise:
      - send: b
  - wait: 1 day
  - notify: care
    text: Call them.
"""


def test_behind_a_wait_for_an_event_both_ways_are_told_with_their_condition() -> None:
    found = seen(WAIT)
    assert ("0:00:00", MESSAGE, "a", ("if answered comes",)) in found
    assert ("2 days, 0:00:00", MESSAGE, "b", ("if no answered comes before",)) in found
    assert ("1 day, 0:00:00", TEAM, "care", ("if answered comes",)) in found
    assert ("3 days, 0:00:00", TEAM, "care", ("if no answered comes before",)) in found


def test_what_is_known_of_the_customer_chooses_the_way() -> None:
    steps = """  - wait: 1 day
  - choose:
      - if: has(customer.plan) && customer.plan == "pro"
        do:
          - send: a
      - else:
          - send: b
"""
    assert [name for _, kind, name, _ in seen(steps, known={"plan": "pro"}) if kind == MESSAGE] == ["a"]
    assert [name for _, kind, name, _ in seen(steps) if kind == MESSAGE] == ["b"]


def test_a_task_comes_with_its_deadline() -> None:
    steps = "  - wait: 1 day\n  - task: call-them\n    team: care\n    title: Call\n    due: 2 days\n"
    found = seen(steps)
    assert ("1 day, 0:00:00", TASK, "call-them", ()) in found
    assert ("3 days, 0:00:00", DEADLINE, "call-them", ("if it is open",)) in found


def test_a_loop_is_walked_and_comes_to_an_end() -> None:
    steps = "  - repeat: {times: 100}\n    do:\n      - send: a\n      - wait: 1 hour\n"
    found = seen("  - wait: 1 day\n" + steps)
    assert len([one for one in found if one[1] == MESSAGE]) > 20


def test_of_a_paused_and_of_an_ended_instance_nothing_is_said() -> None:
    made = journey("  - wait: 1 day\n  - note: Done.\n")
    player = Player(made)
    player.wake("1 day")
    assert player.state.ended is not None and outlook(made, player.state, {}, MONTH) == []


def test_walking_changes_nothing() -> None:
    made = journey(WAIT)
    player = Player(made)
    before, known = player.state.model_copy(deep=True), {"plan": "pro"}
    outlook(made, player.state, known, MONTH)
    assert player.state == before and known == {"plan": "pro"}


def test_messages_on_one_day_of_the_customer_clash_and_others_do_not() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    days = [after("1 day"), after("1 day") + timedelta(minutes=1), after("4 days")]
    expected = [("j", Expected(at, MESSAGE, f"m{number}", "s")) for number, at in enumerate(days)]
    expected.append(("j", Expected(days[0], TASK, "t", "s")))
    assert on_one_day(expected, berlin) == {0: "2 messages on this day", 1: "2 messages on this day"}
