"""The parts of a picture: boxes of steps, labels of ways, arrows. All of it text, so pages can link and count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from journey.definition import Journey, walk
from journey.drawing.words import SMALL, lines, width
from journey.steps import Step

ROOM = 216.0
"""How wide the words in a box may be."""
LINE, GAP, PAD = 17.0, 24.0, 11.0
HUES = 6
"""How many colours the places have to which steps jump."""


@dataclass
class Part:
    """A piece of the picture around its own axis: ``left`` and ``right`` of it, ``height`` below its top. ``half`` the
    width of a box without what is beside it. ``goes_on``: whether the way leads out at its foot."""

    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    half: float = 0.0
    shapes: list[tuple[float, float, str]] = field(default_factory=list)
    goes_on: bool = True

    def put(self, x: float, y: float, shape: str) -> None:
        """A shape at a place."""
        self.shapes.append((x, y, shape))

    def take(self, other: "Part", x: float, y: float) -> None:
        """Another part with its axis at x and its top at y."""
        self.shapes += [(x + px, y + py, shape) for px, py, shape in other.shapes]
        self.left = max(self.left, other.left - x)
        self.right = max(self.right, other.right + x)


@dataclass(frozen=True)
class Marks:
    """What is written beside boxes: how many customers are there, by step; the places that jumps lead to, in order; and
    the place of every step in reading order."""

    counts: Mapping[str, int]
    targets: Sequence[str]
    order: Mapping[str, int]

    @classmethod
    def of(cls, journey: Journey, counts: Mapping[str, int] | None) -> "Marks":
        """The marks of a journey."""
        jumps = [spot.step.goes_to() for spot in journey.spots.values()]
        targets = list(dict.fromkeys(jump for jump in jumps if jump is not None))
        order = {step.id: number for number, step in enumerate(walk(journey.steps))}
        return cls(counts or {}, targets, order)

    def hue(self, target: str) -> str:
        """The colour of a place that is jumped to."""
        return f"hue{self.targets.index(target) % HUES}" if target in self.targets else ""

    def jump(self, step: Step) -> str:
        """The words of a step that jumps: back or on, and where to."""
        there = step.goes_to() or ""
        back = self.order.get(there, 0) <= self.order.get(step.id, 0)
        return f"{'↑ back to' if back else '↓ on to'} {there}"


def box(step: Step, marks: Marks, room: float = ROOM, *, named: bool = True) -> Part:
    """A step. ``named``: with its name beside it, if jumps lead there."""
    target = step.goes_to()
    kind = "finish" if step.ends() and target is None else "jump" if target is not None else step.kind
    words = marks.jump(step) if target is not None and step.ends() else step.words()
    made = shape(kind, words, step.id, marks, room, marks.hue(target or ""))
    if named and step.id in marks.targets:
        x = -made.left - 16
        made.put(x, made.height / 2, name(step.id, marks))
        made.put(x, made.height / 2, line("M0 0 h15", arrow=True))
        made.left = -x + width(step.id, SMALL) + 18
    return made


def shape(kind: str, text: str, name: str, marks: Marks, room: float = ROOM, hue: str = "") -> Part:
    """A box with words in it, as wide as they are."""
    shown = lines(text, room)
    half = max(max(width(line) for line in shown) / 2 + 14, 44)
    height = LINE * len(shown) + 2 * PAD
    made = Part(half, half, height, half)
    round_ends = kind in ("finish", "start", "jump")
    radius = height / 2 if round_ends and len(shown) == 1 else 12 if round_ends else 6
    body = (
        f'<g class="{kind} {hue}" data-step="{escape(name)}"><title>{escape(text)}</title>'
        f'<rect class="box" x="{-half:.1f}" y="0" width="{2 * half:.1f}" height="{height:.1f}" rx="{radius:.1f}"/>'
        f"{_text(shown, PAD + LINE - 4.5)}</g>"
    )
    made.put(0, 0, body.replace(f'{kind} "', f'{kind}"'))
    if marks.counts.get(name):
        _count(made, marks.counts[name], half)
    return made


def _text(shown: Sequence[str], y: float, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return "".join(
        f'<text{style} x="0" y="{y + LINE * number:.1f}" text-anchor="middle">{escape(line)}</text>'
        for number, line in enumerate(shown)
    )


def _count(made: Part, count: int, half: float) -> None:
    """How many customers are at a step: a badge on its upper right corner."""
    words = f"{count:,}"
    wide = width(words, SMALL) + 14
    made.right = max(made.right, half + wide / 2)
    made.put(
        half,
        0,
        f'<g class="count"><rect class="badge" x="{-wide / 2:.1f}" y="-9" width="{wide:.1f}" height="18" rx="9"/>'
        f'<text x="0" y="4" text-anchor="middle">{words}</text></g>',
    )


def name(step_id: str, marks: Marks) -> str:
    """The name of a place that is jumped to, in its colour, with its right end at the axis."""
    wide = width(step_id, SMALL) + 18
    return (
        f'<g class="jump {marks.hue(step_id)}">'
        f'<rect class="box" x="{-wide:.1f}" y="-10" width="{wide:.1f}" height="20" rx="10"/>'
        f'<text class="name" x="{-wide / 2:.1f}" y="4" text-anchor="middle">{escape(step_id)}</text></g>'
    )


def label(text: str, room: float) -> Part:
    """The words that lead into a way."""
    shown = lines(text, room, SMALL, 5)
    half = max(width(line, SMALL) for line in shown) / 2 + 4
    made = Part(half, half, LINE * len(shown) + 4)
    made.put(
        0,
        0,
        f'<g class="label"><title>{escape(text)}</title>'
        f'<rect class="behind" x="{-half:.1f}" y="0" width="{2 * half:.1f}" height="{made.height:.1f}"/>'
        f"{_text(shown, LINE - 4, 'words')}</g>",
    )
    return made


def line(path: str, *, arrow: bool = False, kind: str = "line") -> str:
    """A line; with an arrow at its end."""
    end = ' marker-end="url(#wayfare-arrow)"' if arrow else ""
    return f'<path class="{kind}" d="{path}"{end}/>'


def begins(journey: Journey) -> str:
    """What begins a journey, in words."""
    start = journey.start
    parts = [f"when {start.on}"]
    parts += [f"if {start.if_}"] if start.if_ else []
    parts += [f"once for each {start.key}"] if start.key else []
    return ", ".join(parts)


def ways_on(step: Step) -> list[tuple[str, tuple[Step, ...]]]:
    """The way past the blocks of a step, if one leads on beside them (a message that went, not one that failed)."""
    return [(step.past(), ())] if step.goes_on() and not step.ends() and not step.loops() else []
