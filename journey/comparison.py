"""What a scenario expects beside what was seen: row by row, the first difference marked."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

from journey import durations
from journey.scenarios import KINDS, Expectation, Scenario
from journey.simulator import Line, Trace

NOTHING = "(nothing)"
WIDTH = 56
"""How wide a column may be, in letters."""


class Row(NamedTuple):
    """One row: both texts, whether they are equal, and which expectation and which line of the trace they are."""

    expected: str
    seen: str
    equal: bool
    wanted: int | None = None
    line: int | None = None


def compare(scenario: Scenario, trace: Trace) -> tuple[Row, ...]:
    """Every message, note, change, variable and the end, in order; then what the short forms say of the whole."""
    rows = _timeline(scenario.expect, trace.lines) if scenario.expect or not scenario.is_short else []
    return (*rows, *_whole(scenario, trace))


def render(rows: Sequence[Row]) -> str:
    """Expected and seen side by side. ``►`` marks the first difference, ``≠`` every other one."""
    shown = [_cut(row.expected, row.seen) for row in rows]
    width = max([len("expected"), *(len(expected) for expected, _ in shown)])
    lines = [f"  {'expected':<{width}}   seen"]
    mark = "►"
    for row, (expected, seen) in zip(rows, shown, strict=True):
        lines.append(f"{' ' if row.equal else mark} {expected:<{width}}   {seen}".rstrip())
        mark = mark if row.equal else "≠"
    return "\n".join(lines)


def _cut(left: str, right: str) -> tuple[str, str]:
    """Both texts short enough to stand side by side; where they differ stays visible."""
    pairs = enumerate(zip(left, right, strict=False))
    same = next((position for position, (one, other) in pairs if one != other), 0)
    skip = max(0, same - WIDTH // 2) if left != right and max(len(left), len(right)) > WIDTH else 0
    return _column(left, skip, WIDTH), _column(right, skip, WIDTH if left == right else 3 * WIDTH)


def _column(text: str, skip: int, width: int) -> str:
    rest = f"…{text[skip + 1 :]}" if skip else text
    return rest if len(rest) <= width else f"{rest[: width - 1]}…"


def reasons(rows: Sequence[Row], trace: Trace, most: int = 3) -> list[str]:
    """The last reasons on record before the first line that differs."""
    first = next((position for position, row in enumerate(rows) if not row.equal), None)
    if first is None:
        return []
    seen = [row.line for row in rows[first:] if row.line is not None]
    lines = trace.lines[: seen[0]] if seen else trace.lines
    return [line.text for line in lines if line.kind == "why"][-most:]


def said(expected: Expectation) -> str:
    """An expectation as the rows show it."""
    return f"{durations.exact(expected.offset)}: {expected.kind} {_value(expected)}"


def _timeline(expect: Sequence[Expectation], lines: Sequence[Line]) -> list[Row]:
    seen = [(number, line) for number, line in enumerate(lines) if _counts(line, expect)]
    wanted = [said(expected) for expected in expect]
    found = [_fitting(expect, line) for _, line in seen]
    rows = side_by_side(wanted, found)
    return [row._replace(line=None if row.line is None else seen[row.line][0]) for row in rows]


def side_by_side(wanted: Sequence[str], found: Sequence[str]) -> list[Row]:
    """Two lists of texts, the equal ones beside each other."""
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, wanted, found, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        for step in range(max(b - a, d - c)):
            left, right = (a + step if a + step < b else None), (c + step if c + step < d else None)
            expected = NOTHING if left is None else wanted[left]
            text = NOTHING if right is None else found[right]
            rows.append(Row(expected, text, expected == text, left, right))
    return rows


def _counts(line: Line, expect: Sequence[Expectation]) -> bool:
    """Whether a line must be expected. Variables and clocks must only where the scenario speaks of them."""
    if line.kind == "clock":
        return line.text.split()[0] in {one.clock.split()[0] for one in expect if one.clock}
    if line.kind == "vars":
        names = {part.split("=")[0].strip() for one in expect if one.set for part in one.set.split(",")}
        return line.text.split(" = ")[0] in names
    return line.kind in KINDS


def _fitting(expect: Sequence[Expectation], line: Line) -> str:
    """The line as the expectation of its kind and time that it fits, or as it is."""
    kind = "set" if line.kind == "vars" else line.kind
    for one in expect:
        if one.kind == kind and one.offset == line.after and _equal(one, line):
            return said(one)
    return f"{durations.exact(line.after)}: {kind} {line.text}"


def _equal(expected: Expectation, seen: Line) -> bool:
    """Whether a line is what was expected: a note may be given by its beginning, a change without its value."""
    wanted = _value(expected)
    if expected.kind == "task":
        return seen.text == f"{expected.task} for {expected.team or seen.team}"
    if expected.kind == "note":
        return seen.text.startswith(wanted)
    if expected.kind == "set":
        changes = seen.text.split("; ") if seen.kind == "set" else [seen.text]
        names = [change.split(" = ")[0] for change in changes]
        return all(part.strip() in names or part.strip() in changes for part in wanted.split(","))
    return wanted == seen.text


def _value(expected: Expectation) -> str:
    value = str(getattr(expected, expected.kind)) + (f" for {expected.team}" if expected.team else "")
    return f"{value} ({expected.outcome})" if expected.outcome else value


def _whole(scenario: Scenario, trace: Trace) -> list[Row]:
    """The short forms: what is sent in the whole, how it ends, what the variables are then."""
    rows: list[Row] = []
    if scenario.sends is not None:
        sent = [line.text for line in trace.lines if line.kind == "send" and not line.outcome]
        rows.append(_row("sends ", ", ".join(scenario.sends) or "nothing", ", ".join(sent) or "nothing"))
    if scenario.outcome is not None:
        ended = trace.state.ended.outcome if trace.state.ended else "(it is still under way)"
        rows.append(_row("ends as ", scenario.outcome, ended))
    for name, value in scenario.vars.items():
        found = trace.state.vars.get(name)
        rows.append(Row(f"vars.{name} = {value}", f"vars.{name} = {found}", found == value))
    return rows


def _row(words: str, expected: str, seen: str) -> Row:
    return Row(words + expected, words + seen, expected == seen)
