"""A journey as a picture (SVG), drawn from its definition: steps below each other, branches side by side.

Journeys are nearly series-parallel, so the layout follows the nesting: a block is as wide as its widest branch row.
Text stays text, so pages can link and count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from journey.definition import Journey
from journey.steps import Step

LETTER = 7.1
"""Average width of a letter at 13 px, in px."""
BOX, GAP, LANE = 36.0, 22.0, 26.0
LONGEST = 38

STYLE = """
.wayfare-journey { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif }
.wayfare-journey .line { fill: none; stroke: #8a929c; stroke-width: 1.5 }
.wayfare-journey .box { fill: #fff; stroke: #8a929c; stroke-width: 1.2 }
.wayfare-journey .send .box { fill: #e8f1ff; stroke: #3b73c4 }
.wayfare-journey .notify .box { fill: #fdf0e1; stroke: #b8742a }
.wayfare-journey .wait .box, .wayfare-journey .race .box { fill: #f4f1fb; stroke: #7a62b5 }
.wayfare-journey .finish .box { fill: #e7f5ea; stroke: #3c8a50 }
.wayfare-journey text { fill: #22262b }
.wayfare-journey .label { font-size: 11.5px; fill: #5b636d }
.wayfare-journey .count { font-weight: 600 }
"""


@dataclass(frozen=True)
class Marks:
    """What is written beside boxes: how many customers stand there, and the names that jumps lead to."""

    counts: Mapping[str, int]
    targets: frozenset[str]


@dataclass
class _Picture:
    """A part of the drawing around its own axis: ``left`` and ``right`` of it, ``height`` below its top."""

    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    parts: list[tuple[float, float, str]] = field(default_factory=list)
    goes_on: bool = True

    def put(self, x: float, y: float, text: str) -> None:
        self.parts.append((x, y, text))

    def take(self, other: "_Picture", x: float, y: float) -> None:
        self.parts += [(x + px, y + py, text) for px, py, text in other.parts]
        self.left = max(self.left, other.left - x)
        self.right = max(self.right, other.right + x)


def draw(journey: Journey, counts: Mapping[str, int] | None = None) -> str:
    """The journey as SVG. ``counts`` puts how many customers stand at a step beside it, by step id."""
    targets = frozenset(spot.step.goes_to() or "" for spot in journey.spots.values())
    marks = Marks(counts or {}, targets)
    whole = _Picture()
    start = _box("start", "start", f"when {journey.start.on}", marks)
    whole.take(start, 0, 0)
    whole.height = BOX
    steps = _sequence(journey.steps, marks)
    whole.put(0, whole.height, _line(GAP))
    whole.take(steps, 0, whole.height + GAP)
    whole.height += GAP + steps.height
    if steps.goes_on:
        whole.put(0, whole.height, _line(GAP))
        whole.take(_box("finish", "finish", "completed", marks), 0, whole.height + GAP)
        whole.height += GAP + BOX
    whole.height += _watches(journey, whole)
    return _svg(journey, whole)


def _watches(journey: Journey, whole: _Picture) -> float:
    height = 0.0
    for watch in journey.watches:
        word = "goal" if watch is journey.goal else "exit"
        height += 20
        text = _cut(f"{word}: {watch.on} → {watch.as_}", 60)
        half = len(text) * LETTER / 2
        whole.left, whole.right = max(whole.left, half), max(whole.right, half)
        whole.put(0, whole.height + height, f'<text class="label" text-anchor="middle">{escape(text)}</text>')
    return height + (8 if height else 0)


def _svg(journey: Journey, whole: _Picture) -> str:
    margin = 16.0
    width, height = whole.left + whole.right + 2 * margin, whole.height + 2 * margin
    body = "\n".join(
        f'<g transform="translate({x + whole.left + margin:.1f} {y + margin:.1f})">{text}</g>'
        for x, y, text in whole.parts
    )
    title = escape(f"{journey.title} ({journey.journey})")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wayfare-journey" role="img" aria-label="{title}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def _sequence(steps: Iterable[Step], marks: Marks) -> _Picture:
    whole = _Picture()
    first = True
    for step in steps:
        if not first:
            if whole.goes_on:
                whole.put(0, whole.height, _line(GAP))
            whole.height += GAP
        part = _step(step, marks)
        whole.take(part, 0, whole.height)
        whole.height += part.height
        whole.goes_on = part.goes_on
        first = False
    return whole


def _step(step: Step, marks: Marks) -> _Picture:
    whole = _box(step.kind, step.id, step.words(), marks)
    whole.height = BOX
    whole.goes_on = not step.ends()
    branches = [(step.label(name), block) for name, block in step.blocks()]
    if branches and any(block for _, block in branches):
        _beside(whole, branches, marks)
    return whole


def _beside(whole: _Picture, branches: list[tuple[str, tuple[Step, ...]]], marks: Marks) -> None:
    """Put branches next to each other below a box, with their labels, and join those that go on."""
    pictures = [(label, _sequence(block, marks)) for label, block in branches]
    for label, picture in pictures:
        half = len(_cut(label, LONGEST)) * LETTER / 2
        picture.left, picture.right = max(picture.left, half, 30), max(picture.right, half, 30)
    total = sum(picture.left + picture.right for _, picture in pictures) + LANE * (len(pictures) - 1)
    deepest = max(picture.height for _, picture in pictures)
    top, x = whole.height, -total / 2
    for label, picture in pictures:
        axis = x + picture.left
        x += picture.left + picture.right + LANE
        whole.put(0, top, f'<path class="line" d="M0 0 V{GAP / 2:.1f} H{axis:.1f} V{GAP + 16:.1f}"/>')
        text = f'<text class="label" x="0" y="0" text-anchor="middle">{escape(_cut(label, LONGEST))}</text>'
        whole.put(axis, top + GAP + 12, f'<rect x="-2" y="-11" width="4" height="14" fill="#fff"/>{text}')
        whole.take(picture, axis, top + GAP + 18)
        if picture.goes_on:
            foot = top + GAP + 18 + picture.height
            rest = deepest - picture.height + GAP / 2
            whole.put(axis, foot, f'<path class="line" d="M0 0 V{rest:.1f} H{-axis:.1f}"/>')
    whole.height = top + GAP + 18 + deepest + GAP / 2
    whole.goes_on = any(picture.goes_on for _, picture in pictures)


def _box(kind: str, step_id: str, text: str, marks: Marks) -> _Picture:
    count = f" ({marks.counts[step_id]})" if marks.counts.get(step_id) else ""
    shown = _cut(" ".join(text.split()), LONGEST)
    half = max(len(shown + count) * LETTER / 2 + 14, 40)
    radius = BOX / 2 if kind in ("finish", "start") else 6
    picture = _Picture(left=half, right=half)
    mark = f'<tspan class="count">{count}</tspan>' if count else ""
    if step_id in marks.targets:
        picture.right = max(picture.right, half + 6 + len(step_id) * LETTER)
        picture.put(half + 6, BOX / 2 + 4, f'<text class="label">◂ {escape(step_id)}</text>')
    picture.put(
        0,
        0,
        f'<g class="{kind}" data-step="{escape(step_id)}"><title>{escape(text)}</title>'
        f'<rect class="box" x="{-half:.1f}" y="0" width="{2 * half:.1f}" height="{BOX:.0f}" rx="{radius:.0f}"/>'
        f'<text x="0" y="{BOX / 2 + 4.5:.1f}" text-anchor="middle">{escape(shown)}{mark}</text></g>',
    )
    return picture


def _line(length: float) -> str:
    return f'<path class="line" d="M0 0 V{length:.1f}"/>'


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
