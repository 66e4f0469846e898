"""The picture's colours, for light and dark pages, and its frame."""

from html import escape

from journey.definition import Journey
from journey.drawing.parts import HUES, Part

_LIGHT = """--ink: #22262b; --quiet: #5b636d; --paper: #fff; --line: #7d8691; --edge: #8a929c; --fill: #fff;
  --send: #e8f1ff; --send-edge: #3b73c4; --team: #fdf0e1; --team-edge: #b8742a; --wait: #f4f1fb; --wait-edge: #7a62b5;
  --end: #e7f5ea; --end-edge: #3c8a50; --ask: #eef3f6; --ask-edge: #54788c;"""
_DARK = """--ink: #e8eaed; --quiet: #a9b1bb; --paper: #16191d; --line: #8a939e; --edge: #6c757f; --fill: #22272d;
  --send: #1c2f4a; --send-edge: #6fa3ee; --team: #3d2b17; --team-edge: #e0a25e; --wait: #2b2540; --wait-edge: #a993e0;
  --end: #1b3523; --end-edge: #63b87b; --ask: #24323a; --ask-edge: #85aabf;"""
_HUES = ("#c2417c", "#2c7fb8", "#a07a00", "#2f8f6b", "#7f5fc0", "#b4562a")
_HUES_DARK = ("#f083b4", "#74bdec", "#dcb93c", "#6fd0a9", "#b79df0", "#ea9466")
_KINDS = {
    "send": ("send", "ask"),
    "team": ("notify", "task"),
    "wait": ("wait", "race", "collect", "throttle", "clock"),
    "end": ("finish",),
    "ask": ("choose", "split", "repeat"),
}


def _kinds() -> str:
    return "\n".join(
        f"{', '.join(f'.wayfare-journey .{kind} .box' for kind in kinds)} "
        f"{{ fill: var(--{name}); stroke: var(--{name}-edge) }}"
        for name, kinds in _KINDS.items()
    )


def _hues(colours: tuple[str, ...]) -> str:
    return " ".join(f".wayfare-journey .hue{number} {{ --hue: {colours[number]} }}" for number in range(HUES))


STYLE = f"""
.wayfare-journey {{ font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; {_LIGHT} }}
{_hues(_HUES)}
@media (prefers-color-scheme: dark) {{ .wayfare-journey {{ {_DARK} }} {_hues(_HUES_DARK)} }}
.wayfare-journey .paper, .wayfare-journey .behind {{ fill: var(--paper) }}
.wayfare-journey text {{ fill: var(--ink) }}
.wayfare-journey .line, .wayfare-journey .back {{ fill: none; stroke: var(--line); stroke-width: 1.5 }}
.wayfare-journey .back {{ stroke-dasharray: 5 3 }}
.wayfare-journey .tip {{ fill: var(--line) }}
.wayfare-journey .box {{ fill: var(--fill); stroke: var(--edge); stroke-width: 1.2 }}
{_kinds()}
.wayfare-journey .jump .box {{ fill: var(--paper); stroke: var(--hue); stroke-width: 1.6 }}
.wayfare-journey .jump text {{ fill: var(--hue) }}
.wayfare-journey .words, .wayfare-journey .name, .wayfare-journey .count text {{ font-size: 11.5px }}
.wayfare-journey .words, .wayfare-journey .heading {{ fill: var(--quiet) }}
.wayfare-journey .badge {{ fill: var(--ink) }}
.wayfare-journey .count text {{ fill: var(--paper); font-weight: 600 }}
"""

TIP = (
    '<marker id="wayfare-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker>'
)


def framed(journey: Journey, whole: Part, least: float = 0.0) -> str:
    """The whole picture as SVG."""
    margin = 16.0
    wide = max(whole.left + whole.right + 2 * margin, least)
    high = whole.height + 2 * margin
    body = "\n".join(
        f'<g transform="translate({x + whole.left + margin:.1f} {y + margin:.1f})">{shape}</g>'
        for x, y, shape in whole.shapes
    )
    title = escape(f"{journey.title} ({journey.journey})")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wayfare-journey" role="img" aria-label="{title}" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}" '
        f'style="max-width:100%;height:auto">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n<defs>{TIP}</defs>\n"
        f'<rect class="paper" width="{wide:.0f}" height="{high:.0f}"/>\n{body}\n</svg>\n'
    )
