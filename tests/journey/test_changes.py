"""What changed in meaning: each kind of change in its sentence, and nothing where only the text is another."""

import random

import pytest

from journey.changes.libraries import Side, changes, told_by_reach
from journey.load import load
from tests.journey.folders import folder, shipped, shipped_files
from tests.journey.worlds import random_journey

HEAD = "exit:\n  - {on: left, if: event.x == 1, as: gone}\ngoal: {on: paid, as: won}\n"
STEPS = """  - send: a
  - wait: 2 days
  - choose:
      - if: start.vip == true
        do:
          - send: b
          - note: Hello.
      - if: start.n > 3
        do: [{send: c}]
      - else: []
  - wait: {for: answered, up to: 5 days, into: answer}
    otherwise:
      - notify: care
        text: Please call.
  - split:
      - {percent: 50, as: short, do: []}
      - {percent: 50, as: long, do: [{send: d}]}
  - finish: over
"""


def side(steps: str = STEPS, head: str = HEAD, **more: str) -> Side:
    library = load(folder(steps, head) | more)
    return Side(library.journeys, library)


def told(steps: str = STEPS, head: str = HEAD, **more: str) -> dict[str, str]:
    """The sentences by their kinds, of a change from the usual journey to this one."""
    return {change.kind: change.text for change in changes(side(), side(steps, head, **more))}


def put(old: str, new: str) -> str:
    assert old in STEPS
    return STEPS.replace(old, new)


def test_nothing_has_changed_where_only_the_text_is_another() -> None:
    other = put("  - wait: 2 days\n", "  # a comment\n  - wait:   2 days\n")
    keys = put("{for: answered, up to: 5 days, into: answer}", "{into: answer, up to: 5 days, for: answered}")
    assert told(other) == told(keys) == {}


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("wait: 2 days", "wait: 5 days", "wait-longer", '"wait 2 days" waits 3 days longer: 5 days instead of 2 days.'),
        (
            "up to: 5 days",
            "up to: 36 hours",
            "wait-shorter",
            '"wait for answered" waits at most 3 days 12 hours shorter: 36 hours instead of 5 days.',
        ),
        (
            "start.n > 3",
            "start.n > 4",
            "condition",
            'Branch 2 of "choose" has another condition: start.n > 4 (it was: start.n > 3)',
        ),
        ("send: c", "send: d", "message", '"send c" sends d instead of c.'),
        ("text: Please call.", "text: Please write.", "text", '"notify care" says something else.'),
        ("into: answer", "into: reply", "value", '"wait for answered": wait into is reply instead of answer.'),
        ("finish: over", "finish: done", "value", '"finish over": finish is done instead of over.'),
    ],
)
def test_a_step_that_says_something_else_is_told_with_both_values(old: str, new: str, kind: str, said: str) -> None:
    found = told(put(old, new))
    assert found[kind] == said
    assert not {"step-added", "step-removed", "step-moved"} & set(found)


def test_a_new_step_is_told_with_its_place_and_what_is_inside() -> None:
    assert told(put("  - wait: 2 days\n", "  - wait: 2 days\n  - send: d\n"))["step-added"] == (
        'New after "wait 2 days": send d.'
    )
    inside = put("      - notify: care\n", "      - note: Silent.\n      - notify: care\n")
    assert told(inside)["step-added"] == 'New first in the way "otherwise" of "wait for answered": note.'
    first = "  - choose: [{if: start.x == 1, do: [{send: a}, {note: One.}]}, {else: []}]\n" + STEPS
    assert told(first)["step-added"] == "New at the beginning: choose (with 2 steps inside)."


def test_a_step_that_is_gone_is_told_with_the_place_where_it_was() -> None:
    found = told(put("          - note: Hello.\n", ""))
    assert found == {"step-removed": 'Gone: note, which stood after "send b".'}


def test_a_step_that_stands_elsewhere_has_moved_and_is_neither_new_nor_gone() -> None:
    found = told(put("  - send: a\n  - wait: 2 days\n", "  - wait: 2 days\n  - send: a\n"))
    assert list(found) == ["step-moved"]
    into = put("          - note: Hello.\n", "").replace(
        "        text: Please call.\n", "        text: Please call.\n      - note: Hello.\n"
    )
    assert told(into)["step-moved"] == '"note" stands after "notify care" instead of after "send b".'


def test_a_step_that_only_takes_another_number_is_told_to_those_who_move() -> None:
    found = told(put("  - wait: 2 days\n", "  - wait: 2 days\n  - send: d\n"))
    assert set(found) == {"step-added", "step-identity"}
    assert '"send-d" is gone and "send-d-2" is new' in found["step-identity"]


def test_a_step_put_before_equal_ones_moves_none_of_them() -> None:
    few = "  - send: a\n  - wait: 2 days\n  - send: a\n"
    found = {change.kind: change.text for change in changes(side(few), side("  - send: a\n" + few))}
    assert set(found) == {"step-added", "step-identity"}
    assert found["step-added"] == "New at the beginning: send a."


def test_a_branch_put_before_others_moves_nothing() -> None:
    found = told(put("      - if: start.n > 3\n", "      - if: start.m > 1\n        do: []\n      - if: start.n > 3\n"))
    assert not {"step-moved", "step-added", "step-removed"} & set(found)


def test_a_renamed_step_stays_the_same_by_was_and_without_it_the_way_is_told() -> None:
    kept = told(put("  - send: a\n", "  - id: hello\n    was: send-a\n    send: a\n"))
    assert kept == {"step-renamed": 'The step "send-a" is called "hello" now, and stays the same step.'}
    lost = told(put("  - send: a\n", "  - id: hello\n    send: a\n"))
    assert list(lost) == ["step-identity"]
    assert "was: send-a" in lost["step-identity"]


def test_shares_exits_goal_and_start_are_told() -> None:
    split = put("percent: 50, as: short", "percent: 60, as: short").replace(
        "percent: 50, as: long", "percent: 40, as: long"
    )
    assert told(split)["share"] == '"split": the share of long is 40 instead of 50 percent.'
    assert told(head=HEAD.replace("event.x == 1", "event.x == 2"))["exit-condition"] == (
        "The exit by left has another condition: event.x == 2 (it was: event.x == 1)"
    )
    assert "exit-removed" in told(head="goal: {on: paid, as: won}\n")
    assert "goal-added" in told(head=HEAD.replace("as: won", "as: lost"))
    more = {"story.yaml": folder(STEPS, HEAD)["story.yaml"].replace("{on: began}", "{on: began, again: always}")}
    assert told(**more)["start-value"] == "The start: again is always instead of never."


def test_texts_and_company_reach_those_who_are_under_way() -> None:
    found = changes(side(), side(**{"messages/a.md": "---\nsubject: Hi\n---\nHello there.\n"}))
    assert {change.about for change in found} == {"messages/a"}
    assert {change.affects for change in found} == {"all"}
    assert 'Its subject changes: "Hi" instead of "Hello".' in [change.text for change in found]


def test_journeys_that_come_and_go_are_told() -> None:
    both = side(
        **{"other.yaml": "journey: other\ntitle: Other\nowner: a@example.org\nstart: {on: x}\nsteps: [{send: a}]\n"}
    )
    assert [change.kind for change in changes(side(), both)] == ["journey-added"]
    assert [change.kind for change in changes(both, side())] == ["journey-removed"]


def test_products_segments_and_the_loyalty_programme_are_told() -> None:
    segment = "segment: dear\ntitle: Dear\nif: customer.orders >= 3\n"
    product = "product: LUX-1\ntitle: Lamp\n"
    loyalty = "currency: EUR\npoints per unit: 1\n"
    old = side(**{"segments/dear.yaml": segment, "products/LUX-1.yaml": product, "loyalty.yaml": loyalty})
    new = side(**{"segments/dear.yaml": segment.replace("3", "5"), "loyalty.yaml": loyalty.replace("1", "2")})

    assert [(change.about, change.text) for change in changes(old, new)] == [
        ("products/LUX-1", "It is gone."),
        ("segments/dear", "It has another condition: customer.orders >= 5 (it was: customer.orders >= 3)"),
        ("loyalty", "The programme: points per unit is 2.0 instead of 1.0."),
    ]
    assert {change.about for change in changes(side(), old)} == {"products/LUX-1", "segments/dear", "loyalty"}


def test_the_lines_stand_below_those_whom_they_reach() -> None:
    lines = list(told_by_reach(changes(side(), side(put("wait: 2 days", "wait: 5 days")))))
    assert lines[0] == "Who begins from now on (customers who are under way keep their version):"
    assert lines[1:3] == ["  story", '    "wait 2 days" waits 3 days longer: 5 days instead of 2 days.']
    assert lines[3] == "Customers who are under way and are moved to the new version:"


def test_the_shipped_definitions_have_not_changed_against_themselves() -> None:
    again = load(shipped_files())
    assert changes(Side(shipped().journeys, shipped()), Side(again.journeys, again)) == []


@pytest.mark.parametrize("seed", range(60))
def test_two_journeys_differ_in_what_is_told_exactly_when_their_versions_do(seed: int) -> None:
    chance = random.Random(seed)
    old = random_journey(chance)
    new = old if seed % 5 == 0 else random_journey(chance)
    found = changes(Side({"random": old}), Side({"random": new}))
    assert bool(found) == (old.hash != new.hash)
    assert all(change.text for change in found)
