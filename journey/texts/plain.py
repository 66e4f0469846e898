"""The plain-text twin of a page: what somebody sees who reads mail without pictures, colours and columns."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

CONTENT = "wayfare-content"
"""The element that stands in a page where its text comes; no value can make one, values are escaped."""

ONLY_HTML = "no-text"
"""The class of elements that are left out of the plain text."""
DEEPEST = 20
"""Lists inside lists are set in no further."""
_SILENT = frozenset({"head", "style", "script", "title", "template"})
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "div", "dl", "dt", "dd", "figure", "footer", "form", "h1", "h2",
        "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot",
        "thead", "tr", "ul", "li", "center", "body", "html",
    }
)  # fmt: skip
_ROOMY = frozenset({"blockquote", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul", "hr"})
"""Blocks with an empty line before and after."""
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)


def of_page(page: str, content: str = "") -> str:
    """The words of an HTML page in reading order, with the text ``content`` where the page has its place for it."""
    reading = _Reading(content)
    reading.feed(page)
    reading.close()
    return reading.text()


@dataclass
class _List:
    """A list that is being read: the number of the next item, None if its items have dashes."""

    number: int | None


@dataclass
class _Link:
    """A link that is being read: where it leads, and where its words begin."""

    address: str
    start: int


class _Reading(HTMLParser):
    def __init__(self, content: str) -> None:
        super().__init__()
        self._content = content
        self._pieces: list[str] = []
        self._hidden: list[str] = []
        """The open elements from the outermost one that is not shown; empty while everything is shown."""
        self._lists: list[_List] = []
        self._links: list[_Link] = []

    def text(self) -> str:
        lines = [line.rstrip() for line in "".join(self._pieces).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        unseen = _HIDDEN.search(said.get("style", "")) or said.get("aria-hidden") == "true"
        silent = tag in _SILENT or unseen or ONLY_HTML in said.get("class", "").split()
        if self._hidden or silent:
            if tag not in _VOID:
                self._hidden.append(tag)
            return
        if tag in _BLOCKS:
            self._line(self._room(tag))
        self._begin(tag, said)

    def _begin(self, tag: str, said: dict[str, str]) -> None:
        match tag:
            case "br":
                self._pieces.append("\n")
            case "img":
                self._say(said.get("alt", ""))
            case "td" | "th":
                self._gap()
            case "ol" | "ul":
                self._lists.append(_List(_whole(said.get("start", "1")) if tag == "ol" else None))
            case "li":
                self._item()
            case "a":
                self._links.append(_Link(said.get("href", ""), len(self._pieces)))
            case _ if tag in ("hr", CONTENT):
                self._alone("-" * 20 if tag == "hr" else self._content.strip("\n"))

    def _alone(self, lines: str) -> None:
        self._line(2)
        self._pieces.append(lines)
        self._line(2)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        if tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        if tag == "a" and self._links:
            self._leave(self._links.pop())
        if tag in _BLOCKS:
            self._line(self._room(tag))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._say(data)

    def _say(self, data: str) -> None:
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        if self._at_start() or self._pieces[-1].endswith(" "):
            words = words.lstrip(" ")
        if words:
            self._pieces.append(words)

    def _room(self, tag: str) -> int:
        """How many line ends stand between this block and its neighbours."""
        return 1 if tag not in _ROOMY or (tag in ("ol", "ul") and self._lists) else 2

    def _at_start(self) -> bool:
        return not self._pieces or self._pieces[-1].endswith("\n")

    def _line(self, count: int) -> None:
        """At least ``count`` line ends before what follows, counting those that are there."""
        tail = "".join(self._pieces[-4:]).rstrip(" ")
        there = len(tail) - len(tail.rstrip("\n"))
        if self._pieces and there < count and not self._just_marked():
            self._pieces.append("\n" * (count - there))

    def _just_marked(self) -> bool:
        """Whether an item's mark was the last thing: a paragraph inside an item begins beside it."""
        return bool(re.search(r"(^|\n) *(-|\d+\.) $", "".join(self._pieces[-2:])))

    def _gap(self) -> None:
        if not self._at_start():
            self._pieces.append(" " if self._pieces[-1].endswith(" ") else "  ")

    def _item(self) -> None:
        if not self._lists:
            self._pieces.append("- ")
            return
        found = self._lists[-1]
        mark = "-" if found.number is None else f"{found.number}."
        found.number = None if found.number is None else found.number + 1
        self._pieces.append(f"{'  ' * min(len(self._lists) - 1, DEEPEST)}{mark} ")

    def _leave(self, link: _Link) -> None:
        words = "".join(self._pieces[link.start :]).strip()
        address = link.address.strip()
        if address and not address.startswith("#") and _bare(words) != _bare(address):
            self._pieces.append(f": {address}" if words else address)


def _bare(address: str) -> str:
    return re.sub(r"^(mailto:|tel:|https?://)", "", address).rstrip("/")


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
