"""Steps below each other, ways side by side. Journeys are nearly series-parallel, so the layout follows the nesting."""

from collections.abc import Iterable, Mapping, Sequence

from journey.definition import Journey, Watch
from journey.drawing.parts import GAP, Marks, Part, begins, box, label, line, shape, ways_on
from journey.drawing.style import framed
from journey.steps import Step

LANE = 26.0
LABEL = 170.0
"""How wide the words of a way may be."""


def draw(journey: Journey, counts: Mapping[str, int] | None = None) -> str:
    """The journey as SVG. ``counts`` puts how many customers are at a step beside it, by step id."""
    marks = Marks.of(journey, counts)
    whole = Part()
    start = shape("start", begins(journey), "start", marks, 300)
    whole.take(start, 0, 0)
    whole.height = start.height
    _below(whole, _sequence(journey.steps, marks))
    if whole.goes_on:
        _below(whole, shape("finish", "completed", "finish", marks))
    if journey.watches:
        _at_any_moment(whole, journey, marks)
    return framed(journey, whole)


def _below(whole: Part, part: Part) -> None:
    """A part at the foot of another, with an arrow if the way leads there."""
    if whole.goes_on:
        whole.put(0, whole.height, line(f"M0 0 V{GAP - 1:.1f}", arrow=True))
    whole.take(part, 0, whole.height + GAP)
    whole.height += GAP + part.height
    whole.goes_on = part.goes_on


def _sequence(steps: Iterable[Step], marks: Marks) -> Part:
    whole = Part()
    for number, step in enumerate(steps):
        part = _step(step, marks)
        if number:
            if not whole.goes_on:
                whole.height += GAP / 2  # only a jump leads to what follows
            _below(whole, part)
        else:
            whole = part
    return whole


def _step(step: Step, marks: Marks) -> Part:
    whole = box(step, marks)
    whole.goes_on = not step.ends()
    ways = [(step.label(name), block) for name, block in step.blocks()]
    if step.loops():
        _around(whole, ways[0][1], marks)
    elif any(block for _, block in ways):
        _beside(whole, [*ways, *ways_on(step)], marks)
    elif len(ways) > 1:
        whole.goes_on = True
    return whole


def _beside(whole: Part, ways: Sequence[tuple[str, tuple[Step, ...]]], marks: Marks) -> None:
    """Ways next to each other below a box, each with its words, joined again where they go on."""
    lanes = [(label(words, LABEL), _sequence(block, marks) if block else Part()) for words, block in ways]
    head = max(words.height for words, _ in lanes)
    sides = [(max(words.left, part.left, 30), max(words.right, part.right, 30)) for words, part in lanes]
    total = sum(left + right for left, right in sides) + LANE * (len(lanes) - 1)
    top, first = whole.height, whole.height + GAP + head
    deepest = max(part.height for _, part in lanes)
    foot, x = first + GAP / 2 + deepest + GAP / 2, -total / 2
    for (words, part), (left, right) in zip(lanes, sides, strict=True):
        axis, x = x + left, x + left + right + LANE
        whole.put(
            0, top, line(f"M0 0 V{GAP / 2:.1f} H{axis:.1f} V{GAP + head + GAP / 2 - 1:.1f}", arrow=bool(part.height))
        )
        whole.take(words, axis, top + GAP + head - words.height)
        whole.take(part, axis, first + GAP / 2)
        if part.goes_on:
            end = first + GAP / 2 + part.height
            whole.put(axis, end - (0 if part.height else 1), line(f"M0 0 V{foot - end:.1f} H{-axis:.1f}"))
    whole.left, whole.right = max(whole.left, total / 2), max(whole.right, total / 2)
    whole.height = foot
    whole.goes_on = any(part.goes_on for _, part in lanes)


def _around(whole: Part, block: tuple[Step, ...], marks: Marks) -> None:
    """The steps of a loop below its box; a line leads back to it, and another one past it."""
    inner, words = _sequence(block, marks), label("each round", LABEL)
    top, half = whole.height, whole.half
    start = top + GAP + words.height
    whole.put(0, top, line(f"M0 0 V{start - top + GAP / 2 - 1:.1f}", arrow=True))
    whole.take(words, 0, top + GAP / 2)
    whole.take(inner, 0, start + GAP / 2)
    foot = start + GAP / 2 + inner.height
    side = max(inner.left, words.left, whole.left) + 18
    if inner.goes_on:
        back = f"M0 0 V{GAP / 2:.1f} H{-side:.1f} V{top / 2 - foot:.1f} H{-half - 1:.1f}"
        whole.put(0, foot, line(back, arrow=True, kind="back"))
    past = max(inner.right, words.right, whole.right) + 18
    end = foot + GAP
    whole.put(half, top / 2, line(f"M0 0 H{past - half:.1f} V{end - top / 2:.1f} H{-half:.1f}"))
    whole.left, whole.right = max(whole.left, side), max(whole.right, past)
    whole.height, whole.goes_on = end, True


def _at_any_moment(whole: Part, journey: Journey, marks: Marks) -> None:
    """Exits and goal, with their closing steps, below the rest."""
    lanes = [_watch(watch, "goal" if watch is journey.goal else "exit", marks) for watch in journey.watches]
    total = sum(lane.left + lane.right for lane in lanes) + LANE * (len(lanes) - 1)
    top = whole.height + 2 * GAP
    whole.put(0, top, '<text class="heading" x="0" y="0" text-anchor="middle">at any moment</text>')
    x = -total / 2
    for lane in lanes:
        whole.take(lane, x + lane.left, top + 12)
        x += lane.left + lane.right + LANE
    whole.height = top + 12 + max(lane.height for lane in lanes)


def _watch(watch: Watch, word: str, marks: Marks) -> Part:
    text = f"{word}: {watch.on}" + (f" if {watch.if_}" if watch.if_ else "")
    whole = shape("start", text, "", marks)
    if watch.do:
        _below(whole, _sequence(watch.do, marks))
    _below(whole, shape("finish", watch.as_, "", marks))
    return whole
