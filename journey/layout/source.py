"""A YAML text as entries with their own words and their comments: what the printer lays out anew.

Scalars stay as they are written, so nothing can change what they mean. Comments and blank lines belong to the entry
that follows them, a comment at the end of a line to the entry it stands behind.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

BLANK = ""
"""A blank line among comments."""


@dataclass
class Scalar:
    """A single value, as written; ``block`` for one below ``|`` or ``>``."""

    text: str
    block: bool = False


@dataclass
class Group:
    """A mapping or a list; ``flow``: between braces or brackets."""

    is_list: bool
    flow: bool
    entries: list["Entry"] = field(default_factory=list)


@dataclass
class Entry:
    """An entry of a mapping, or of a list (no key): where it begins, and the comments above, behind and below it."""

    key: str | None
    value: Scalar | Group
    start: int
    column: int
    before: list[str] = field(default_factory=list)
    behind: str = ""
    after: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Comment:
    """A comment, or a blank line (no text), and whether it stands at the end of a line that has something else."""

    index: int
    column: int
    text: str
    behind: bool


def read(text: str) -> tuple[Scalar | Group, list[str]]:
    """The value of a text that ``yaml_tree.read`` accepts, and the comments below all of it."""
    tokens = list(yaml.scan(text, Loader=yaml.CSafeLoader))
    dashes = [token.start_mark.index for token in tokens if isinstance(token, yaml.BlockEntryToken)]
    places: list[Entry] = []
    value = _value(yaml.compose(text, Loader=yaml.CSafeLoader), text, dashes, places)
    places.sort(key=lambda entry: entry.start)
    left = _attach(places, list(_comments(text, tokens)))
    _open(value)
    return value, left


def _value(node: Any, text: str, dashes: list[int], places: list[Entry]) -> Scalar | Group:
    if isinstance(node, yaml.ScalarNode):
        written = text[node.start_mark.index : node.end_mark.index]
        return Scalar(written, node.style in ("|", ">"))
    group = Group(isinstance(node, yaml.SequenceNode), bool(node.flow_style))
    for child in node.value:
        key, inner = (None, child) if group.is_list else child
        at = (key or inner).start_mark.index
        if group.is_list and not group.flow:
            at = dashes[bisect_left(dashes, at) - 1]
        words = text[key.start_mark.index : key.end_mark.index] if key is not None else None
        entry = Entry(words, Scalar(""), at, at - text.rfind("\n", 0, at) - 1)
        places.append(entry)
        entry.value = _value(inner, text, dashes, places)
        group.entries.append(entry)
    return group


def _comments(text: str, tokens: list[Any]) -> Iterator[_Comment]:
    """Every comment and every blank line between two tokens."""
    end = 0
    for token in tokens:
        start = token.start_mark.index
        if start > end:
            yield from _gap(text, end, start)
        end = max(end, token.end_mark.index)


def _gap(text: str, start: int, end: int) -> Iterator[_Comment]:
    at = start
    for number, line in enumerate(text[start:end].split("\n")):
        begun = text.rfind("\n", 0, at) + 1
        behind = number == 0 and bool(text[begun:at].strip())
        mark = line.find("#")
        last = at + len(line) == end  # what follows on this line is no comment
        if mark >= 0:
            yield _Comment(at + mark, at + mark - begun, line[mark:].rstrip(), behind)
        elif not line.strip() and not behind and not last and begun == at:
            yield _Comment(at, 0, BLANK, behind=False)
        at += len(line) + 1


def _attach(places: list[Entry], comments: list[_Comment]) -> list[str]:
    """Give each comment to its entry; returns those below everything."""
    starts = [entry.start for entry in places]
    left: list[str] = []
    above = -1  # a comment that follows one above an entry stands above it, too, however far it is indented
    for comment in comments:
        following = bisect_right(starts, comment.index)
        if comment.behind and following:
            _behind(places[following - 1], comment.text)
            continue
        if following < len(places):
            below = places[following]
            inside = comment.text and comment.column > below.column and above != following
            owner = _above(places[:following], comment.column) if inside else None
            (owner.after if owner else below.before).append(comment.text)
            above = following if comment.text and not owner else above
            continue
        owner = _above(places, comment.column) if comment.column and comment.text else None
        (owner.after if owner else left).append(comment.text)
    return left


def _behind(entry: Entry, text: str) -> None:
    """A line has room for one comment; a second one (in a group on several lines) stands above."""
    if entry.behind:
        entry.before.append(entry.behind)
    entry.behind = text


def _above(places: list[Entry], column: int) -> Entry | None:
    """The last entry that a comment at this column belongs below."""
    return next((entry for entry in reversed(places) if entry.column <= column), None)


def _open(value: Scalar | Group) -> bool:
    """Groups in which comments or values of several lines stand cannot be on one line. Returns whether this cannot."""
    if isinstance(value, Scalar):
        return value.block or "\n" in value.text
    opened = [_open(entry.value) or bool(entry.before or entry.after) for entry in value.entries]
    for entry in value.entries:
        _take_out(entry)
    if any(opened) or any(entry.behind for entry in value.entries[:-1]):
        value.flow = False
    return not value.flow


def _take_out(entry: Entry) -> None:
    """A comment behind the last entry of a group on one line stands behind the whole line."""
    inner = entry.value
    if isinstance(inner, Group) and inner.flow and inner.entries and inner.entries[-1].behind:
        _behind(entry, inner.entries[-1].behind)
        inner.entries[-1].behind = ""
