"""A message with a window: it alone is held back, and the journey goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from journey import machine
from journey.commands import Migrate, Pause, Resume
from journey.inputs import CommandReceived, EffectDone, Entry, Event, EventReceived, WokeUp
from journey.life import Answer, Coming
from journey.simulator import simulate
from tests.journey.time.test_clocks import _local, _read
from tests.journey.time.test_waits import TIMES, journey

EVENING = datetime(2026, 3, 2, 18, tzinfo=UTC)  # a Monday, 19:00 in Berlin
HELD = "  - send: a\n    window: mon-fri 9:00-17:00\n"


def told(
    steps: str, *events: Coming, head: str = "", at: datetime = EVENING, answers: Any = None, zone: str = ""
) -> list[tuple[str, str]]:
    record = {"id": "c-1", "time_zone": zone}
    more = {"answers": answers} if answers else {}
    trace = simulate(journey(steps, head), at, {}, record, events, times=TIMES, **more)
    return [(_local(at + line.after), line.text) for line in trace.lines if line.kind in ("note", "send", "finish")]


def test_the_message_waits_for_its_window_and_the_journey_does_not() -> None:
    assert told(HELD + "  - note: on the way\n  - wait: 2 days\n  - note: two days later\n") == [
        ("2026-03-02 19:00", "on the way"),
        ("2026-03-03 09:00", "a"),
        ("2026-03-04 19:00", "two days later"),
        ("2026-03-04 19:00", "completed"),
    ]


def test_in_its_window_it_goes_at_once_and_holds_the_journey_as_ever() -> None:
    noon = EVENING.replace(hour=11)
    assert told(HELD + "  - note: then\n", at=noon) == [
        ("2026-03-02 12:00", "a"), ("2026-03-02 12:00", "then"), ("2026-03-02 12:00", "completed"),
    ]  # fmt: skip


def test_the_window_is_that_of_the_customer() -> None:
    assert told(HELD + "  - wait: 2 days\n", zone="America/New_York")[0] == ("2026-03-02 19:00", "a")  # 13:00 there
    assert told(HELD + "  - wait: 2 days\n", zone="Asia/Tokyo")[0] == ("2026-03-03 01:00", "a")


def test_a_calendar_may_be_the_window() -> None:
    steps = "  - send: a\n    window: office\n  - wait: 2 days\n"
    assert told(steps, zone="Asia/Tokyo")[0] == ("2026-03-03 09:00", "a")


def test_a_journey_that_comes_to_its_end_sends_what_is_held_back_first() -> None:
    trace = simulate(journey(HELD + "  - finish: done\n"), EVENING, {}, {"id": "c-1"}, times=TIMES)
    assert [(_local(EVENING + line.after), line.text) for line in trace.lines if line.kind in ("send", "finish")] == [
        ("2026-03-03 09:00", "a"), ("2026-03-03 09:00", "done"),
    ]  # fmt: skip
    assert any("Something is held back until its time; then it ends." in line.text for line in trace.lines)


def test_an_exit_drops_what_is_held_back() -> None:
    head = "exit: [{on: left, as: left}]\n"
    left = Coming(timedelta(hours=5), "left")
    assert told(HELD + "  - wait: 2 days\n", left, head=head) == [("2026-03-03 00:00", "left")]
    assert told(HELD + "  - finish: done\n", left, head=head) == [("2026-03-03 00:00", "left")]


def test_the_timeline_says_that_what_was_held_back_is_not_sent_any_more() -> None:
    left = Coming(timedelta(hours=5), "left")
    story = journey(HELD + "  - wait: 2 days\n", "exit: [{on: left, as: left}]\n")
    trace = simulate(story, EVENING, {}, {"id": "c-1"}, [left], times=TIMES)
    said = [line.text for line in trace.lines if line.kind == "why"]
    assert said[-2:] == ["What send-a held back is not sent any more.", 'left came (exit). It ends as "left".']


def test_several_messages_are_held_back_side_by_side_and_go_in_their_order() -> None:
    steps = HELD + HELD.replace("send: a", "send: b") + "  - send: c\n  - wait: 2 days\n"
    assert [what for _, what in told(steps)] == ["c", "a", "b", "completed"]


def test_a_message_of_a_loop_is_sent_once_for_each_round() -> None:
    steps = "  - repeat: {times: 3, every: 1 hour}\n    do: [{send: a, window: mon-fri 9:00-17:00}]\n  - wait: 2 days\n"
    seen = told(steps)
    assert [what for _, what in seen] == ["a", "a", "a", "completed"]
    story = journey(steps)
    ids = set()
    turn = _read(story, machine.start(story, Entry(event=Event(type="began", at=EVENING)), EVENING))
    while turn.state.ended is None:
        if turn.ask is not None and turn.ask.kind == "send":
            ids.add(turn.ask.id)
            done = EffectDone(effect=turn.ask.id, outcome="accepted", at=turn.state.now)
            turn = machine.advance(story, turn.state, done)
        else:
            assert turn.state.alarm_at is not None
            turn = machine.advance(story, turn.state, WokeUp(at=turn.state.alarm_at))
        turn = _read(story, turn)
    assert ids == {"send-a/1/0", "send-a/2/0", "send-a/3/0"}


def test_what_is_waited_for_meanwhile_is_heard_when_the_message_has_gone() -> None:
    story = journey(HELD + "  - wait: {for: paid, up to: 5 days}\n    then: [{finish: paid}]\n")
    turn = _read(story, machine.start(story, Entry(event=Event(type="began", at=EVENING)), EVENING))
    assert turn.state.alarm_at is not None
    turn = machine.advance(story, turn.state, WokeUp(at=turn.state.alarm_at))
    assert turn.ask is not None
    paid = Event(type="paid", at=turn.state.now + timedelta(minutes=1))
    turn = machine.advance(story, turn.state, EventReceived(event=paid, at=paid.at))
    assert turn.state.ended is None
    done = EffectDone(effect="send-a/1/0", outcome="accepted", at=paid.at + timedelta(minutes=1))
    assert machine.advance(story, turn.state, done).state.ended is not None


def test_a_message_that_fails_beside_the_way_is_tried_again_and_the_journey_does_not_wait_for_it() -> None:
    asked: list[timedelta] = []

    def away(ask: Any, after: timedelta) -> Answer:
        asked.append(after)
        return Answer("refused" if len(asked) < 3 else "accepted")

    steps = HELD + "    retry: {times: 5, pause: 10 hours}\n  - wait: 1 day\n  - note: a day later\n  - wait: 3 days\n"
    seen = told(steps, answers=away)
    assert [after - timedelta(hours=14) for after in asked] == [timedelta(), timedelta(hours=10), timedelta(hours=20)]
    assert ("2026-03-03 19:00", "a day later") in seen


def test_what_to_do_when_it_failed_is_done_beside_the_way_too() -> None:
    steps = HELD + "    on_failure: [{note: it failed}]\n  - wait: 2 days\n  - note: later\n"
    assert [what for _, what in told(steps, answers=lambda ask, after: Answer("failed"))] == [
        "a (failed)", "it failed", "later", "completed",
    ]  # fmt: skip


def test_a_pause_by_people_holds_it_back_too() -> None:
    story = journey(HELD + "  - wait: 5 days\n")
    state = _read(story, machine.start(story, Entry(event=Event(type="began", at=EVENING)), EVENING)).state
    pause = Pause(at=EVENING + timedelta(hours=1))
    state = machine.advance(story, state, CommandReceived(command=pause, at=pause.at)).state
    assert state.alarm_at is None
    resume = Resume(at=EVENING + timedelta(days=1))
    turn = machine.advance(story, state, CommandReceived(command=resume, at=resume.at))
    assert turn.ask is not None and turn.ask.kind == "send"


def test_in_a_version_without_its_step_the_message_is_dropped_and_the_journey_ends() -> None:
    old, new = (
        journey(HELD + "  - wait: 5 minutes\n  - finish: done\n"),
        journey("  - wait: 5 minutes\n  - finish: done\n"),
    )
    state = _read(old, machine.start(old, Entry(event=Event(type="began", at=EVENING)), EVENING)).state
    command = Migrate(at=EVENING + timedelta(minutes=1), version=new.hash, plan=new.plan)
    state = machine.advance(old, state, CommandReceived(command=command, at=command.at)).state
    state = machine.advance(new, state, WokeUp(at=EVENING + timedelta(minutes=5))).state
    assert state.over is not None
    assert state.alarm_at is not None
    ended = machine.advance(new, state, WokeUp(at=state.alarm_at)).state.ended
    assert ended is not None
    assert ended.outcome == "done"


def test_a_pause_at_the_end_of_the_way_holds_it_back_too() -> None:
    story = journey(HELD + "  - finish: done\n")
    state = _read(story, machine.start(story, Entry(event=Event(type="began", at=EVENING)), EVENING)).state
    assert state.alarm_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    pause = Pause(at=EVENING + timedelta(hours=1))
    state = machine.advance(story, state, CommandReceived(command=pause, at=pause.at)).state
    assert state.alarm_at is None
    assert machine.advance(story, state, WokeUp(at=EVENING + timedelta(days=1))).ignored
