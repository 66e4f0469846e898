"""Entries as text in the one layout: two spaces a level, lists indented, comments behind lines in one column."""

from collections.abc import Iterator, Sequence

from journey.layout.source import BLANK, Entry, Group, Scalar

WIDTH = 120
BEHIND = 39
"""The column of comments behind lines, where the line is short enough."""


class _Words(str):
    """A line of a text below | or >: every space of it counts."""

    __slots__ = ()


def printed(value: Scalar | Group, left: Sequence[str]) -> str:
    """The whole text."""
    lines = list(_group(value, 0)) if isinstance(value, Group) else _scalar("", value, 0)
    return "\n".join(_calm([*lines, *left])) + "\n"


def _calm(lines: Sequence[str]) -> Iterator[str]:
    """No blank line at the beginning or the end, and never two together; texts are left alone."""
    waiting = begun = False
    for line in lines:
        if not line.strip() and not isinstance(line, _Words):
            waiting = begun
            continue
        if waiting:
            yield BLANK
        waiting, begun = False, True
        yield line if isinstance(line, _Words) else line.rstrip()


def _group(group: Group, indent: int) -> Iterator[str]:
    """The entries of a mapping or list below each other."""
    pad = " " * indent
    for number, entry in enumerate(group.entries):
        before = entry.before
        while number == 0 and before and before[0] == BLANK:
            before = before[1:]  # no blank line between a key and what it holds
        yield from (pad + line if line else BLANK for line in before)
        yield from _entry(entry, indent)
        yield from (pad + line if line else BLANK for line in entry.after)


def _entry(entry: Entry, indent: int) -> Iterator[str]:
    head = " " * indent + (f"{entry.key}:" if entry.key is not None else "-")
    value = entry.value
    if isinstance(value, Scalar):
        first, *rest = _scalar(head, value, indent)
        yield _with(first, entry.behind)
        yield from rest
        return
    line = f"{head} {flow(value)}"
    if not value.entries or (value.flow and len(line) <= WIDTH):
        yield _with(line, entry.behind)
        return
    inner = list(_group(value, indent + 2))
    if entry.key is None and _can_begin_here(value):
        inner[0] = f"{head} {inner[0][indent + 2 :]}"
        yield from ([" " * indent + entry.behind] if entry.behind else [])
        yield from inner
        return
    yield _with(head, entry.behind)
    yield from inner


def _can_begin_here(value: Group) -> bool:
    """Whether the first entry can stand on the line of the dash: no comment is in between."""
    return not [line for line in value.entries[0].before if line]


def _scalar(head: str, value: Scalar, indent: int) -> list[str]:
    """A value behind its key or dash; further lines of it are indented below."""
    lines = value.text.split("\n")
    if value.block:
        return _block(head, lines, indent)
    if len(lines) == 1:
        return [f"{head} {lines[0].rstrip()}".rstrip() if head else lines[0]]
    pad = " " * (indent + 2)
    return [f"{head} {lines[0].rstrip()}", *(pad + line.strip() if line.strip() else BLANK for line in lines[1:])]


def _block(head: str, lines: list[str], indent: int) -> list[str]:
    """A text below | or >, moved as a whole."""
    header, *body = lines
    body = body[:-1] if body and not body[-1].strip() else body
    keeps = "+" in header.partition("#")[0]
    blank = not keeps and bool(body) and not body[-1].strip()
    while body and not body[-1].strip() and not keeps:
        body.pop()  # blank lines below belong to the text only where the header says so
    written = [line for line in body if line.strip()]
    old = min((len(line) - len(line.lstrip(" ")) for line in written), default=0)
    pad = " " * (indent + 2)
    moved = [_Words(pad + line[old:] if len(line) > old else BLANK) for line in body]
    return [f"{head} {header.rstrip()}", *moved, *([BLANK] if blank else [])]


def flow(value: Scalar | Group) -> str:
    """A value on one line."""
    if isinstance(value, Scalar):
        return value.text.strip()
    inner = [flow(entry.value) if entry.key is None else f"{entry.key}: {flow(entry.value)}" for entry in value.entries]
    return f"[{', '.join(inner)}]" if value.is_list else f"{{{', '.join(part.strip() for part in inner)}}}"


def _with(line: str, behind: str) -> str:
    return f"{line:<{BEHIND - 2}}  {behind}" if behind else line
