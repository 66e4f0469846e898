"""A forecast as a picture (SVG): messages a day, work of the teams a day, and how the journeys end."""

from collections.abc import Iterator, Sequence
from html import escape

from journey.population.report import End, Frame, ends, rows, together
from journey.population.tally import Daily, Tally

WIDTH, LEFT, RIGHT, CHART = 960.0, 60.0, 210.0, 170.0
MOST = 7
"""How many names get a colour of their own; the rest is one."""
ROW = 48

LIGHT = ("#3b73c4", "#d9822b", "#2f9e77", "#b8527a", "#7a62b5", "#9a8f2c", "#4aa3c7", "#8a929c")
DARK = ("#6fa3ee", "#eda457", "#5cc79f", "#dd83a6", "#a993e0", "#cbbf5a", "#79c8e8", "#77808a")


def _colours(colours: Sequence[str]) -> str:
    return " ".join(f"--c{number}: {colour};" for number, colour in enumerate(colours))


STYLE = f"""
.wayfare-forecast {{ font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif;
  --ink: #22262b; --quiet: #5b636d; --rule: #dfe3e8; --paper: #fff; {_colours(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ .wayfare-forecast {{
  --ink: #e6e9ed; --quiet: #a3abb5; --rule: #3a4149; --paper: #1a1e23; {_colours(DARK)} }} }}
.wayfare-forecast .paper {{ fill: var(--paper) }}
.wayfare-forecast text {{ fill: var(--ink) }}
.wayfare-forecast .quiet {{ fill: var(--quiet); font-size: 11.5px }}
.wayfare-forecast .head {{ font-weight: 600 }}
.wayfare-forecast .rule {{ stroke: var(--rule); fill: none }}
""" + "".join(f".wayfare-forecast .c{number} {{ fill: var(--c{number}) }}\n" for number in range(MOST + 1))

Series = list[tuple[str, list[float]]]


def draw(frame: Frame, tally: Tally) -> str:
    """The forecast as SVG."""
    y, parts = 78.0, []
    charts = (("Messages", tally.messages), ("Tasks", tally.tasks), ("Mail to teams", tally.teams))
    for title, daily in charts:
        if daily:
            title = f"{title} a day"
            parts += [f'<g transform="translate(0 {y:.0f})">', *_chart(frame, title, daily), "</g>"]
            y += CHART + 70
    parts += [f'<g transform="translate(0 {y:.0f})">', *_outcomes(tally), "</g>"]
    y += 34 + ROW * len(tally.begun)
    source = f"seed {frame.seed}" if frame.seed is not None else "from real events"
    said = f"{tally.customers:,} customers, {frame.days} days from {frame.begins:%-d %B %Y}, {source}"
    title = escape(f"{frame.title}: {said}")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wayfare-forecast" role="img" aria-label="{title}" '
        f'viewBox="0 0 {WIDTH:.0f} {y:.0f}" width="{WIDTH:.0f}" height="{y:.0f}">'
    )
    top = (
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH:.0f}" height="{y:.0f}"/>',
        f'<text class="head" x="20" y="26">{escape(frame.title)}</text>',
        f'<text class="quiet" x="20" y="44">{escape(said)}</text>',
    )
    return "\n".join([head, *top, *parts, "</svg>"]) + "\n"


def _chart(frame: Frame, title: str, daily: Daily) -> Iterator[str]:
    """Areas on top of each other, the largest below, with a scale, months and a legend."""
    bucket = 7 if frame.days > 60 else 1
    series = _series(frame, daily, bucket)
    sums = [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    top = _round_up(max(sums))
    unit = ", mean of a week" if bucket == 7 else ""
    yield f'<text class="head" x="20" y="0">{title}<tspan class="quiet">{unit}</tspan></text>'
    yield from _scale(top)
    yield from _dates(frame)
    below = [0.0] * len(sums)
    for number, (name, values) in enumerate(series):
        above = [low + value for low, value in zip(below, values, strict=True)]
        yield f'<path class="c{number}" d="{_area(below, above, top)}"><title>{escape(name)}</title></path>'
        below = above
    yield from _legend(daily, [name for name, _ in series])
    most = together(daily, "")
    busiest = f"busiest day: {most.busiest:,} on {frame.date(most.day):%-d %B %Y}"
    yield f'<text class="quiet" x="{WIDTH - RIGHT:.0f}" y="0" text-anchor="end">{busiest}</text>'


def _legend(daily: Daily, names: Sequence[str]) -> Iterator[str]:
    totals = {row.name: row.total for row in rows(daily)}
    others = sum(daily.values()) - sum(totals.get(name, 0) for name in names)
    for number, name in enumerate(names):
        x, y, words = WIDTH - RIGHT + 20, 24 + 20 * number, f"{totals.get(name, others):,}"
        yield f'<rect class="c{number}" x="{x:.0f}" y="{y - 10}" width="11" height="11" rx="2"/>'
        yield f'<text x="{x + 18:.0f}" y="{y}">{escape(_cut(name))} <tspan class="quiet">{words}</tspan></text>'


def _series(frame: Frame, daily: Daily, bucket: int) -> Series:
    """Each name's values by bucket; the smallest names together."""
    ordered = [row.name for row in rows(daily)]
    buckets = max(1, -(-frame.days // bucket))
    found: dict[str, list[float]] = {}
    for (name, day), count in daily.items():
        shown = name if name in ordered[:MOST] else f"{len(ordered) - MOST} others"
        place = min(day // bucket, buckets - 1)
        found.setdefault(shown, [0.0] * buckets)[place] += count / min(bucket, frame.days - place * bucket)
    rank = {name: number for number, name in enumerate(ordered[:MOST])}
    return sorted(found.items(), key=lambda item: rank.get(item[0], MOST))


def _area(below: Sequence[float], above: Sequence[float], top: float) -> str:
    """Steps: each bucket as wide as its time."""
    width = (WIDTH - LEFT - RIGHT) / len(above)
    upper = [f"{LEFT + width * (n + end):.1f} {_y(v, top):.1f}" for n, v in enumerate(above) for end in (0, 1)]
    lower = [f"{LEFT + width * (n + end):.1f} {_y(v, top):.1f}" for n, v in enumerate(below) for end in (0, 1)]
    return f"M{' L'.join(upper + lower[::-1])} Z"


def _y(value: float, top: float) -> float:
    return 14 + CHART - CHART * value / top


def _scale(top: float) -> Iterator[str]:
    for part in (0.0, 0.5, 1.0):
        y = _y(top * part, top)
        yield f'<path class="rule" d="M{LEFT:.0f} {y:.1f} H{WIDTH - RIGHT:.0f}"/>'
        yield f'<text class="quiet" x="{LEFT - 8:.0f}" y="{y + 4:.1f}" text-anchor="end">{top * part:,.4g}</text>'


def _dates(frame: Frame) -> Iterator[str]:
    """The first of each month, or each week of a short time; not closer than the words are wide."""
    width, last = (WIDTH - LEFT - RIGHT) / frame.days, -100.0
    for day in range(frame.days):
        date, x = frame.date(day), LEFT + width * day
        marks = date.day == 1 if frame.days > 60 else date.weekday() == 0
        if marks and x - last > 50 and x < WIDTH - RIGHT - 20:
            words = f"{date:%b}" if frame.days > 60 else f"{date:%-d %b}"
            yield f'<text class="quiet" x="{x:.1f}" y="{CHART + 32:.0f}">{words}</text>'
            last = x


def _outcomes(tally: Tally) -> Iterator[str]:
    """A bar for each journey, and below it what its colours mean."""
    yield '<text class="head" x="20" y="0">How the journeys end</text>'
    for number, journey in enumerate(sorted(tally.begun)):
        y = 18 + ROW * number
        yield f'<text x="20" y="{y + 10}">{escape(_cut(journey))}</text>'
        begun = f"{tally.begun[journey]:,} began"
        yield f'<text class="quiet" x="20" y="{y + 28}">{begun}</text>'
        x = words_at = 170.0
        for place, end in enumerate(ends(tally, journey)):
            kind, part = _colour(end, place), (WIDTH - 190) * end.percent / 100
            words = f"{end.outcome} {end.percent:.0f} %" if end.percent >= 1 else f"{end.outcome} under 1 %"
            yield f'<rect class="c{kind}" x="{x:.1f}" y="{y}" width="{part:.1f}" height="12"/>'
            x += part
            if words_at + 7 * len(words) < WIDTH - 10:
                yield f'<rect class="c{kind}" x="{words_at:.1f}" y="{y + 19}" width="9" height="9" rx="2"/>'
                yield f'<text class="quiet" x="{words_at + 14:.1f}" y="{y + 28}">{escape(words)}</text>'
            words_at += 32 + 6.4 * len(words)


def _colour(end: End, place: int) -> int:
    """Those who are still under way are grey."""
    return MOST if end.median_days is None else place % MOST


def _round_up(value: float) -> float:
    """The next round number, so that the scale can be read."""
    size = 10.0 ** (len(f"{max(int(value), 1)}") - 1)
    return next((step * size for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * size >= value), 10 * size)


def _cut(text: str) -> str:
    return text if len(text) <= 18 else f"{text[:17]}…"
