"""A file of customers, CSV or JSON lines: what each line says, and what is wrong with it, at its line and column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway import refusals, strict_json
from gateway.customer_form import RECORD, record_problems
from journey.declared.customer import DeclaredCustomer
from journey.declared.values import check_value
from journey.problems import did_you_mean
from journey.record import cells
from journey.record.cells import Cell
from workers.mistakes import UserMistake

CSV, JSON_LINES = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True)
class Fault:
    """What is wrong at a place, and what to do."""

    line: int
    column: int
    message: str
    remedy: str

    def told(self, file: Path) -> str:
        """The whole of it for a person."""
        return f"{file}:{self.line}:{self.column}: {self.message} {self.remedy}"


@dataclass(frozen=True)
class Line:
    """What a line says of one customer, as an event would say it; where each value stands; what is wrong."""

    number: int
    given: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Cell] = field(default_factory=dict)
    text: str = ""
    faults: Sequence[Fault] = ()

    def at(self, pointer: str, message: str, remedy: str) -> Fault:
        """A fault at a value, by its JSON pointer or a part of it."""
        while pointer:
            if pointer in self.places:
                cell = self.places[pointer]
                return Fault(cell.line, cell.column, message, remedy)
            pointer, _, name = pointer.rpartition("/")
            if name and (found := self.text.find(json.dumps(name))) >= 0:
                return Fault(self.number, found + 1, message, remedy)
        return Fault(self.number, 1, message, remedy)


def lines(file: Path, declared: DeclaredCustomer | None) -> Iterator[Line]:
    """Every line of a file that is not empty, in order. Raises UserMistake for a file that is none."""
    if file.suffix.lower() not in (*CSV, *JSON_LINES):
        raise UserMistake(f"{file}: name it .csv or .jsonl, so that it is known how to read it")
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield from _table(file, text, declared) if file.suffix.lower() in CSV else _objects(text)
    except OSError as error:
        raise UserMistake(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserMistake(f"{file} is not UTF-8 (byte {error.start + 1}): save it as UTF-8") from None
    except cells.EndlessQuote as error:
        raise UserMistake(f"{file}:{error.line}:{error.column}: {error} Close it.") from None


def _objects(text: Iterable[str]) -> Iterator[Line]:
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        try:
            given = strict_json.parse(line.encode())
        except refusals.Malformed as refusal:
            place, message, remedy = refusal.problem
            bare = Line(number, text=line)
            at = place.rpartition("column ")[2]
            fault = Fault(number, int(at), message, remedy) if at.isdigit() else bare.at(place, message, remedy)
            yield Line(number, faults=[fault])
            continue
        yield _checked(Line(number, given, text=line))


def _table(file: Path, text: Iterator[str], declared: DeclaredCustomer | None) -> Iterator[Line]:
    first = next(text, "")
    between = cells.delimiter(first)

    def whole() -> Iterator[str]:
        yield first
        yield from text

    table = cells.rows(whole(), between)
    header = next(table, [])
    columns = [cell.value.strip() for cell in header]
    _check_header(file, header)
    for row in table:
        number = row[0].line
        if len(row) > len(columns):
            extra = row[len(columns)]
            what = f"There are {len(row)} cells and {len(columns)} columns."
            yield Line(number, faults=[Fault(extra.line, extra.column, what, "Put a value with a comma in quotes.")])
            continue
        given, places = cells.customer(columns, row)
        if "attributes" in given:
            given["attributes"] = _typed(declared, given["attributes"])
        yield _checked(Line(number, given, places))


def _check_header(file: Path, header: Sequence[Cell]) -> None:
    """Raises UserMistake with every column that is not known."""
    plain = [name for name in RECORD if name not in (*cells.GROUPS, "add_tags", "remove_tags")]
    known = [*plain, cells.TAGS, *cells.ONLY_SHOWN]
    wrong = []
    for cell in header:
        name = cell.value.strip()
        group, _, part = name.partition(".")
        if name in known or (part and group in (*cells.GROUPS, "facts")):
            continue
        groups = ", ".join(f"{one}.…" for one in cells.GROUPS)
        hint = did_you_mean(name, known) or f"Known: {', '.join(plain)}, {cells.TAGS}, {groups}."
        wrong.append(f'{file}:{cell.line}:{cell.column}: There is no column "{name}". {hint}')
    if wrong or not header:
        raise UserMistake("\n".join(wrong) or f"{file}:1:1: The first line names the columns, and it is empty.")


def _typed(declared: DeclaredCustomer | None, attributes: dict[str, str]) -> dict[str, Any]:
    """Attributes as their declared types want them; what is not declared stays a text."""
    fields = declared.attributes if declared else {}
    return {name: _fitting(fields.get(name), text) for name, text in attributes.items()}


def _fitting(field_: Any, text: str) -> Any:
    for value in _readings(text) if field_ is not None else ():
        if not list(check_value(field_, value)):
            return value
    return text


def _readings(text: str) -> Iterator[Any]:
    yield text
    if text.lower() in cells.YES_OR_NO:
        yield cells.YES_OR_NO[text.lower()]
    try:
        yield json.loads(text)
    except ValueError:
        return


def _checked(line: Line) -> Line:
    faults = [line.at(place, message, remedy) for place, message, remedy in record_problems(line.given)]
    return Line(line.number, line.given, line.places, line.text, faults)
