"""YAML text to plain data with the position of every value, and of every character inside a text.

YAML 1.2 core scalars (``on``, ``no`` and ``9:30`` stay text), one document, no anchors, aliases, tags or merge keys, no
duplicate keys, and bounds on size, depth and count before anything is built: PyYAML's C composer, which crashes on deep
nesting and makes bombs of aliases, is not used.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from journey.problems import Place, Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_NODES = 20_000

Path = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?\Z")
_WORDS: dict[str, Any] = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass
class Tree:
    """Plain data read from one file, and where each value and each key stands."""

    file: str
    data: Any = None
    text: str = ""
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where the value (or the key) at ``path`` stands; the nearest enclosing place if that path is not written."""
        while True:
            found = (self.keys.get(path) if key else None) or self.values.get(path) or self.keys.get(path)
            if found or not path:
                return found or Place(self.file)
            path = path[:-1]

    def value(self, path: Path) -> Any:
        """The data at ``path``; None if it is not written."""
        data = self.data
        for item in path:
            known = item in data if isinstance(data, dict) else isinstance(data, list) and isinstance(item, int)
            data = data[item] if known else None
        return data

    def inside(self, path: Path, value: str, line: int = 1, column: int = 1) -> Place:
        """Where a line and column of the text ``value`` at ``path`` stand in the file, whatever quotes, escapes,
        indentation or folding stand between: the characters of the value are looked up one after the other."""
        if path not in self.spans:
            return self.place(path)
        lines = value.split("\n")
        index = sum(len(part) + 1 for part in lines[: line - 1]) + column - 1
        at, end = self.spans[path]
        for character in value[:index]:
            if not character.isspace():
                at = self.text.find(character, at, end) + 1 or at
        wanted = value[index : index + 1]
        if wanted.strip():
            at = max(self.text.find(wanted, at, end), at)
        before = self.text[:at]
        return Place(self.file, before.count("\n") + 1, at - before.rfind("\n"))


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def read(text: str, file: str) -> tuple[Tree, list[Problem]]:
    """Read one YAML document. Problems make ``tree.data`` None unless they are only duplicate keys."""
    tree, problems = Tree(file, text=text), list[Problem]()
    try:
        _guard_text(text, file)
        events = _guarded(text, file)
        found = any(isinstance(event, yaml.DocumentStartEvent) for event in events)
        tree.data = _build(next(events), (), tree, problems, events) if found else None
        for _ in events:  # nothing may follow
            pass
    except _Refused as refused:
        return Tree(file, text=text), [refused.problem]
    except yaml.YAMLError as error:
        return Tree(file, text=text), [_syntax(error, tree)]
    if not found:
        hint = "Write a definition or delete the file."
        return tree, [Problem(Place(file), "The file is empty.", "empty-file", hint)]
    return tree, problems


def _at(mark: Any, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file)


def _refuse(place: Place, message: str, rule: str, hint: str = "") -> None:
    raise _Refused(Problem(place, message, rule, hint))


Events = Iterator[yaml.Event]


def _guard_text(text: str, file: str) -> None:
    """Refuse what must not reach the parser."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        _refuse(Place(file), f"The file is larger than {MAX_BYTES // 1024} KB.", "file-too-large", "Split it.")
    _guard_characters(text, file)


def _guarded(text: str, file: str) -> Events:
    """What the parser finds, one after the other; what is refused ends it. So nothing is built beyond the bounds."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        _guard_node(event, file)
        if documents <= 1 and depth <= MAX_DEPTH and nodes <= MAX_NODES:
            yield event
            continue
        place = _at(event.start_mark, file)
        if documents > 1:
            _refuse(place, "A second document starts here.", "second-document", "Keep one definition in one file.")
        if depth > MAX_DEPTH:
            _refuse(place, f"This is nested more than {MAX_DEPTH} levels deep.", "too-deep", "Make it flatter.")
        _refuse(place, f"The file holds more than {MAX_NODES} values.", "too-many-values", "Split it.")


_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufffe\uffff]")
"""Control characters, halves of characters, and what YAML would take for a line break that nobody sees."""


def _guard_characters(text: str, file: str) -> None:
    found = _NOT_TEXT.search(text)
    if found is not None:
        before = text[: found.start()]
        place = Place(file, before.count("\n") + 1, found.start() - before.rfind("\n"))
        _refuse(place, "There is a character here that is not text.", "not-text", "Save the file as plain UTF-8 text.")


def _guard_node(event: Any, file: str) -> None:
    if not (event.__class__ is yaml.AliasEvent or getattr(event, "anchor", None) or getattr(event, "tag", None)):
        return
    place = _at(event.start_mark, file)
    if isinstance(event, yaml.AliasEvent):
        _refuse(place, "Aliases (*name) are not used here.", "yaml-alias", "Write the value out in full.")
    if getattr(event, "anchor", None):
        _refuse(place, "Anchors (&name) are not used here.", "yaml-anchor", "Write the value out where it is needed.")
    if getattr(event, "tag", None):
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        hint = "If the ! belongs to the value, put the whole value between quotes; otherwise remove it."
        _refuse(place, f"A value cannot begin with {tag}: that is a YAML tag.", "yaml-tag", hint)


_QUOTES = "Text with : # { } [ ] or quotes in it goes between quotes."
_INDENT = "Entries of one list or group begin in the same column."
_SYNTAX = {
    "mapping values are not allowed in this context": (
        "A colon is not expected here.",
        "Put the whole text between quotes, or below a |.",
    ),
    "could not find expected ':'": ("A colon is missing here, or a quotation mark before.", _QUOTES),
    "did not find expected key": ("A key is expected here.", "Look at the indentation, and at open quotes before."),
    "did not find expected '-' indicator": ("A list entry (- …) is expected here.", _INDENT),
    "did not find expected <document start>": ("This does not belong to what is before it.", _INDENT),
    "did not find expected ',' or ']'": (
        "A , or ] is expected here.",
        "Text with [ ] { } or , in it goes between quotes; the list that begins with [ ends with ].",
    ),
    "did not find expected ',' or '}'": (
        "A , or } is expected here.",
        "Text with [ ] { } or , in it goes between quotes; the group that begins with { ends with }.",
    ),
    "did not find expected node content": ("A value is expected here.", _QUOTES),
    "block sequence entries are not allowed in this context": ("A list entry (-) cannot begin here.", _INDENT),
    "found invalid Unicode character escape code": ("This \\ stands for no letter.", "Write the letter itself."),
    "found unknown escape character": ("This \\ has no meaning here.", "Use single quotes, or write \\\\."),
}


def _syntax(error: yaml.YAMLError, tree: "Tree") -> Problem:
    """What the parser says, in plain words; an open quotation mark is told where it opens."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or "this is not YAML"
    if what == "could not find expected ':'":
        mark = getattr(error, "context_mark", None) or mark  # the word that lacks it, not the next line
    here = tree.text[mark.index : mark.index + 1] if mark is not None else ""
    context = getattr(error, "context", None) or ""
    if "quoted scalar" in context and "end of stream" in what:
        place = _at(error.context_mark, tree.file)  # type: ignore[attr-defined] # the kinds of errors share no base
        return Problem(place, "This quotation mark is never closed.", "yaml-syntax", "Write its other half.")
    if here == "\t":
        said = "A tab stands here.", "YAML is indented with spaces."
    elif what == "found character that cannot start any token":
        said = f"A value cannot begin with {here}.", _QUOTES
    else:
        said = _SYNTAX.get(what, ("The YAML cannot be read here.", _QUOTES))
    return Problem(_at(mark, tree.file), said[0], "yaml-syntax", said[1])


def _build(event: yaml.Event, path: Path, tree: Tree, problems: list[Problem], events: Events) -> Any:
    """The value that begins with this event; its other events are taken from ``events``."""
    tree.values[path] = _at(event.start_mark, tree.file)
    if isinstance(event, yaml.ScalarEvent):
        tree.spans[path] = _span(event, tree.text)
        return _scalar(event)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(path, tree, problems, events)
    found: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_build(event, (*path, len(found)), tree, problems, events))
    return found


def _span(node: Any, text: str) -> tuple[int, int]:
    """Where a text begins and ends: after its opening quote, or below the line of its | or >."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):
        start = text.find("\n", start, end) + 1 or start
    elif node.style in ("'", '"'):
        start += 1
    return start, end


def _mapping(path: Path, tree: Tree, problems: list[Problem], events: Events) -> dict[str, Any]:
    result: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        place = _at(event.start_mark, tree.file)
        problem = _no_key(event, place, path, tree)
        if problem is not None:
            problems.append(problem)
            _pass_over(event, events)
            _pass_over(next(events), events)
            continue
        key = str(getattr(event, "value", ""))
        tree.keys[(*path, key)] = place
        result[key] = _build(next(events), (*path, key), tree, problems, events)
    return result


def _no_key(event: yaml.Event, place: Place, path: Path, tree: Tree) -> Problem | None:
    """What is wrong with a key."""
    if not isinstance(event, yaml.ScalarEvent):
        return Problem(place, "A key must be a word.", "key-not-text")
    first = tree.keys.get((*path, str(event.value)))
    if first is not None:
        message = f'"{event.value}" is already written at line {first.line}, column {first.column}.'
        return Problem(place, message, "duplicate-key", "Keep one of the two.")
    if event.value == "<<":
        return Problem(place, "Merge keys (<<) are not used here.", "yaml-merge", "Write the values out.")
    return None


def _pass_over(event: yaml.Event, events: Events) -> None:
    """Leave out the value that begins with this event."""
    depth = int(isinstance(event, yaml.CollectionStartEvent))
    while depth:
        event = next(events)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def _scalar(node: yaml.ScalarEvent) -> Any:
    """The value by the YAML 1.2 core schema: only plain scalars become numbers, booleans or null."""
    text = node.value
    if node.style:
        return text
    if text in _NULLS:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text) if not re.match(r"[-+]?0[0-9]", text) else text
    if _FLOAT.match(text) and math.isfinite(float(text)):
        return float(text)
    return text
