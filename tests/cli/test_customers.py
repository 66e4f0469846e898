"""`wayfare customers`, as people at a terminal use it: an import with its mistakes, its dry run and its way on after a
kill; an export that no spreadsheet executes; finding, noting, merging."""

import asyncio
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from journey.declared.customer import DeclaredCustomer
from journey.record.rules import Rules
from store import rules
from store.database import Database
from store.migrate import migrate
from tests.cli.inside import ROOT, Said, wayfare
from tests.store.makers import a_journey, publish, rows
from tests.store.people import RULES

TABLE = """id;email;name;birth_date;address.city;tags;consent.news;attributes.plan;attributes.seats;attributes.said
c-1;grete@example.org;Grete Hermann;1990-05-17;Wien;vip|calm;yes;pro;12;
c-2;;"Emmy ""E"" Noether";;;;no;;;"One line;
and another"
c-3;nobody@;Nobody;1990-02-31;;;;huge;;
c-4;lise@example.org;Lise;;;;;huge;1;
"""
DECLARED = DeclaredCustomer.model_validate(
    {"attributes": {"plan": {"one of": ["home", "pro"]}, "seats": "whole number"}}
)


class Store:
    """An empty store with the rules of the tests, and the verbs on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, f"sqlite+aiosqlite:///{folder}/wayfare.db"

    async def ruled(self, db: Database) -> None:
        await publish(db, a_journey(start={"on": "segment.entered"}))
        async with db.write() as tx:
            await rules.publish(tx, Rules(customer=DECLARED, segments=RULES.segments))

    def work(self, what: Callable[[Database], Awaitable[Any]]) -> Any:
        async def go() -> Any:
            db = Database(self.url)
            try:
                return await what(db)
            finally:
                await db.close()

        return asyncio.run(go())

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.work(lambda db: rows(db, table, **where))
        return found

    def file(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def customers(self, *words: str) -> Said:
        return wayfare("customers", *words, WAYFARE_DATABASE_URL=self.url)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("empty"))
    migrate(made.url)
    made.work(made.ruled)
    return made


@pytest.fixture
def store(tmp_path: Path, empty: Store) -> Store:
    shutil.copy(empty.folder / "wayfare.db", tmp_path)
    return Store(tmp_path)


def test_a_table_is_imported_line_by_line_and_every_mistake_has_its_place(store: Store) -> None:
    file = store.file("old.csv", TABLE)
    tried = store.customers("import", file, "--dry-run")
    assert tried.out == "Nothing is written. It would be: 2 new, 0 known, 2 refused.\n"
    assert store.rows("customer") == []
    said = store.customers("import", file)

    assert (said.code, said.out) == (1, "2 new, 0 changed, 0 same, 2 refused.\n")
    assert [line.split(": ")[0] for line in said.err.splitlines()] == [
        f"{file}:5:5",
        f"{file}:5:20",
        f"{file}:5:34",
        f"{file}:6:31",
    ]
    assert "There is no day 1990-02-31" in said.err
    first, second = sorted(store.rows("customer"), key=lambda row: str(row["external_id"]))
    assert (first["external_id"], first["tags"], first["attributes"]) == (
        "c-1",
        ["calm", "vip"],
        {"plan": "pro", "seats": 12},
    )
    assert (first["address"], first["birth_date"], second["name"]) == (
        {"city": "Wien"},
        "1990-05-17",
        'Emmy "E" Noether',
    )
    assert second["attributes"] == {"said": "One line;\nand another"}
    assert [(one["topic"], one["given"]) for one in store.rows("consent")] == [("news", True), ("news", False)]


def test_json_lines_are_imported_as_the_doors_take_them(store: Store) -> None:
    lines = [
        {"id": "c-1", "attributes": {"plan": "pro"}, "add_tags": ["vip"]},
        {"id": "c-2", "shoe": 41},
        {"id": "c-3", "attributes": {"plan": "huge"}},
    ]
    file = store.file("new.jsonl", "\n".join([*map(json.dumps, lines), '{"id": "c-4",}', ""]))
    said = store.customers("import", file)

    assert said.out == "1 new, 0 changed, 0 same, 3 refused.\n"
    assert [line.split(": ")[0] for line in said.err.splitlines()] == [f"{file}:2:15", f"{file}:3:30", f"{file}:4:14"]


def test_an_import_moves_customers_into_segments_and_starts_no_journey(store: Store) -> None:
    assert store.customers("import", store.file("a.csv", "id,attributes.plan\nc-1,pro\n")).code == 0

    assert [(row["segment"], row["entered_because"]) for row in store.rows("membership")] == [("pro", "an import")]
    assert store.rows("inbox") == []


def test_the_same_file_is_imported_once_unless_somebody_says_again(store: Store) -> None:
    file = store.file("a.csv", "id,name\nc-1,Grete\n")
    store.customers("import", file)
    told = store.customers("import", file)
    assert told.code == 1 and "with --again it is done once more" in told.err
    assert store.customers("import", file, "--again").out == "0 new, 0 changed, 1 same, 0 refused.\n"


def test_what_was_said_later_holds_against_an_old_file(store: Store) -> None:
    store.customers("import", store.file("new.csv", "id,name\nc-1,Grete Henry\n"))
    store.customers(
        "import", store.file("old.csv", "id,name,gender\nc-1,Grete Hermann,female\n"), "--as-of", "2020-01-01"
    )

    [row] = store.rows("customer")
    assert (row["name"], row["gender"]) == ("Grete Henry", "female")


def test_an_import_that_is_killed_goes_on_where_it_was(store: Store) -> None:
    count = 700
    file = store.file("many.csv", "id,name\n" + "".join(f"c-{n},Name {n}\n" for n in range(count)))
    command = [sys.executable, "-m", "cli", "customers", "import", file]
    environment = {**os.environ, "WAYFARE_DATABASE_URL": store.url}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(store.rows("customer")) < 100:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    done = len(store.rows("customer"))
    assert 100 <= done < count, "it was killed in the middle"
    said = store.customers("import", file)

    assert said.out == f"{count} new, 0 changed, 0 same, 0 refused.\n"
    assert said.err.startswith(f"Going on behind line {done + 1}: so far {done:,} new")
    assert len(store.rows("customer")) == count == len(store.rows("timeline"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.xls", "id\nc-1\n", "name it .csv or .jsonl"),
        ("a.csv", "id,shoe\nc-1,41\n", 'a.csv:1:4: There is no column "shoe".'),
        ("a.csv", 'id,name\nc-1,"Grete\n', "a.csv:2:5: The quotation mark that stands here is never closed."),
        ("a.csv", "id,name\nc-1,Grete,Hermann\n", "a.csv:2:11: There are 3 cells and 2 columns."),
        ("a.csv", "", "a.csv:1:1: The first line names the columns, and it is empty."),
        ("a.csv", "name\nGrete\n", "a.csv:2:1: It says no id, email, phone or anonymous_id"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(store: Store, name: str, text: str, said: str) -> None:
    told = store.customers("import", store.file(name, text))
    assert told.code == 1 and said in told.err and store.rows("customer") == []


def test_what_is_exported_executes_nothing_and_can_be_imported_again(store: Store) -> None:
    evil = '=HYPERLINK("http://evil.example";"Click")'
    given = {
        "id": "c-1",
        "name": evil,
        "phone": "+43 1 234567",
        "attributes": {"plan": "pro"},
        "consent": {"news": False},
    }
    store.customers("import", store.file("in.jsonl", json.dumps({**given, "add_tags": ["vip", "calm"]}) + "\n"))
    out = store.folder / "out.csv"
    assert store.customers("export", "--out", str(out)).err == f"1 customers in {out}.\n"
    with out.open(newline="") as text:
        [row] = csv.DictReader(text)
    assert (row["name"], row["phone"], row["tags"]) == (f"'{evil}", "'+43 1 234567", "calm|vip")
    assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())
    before = store.rows("customer")
    assert store.customers("import", str(out)).out == "0 new, 0 changed, 1 same, 0 refused.\n"
    assert store.rows("customer") == before
    as_lines = store.customers("export", "--segment", "pro", "--format", "jsonl")
    assert json.loads(as_lines.out)["name"] == evil
    assert store.customers("export", "--segment", "buyers", "--format", "jsonl").err == "0 customers.\n"


def test_customers_are_found_shown_noted_merged_and_parted(store: Store) -> None:
    text = "id,email,name,attributes.plan\nc-1,grete@example.org,Grete Hermann,pro\nc-2,emmy@example.org,Emmy,home\n"
    store.customers("import", store.file("a.csv", text))
    assert "Grete Hermann" in store.customers("find", "hermann").out
    assert "Emmy" not in store.customers("list", "--segment", "pro").out
    assert store.customers("note", "c-1", "--text", "Prefers mornings.", "--by", "Ada").code == 0
    shown = store.customers("show", "grete@example.org").out
    assert "plan pro" in shown and "Prefers mornings." in shown and "segments: pro" in shown
    said = store.customers("merge", "c-1", "c-2", "--reason", "one person")
    assert len(store.rows("customer", merged_into=None)) == 1
    assert "two customers again" in store.customers("unmerge", said.out.split()[-1]).out
    assert len(store.rows("customer", merged_into=None)) == 2
    whole = json.loads(store.customers("show", "c-1", "--json").out)
    assert whole["record"]["id"] == "c-1" and whole["history"]["merges"][0]["reason"] == "one person"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shew"], "is nothing to do with customers"),
        (["show", "nobody"], 'there is no customer "nobody"'),
        (["note", "c-1", "--by", "Ada"], "--text is missing"),
        (["merge", "c-1", "c-2"], "--reason is missing"),
        (["unmerge", "m-1"], 'there is no merge "m-1"'),
        (["import", "none.csv"], "cannot be read"),
        (["export", "--format", "xls"], "csv or jsonl"),
        (["import", "a.csv", "--as-of", "yesterday"], "this is no day"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(store: Store, words: list[str], said: str) -> None:
    told = store.customers(*words)
    assert told.code == 1 and said in told.err
