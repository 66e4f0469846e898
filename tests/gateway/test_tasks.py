"""The doors for tasks: what people do is applied once, or refused with the task as it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.bodies import Limits
from tests.gateway.server import Server
from tests.store.makers import begun
from tests.store.test_task_acts import employ, opened, opens

PATIENT = Limits(store_seconds=60)
FORM = {"reached": "yes/no", "note": "optional text"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, PATIENT) as running:
        yield running


def given(server: Server, *numbers: int, **more: Any) -> list[str]:
    """These tasks are open; their ids."""

    async def work() -> list[str]:
        instance_id = await begun(server.db)
        await employ(server.db)
        return await opens(server.db, instance_id, *(opened(number, **more) for number in numbers))

    return server.do(work())


def test_a_task_is_found_claimed_commented_followed_up_handed_over_and_done(server: Server) -> None:
    [task_id] = given(server, 1, form=FORM, outcomes=("helped", "lost"), awaited=True)
    [found] = server.ask("GET", "/v1/tasks?team=care&assignee=nobody").json["tasks"]
    assert (found["task"], found["title"], found["customer"]["name"]) == (task_id, "Call", "Grete Hermann")

    steps: list[tuple[str, dict[str, Any]]] = [
        ("claim", {}),
        ("comment", {"text": "A photo.", "attachments": [{"name": "p.jpg", "url": "https://files.example.org/p"}]}),
        ("follow-up", {"at": "2027-01-04T09:00:00Z", "reason": "she is away"}),
        ("assign", {"to": "bob", "reason": "I am off"}),
    ]
    for revision, (act, body) in enumerate(steps):
        answer = server.send(f"/v1/tasks/{task_id}/{act}", {"by": "ada", "revision": revision, **body})
        assert (answer.status, answer.json["revision"]) == (200, revision + 1), answer.json
    told = {"by": "bob", "outcome": "helped", "answers": {"reached": True, "note": None}}
    done = server.send(f"/v1/tasks/{task_id}/complete", told)
    assert done.status == 200
    read = server.ask("GET", f"/v1/tasks/{task_id}").json
    assert read == done.json
    assert (read["state"], read["outcome"], read["answers"]) == ("done", "helped", {"reached": True})
    assert [one["kind"] for one in read["acts"]] == ["claimed", "comment", "follow-up", "handed", "done"]
    assert read["acts"][1]["attachments"] == [{"name": "p.jpg", "url": "https://files.example.org/p"}]
    assert [row["kind"] for row in server.rows("delivery")] == ["entry", "event"]


def test_what_was_decided_on_an_older_view_gets_the_task_as_it_is(server: Server) -> None:
    [task_id] = given(server, 1)
    server.send(f"/v1/tasks/{task_id}/claim", {"by": "ada", "revision": 0})
    late = server.send(f"/v1/tasks/{task_id}/complete", {"by": "bob", "revision": 0})
    assert (late.status, late.json["code"]) == (409, "task-changed")
    assert (late.json["task"]["assignee"], late.json["task"]["state"], late.json["task"]["revision"]) == (
        "ada",
        "open",
        1,
    )


def test_a_request_that_is_repeated_is_applied_once(server: Server) -> None:
    [task_id] = given(server, 1, awaited=True)
    answers = [server.send(f"/v1/tasks/{task_id}/complete", {"id": "r-1", "by": "ada"}) for _ in range(2)]
    assert [one.status for one in answers] == [200, 200] and answers[0].json == answers[1].json
    other = server.send(f"/v1/tasks/{task_id}/complete", {"id": "r-2", "by": "ada"})
    assert (other.status, other.json["task"]["state"]) == (409, "done")
    assert len([row for row in server.rows("delivery") if row["kind"] == "event"]) == 1


def test_a_list_is_read_page_by_page(server: Server) -> None:
    ids = given(server, 1, 2, 3, 4, 5)
    seen, after = [], ""
    while True:
        page = server.ask("GET", f"/v1/tasks?limit=2{after}").json
        seen += [one["task"] for one in page["tasks"]]
        if "next" not in page:
            break
        after = f"&after={page['next'].replace('+', '%2B')}"
    assert sorted(seen) == sorted(ids) and len(seen) == 5


@pytest.mark.parametrize(
    ("act", "body", "status", "place"),
    [
        ("claim", {}, 400, "/by"),
        ("claim", {"by": "zoe"}, 422, "/by"),
        ("claim", {"by": "dan"}, 422, "/by"),
        ("claim", {"by": "ada", "revision": "1"}, 400, "/revision"),
        ("claim", {"by": "ada", "revision": True}, 400, "/revision"),
        ("claim", {"by": "ada", "to": "bob"}, 400, "/to"),
        ("assign", {"by": "ada", "team": "ghosts"}, 422, "/by"),
        ("comment", {"by": "ada"}, 400, "/text"),
        ("comment", {"by": "ada", "text": " "}, 400, "/text"),
        ("comment", {"by": "ada", "text": "x", "attachments": "f"}, 400, "/attachments"),
        ("comment", {"by": "ada", "text": "x", "attachments": [{"name": "f"}]}, 400, "/attachments/0"),
        (
            "comment",
            {"by": "ada", "text": "x", "attachments": [{"name": "", "url": "https://a"}]},
            400,
            "/attachments/0/name",
        ),
        (
            "comment",
            {"by": "ada", "text": "x", "attachments": [{"name": "f", "url": "file:///x"}]},
            400,
            "/attachments/0/url",
        ),
        ("follow-up", {"by": "ada", "at": "tomorrow"}, 400, "/at"),
        ("complete", {"by": "ada", "answers": []}, 400, "/answers"),
        ("complete", {"by": "ada", "outcome": "danced"}, 422, "/answers"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_place_and_changes_nothing(
    server: Server, act: str, body: dict[str, Any], status: int, place: str
) -> None:
    [task_id] = given(server, 1, outcomes=("helped",))
    answer = server.send(f"/v1/tasks/{task_id}/{act}", body)
    assert (answer.status, answer.place) == (status, place), answer.json
    assert server.rows("task")[0]["revision"] == 0


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("state=asleep", "query state"), ("late=perhaps", "query late"), ("limit=0", "query limit"),
        ("limit=x", "query limit"), ("after=x", "query after"), ("colour=red", "query colour"),
        ("team=%00", "query team"),
        ("after=9999-99-01T00:00:00%2B00:00~a", "query after"), ("after=2026-01-01T00:00:00.00~a", "query after"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_asked_for_is_refused(server: Server, query: str, place: str) -> None:
    answer = server.ask("GET", f"/v1/tasks?{query}")
    assert (answer.status, answer.place) == (400, place)


def test_there_is_no_such_task(server: Server) -> None:
    for path in ("/v1/tasks/aaaa", "/v1/tasks/%00", "/v1/tasks/A"):
        assert server.ask("GET", path).status == 404
    assert server.send("/v1/tasks/aaaa/claim", {"by": "ada"}).json["code"] == "unknown-task"


def test_only_a_key_that_is_meant_for_it_sees_tasks(server: Server) -> None:
    key = server.add_key("web", "send", "read", "steer").key
    answer = server.ask("GET", "/v1/tasks", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status, answer.json["code"]) == (403, "not-allowed")


def test_while_the_store_is_away_it_is_said(server: Server) -> None:
    [task_id] = given(server, 1)
    server.db.fault = ConnectionError("gone")
    answer = server.send(f"/v1/tasks/{task_id}/claim", {"by": "ada"})
    assert (answer.status, answer.json["code"]) == (503, "store-away")
