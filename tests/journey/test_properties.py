"""Whatever is written and whatever happens: what always holds of the machine.

The examples are the same in every run (derandomized): a failure here is a defect and never bad luck.
"""

import json
import random
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey import machine
from journey.commands import Migrate
from journey.definition import Journey
from journey.effects import ReadCustomer
from journey.inputs import CommandReceived, EffectDone, Event, EventReceived, Input, WokeUp
from journey.state import State
from journey.steps import STEPS
from journey.steps.goto import Goto
from journey.turn import Turn
from journey.work import doing, standing
from tests.journey.worlds import begin, lived, random_journey, raw_journey, something

EXAMPLES = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
chances = st.randoms(use_true_random=False) | st.integers(0, 2**32).map(random.Random)
"""The first kind can be shrunk to a small failure, the second makes more varied lives."""


def written(state: State) -> str:
    return json.dumps(state.model_dump(mode="json", exclude_defaults=True))


@EXAMPLES
@given(chances)
def test_nothing_that_happens_in_any_order_makes_the_machine_fail(chance: random.Random) -> None:
    journey = random_journey(chance)
    for turn, _ in lived(chance, journey, 40):
        assert doing(journey, turn.state)
        assert standing(journey, turn.state, 1).step in journey.spots


@EXAMPLES
@given(chances)
def test_an_input_that_does_not_fit_leaves_every_byte_as_it_was_and_says_why(chance: random.Random) -> None:
    before = ""
    for turn, _ in lived(chance, random_journey(chance)):
        if turn.ignored:
            assert written(turn.state) == before
            assert (turn.writes, turn.ask, turn.decisions) == ((), None, ())
        else:
            assert written(turn.state) != before
        before = written(turn.state)


@EXAMPLES
@given(chances)
def test_no_effect_and_no_reason_has_the_id_of_another(chance: random.Random) -> None:
    ids: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for turn, _ in lived(chance, random_journey(chance), 40):
        ids.update(write.id for write in turn.writes)
        ids.update([turn.ask.id] if turn.ask else [])
        reasons.update(decision.id for decision in turn.decisions)
    assert not [id_ for id_, count in (ids + reasons).items() if count > 1]


@EXAMPLES
@given(chances)
def test_a_state_is_asking_or_resting_or_ended_and_never_two_of_these(chance: random.Random) -> None:
    for turn, _ in lived(chance, random_journey(chance)):
        state = turn.state
        resting = state.wake_at is not None or (state.over is not None and state.beside is None)
        there = [state.asked is not None, resting, state.ended is not None].count(True)
        assert there == 1 if state.paused is None else there <= 1 and not (state.wake_at or state.ended)
        assert turn.ask is None or turn.ask == state.asked
        if state.ended is not None:
            assert state.mailbox == ()


@EXAMPLES
@given(chances)
def test_what_is_asked_is_asked_in_the_turn_in_which_it_becomes_asked_and_in_no_other(chance: random.Random) -> None:
    before = None
    for turn, _ in lived(chance, random_journey(chance)):
        assert turn.ask == (turn.state.asked if turn.state.asked != before else None)
        before = turn.state.asked


@EXAMPLES
@given(chances)
def test_a_state_survives_json_and_goes_on_from_there_as_if_nothing_had_been(chance: random.Random) -> None:
    journey = random_journey(chance)
    other = Journey.model_validate(json.loads(json.dumps(journey.plan)))
    assert (other, other.hash) == (journey, journey.hash)
    state: State | None = None
    for turn, happened in lived(chance, journey):
        if state is not None and happened is not None:
            read = State.model_validate(json.loads(written(state)))
            given = type(happened).model_validate(json.loads(happened.model_dump_json()))
            assert (read, given) == (state, happened)
            again = machine.advance(other, read, given)
            assert again == turn
            assert again.model_dump_json() == turn.model_dump_json()
        state = turn.state


def test_a_life_goes_on_in_whatever_other_version_it_is_put() -> None:
    moved = sum(lived_in_two_versions(seed) for seed in range(120))

    assert moved > 60


def lived_in_two_versions(seed: int) -> int:
    """A life that is moved to and fro between two versions; how often."""
    chance = random.Random(seed)
    journey, other = random_journey(chance), random_journey(chance)
    state, seen, moved = begin(chance, journey).state, list[Input](), 0
    ids: Counter[str] = Counter()
    for _ in range(40):
        happened = something(chance, journey, state, seen)
        if state.asked is None and chance.randrange(3) == 0:
            places = {step_id: chance.choice(sorted(other.places)) for step_id in journey.spots}
            waits: Any = chance.choice(("keep", "restart"))
            move = Migrate(at=state.now, version=other.hash, plan=other.plan, map=places, waits=waits)
            happened = CommandReceived(command=move, at=state.now)
        turn = machine.advance(journey, state, happened)
        ids.update([turn.ask.id] if turn.ask else [])
        if turn.plan == other.plan:
            assert turn.state.step in other.spots, seed
            journey, other, moved = other, journey, moved + 1
        state = turn.state
        assert standing(journey, state, 1).doing
    assert not [id_ for id_, count in ids.items() if count > 1], seed
    return moved


@EXAMPLES
@given(chances)
def test_time_and_the_count_of_turns_only_go_forward(chance: random.Random) -> None:
    turns, now = 0, None
    for turn, _ in lived(chance, random_journey(chance)):
        turns += not turn.ignored
        assert turn.state.turns == turns
        assert now is None or turn.state.now >= now
        now = turn.state.now


@EXAMPLES
@given(chances)
def test_an_exit_without_a_condition_ends_the_journey_at_any_moment(chance: random.Random) -> None:
    journey = random_journey(chance)
    whole = [watch for watch in journey.watches if watch.if_ is None]
    for turn, _ in lived(chance, journey):
        state = turn.state
        if state.ended is not None or state.closing is not None:
            return
        for watch in whole:
            event = Event(type=watch.on, at=state.wake_at or state.now)
            after = machine.advance(journey, state, EventReceived(event=event, at=event.at)).state
            assert after.closing is not None or after.ended is not None
            assert state.asked is None or after.asked != state.asked
            assert after.wake_at is None


@EXAMPLES
@given(chances)
def test_an_event_that_is_waited_for_wins_until_the_deadline_and_never_after_it(chance: random.Random) -> None:
    journey = random_journey(chance)
    for turn, _ in lived(chance, journey):
        state = turn.state
        step = journey.spots[state.step or ""].step
        watched = {watch.on for watch in journey.watches}
        if state.wake_at is None or step.kind != "wait" or not step.hears() or watched & set(step.hears()):
            continue
        if next(step.uses(), None) is not None or state.asides or state.clocks:
            continue
        at = state.wake_at
        won = machine.advance(journey, state, EventReceived(event=Event(type=step.hears()[0], at=at), at=at))
        late = Event(type=step.hears()[0], at=at.replace(year=2030))
        lost = machine.advance(journey, state, EventReceived(event=late, at=late.at))
        assert won.decisions[0].text == f"{late.type} came."
        assert "did not come within" in lost.decisions[0].text


@EXAMPLES
@given(chances)
def test_an_instance_that_is_left_in_peace_comes_to_its_end(chance: random.Random) -> None:
    journey = random_journey(chance)
    if any(isinstance(spot.step, Goto) for spot in journey.spots.values()):
        return  # a way back through a wait may go round for ever, and may be meant to
    state = next(lived(chance, journey, 0))[0].state
    for _ in range(400):
        if state.ended is not None:
            return
        if state.asked is not None:
            value = {"plan": "pro"} if isinstance(state.asked, ReadCustomer) else {}
            state = machine.advance(journey, state, EffectDone(effect=state.asked.id, value=value, at=state.now)).state
        else:
            assert state.alarm_at is not None
            state = machine.advance(journey, state, WokeUp(at=state.alarm_at)).state
    raise AssertionError("it stands still")


def test_the_same_chance_gives_the_same_life_to_the_byte() -> None:
    def life(seed: int) -> list[str]:
        chance = random.Random(seed)
        return [turn.model_dump_json() for turn, _ in lived(chance, random_journey(chance))]

    assert [life(seed) for seed in range(30)] == [life(seed) for seed in range(30)]


def test_the_random_journeys_are_made_of_all_kinds_of_steps() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        seen.update(spot.step.kind for spot in random_journey(random.Random(seed)).spots.values())
    assert set(seen) == set(STEPS)
    assert min(seen.values()) > 30, seen
    assert any("exit" in raw_journey(random.Random(seed)) for seed in range(9))


def test_the_random_lives_end_ask_rest_and_ignore_often_enough_to_mean_something() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        chance = random.Random(seed)
        for turn, happened in lived(chance, random_journey(chance)):
            state = turn.state
            seen["ended" if state.ended else "asking" if state.asked else "resting"] += 1
            seen["ignored" if turn.ignored else "done"] += 1
            seen["mail"] += bool(state.mailbox)
            seen["closing"] += state.closing is not None
            seen["won"] += any(decision.text.endswith((" came.", " came first.")) for decision in turn.decisions)
            seen["lost"] += any("did not come within" in decision.text for decision in turn.decisions)
            seen["unclear"] += any("missing" in decision.text for decision in turn.decisions)
            seen["outcome"] += isinstance(happened, EffectDone) and not turn.ignored
    assert all(seen[what] > 30 for what in ("ended", "asking", "resting", "ignored", "done", "mail", "closing")), seen
    assert all(seen[what] > 30 for what in ("won", "lost", "unclear", "outcome")), seen


def test_what_is_made_without_being_checked_is_what_checking_would_have_made() -> None:
    for seed in range(40):
        chance = random.Random(seed)
        for turn, _ in lived(chance, random_journey(chance), 40):
            again = Turn.model_validate(turn.model_dump(by_alias=True))
            assert again == turn and again.model_dump_json() == turn.model_dump_json()
            assert turn.state.model_copy(update={"turns": -1}).turns == -1
