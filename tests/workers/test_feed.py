"""The demonstration's purchases, and how patiently they are posted."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.workers.supervised import STAND_IN, House
from workers import demonstration, feed


def purchases(count: int, seed: int = 1) -> list[demonstration.Purchase]:
    day = date(2026, 11, 24)
    return list(itertools.islice(demonstration.purchases("r1", random.Random(seed), lambda: day), count))


def test_a_purchase_has_the_form_that_journeys_expect() -> None:
    data = purchases(1)[0].data()
    assert set(data) == {"customer", "order_id", "product", "amount", "currency"}
    assert data["customer"]["email"].endswith("@example.org") and data["customer"]["id"] and data["customer"]["name"]
    assert set(data["product"]) >= {"sku", "name", "needs_setup"}


def test_everybody_buys_once_before_anybody_buys_again() -> None:
    assert len({purchase.customer["id"] for purchase in purchases(8)}) == 8


def test_every_order_has_its_own_number() -> None:
    assert len({purchase.order_id for purchase in purchases(100)}) == 100


def test_every_course_is_taken_and_belongs_to_its_purchase() -> None:
    rng, kinds = random.Random(1), set()
    for purchase, course in zip(purchases(40), demonstration.courses(rng), strict=False):
        for happening in course(purchase, rng):
            kinds.add(happening.type)
            assert happening.data["customer"] == purchase.customer
            assert happening.data.get("order_id", purchase.order_id) == purchase.order_id
            assert happening.days > 0
    assert kinds == {
        "setup.completed",
        "purchase.refunded",
        "survey.answered",
        "complaint.opened",
        "complaint.answered",
        "complaint.accepted",
        "complaint.rejected",
        "product.end_of_life_announced",
        "migration.completed",
        "migration.declined",
    }


def test_an_end_of_life_has_a_date_and_a_successor() -> None:
    (happening, *_) = demonstration.keeps_the_old_one(purchases(1)[0], random.Random(1))
    assert happening.data["ends_on"] == "2027-03-24"
    assert happening.data["successor"]["name"] == f"{happening.data['product']['name']} II"


def test_what_needs_no_setting_up_is_never_set_up() -> None:
    rng = random.Random(2)
    ready = [purchase for purchase in purchases(50) if not purchase.product["needs_setup"]]
    happenings = [
        happening for purchase in ready for course in demonstration.COURSES for happening in course(purchase, rng)
    ]
    assert happenings and "setup.completed" not in {happening.type for happening in happenings}


def run_feed(house: House, statuses: tuple[str, ...], late: float, seconds: float) -> list[dict[str, Any]]:
    """What the gateway took while the demonstration ran for so many seconds; the gateway opens `late`."""
    file = house.settings.data / "events.jsonl"
    command = [sys.executable, str(STAND_IN), str(house.settings.http_port), str(file), *statuses]

    async def story() -> None:
        house.settings.data.mkdir(exist_ok=True)
        async with aiohttp.ClientSession() as session:
            posting = asyncio.create_task(feed.Feed(house.settings, session, random.Random(3), "r1").run())
            await asyncio.sleep(late)
            gateway = await asyncio.create_subprocess_exec(*command)
            await asyncio.sleep(seconds)
            gateway.kill()
            await gateway.wait()
            posting.cancel()

    asyncio.run(story())
    return [json.loads(line) for line in Path(file).read_text().splitlines()]


def test_purchases_and_what_follows_arrive_while_the_gateway_comes_late_and_stumbles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "FIRST_EVERY_S", 0.1)
    monkeypatch.setattr(feed, "THEN_EVERY_S", 0.2)
    events = run_feed(House(tmp_path, speed=8_640_000.0), ("503", "429"), late=0.3, seconds=4.5)
    assert len(events) == len({event["id"] for event in events}) >= 8
    assert all(event["specversion"] == "1.0" and event["source"] and event["time"] for event in events)
    assert events[0]["id"] == "demo-r1-1", "the first purchase was kept until the gateway took it"
    assert {event["type"] for event in events} > {"purchase.completed"}


def test_an_event_that_the_gateway_refuses_for_good_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "FIRST_EVERY_S", 0.1)
    events = run_feed(House(tmp_path, speed=1.0), ("422",), late=0, seconds=2)
    assert "demo-r1-1" not in {event["id"] for event in events} and len(events) >= 3
