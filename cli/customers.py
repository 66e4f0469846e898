"""`wayfare customers`: the customer record at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

WHAT = "list, find WORD, show WHO, note WHO, merge KEPT OTHER, unmerge MERGE, import FILE, export, erase WHO"


@dataclass(frozen=True)
class Options:
    """What was said beside the words."""

    segment: str
    search: str
    limit: int
    as_json: bool
    text: str
    reason: str
    by: str
    yes: bool
    dry_run: bool
    as_of: str
    again: bool
    errors: Path | None
    out: Path | None
    form: str


def customers(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    names: Annotated[list[str] | None, typer.Argument(help="Whom or which file: see above.")] = None,
    segment: Annotated[str, typer.Option(help="list, export: only who is in this segment.")] = "",
    search: Annotated[str, typer.Option(help="list: part of a name, an address or an id.")] = "",
    limit: Annotated[int, typer.Option(help="list: how many at most.", min=1, max=10_000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="show: all that is kept, as JSON.")] = False,
    text: Annotated[str, typer.Option(help="note: what it says.")] = "",
    reason: Annotated[str, typer.Option(help="merge, erase: why; it is kept.")] = "",
    by: Annotated[str, typer.Option(help="note, erase: who you are; it is kept.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="erase: it is meant; nothing brings them back.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="import: check every line, write nothing.")] = False,
    as_of: Annotated[str, typer.Option(help="import: the day on which the file was true; today without it.")] = "",
    again: Annotated[bool, typer.Option("--again", help="import: once more a file that was imported.")] = False,
    errors: Annotated[Path | None, typer.Option(help="import: a file for the mistakes; else all are shown.")] = None,
    out: Annotated[Path | None, typer.Option(help="export: the file (.csv or .jsonl); else it is shown.")] = None,
    form: Annotated[str, typer.Option("--format", help="export: csv or jsonl.")] = "",
) -> int:
    """Find and show customers, write notes, merge and unmerge, import from CSV or JSON lines, export, erase.

    WHO is the shop's id, an address, our id, or email:…, phone:…, anonymous:…. An import that was killed goes on
    where it was when the same file is imported again; whom it moves into a segment starts no journey.

    Examples:

      wayfare customers show grete@example.org

      wayfare customers import old-shop.csv --dry-run

      wayfare customers export --segment regulars --out regulars.csv
    """
    from workers.mistakes import UserMistake

    given = Options(segment, search, limit, as_json, text, reason, by, yes, dry_run, as_of, again, errors, out, form)
    named = names or []
    count, do = DOING.get(what, (-1, _list))
    if len(named) != count:
        raise UserMistake(f'"{" ".join([what, *named])}" is nothing to do with customers: {WHAT}')
    return do(named, given)


def _list(names: Sequence[str], given: Options) -> int:
    from workers.customers import listing

    return _shown(listing(given.search, given.segment, given.limit))


def _find(names: Sequence[str], given: Options) -> int:
    from workers.customers import listing

    return _shown(listing(names[0], given.segment, given.limit))


def _show(names: Sequence[str], given: Options) -> int:
    from workers.customers import everything, shown

    return _shown(everything(names[0]) if given.as_json else shown(names[0]))


def _note(names: Sequence[str], given: Options) -> int:
    from workers.customers import noted

    return _shown(noted(names[0], _needed(given.text, "--text"), _needed(given.by, "--by")))


def _merge(names: Sequence[str], given: Options) -> int:
    from workers.customers import merged

    return _shown(merged(names[0], names[1], _needed(given.reason, "--reason")))


def _unmerge(names: Sequence[str], given: Options) -> int:
    from workers.customers import parted

    return _shown(parted(names[0]))


def _export(names: Sequence[str], given: Options) -> int:
    from workers.customers import exported

    return _shown(exported(given.segment, given.out, given.form), sys.stderr)


def _import(names: Sequence[str], given: Options) -> int:
    import asyncio
    import contextlib

    from workers import importing
    from workers.keys import opened

    as_of = importing.as_of(given.as_of) if given.as_of else None
    asked = importing.Asked(Path(names[0]), given.dry_run, as_of, given.again)

    async def go() -> tuple[str, bool]:
        async with opened() as db:
            return await importing.imported(db, asked, say, wrong)

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    with contextlib.ExitStack() as stack:
        report = stack.enter_context(given.errors.open("a", encoding="utf-8")) if given.errors else sys.stderr

        def wrong(line: str) -> None:
            print(line, file=report)

        told, clean = asyncio.run(go())
    print(f"{'Nothing is written. It would be: ' if given.dry_run else ''}{told}.")
    return 0 if clean else 1


def _erase(names: Sequence[str], given: Options) -> int:
    from workers.customers import erased
    from workers.mistakes import UserMistake
    from workers.settings import settings_in_force

    by, reason = _needed(given.by, "--by"), _needed(given.reason, "--reason")
    if not given.yes:
        raise UserMistake("nothing brings an erased customer back: say --yes if it is meant")
    return _shown(erased(settings_in_force(), names[0], by, reason))


DOING: dict[str, tuple[int, Callable[[Sequence[str], Options], int]]] = {
    "list": (0, _list),
    "find": (1, _find),
    "show": (1, _show),
    "note": (1, _note),
    "merge": (2, _merge),
    "unmerge": (1, _unmerge),
    "import": (1, _import),
    "export": (0, _export),
    "erase": (1, _erase),
}
"""What may be done, with how many names."""


def _shown(work: Coroutine[Any, Any, str], where: Any = None) -> int:
    import asyncio

    print(asyncio.run(work), file=where or sys.stdout)
    return 0


def _needed(value: str, option: str) -> str:
    from workers.mistakes import UserMistake

    if not value.strip():
        raise UserMistake(f'{option} is missing: {option} "…"')
    return value.strip()
