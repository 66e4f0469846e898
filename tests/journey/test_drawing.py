"""A journey as a picture: everything is in it, nothing is cut, nothing lies on something else."""

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from journey.definition import Journey
from journey.drawing import mermaid, narrow, wide
from journey.drawing.words import lines, width
from journey.steps import STEPS
from tests.journey.folders import journey, shipped
from tests.journey.worlds import random_journey

SVG = "{http://www.w3.org/2000/svg}"
DRAW = [pytest.param(wide.draw, id="wide"), pytest.param(narrow.draw, id="narrow")]
JOURNEYS = [pytest.param(one, id=name) for name, one in shipped().journeys.items()]
JOURNEYS += [pytest.param(random_journey(random.Random(seed)), id=f"random {seed}") for seed in range(40)]
Draw = Callable[..., str]


class Box(NamedTuple):
    """Where a box is, and the words in it."""

    left: float
    top: float
    right: float
    bottom: float
    words: tuple[str, ...]


def boxes(picture: ET.Element, kind: str = "box") -> Iterator[Box]:
    """Every box with its words, at its place on the page."""
    for placed in picture.iter(f"{SVG}g"):
        moved = re.fullmatch(r"translate\((\S+) (\S+)\)", placed.get("transform", ""))
        if moved is None:
            continue
        x, y = float(moved[1]), float(moved[2])
        for group in placed.iter(f"{SVG}g"):
            for rect in group.findall(f"{SVG}rect[@class='{kind}']"):
                left, top = x + float(rect.get("x", 0)), y + float(rect.get("y", 0))
                right, bottom = left + float(rect.get("width", 0)), top + float(rect.get("height", 0))
                yield Box(left, top, right, bottom, tuple(str(text.text) for text in group.findall(f"{SVG}text")))


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize("drawn", JOURNEYS)
def test_every_step_is_in_the_picture_and_no_box_lies_on_another(drawn: Journey, draw: Draw) -> None:
    picture = ET.fromstring(draw(drawn))
    steps = {group.get("data-step") for group in picture.iter(f"{SVG}g") if group.get("data-step")}
    assert set(drawn.spots) <= steps
    found = list(boxes(picture))
    _, _, wide_, high = (float(number) for number in picture.get("viewBox", "").split())
    for number, one in enumerate(found):
        assert 0 <= one.left < one.right <= wide_ + 0.5 and 0 <= one.top < one.bottom <= high, one
        for other in found[number + 1 :]:
            apart = (
                one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
            )
            assert apart, (one, other)


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize("drawn", JOURNEYS[:4])
def test_words_fit_into_their_boxes_and_none_of_the_shipped_ones_is_cut(drawn: Journey, draw: Draw) -> None:
    picture = ET.fromstring(draw(drawn))
    for box in boxes(picture):
        assert all(width(words) <= box.right - box.left for words in box.words), box
    shown = " ".join("".join(box.words) for box in [*boxes(picture), *boxes(picture, "behind")])
    assert "…" not in shown
    for watch in drawn.watches:
        assert watch.as_ in shown


def test_conditions_and_limits_stand_at_their_ways() -> None:
    text = "".join(wide.draw(shipped().journeys["check-in"]))
    words = " ".join(ET.fromstring(text).itertext())
    for said in ("vars.answer.score >= 9", "else", "not within 1 week", "it came", "exit: complaint.opened"):
        assert said in words


def test_counts_stand_at_their_steps() -> None:
    drawn = journey("  - send: a\n  - wait: 2 days\n")
    for draw in (wide.draw, narrow.draw):
        counts = [box.words for box in boxes(ET.fromstring(draw(drawn, {"wait-2-days": 1234, "send-a": 0})), "badge")]
        assert counts == [("1,234",)]
    assert "wait 2 days (1,234)" in mermaid.draw(drawn, {"wait-2-days": 1234})


LOOPS = """  - id: again
    send: a
  - wait: 2 days
  - choose:
      - {if: start.n > 1, do: [{goto: again}]}
      - {if: start.n > 0, do: [{goto: later}]}
      - else: []
  - repeat: {times: 2}
    do: [{send: b}]
  - id: later
    send: c
"""


@pytest.mark.parametrize("draw", [wide.draw, narrow.draw])
def test_jumps_say_where_to_and_bear_the_colour_of_the_place(draw: Draw) -> None:
    picture = ET.fromstring(draw(journey(LOOPS)))
    hues = {
        text.text: group.get("class", "").split()[-1]
        for group in picture.iter(f"{SVG}g")
        for text in group.findall(f"{SVG}text")
        if "jump" in group.get("class", "")
    }
    assert hues["↑ back to again"] == hues["again"] != hues["later"] == hues["↓ on to later"]


def test_a_loop_has_a_line_that_leads_back() -> None:
    picture = ET.fromstring(wide.draw(journey(LOOPS)))
    assert [path.get("class") for path in picture.iter(f"{SVG}path")].count("back") == 1


def test_closing_steps_are_drawn_below_their_exit() -> None:
    drawn = journey("  - send: a\n", "exit:\n  - {on: left, as: gone, do: [{send: b}]}\n")
    order = [box.words[0] for box in boxes(ET.fromstring(wide.draw(drawn)))]
    assert order[-3:] == ["exit: left", "✉ b", "gone"]


def test_a_picture_has_colours_for_every_kind_of_step() -> None:
    style = wide.draw(journey("  - send: a\n"))
    plain = {"set", "note", "goto", "call", "start"}
    assert {kind for kind in STEPS if f".{kind} .box" not in style} <= plain
    assert "prefers-color-scheme: dark" in style


@pytest.mark.parametrize("drawn", JOURNEYS)
def test_mermaid_has_a_node_for_each_step_and_no_line_it_cannot_read(drawn: Journey) -> None:
    head, *rest = mermaid.draw(drawn).splitlines()
    assert head == "flowchart TD"
    quoted = r'"[^"`<>]*"'
    node = rf"s\d+(\[{quoted}\]|\(\[{quoted}\]\)|\(\({quoted}\)\)|{{{quoted}}})"
    edge = rf"s\d+ -->(\|{quoted}\|)? (s\d+|ends\d+\(\({quoted}\)\))"
    begin, out = rf"start\(\[{quoted}\]\) --> s\d+", rf"(exit|goal)\d+>{quoted}\] -\.-> (s\d+|out\d+\(\({quoted}\)\))"
    assert [line for line in rest if not re.fullmatch(f"  ({node}|{edge}|{begin}|{out})", line)] == []
    assert len([line for line in rest if re.fullmatch(f"  {node}", line)]) == len(drawn.spots)


def test_long_words_break_and_long_texts_end_with_an_ellipsis() -> None:
    assert lines("one two", 1000) == ["one two"]
    broken = lines("an.event.with.a.name.that.is.longer.than.a.line.of.the.box", 120)
    assert "".join(broken) == "an.event.with.a.name.that.is.longer.than.a.line.of.the.box"
    assert all(width(line) <= 120 for line in broken)
    assert lines("word " * 100, 100)[-1].endswith("…")


def test_the_way_past_what_stands_beside_a_step_is_told_in_plain_words() -> None:
    steps = """  - id: promise
    clock: {start: answer, kind: internal, due: 8 hours}
    breach: [{send: a}]
  - send: b
    on_failure: [{send: c}]
  - task: call
    team: care
    title: Call
    up to: 1 day
    otherwise: [{send: d}]
  - clock: {stop: answer}
"""
    for draw in (wide.draw, narrow.draw, mermaid.draw):
        text = draw(journey(steps))
        assert all(words in text for words in ("at once", "it went", "it is done")) and "otherwise" not in text


def test_a_task_leads_on_only_by_what_can_come_of_it() -> None:
    steps = """  - task: call
    team: care
    title: Call
    up to: 1 day
    outcomes: [{as: helped, do: []}, {as: unreachable, do: [{send: a}]}]
    otherwise: [{send: b}]
"""
    drawn = mermaid.draw(journey(steps))
    assert "it is done" not in drawn and "helped" in drawn and "not within 1 day" in drawn


def test_values_in_a_note_stand_in_a_picture_by_their_names() -> None:
    note = "  - note: '{{ customer.name | default: \"Somebody\" }} has the {{ start.product.name }}.'\n"
    assert "note: [name] has the [product name]." in mermaid.draw(journey(note))
