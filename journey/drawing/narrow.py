"""The same picture for a narrow page: ways below each other, each further in, with a line along its side."""

from collections.abc import Iterable, Mapping
from html import escape

from journey.definition import Journey
from journey.drawing.parts import LINE, Marks, Part, begins, box, line, name, shape, ways_on
from journey.drawing.style import framed
from journey.drawing.words import SMALL, lines, width
from journey.steps import Step

WIDTH = 360.0
IN = 16.0
BETWEEN = 14.0


def draw(journey: Journey, counts: Mapping[str, int] | None = None) -> str:
    """The journey as SVG, 360 px wide. ``counts`` puts how many customers are at a step beside it, by step id."""
    marks = Marks.of(journey, counts)
    whole = Part()
    _box(whole, shape("start", begins(journey), "start", marks, _room(0)), 0)
    goes_on = _sequence(whole, journey.steps, marks, 0)
    if goes_on:
        _box(whole, shape("finish", "completed", "finish", marks, _room(0)), 0)
    for watch in journey.watches:
        word = "goal" if watch is journey.goal else "exit"
        condition = f" if {watch.if_}" if watch.if_ else ""
        _words(whole, f"at any moment, {word}: {watch.on}{condition}", 0)
        _way(whole, watch.do, marks, 0, closing=watch.as_)
    whole.left, whole.right = 0, WIDTH - 32
    return framed(journey, whole)


def _room(depth: int) -> float:
    return WIDTH - 32 - IN * depth - 60


def _sequence(whole: Part, steps: Iterable[Step], marks: Marks, depth: int) -> bool:
    """Steps below each other; returns whether the way goes on after the last one."""
    goes_on, straight = True, False
    for step in steps:
        _arrive(whole, step, marks, depth, straight=straight)
        goes_on = straight = not step.ends()
        ways = [(step.label(name), block) for name, block in step.blocks()]
        if any(block for _, block in ways):
            ends = [_branch(whole, words, block, marks, depth) for words, block in [*ways, *ways_on(step)]]
            goes_on, straight = any(ends) or step.loops(), False
    return goes_on


def _branch(whole: Part, words: str, block: tuple[Step, ...], marks: Marks, depth: int) -> bool:
    _words(whole, words if block else f"{words}: go on", depth)
    return _way(whole, block, marks, depth) if block else True


def _way(whole: Part, block: tuple[Step, ...], marks: Marks, depth: int, closing: str = "") -> bool:
    """The steps of a way, further in, with a line along their side."""
    top = whole.height
    goes_on = _sequence(whole, block, marks, depth + 1)
    if closing:
        _box(whole, shape("finish", closing, "", marks, _room(depth + 1)), depth + 1)
    whole.put(IN * depth + IN / 2, top, line(f"M0 0 V{whole.height - top - BETWEEN / 2:.1f}"))
    return goes_on


def _arrive(whole: Part, step: Step, marks: Marks, depth: int, *, straight: bool) -> None:
    """A step, below its name if jumps lead to it; ``straight``: from the step above it."""
    if step.id in marks.targets:
        whole.put(IN * depth + width(step.id, SMALL) + 18, whole.height + 8, name(step.id, marks))
        whole.height += 22
    elif straight:
        whole.put(IN * depth + 22, whole.height - BETWEEN, line(f"M0 0 V{BETWEEN - 1:.1f}", arrow=True))
    _box(whole, box(step, marks, _room(depth), named=False), depth)


def _box(whole: Part, part: Part, depth: int) -> None:
    """A box at the left edge of its depth."""
    whole.take(part, IN * depth + part.half, whole.height)
    whole.height += part.height + BETWEEN


def _words(whole: Part, text: str, depth: int) -> None:
    for shown in lines(text, _room(depth) + 40, SMALL, 5):
        whole.height += LINE - 2
        whole.put(IN * depth, whole.height - 6, f'<text class="words" x="0" y="0">{escape(shown)}</text>')
    whole.height += 8
