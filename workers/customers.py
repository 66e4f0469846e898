"""The customer record, for people at a terminal: find, show, note, merge, take out."""

from __future__ import annotations

import csv
import json
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from journey.record import cells
from store import (
    audit,
    bookings,
    complaints,
    consents,
    dossier,
    editing,
    erasing,
    identity,
    merges,
    owned,
    pages,
    purchases,
    timeline,
)
from store.database import Database, Tx
from store.seal import Seal
from workers import folder
from workers.keys import opened
from workers.mistakes import UserMistake
from workers.settings import Settings

AT_ONCE = 200
COLUMNS = (
    "customer_id", "id", "email", "name", "first_name", "last_name", "phone", "locale", "time_zone", "birth_date",
    "gender", "tags", "segments", "created_at", "updated_at",
)  # fmt: skip
"""The first columns of an export; whatever else anybody has follows."""


async def listing(text: str, segment: str, limit: int) -> str:
    """The newest customers, narrowed by a text or a segment."""
    async with opened() as db, db.read() as tx:
        page = await pages.customers(tx, text, None, limit, segment=segment)
    more = "\nThere are more: --limit shows them, or narrow it with --search and --segment." if page.older else ""
    return "\n".join(_line(row) for row in page.rows) + more if page.rows else "Nobody."


def _line(row: Mapping[str, Any]) -> str:
    said = [row["external_id"] or "-", row["email"] or "-", row["name"] or "-", " ".join(row["tags"])]
    return f"{row['customer_id']}  {'  '.join(said)}".rstrip()


async def shown(who: str) -> str:
    """One customer with the last that happened, for people."""
    async with opened() as db, db.read() as tx:
        row = await found(tx, who)
        record = await dossier.record(tx, row)
        last = await timeline.of_customer(tx, row["customer_id"], 15)
    plain = {name: value for name, value in record.items() if value not in (None, [], {}, "")}
    facts = plain.pop("facts")
    said = [f"{name}: {_told(value)}" for name, value in {**plain, **facts}.items()]
    lines = [f"  {entry['at']:%Y-%m-%d %H:%M}  {entry['kind']:<10} {entry['text']}" for entry in last]
    return "\n".join([*said, "", "The last that happened:", *lines])


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(_told(one) for one in value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


async def everything(who: str) -> str:
    """All that is kept of one customer, as JSON: what one hands to a customer who asks for it."""
    async with opened() as db, db.read() as tx:
        row = await found(tx, who)
        of = row["customer_id"]
        whole = {
            "record": await dossier.record(tx, row),
            "history": await dossier.history(tx, of),
            "purchases": await purchases.of_customer(tx, of, 100_000),
            "products": await owned.of_customer(tx, of, history=True),
            "points": await bookings.of_customer(tx, of, 100_000),
            "complaints": await complaints.of_customer(tx, of, 100_000),
            "consent": await consents.history(tx, of, 100_000),
            "timeline": await timeline.of_customer(tx, of, 1_000_000),
        }
    return json.dumps(whole, indent=2, ensure_ascii=False, default=str)


async def found(tx: Tx, who: str) -> dict[str, Any]:
    """The customer behind a reference. Raises UserMistake."""
    row = await identity.find(tx, who)
    if row is None:
        raise UserMistake(
            f'there is no customer "{who}": name them by the shop\'s id, an address, email:…, phone:… or anonymous:…;'
            " wayfare customers find WORD looks for them"
        )
    return row


async def noted(who: str, text: str, by: str) -> str:
    """Write a note of the staff."""
    async with opened() as db, db.write() as tx:
        row = await found(tx, who)
        await editing.note(tx, row["customer_id"], secrets.token_hex(12), text, by)
    return "The note is on the customer's timeline."


async def merged(kept: str, other: str, reason: str) -> str:
    """Make the other a part of the one that is kept."""
    async with opened() as db, db.write() as tx:
        one, two = await found(tx, kept), await found(tx, other)
        if one["customer_id"] == two["customer_id"]:
            return "They are one customer already."
        made = await editing.merge(tx, one["customer_id"], two["customer_id"], reason)
    return f"They are one customer now. To take it back: wayfare customers unmerge {made['merge_id']}"


async def parted(merge_id: str) -> str:
    """Take a merge back."""
    async with opened() as db, db.write() as tx:
        try:
            customer_id = await editing.part(tx, merge_id)
        except merges.UnknownMerge:
            raise UserMistake(f'there is no merge "{merge_id}": wayfare customers show WHO --json lists them') from None
        except merges.CannotPart as problem:
            raise UserMistake(str(problem)) from None
    return f"They are two customers again; the other one is {customer_id}."


async def erased(settings: Settings, who: str, by: str, reason: str) -> str:
    """Erase a customer for good."""
    seal = Seal(folder.secret(settings))
    async with opened() as db, db.write() as tx:
        row = await found(tx, who)
        count = await erasing.erase(tx, row["customer_id"], seal, by, reason)
        await audit.note(tx, by, "erase", "customer", customer_id=row["customer_id"], reason=reason)
    more = f", with {count - 1} merged into them" if count > 1 else ""
    return (
        f"Customer {row['customer_id']} is erased{more}. What stays and why: docs/record.md. Temporal's histories of"
        " their journeys go when its retention is over."
    )


async def exported(segment: str, out: Path | None, form: str) -> str:
    """Write all customers, or those in a segment, as a table or as JSON lines; to a file, or to the output."""
    form = form or ("jsonl" if out is not None and out.suffix in (".jsonl", ".ndjson", ".json") else "csv")
    if form not in ("csv", "jsonl"):
        raise UserMistake(f"--format {form}: csv or jsonl")
    async with opened() as db:
        columns = [*COLUMNS, *await _more_columns(db, segment)] if form == "csv" else []
        with _target(out) as target:
            table = csv.writer(target, lineterminator="\n")
            if columns:
                table.writerow(columns)
            count = 0
            async for record in _records(db, segment):
                count += 1
                if columns:
                    flat = cells.flat(record)
                    table.writerow([cells.safe(flat.get(name, "")) for name in columns])
                else:
                    target.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")
    return f"{count:,} customers{f' in {out}' if out else ''}."


async def _more_columns(db: Database, segment: str) -> list[str]:
    names: set[str] = set()
    async for record in _records(db, segment):
        names |= cells.flat(record).keys()
    return sorted(names - set(COLUMNS))


async def _records(db: Database, segment: str) -> AsyncIterator[dict[str, Any]]:
    after = ""
    while True:
        async with db.read() as tx:
            rows = await dossier.rows(tx, after, AT_ONCE, segment=segment)
            records = [await dossier.record(tx, row) for row in rows]
        for record in records:
            yield record
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["customer_id"]


@contextmanager
def _target(out: Path | None) -> Iterator[IO[str]]:
    if out is None:
        yield sys.stdout
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            out.chmod(0o600)
            yield file
    except OSError as error:
        raise UserMistake(f"{out} cannot be written: {error.strerror}") from None
