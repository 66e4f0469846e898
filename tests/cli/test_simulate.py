"""`wayfare simulate`: one customer of the store, a population, and what really happened."""

import asyncio
import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from store import inbox
from store.database import Database
from tests.cli.inside import SHIPPED, Said, wayfare
from tests.store.makers import accept, new_event, resolve, rows

FEW = ("simulate", "--population", "a-year", "--customers", "60")


def test_a_population_is_told_as_a_table_and_drawn(tmp_path: Path) -> None:
    file = tmp_path / "year.svg"
    done = wayfare(*FEW, "--out", str(file))
    assert done.code == 0, done.err
    assert done.out.startswith("A year of Northlight Lamps: 60 customers, 364 days from 2026-01-05 (seed 1)")
    assert "onboarding-team" in done.out
    assert "onboarding: " in done.out
    assert f"The picture is {file}." in done.out
    assert ET.parse(file).getroot().get("class") == "wayfare-forecast"


def test_the_same_seed_gives_the_same_forecast_however_many_processes_share_the_work() -> None:
    alone = json.loads(wayfare(*FEW, "--json").out)
    assert alone == json.loads(wayfare(*FEW, "--json", "--processes", "2").out)
    assert alone != json.loads(wayfare(*FEW, "--json", "--seed", "2").out)


def test_a_forecast_of_one_journey_leaves_the_others_out() -> None:
    told = json.loads(wayfare("simulate", "check-in", *FEW[1:], "--json").out)
    assert list(told["journeys"]) == ["check-in"]


def test_an_unknown_population_is_answered_with_a_likely_one() -> None:
    done = wayfare("simulate", "--population", "a-yeer")
    assert done.code == 1
    assert 'Did you mean "a-year"?' in done.err


def test_the_customer_and_the_start_may_be_other_ones_by_flags() -> None:
    done = wayfare("simulate", "onboarding", "--scenario", "2", "--having", "plan=enterprise")
    assert "SEND    setup-visit" in done.out
    assert "but plan=enterprise" in done.out
    ceiling = wayfare("simulate", "onboarding", "--scenario", "2", "--start", "product.mounting=ceiling")
    assert "SEND    setup-guide-ceiling" in ceiling.out
    for wrong in ("plan", "=x", "plan=[1"):
        said = wayfare("simulate", "onboarding", "--having", wrong)
        assert said.code == 1
        assert "write a name and a value, for example --having plan=enterprise" in said.err


def test_without_a_journey_it_says_what_to_write() -> None:
    done = wayfare("simulate")
    assert done.code == 1
    assert "wayfare simulate onboarding" in done.err


def test_a_mistake_in_a_population_is_shown_by_check(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))
    file = folder / "populations/a-year.yaml"
    file.write_text(file.read_text().replace("when: send welcome", "when: send welcom"))
    done = wayfare("check", definitions=folder)
    assert done.code == 1
    assert 'There is no message "welcom". Did you mean "welcome"? [unknown-moment]' in done.out


# --- with a store


async def on_store(db: Database, *words: str) -> Said:
    """The verbs have an event loop of their own."""
    return await asyncio.to_thread(wayfare, *words, WAYFARE_DATABASE_URL=db.url)


@pytest.fixture
async def with_grete(db: Database) -> Database:
    """Grete has bought twice; her plan is on record."""
    person = await resolve(db, id="c-1", email="grete@example.org", name="Grete Hermann")
    await accept(
        db, new_event("e-1"), new_event("e-2", order_id="o-2"), new_event("e-3", "setup.completed", order_id="o-1")
    )
    async with db.write() as tx:
        for row in await inbox.waiting(tx, 10):
            await inbox.settle(tx, row["event_pk"], "routed", {}, person["customer_id"])
    return db


@pytest.mark.parametrize("reference", ["c-1", "grete@example.org"])
async def test_a_customer_of_the_store_is_played_from_their_last_start_and_nothing_is_written(
    with_grete: Database, reference: str
) -> None:
    before = [await rows(with_grete, table) for table in ("inbox", "customer", "instance", "message")]
    done = await on_store(with_grete, "simulate", "onboarding", "--customer", reference)
    assert done.code == 0, done.err
    assert "Grete Hermann, as the store knows them" in done.out
    assert "SEND    welcome" in done.out
    assert "order o-2" in done.out
    assert before == [await rows(with_grete, table) for table in ("inbox", "customer", "instance", "message")]


async def test_a_customer_whom_the_store_does_not_know_is_said(with_grete: Database) -> None:
    done = await on_store(with_grete, "simulate", "onboarding", "--customer", "nobody@example.org")
    assert done.code == 1
    assert 'The store knows no customer "nobody@example.org".' in done.err


async def test_accepted_events_are_exported_and_forecast_from(with_grete: Database, tmp_path: Path) -> None:
    exported = await on_store(with_grete, "events")
    lines = [json.loads(line) for line in exported.out.splitlines()]
    assert [line["id"] for line in lines] == ["e-1", "e-2", "e-3"]
    assert {line["specversion"] for line in lines} == {"1.0"}
    file = tmp_path / "events.jsonl"
    file.write_text(exported.out)
    told = json.loads(wayfare("simulate", "--events", str(file), "--json").out)
    assert told["customers"] == 1
    assert told["journeys"]["onboarding"] == {
        "began": 2,
        "outcomes": {"activated": 1, "stalled": 1},
        "standing": {},
        "reached": told["journeys"]["onboarding"]["reached"],
    }
    assert (await on_store(with_grete, "events", "--since", "2999-01-01")).out == ""


def test_a_file_that_holds_no_events_is_answered_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("\nhello\n")
    done = wayfare("simulate", "--events", str(file))
    assert done.code == 1
    assert f"{file}:2: this is not an event on record" in done.err
    assert wayfare("simulate", "--events", str(tmp_path / "none")).code == 1
