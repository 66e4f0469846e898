"""Every question that the pages of a customer and the lists ask is answered by an index, on both databases: no table
that grows with the customers is read from end to end."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event, select

from store import (
    bookings,
    complaints,
    consents,
    customers,
    dossier,
    identity,
    instances,
    merges,
    names,
    owned,
    pages,
    purchases,
    segments,
    timeline,
)
from store.clock import now
from store.database import Database, Tx
from store.pages import Place, Sought
from store.tables import customer
from tests.store.people import RULES, lived, ruled

GROWING = (
    "booking", "complaint", "consent", "customer", "customer_alias", "customer_merge", "delivery", "inbox", "instance",
    "membership", "message", "owned", "purchase", "purchase_line", "timeline",
)  # fmt: skip
HERE = Place(now(), "0123456789abcdef01234567")
ROW = Place(now(), "7")
Question = Callable[[Tx, str], Awaitable[Any]]
QUESTIONS: dict[str, Question] = {
    "customers": lambda tx, who: pages.customers(tx, "", HERE, 50),
    "customers of a segment": lambda tx, who: segments.members(tx, "buyers", 50, who),
    "somebody by a name": lambda tx, who: identity.find(tx, "email:grete@example.org"),
    "somebody by our id": customers.known,
    "an export": lambda tx, who: dossier.rows(tx, who, 50),
    "timeline": lambda tx, who: pages.entries(tx, who, ROW, 50),
    "timeline of one kind": lambda tx, who: pages.entries(tx, who, ROW, 50, kind="message"),
    "notes": timeline.notes,
    "ways": lambda tx, who: timeline.ways(tx, who, 20),
    "purchases": lambda tx, who: pages.purchases_of(tx, who, ROW, 50),
    "what came back": purchases.settle,
    "products": lambda tx, who: owned.of_customer(tx, who, history=True),
    "points": bookings.of_customer,
    "complaints": complaints.of_customer,
    "open complaints": complaints.open_count,
    "consent": consents.history,
    "segments": segments.of_customer,
    "merges": merges.of_customer,
    "names": names.of_customer,
    "journeys of one": pages.instances_of,
    "running journeys": lambda tx, who: pages.instances(tx, Sought(), now(), HERE, 50),
    "runs of one journey": lambda tx, who: pages.instances(tx, Sought(journey="onboarding"), now(), HERE, 50),
    "messages": lambda tx, who: pages.messages(tx, "", HERE, 50),
    "messages of a state": lambda tx, who: pages.messages(tx, "held", HERE, 50),
    "who is due": lambda tx, who: segments.waiting(tx, RULES, 50),
}


async def read_from_end_to_end(db: Database, question: Question) -> list[str]:
    """The lines of the plans by which a growing table is read whole."""
    asked: list[tuple[str, Any]] = []
    engine = db._engine.sync_engine

    def keep(*said: Any) -> None:
        asked.append((str(said[2]), said[3]))

    async with db.read() as tx:
        who = (await identity.find(tx, "c-1") or {})["customer_id"]
        event.listen(engine, "before_cursor_execute", keep)
        await question(tx, who)
        event.remove(engine, "before_cursor_execute", keep)
        if not db.sqlite:
            await tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        words = "EXPLAIN QUERY PLAN " if db.sqlite else "EXPLAIN "
        said = [await tx.exec_driver_sql(words + one, given) for one, given in asked if "SELECT" in one]
        lines = [str(row) for plan in said for row in plan]
    assert lines
    following = [*lines[1:], ""]
    return [line for line, after in zip(lines, following, strict=True) if _reads_everything(line, after)]


async def test_no_question_of_the_pages_reads_a_growing_table_from_end_to_end(db: Database) -> None:
    await lived(await ruled(db))
    found = {name: await read_from_end_to_end(db, question) for name, question in QUESTIONS.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


async def test_whom_an_event_is_about_and_who_hears_it_is_found_without_reading_others(db: Database) -> None:
    """Not even by an index from end to end: that costs more with every customer and every running journey."""
    await lived(await ruled(db))
    asked: list[tuple[str, Any]] = []
    engine = db._engine.sync_engine

    def keep(*said: Any) -> None:
        asked.append((str(said[2]), said[3]))

    async with db.write() as tx:
        event.listen(engine, "before_cursor_execute", keep)
        person = await identity.resolve(tx, {"id": "c-1", "email": "c-1@example.org"}, now())
        await instances.listening(tx, person["customer_id"])
        event.remove(engine, "before_cursor_execute", keep)
        if db.sqlite:
            for statement, given in asked:
                if statement.startswith("SELECT"):
                    plan = [str(row[-1]) for row in await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
                    assert not any(line.startswith(("SCAN customer", "SCAN instance")) for line in plan), plan
                    assert not any("ix_instance_list" in line for line in plan), plan


async def test_a_question_without_an_index_is_seen(db: Database) -> None:
    await lived(await ruled(db))

    async def unanswered(tx: Tx, who: str) -> Any:
        return await tx.execute(select(customer.c.customer_id).where(customer.c.gender == "female"))

    assert len(await read_from_end_to_end(db, unanswered)) == 1


def _reads_everything(line: str, after: str) -> bool:
    """Whether a line of a plan reads a growing table whole; an index that is read whole is no better."""
    words = line.replace("'", " ").replace("(", " ").replace(",", " ").split()
    table = next((one for one in GROWING if one in words), None)
    if table is None:
        return False
    if "Seq Scan on" in line or ("SCAN" in words and "INDEX" not in words):
        return True
    # In a table of one row PostgreSQL takes any index of the running ones for the question who runs.
    return "Scan using" in line and "Index Cond" not in after and "ix_instance_key" not in line
