"""The scenarios beside the journeys: all go as expected, and a wrong expectation is shown side by side."""

import pytest

from journey.life import Coming
from journey.load import load
from journey.rehearsal import Result, rehearse
from journey.scenarios import Scenario
from journey.simulator import simulate
from tests.journey.folders import folder, journey, shipped
from tests.journey.player import BEGAN, after

TOLD = [
    pytest.param(told.journey, scenario, id=f"{told.journey}: {scenario.name}")
    for told in shipped().scenarios.values()
    for scenario in told.scenarios
]


@pytest.mark.parametrize(("name", "scenario"), TOLD)
def test_a_shipped_scenario_goes_as_expected(name: str, scenario: Scenario) -> None:
    result = rehearse(shipped(), name, scenario)
    assert result.passed, result.render()


def test_every_shipped_journey_has_scenarios_that_reach_each_of_its_outcomes() -> None:
    for name, story in shipped().journeys.items():
        told = [scenario for one in shipped().scenarios.values() if one.journey == name for scenario in one.scenarios]
        reached = {expected.finish for scenario in told for expected in scenario.expect if expected.finish}
        outcomes = {watch.as_ for watch in story.watches}
        outcomes |= {str(spot.step.finish) for spot in story.spots.values() if hasattr(spot.step, "finish")}
        assert outcomes <= reached, name


STORY = """  - send: a
  - wait: {for: answered, up to: 2 days, into: answer}
    then:
      - note: "They said {{ vars.answer.word }}."
    otherwise:
      - notify: care
        text: Please call {{ customer.name }}.
  - set: {customer.plan: pro, customer.n: 3, add tags: [vip]}
  - send: b
"""


def told(expect: str, events: str = "[]", customer: str = "{id: c-1, name: Grete}", **texts: str) -> Result:
    files = folder(STORY, **texts)
    scenario = f"  - name: one\n    customer: {customer}\n    events: {events}\n    expect:\n{expect}"
    files["scenarios/story.yaml"] = f"journey: story\nscenarios:\n{scenario}"
    library = load(files)
    return rehearse(library, "story", library.scenarios["story"].scenarios[0])


RIGHT = """      - {at: 0 days, send: a}
      - {at: 2 days, notify: care}
      - {at: 2 days, set: "customer.plan, tag vip"}
      - {at: 2 days, send: b}
      - {at: 2 days, finish: completed}
"""


def test_what_happens_is_what_was_expected() -> None:
    assert told(RIGHT).passed
    assert told(RIGHT.replace('"customer.plan, tag vip"', "customer.n = 3")).passed


def test_an_expectation_that_is_wrong_is_shown_beside_what_was_seen() -> None:
    result = told(RIGHT.replace("2 days, send: b", "3 days, send: b").replace("send: a", "send: c"))
    assert not result.passed
    assert (
        result.render()
        == """\
  expected                             seen
► 0 seconds: send c                    0 seconds: send a
  2 days: notify care                  2 days: notify care
  2 days: set customer.plan, tag vip   2 days: set customer.plan, tag vip
≠ 3 days: send b                       2 days: send b
  2 days: finish completed             2 days: finish completed
  Just before the first difference:
  · Started by began."""
    )


def test_what_was_expected_and_never_came_and_what_came_unexpectedly_are_both_shown() -> None:
    lines = RIGHT.splitlines(keepends=True)
    missing = told("".join(lines[:1] + lines[2:]))
    assert "► (nothing)" in missing.render()
    assert "2 days: notify care" in missing.render()
    more = told("".join([*lines[:2], "      - {at: 2 days, send: d}\n", *lines[2:]]))
    assert [row[:2] for row in more.rows if not row[2]] == [("2 days: send d", "(nothing)")]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("finish: completed", "finish: stalled"), ("at: 2 days, finish", "at: 1 day, finish"),
        ("send: b", "notify: care"), ("customer.plan, tag vip", "customer.plan, tag new"),
        ("customer.plan, tag vip", "customer.plan = home"), ("notify: care", "note: care"),
    ],
)  # fmt: skip
def test_every_kind_of_wrong_expectation_is_noticed(right: str, wrong: str) -> None:
    assert right in RIGHT
    assert not told(RIGHT.replace(right, wrong)).passed


def test_a_note_is_compared_as_it_is_written_and_may_be_given_by_its_beginning() -> None:
    events = "[{after: 1 day, type: answered, data: {word: yes}}]"
    lines = RIGHT.replace("2 days", "1 day").replace("notify: care", 'note: "They said yes"')
    assert told(lines, events).passed
    assert not told(lines.replace("said yes", "said no"), events).passed


def test_a_text_that_would_be_held_back_fails_the_scenario_and_says_what_is_missing() -> None:
    text = "---\nsubject: Hello {{ customer.name }}\n---\nx\n"
    assert told(RIGHT, a=text).passed
    held = told(RIGHT, customer="{id: c-1}", a=text)
    assert not held.passed
    assert "0 seconds: send a: The text needs customer.name, which is missing." in held.render()


def test_a_note_that_cannot_be_written_fails_the_scenario() -> None:
    lines = RIGHT.replace("2 days", "1 day").replace("notify: care", 'note: "They said"')
    assert not told(lines, "[{after: 1 day, type: answered}]").passed


CLOCKS = """  - clock: {start: answer, kind: internal, due: 4 days}
    warn: [{at: 75%, do: [{send: a}]}]
    breach: [{send: b}]
  - clock: {start: other, kind: statutory, due: 3 weeks}
  - wait: 1 day
  - clock: {pause: answer, reason: we have asked, until: replied, up to: 2 days}
  - wait: 5 days
  - clock: {stop: answer}
"""
HAPPENS = """      - {at: 0 days, clock: answer started}
      - {at: 1 day, clock: answer paused}
      - {at: 2 days, clock: answer resumed}
      - {at: 4 days, clock: answer warned}
      - {at: 4 days, send: a}
      - {at: 5 days, clock: answer breached}
      - {at: 5 days, send: b}
      - {at: 6 days, clock: answer stopped}
      - {at: 6 days, finish: completed}
"""


def clocks(expect: str) -> Result:
    files = folder(CLOCKS)
    events = "[{after: 2 days, type: replied}]"
    told = f"  - name: one\n    customer: {{id: c-1}}\n    events: {events}\n    expect:\n{expect}"
    files["scenarios/story.yaml"] = f"journey: story\nscenarios:\n{told}"
    library = load(files)
    return rehearse(library, "story", library.scenarios["story"].scenarios[0])


def test_what_happens_to_a_clock_may_be_expected() -> None:
    result = clocks(HAPPENS)
    assert result.passed, result.render()


def test_a_clock_that_is_named_is_expected_in_full_and_one_that_is_not_is_left_out() -> None:
    without = HAPPENS.replace("      - {at: 2 days, clock: answer resumed}\n", "")
    assert "2 days: clock answer resumed" in clocks(without).render()
    assert not clocks(without).passed
    assert clocks("".join(line for line in HAPPENS.splitlines(keepends=True) if "clock" not in line)).passed


def test_a_clock_that_runs_stops_with_its_journey() -> None:
    began, end = "      - {at: 0 days, clock: other started}\n", "      - {at: 6 days, clock: other stopped}\n"
    first, *others, last = HAPPENS.splitlines(keepends=True)
    assert clocks("".join([first, began, *others, end, last])).passed


# --- the simulator


def test_the_simulator_applies_events_before_a_deadline_at_the_same_moment() -> None:
    trace = simulate(
        journey(STORY), BEGAN, {}, {"id": "c-1"}, [Coming(after("2 days") - BEGAN, "answered", {"word": "yes"})]
    )
    assert "note" in [line.kind for line in trace.lines]


def test_the_simulator_changes_the_record_as_the_journey_and_the_events_do_and_leaves_the_given_one_alone() -> None:
    steps = """  - set: {customer.plan: pro, add tags: [vip, new], remove tags: [new]}
  - wait: 1 day
  - choose:
      - if: customer.plan == "pro" && customer.tags == ["vip"] && customer.city == "Ulm" && customer.name == "Zoë"
        do:
          - send: a
      - else: []
"""
    record = {"id": "c-1", "name": "Grete", "tags": ["new"], "attributes": {"city": "Bern"}}
    coming = [Coming(after("1 hour") - BEGAN, "moved", {}, {"city": "Ulm", "name": "Zoë"})]
    trace = simulate(journey(steps), BEGAN, {}, record, coming)
    assert [line.text for line in trace.lines if line.kind == "send"] == ["a"]
    assert "Nothing happens: this journey does not listen to moved." in [line.text for line in trace.lines]
    assert record == {"id": "c-1", "name": "Grete", "tags": ["new"], "attributes": {"city": "Bern"}}


def test_the_simulator_stops_at_the_end_although_events_are_left() -> None:
    trace = simulate(journey("  - send: a\n"), BEGAN, {}, {}, [Coming(after("1 day") - BEGAN, "late")])
    assert trace.lines[-1].kind == "finish"
