"""Any stream of events over a few customers, with ends, new versions and crashes in between, comes to what a model of
twenty lines says; and the promises hold: each event in one final state, dense numbers in the order of acceptance, one
running instance a key.
"""

import asyncio
from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.database import Database
from tests.databases import empty
from tests.gateway.routing import House
from tests.store.makers import a_journey, accept, new_event, publish, rows

VERSIONS = [
    (
        a_journey(steps=[{"wait": f"{days} days", "id": "1"}]),
        a_journey(
            "thanks", start={"on": "purchase.completed", "again": "always"}, steps=[{"wait": "1 day", "id": "1"}]
        ),
    )
    for days in (1, 2)
]
PEOPLE, ORDERS = st.integers(0, 2), st.integers(0, 1)

ACTIONS = st.lists(
    st.tuples(st.just("purchase.completed"), PEOPLE, ORDERS)
    | st.tuples(st.just("setup.completed"), PEOPLE, ORDERS)
    | st.tuples(st.just("page.viewed"), PEOPLE, ORDERS)
    | st.tuples(st.just("again"), st.integers(0, 30), st.just(0))
    | st.tuples(st.just("end"), st.integers(0, 5), st.just(0))
    | st.tuples(st.just("publish"), st.integers(0, 1), st.just(0))
    | st.tuples(st.sampled_from(["route", "crash"]), st.just(0), st.just(0)),
    min_size=5,
    max_size=25,
)


class Model:
    """What should come of it, without a store."""

    def __init__(self) -> None:
        self.version = 0
        self.running: list[tuple[str, int, str, str, list[int]]] = []
        self.onboarded: set[tuple[int, int]] = set()
        self.heard: dict[int, tuple[int, int]] = {}

    def route(self, number: int, kind: str, person: int, order: int) -> None:
        """One event: how many instances hear it, and how many it starts."""
        hearing = [one for one in self.running if one[1] == person and kind == "setup.completed"]
        for one in hearing:
            one[4].append(number)
        wanted = [("onboarding", f"o-{order}"), ("thanks", "")] if kind == "purchase.completed" else []
        new = []
        for place, (journey, key) in enumerate(wanted):
            runs = any(one[:3] == (journey, person, key) for one in self.running)
            if not runs and not (journey == "onboarding" and (person, order) in self.onboarded):
                new.append((journey, person, key, VERSIONS[self.version][place].hash, [number]))
        if kind == "purchase.completed":
            self.onboarded.add((person, order))
        self.running += new
        self.heard[number] = (len(hearing), len(new))


class World:
    """The store and the model, side by side."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.house = House(db)
        self.model = Model()
        self.posted: list[tuple[str, int, int]] = []
        self.waiting: list[int] = []
        self.ended: list[list[int]] = []

    async def act(self, kind: str, one: int, two: int) -> None:
        """One thing happens."""
        if kind == "again":
            if self.posted:
                await self.post(one % len(self.posted))
        elif kind == "end":
            await self.end(one)
        elif kind == "publish":
            await self.route()
            self.model.version = one
            await publish(self.db, *VERSIONS[one])
        elif kind == "crash":
            self.house = House(self.db)
        elif kind == "route":
            await self.route()
        else:
            self.posted.append((kind, one, two))
            self.waiting.append(len(self.posted) - 1)
            await self.post(len(self.posted) - 1)

    async def post(self, number: int) -> None:
        """Post an event, new or known."""
        kind, person, order = self.posted[number]
        customer = {"id": f"c-{person}", "email": f"c-{person}@example.org"}
        await accept(self.db, new_event(f"e-{number}", kind, customer=customer, order_id=f"o-{order}", number=number))

    async def route(self) -> None:
        """Route all that waits, in the store and in the model."""
        await self.house.route()
        for number in self.waiting:
            self.model.route(number, *self.posted[number])
        self.waiting = []

    async def end(self, which: int) -> None:
        """A running instance ends."""
        await self.route()
        if not self.model.running:
            return
        journey, person, key, _, numbers = self.model.running.pop(which % len(self.model.running))
        people = {row["customer_id"]: row["external_id"] for row in await rows(self.db, "customer")}
        for row in await rows(self.db, "instance", state="running", journey=journey, entry_key=key):
            if people[row["customer_id"]] == f"c-{person}":
                await self.house.end(row["instance_id"])
        self.ended.append(numbers)

    async def check(self) -> None:
        """The promises, and the model."""
        events = {row["event_pk"]: row for row in await rows(self.db, "inbox")}
        numbers = {pk: row["data"]["number"] for pk, row in events.items()}
        assert {numbers[pk]: row["state"] for pk, row in events.items()} == {
            number: "routed" if any(self.model.heard[number]) else "unmatched" for number in range(len(self.posted))
        }
        for pk, row in events.items():
            assert (len(row["result"]["heard"]), len(row["result"]["started"])) == self.model.heard[numbers[pk]]
        told: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in await rows(self.db, "delivery"):
            told[row["instance_id"]].append(row)
        instances = await rows(self.db, "instance")
        for row in instances:
            mine = told[row["instance_id"]]
            assert [one["seq"] for one in mine] == list(range(1, row["next_seq"]))
            assert [one["event_pk"] for one in mine] == sorted({one["event_pk"] for one in mine})
        heard = sorted([numbers[one["event_pk"]] for one in told[row["instance_id"]]] for row in instances)
        assert heard == sorted([*self.ended, *(one[4] for one in self.model.running)])
        running = [row for row in instances if row["state"] == "running"]
        assert len({(row["journey"], row["customer_id"], row["entry_key"]) for row in running}) == len(running)
        assert sorted(row["def_hash"] for row in running) == sorted(one[3] for one in self.model.running)


async def test_any_stream_of_events_comes_to_what_the_model_says(db: Database) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ACTIONS)
    def holds(actions: list[tuple[str, int, int]]) -> None:
        async def live() -> None:
            await empty(db)
            await publish(db, *VERSIONS[0])
            world = World(db)
            for action in actions:
                await world.act(*action)
            await world.route()
            await world.check()

        asyncio.run_coroutine_threadsafe(live(), loop).result(60)

    await asyncio.to_thread(holds)
