"""JSON without surprises: what this lets in means the same to every reader after us.

`json.loads` takes NaN, repeated keys (the last one wins, unseen), UTF-16, half surrogates and integers of any size.
Each of them would be accepted here and break something later: a database, a template, a page. So they stop at the
door, with their place. Integers stay within plus or minus 2^53-1, the range that every JSON reader keeps exactly
(RFC 7493); larger ones are refused, not rounded.
"""

import codecs
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.refusals import Fault, Malformed

MAX_DEPTH = 64
MAX_NODES = 10_000
MAX_STRING = 64 * 1024
MAX_INTEGER = 2**53 - 1

MAX_DIGITS = 4_000
"""Python itself reads no longer ones (and would say so without a place)."""

_BEYOND = 2**64
"""Stands for every integer of too many digits, so that the walk refuses it with its place."""

# A value's way down from the top: (the way to its parent, its key or index). None is the top itself.
Trail: TypeAlias = tuple[Any, str | int] | None

_SYNTAX: tuple[tuple[str, str, str], ...] = (
    ("Extra data", "Something follows after the end of the JSON.", "Send one JSON object and nothing else."),
    ("Expecting ',' delimiter", "A comma or a closing bracket is missing.", "Put it here."),
    ("Expecting ':' delimiter", "The colon after a key is missing.", "Put it here."),
    ("Expecting property name", "A key was expected.", "Write keys in double quotes."),
    (
        "Invalid control character",
        "A raw control character stands in a text.",
        r"Write a line break as \n, a tab as \t.",
    ),
    ("Unterminated string", "The text that begins here never ends.", "Close it with a double quote."),
    ("Invalid \\", "A backslash is followed by something that JSON does not know.", r"Write a backslash as \\."),
    ("Expecting value", "A value was expected.", 'Write a "text", a number, true, false, null, [...] or {...}.'),
)


def parse(raw: bytes) -> dict[str, Any]:
    """The object in `raw`, or `Malformed` with the place of the first mistake found."""
    document = Document(raw)
    if not isinstance(document.top, dict):
        what = f"It is {_kind(document.top)}, not an object."
        raise Malformed("body", what, 'Send one event as {"id": ..., ...}.')
    document.check(document.top)
    return document.top


class Document:
    """A body that is JSON in its form; what stands in it is checked value by value, so that one bad value of a batch
    spoils its own event only."""

    def __init__(self, raw: bytes, *, most_made: int = MAX_NODES) -> None:
        """Read `raw`, or raise `Malformed`. At most so many objects and whole numbers may be in it."""
        text = _decode(raw)
        self._escaped = "\\u" in text
        self._builder = _Builder(most_made)
        try:
            self.top: Any = json.loads(text, object_pairs_hook=self._builder.object, parse_int=self._builder.integer)
        except json.JSONDecodeError as error:
            raise _syntax(text, error) from None
        except RecursionError:
            raise _too_deep("body") from None

    def check(self, value: Any, *, most: int = MAX_NODES, largest: int = MAX_INTEGER) -> None:
        """Refuse a part of this document in which something is not as it should be, which has more than so many values,
        or whole numbers beyond the largest; places count from that part."""
        check = _Check(self._builder.repeated, self._escaped, most, largest)
        check.whole(value)


def _decode(raw: bytes) -> str:
    if raw.startswith(codecs.BOM_UTF8):
        raise Malformed("byte 1", "The body begins with a byte order mark.", "Send UTF-8 without one.")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw[:4]:
        raise Malformed("byte 1", "The body looks like UTF-16 or UTF-32.", "Send it as UTF-8.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start + 1}", "This is not UTF-8.", "Encode the body as UTF-8.") from None
    if not text or text.isspace():
        raise Malformed("body", "It is empty.", "Send one event as a JSON object.")
    return text


class _Builder:
    """Makes objects and integers for the JSON reader, and stops it early when there are far too many."""

    def __init__(self, most_made: int) -> None:
        self.made = 0
        self.most_made = most_made
        # By identity; the object is kept beside its key so that no other can take its id.
        self.repeated: dict[int, tuple[dict[str, Any], str]] = {}

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._count()
        made = dict(pairs)
        if len(made) != len(pairs):
            made = _all_kept(pairs)
            self.repeated[id(made)] = (made, _first_repeated(key for key, _ in pairs))
        return made

    def integer(self, digits: str) -> int:
        self._count()
        return int(digits) if len(digits) < MAX_DIGITS else _BEYOND

    def _count(self) -> None:
        self.made += 1
        if self.made > self.most_made:
            raise _too_many(self.most_made)


def _all_kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that will be refused, with every value of a repeated key in it, for whoever looks at it later."""
    kept: dict[str, Any] = {}
    for key, value in pairs:
        kept[key if key not in kept else f"{key} (again, {len(kept)})"] = value
    return kept


def _first_repeated(keys: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(key for key in keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]


@dataclass(frozen=True)
class _Check:
    """`escaped` says that the text has a `\\u` escape: only then can a half surrogate or a NUL be in it."""

    repeated: dict[int, tuple[dict[str, Any], str]]
    escaped: bool
    most: int
    largest: int

    def whole(self, top: Any) -> None:
        """Look at every value once, in reading order and without recursion."""
        nodes = 1
        todo: list[tuple[Any, Trail, int]] = [(top, None, 1)]
        while todo:
            value, trail, depth = todo.pop()
            if not isinstance(value, (dict, list)):
                _refuse(self._scalar_fault(value), trail)
                continue
            if depth > MAX_DEPTH:
                raise _too_deep(_pointer(trail))
            nodes += len(value)
            if nodes > self.most:
                raise _too_many(self.most)
            if isinstance(value, dict):
                self._keys(value, trail)
                children: list[tuple[str | int, Any]] = list(value.items())
            else:
                children = list(enumerate(value))
            todo.extend((child, (trail, key), depth + 1) for key, child in reversed(children))

    def _keys(self, value: dict[str, Any], trail: Trail) -> None:
        if id(value) in self.repeated:
            fault = Fault("This key stands here more than once.", "Keep one.")
            _refuse(fault, (trail, self.repeated[id(value)][1]))
        for key in value:
            _refuse(_text_fault(key, self.escaped), (trail, key))

    def _scalar_fault(self, value: Any) -> Fault | None:
        if isinstance(value, str):
            return _text_fault(value, self.escaped)
        if isinstance(value, float) and not math.isfinite(value):
            return Fault(
                "This is no number, or one too large to hold.", "Send a finite number, null, or a text in quotes."
            )
        if isinstance(value, int) and abs(value) > self.largest:
            return Fault(
                "This whole number is beyond 2^53-1; many readers would round it.", "Send it as a text in quotes."
            )
        return None


def _refuse(fault: Fault | None, trail: Trail) -> None:
    if fault:
        raise Malformed(_pointer(trail), *fault)


def _text_fault(text: str, escaped: bool) -> Fault | None:
    if len(text) > MAX_STRING:
        return Fault(f"This text has {len(text):,} characters.", f"Keep each text within {MAX_STRING:,}.")
    if not escaped:
        return None
    if "\0" in text:
        return Fault(r"There is a \u0000 in this text.", "Leave it out; databases cannot keep it.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return Fault(r"There is half a surrogate pair (\ud800 to \udfff) in this text.", "Send the whole character.")
    return None


def _too_deep(place: str) -> Malformed:
    return Malformed(place, f"The nesting is deeper than {MAX_DEPTH} levels.", "Send a flatter event.")


def _too_many(most: int) -> Malformed:
    return Malformed("body", f"There are more than {most:,} values in it.", "Send a smaller event, or several.")


def _syntax(text: str, error: json.JSONDecodeError) -> Malformed:
    place = f"line {error.lineno}, column {error.colno}"
    here = text[error.pos : error.pos + 2]
    if here in ("//", "/*") or here[:1] == "#":
        return Malformed(place, "JSON has no comments.", "Remove it.")
    after_comma = here[:1] in ("}", "]") and text[: error.pos].rstrip().endswith(",")
    if after_comma or error.msg.startswith("Illegal trailing comma"):
        return Malformed(place, "A comma stands before the closing bracket.", "Remove the comma.")
    if here[:1] == "'":
        return Malformed(place, "Single quotes are not JSON.", "Use double quotes.")
    for begins, message, remedy in _SYNTAX:
        if error.msg.startswith(begins):
            return Malformed(place, message, remedy)
    return Malformed(place, "This is not JSON.", "Check the body with a JSON validator.")


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a number"


def _pointer(trail: Trail) -> str:
    """The JSON pointer (RFC 6901) of a value, fit to be shown: odd characters escaped, long keys cut."""
    parts: list[str] = []
    while trail is not None:
        trail, key = trail
        parts.append("/" + shown(str(key)).replace("~", "~0").replace("/", "~1"))
    return "".join(reversed(parts)) or "body"


def shown(text: str, most: int = 60) -> str:
    """`text` from a sender as it may stand in an answer or a log: printable, on one line, and short."""
    short = text if len(text) <= most else text[:most] + "…"
    if short.isprintable():
        return short
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in short)
