"""A receipt says what each journey made of an event, where it stands now, and where a person may look."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.fakes import body
from tests.gateway.routing import House
from tests.gateway.server import Server
from tests.journey.folders import shipped_files


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path) as running:
        running.publish(shipped_files())
        yield running


def test_it_follows_the_instance_from_its_beginning(server: Server) -> None:
    posted = server.post(body("e-1"))
    assert server.ask("GET", posted.json["receipt_url"]).json["state"] == "new"
    server.do(House(server.db).route())
    read = server.ask("GET", posted.json["receipt_url"]).json
    began = next(one for one in read["result"]["started"] if one["journey"] == "onboarding")
    assert (began["applied"], began["version"], began["now"]["state"]) == (False, 1, "running")
    assert read["customer_url"] == f"/customers/{server.rows('customer')[0]['customer_id']}"

    async def moves() -> None:
        await House(server.db).alter(began["instance"], acked_seq=1, step="wait-2-days", doing="waits 2 days")

    server.do(moves())
    [now] = [
        one for one in server.ask("GET", posted.json["receipt_url"]).json["result"]["started"]
        if one["journey"] == "onboarding"
    ]  # fmt: skip
    assert now["applied"] is True
    assert (now["now"]["step"], now["now"]["doing"]) == ("wait-2-days", "waits 2 days")


def test_it_says_which_running_journeys_had_nothing_to_do_with_it(server: Server) -> None:
    server.post(body("e-1"))
    posted = server.post(body("e-2", type="newsletter.opened"))
    server.do(House(server.db).route())
    read = server.ask("GET", posted.json["receipt_url"]).json
    assert read["state"] == "unmatched"
    assert {one["reason"] for one in read["result"]["not_heard"]} == {"nothing in it has to do with newsletter.opened"}
