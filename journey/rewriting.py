"""The expectations of a scenario written anew from what was seen: only what differs is touched.

The rest of the file, its comments and its layout stay as they are, letter by letter.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from journey import durations
from journey.comparison import Row
from journey.scenarios import Scenario
from journey.simulator import Line, Trace


@dataclass(frozen=True)
class Seen:
    """One scenario, its number in the file, its rows and what was played."""

    number: int
    scenario: Scenario
    rows: tuple[Row, ...]
    trace: Trace


class OnOneLine(ValueError):
    """A scenario stands between braces in a way that cannot be opened; ``line`` is where."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def rewritten(text: str, stories: Sequence[Seen]) -> str:
    """The text of a scenarios file in which these scenarios expect what was seen. Raises OnOneLine."""
    for story in sorted(stories, key=lambda one: one.number, reverse=True):
        text = _opened(text, story.number)
        for key, value in _short(story).items():
            text = _with(text, story.number, key, [f"{key}: {_flow(value)}\n"])
        if story.scenario.expect or not story.scenario.is_short:
            text = _with_expect(text, story)
    return text


def _opened(text: str, number: int) -> str:
    """The text in which a scenario is written below each other: one between braces has no room for what was seen."""
    scenario, _ = _find(text, number, "")
    if not scenario.flow_style:
        return text
    start, end = scenario.start_mark, scenario.end_mark
    written = text[start.index : end.index]
    if "#" in written or text[text.rfind("\n", 0, start.index) + 1 : start.index].strip() != "-":
        raise OnOneLine(start.line + 1)
    pairs = [(key.value, text[value.start_mark.index : value.end_mark.index]) for key, value in scenario.value]
    below = f"\n{' ' * start.column}".join(f"{key}: {value}" for key, value in pairs)
    return f"{text[: start.index]}{below}{text[end.index :]}"


def _short(story: Seen) -> dict[str, Any]:
    """The short forms that the scenario uses, as they would be right."""
    right: dict[str, Any] = {}
    scenario, state = story.scenario, story.trace.state
    sent = [line.name for line in story.trace.lines if line.kind == "send" and not line.outcome]
    if scenario.sends is not None and sent != list(scenario.sends):
        right["sends"] = sent
    if scenario.outcome is not None and state.ended and state.ended.outcome != scenario.outcome:
        right["outcome"] = state.ended.outcome
    found = {name: state.vars.get(name) for name in scenario.vars}
    if found != scenario.vars:
        right["vars"] = found
    return right


def _with_expect(text: str, story: Seen) -> str:
    scenario, node = _find(text, story.number, "expect")
    keys = [key.start_mark.line for key, _ in scenario.value if key.value == "expect"]
    old = _chunks(text.splitlines(keepends=True), node, keys[0] + 1) if keys else []
    new = [line for row in story.rows for line in _entry(row, story.trace, old)]
    return _with(text, story.number, "expect", ["expect:\n", *(f"  {line}" for line in new)])


def _entry(row: Row, trace: Trace, old: list["_Chunk"]) -> list[str]:
    """One entry: as it was when it is right, else written anew with the comments that stood at the old one."""
    if row.line is None:
        return []
    chunk = old[row.wanted] if row.wanted is not None and row.wanted < len(old) else _Chunk([], [], "\n")
    if row.equal and chunk.entry:
        return [*chunk.comments, *chunk.entry]
    return [*chunk.comments, f"- {_flow(_expectation(trace.lines[row.line]))}{chunk.tail}"]


def _expectation(line: Line) -> dict[str, Any]:
    at = {"at": durations.exact(line.after) if line.after else "0 days"}
    if line.kind in ("set", "vars"):
        changes = line.text.split("; ") if line.kind == "set" else [line.text]
        plain = [change if "," not in change else change.split(" = ")[0] for change in changes]
        return {**at, "set": ", ".join(plain)}
    more = {"team": line.team, "outcome": line.outcome}
    return {**at, line.kind: line.name or line.text, **{key: value for key, value in more.items() if value}}


@dataclass(frozen=True)
class _Chunk:
    """An entry of a list in the file: the comment lines above it, its own lines (without indentation of the list), and
    what follows it on its last line."""

    comments: list[str]
    entry: list[str]
    tail: str


def _chunks(lines: list[str], node: yaml.Node | None, before: int) -> list[_Chunk]:
    """The entries of a list that is written below each other; the first comment may begin at the line ``before``."""
    if not isinstance(node, yaml.SequenceNode) or node.flow_style:
        return []
    found = []
    for entry in node.value:
        first, (last, column) = entry.start_mark.line, _end(entry)
        cut = node.start_mark.column
        comments = [line[cut:] if line[:cut].isspace() else line.lstrip() for line in lines[before:first]]
        found.append(_Chunk(comments, [line[cut:] for line in lines[first : last + 1]], lines[last][column:]))
        before = last + 1
    return found


def _with(text: str, number: int, key: str, new: list[str]) -> str:
    """The text with a key of a scenario written anew; at the scenario's end when it is not there yet."""
    lines = text.splitlines(keepends=True)
    scenario, node = _find(text, number, key)
    indent = " " * scenario.value[0][0].start_mark.column
    written = [indent + line if line.strip() else line for line in new]
    if node is None:
        last = _end(scenario)[0] + 1
        return "".join([*lines[:last], *written, *lines[last:]])
    first = next(name for name, _ in scenario.value if name.value == key).start_mark.line
    return "".join([*lines[:first], *written, *lines[_end(node)[0] + 1 :]])


def _find(text: str, number: int, key: str) -> tuple[Any, yaml.Node | None]:
    """A scenario and the value of one of its keys, with their marks."""
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    stories = next(value for name, value in root.value if name.value == "scenarios")
    scenario = stories.value[number]
    return scenario, next((value for name, value in scenario.value if name.value == key), None)


def _end(node: Any) -> tuple[int, int]:
    """Where a node really ends (line, column): libyaml ends a block only where the next token begins."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        mark = node.end_mark
        return (mark.line, mark.column) if mark.column or not mark.line else (mark.line - 1, 10_000)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _flow(value: Any) -> str:
    """A value on one line, as YAML."""
    yaml_1_2 = YAML()
    yaml_1_2.width = 100_000
    if isinstance(value, dict):
        value = CommentedMap(value)
        value.fa.set_flow_style()
    elif isinstance(value, list):
        value = CommentedSeq(value)
        value.fa.set_flow_style()
    stream = io.StringIO()
    yaml_1_2.dump([value], stream)
    return stream.getvalue().removeprefix("- ").rstrip("\n")
