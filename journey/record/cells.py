"""Customers as a table (CSV, RFC 4180; comma or semicolon): its cells with their places, and what each column means.

Spreadsheets execute cells that begin with ``= + - @``, a tab or a carriage return. What is written gets an apostrophe
before them (OWASP, "CSV injection"), and what is read loses it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
TAGS = "tags"
GROUPS = ("address", "organisation", "consent", "attributes")
"""What has columns such as ``address.city``."""
ONLY_SHOWN = ("customer_id", "segments", "created_at", "updated_at")
"""Columns that an export has and an import passes over, with those that begin with ``facts.``"""
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class Cell(NamedTuple):
    """A value with its place: the line and the column, from 1."""

    value: str
    line: int
    column: int


class EndlessQuote(ValueError):
    """A quotation mark that is never closed."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__("The quotation mark that stands here is never closed.")
        self.line, self.column = line, column


def delimiter(header: str) -> str:
    """What stands between the columns, told from the first line."""
    return max((",", ";", "\t"), key=header.count)


def rows(lines: Iterable[str], between: str) -> Iterator[list[Cell]]:
    """The rows of a table; empty ones are left out. Raises EndlessQuote."""
    reader = _Reader(iter(lines), between)
    while reader.next_line():
        row = reader.row()
        if any(cell.value.strip() for cell in row):
            yield row


class _Reader:
    def __init__(self, lines: Iterator[str], between: str) -> None:
        self._lines, self._between = lines, between
        self._number, self._text, self._at = 0, "", 0

    def next_line(self) -> bool:
        """Go on to the next line, if there is one."""
        text = next(self._lines, None)
        if text is None:
            return False
        self._number, self._text, self._at = self._number + 1, text.rstrip("\r\n"), 0
        return True

    def row(self) -> list[Cell]:
        """The cells from here to the end of the row."""
        cells = [self._cell()]
        while self._text[self._at : self._at + 1] == self._between:
            self._at += 1
            cells.append(self._cell())
        return cells

    def _cell(self) -> Cell:
        place = self._number, self._at + 1
        quoted = self._quoted(*place) if self._text[self._at : self._at + 1] == '"' else ""
        end = self._text.find(self._between, self._at)
        end = len(self._text) if end < 0 else end
        plain, self._at = self._text[self._at : end], end
        return Cell(quoted + plain, *place)

    def _quoted(self, line: int, column: int) -> str:
        """A value in quotation marks, over several lines perhaps; a double one in it means one."""
        found, self._at = "", self._at + 1
        while True:
            end = self._text.find('"', self._at)
            if end < 0:
                found += self._text[self._at :] + "\n"
                if not self.next_line():
                    raise EndlessQuote(line, column)
            elif self._text[end + 1 : end + 2] == '"':
                found, self._at = found + self._text[self._at : end + 1], end + 2
            else:
                found, self._at = found + self._text[self._at : end], end + 1
                return found


def customer(columns: Sequence[str], row: Sequence[Cell]) -> tuple[dict[str, Any], dict[str, Cell]]:
    """What one row says of its customer, as an event would say it (with ``add_tags``), and where each value stands, by
    its JSON pointer. An empty cell says nothing."""
    said: dict[str, Any] = {}
    places: dict[str, Cell] = {}
    for column, cell in zip(columns, row, strict=False):
        value = harmless(cell.value).strip()
        if not value or column in ONLY_SHOWN or column.startswith("facts."):
            continue
        group, _, name = column.partition(".")
        if column == TAGS:
            said["add_tags"] = [tag.strip() for tag in value.split("|") if tag.strip()]
            places["/add_tags"] = cell
        elif name:
            said.setdefault(group, {})[name] = YES_OR_NO.get(value.lower(), value) if group == "consent" else value
            places[f"/{group}/{name}"] = cell
            places.setdefault(f"/{group}", cell)
        else:
            said[column] = value
            places[f"/{column}"] = cell
    return said, places


def flat(record: Mapping[str, Any]) -> dict[str, str]:
    """A record (``store.dossier``) as the cells of one row, by their columns."""
    found: dict[str, Any] = {name: value for name, value in record.items() if not isinstance(value, (dict, list))}
    for group in (*GROUPS, "facts"):
        for name, value in (record.get(group) or {}).items():
            if not isinstance(value, (dict, list)):
                found[f"{group}.{name}"] = value
    found |= {TAGS: "|".join(record["tags"]), "segments": "|".join(record["segments"])}
    return {name: _text(value) for name, value in found.items() if value is not None}


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def safe(value: str) -> str:
    """A value that no spreadsheet executes."""
    return f"'{value}" if value.startswith(DANGEROUS) else value


def harmless(value: str) -> str:
    """The value again that ``safe`` was given."""
    return value[1:] if value[:1] == "'" and value[1:].startswith(DANGEROUS) else value
