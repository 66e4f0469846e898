"""Work for people at the browser: queues, the form that completes a task, and what else is done with it, without a
script. The store, the pages and the audit are real."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from journey.company import Company
from journey.effects import OpenTask, Playbook
from journey.work import Work
from store import audit, definitions, record, staff, task_acts, tasks
from store.sql import put
from store.tables import company, delivery
from store.task_acts import Act
from tests.console.reading import page, words_of
from tests.console.test_acting import of
from tests.console.town import NOON, TOKENS, Town

FORM: dict[str, Any] = {
    "reached": "yes/no", "calls": "whole number", "said": "optional text", "mood": {"one of": ["good", "bad"]},
    "next_on": "optional date",
}  # fmt: skip


@pytest.fixture
async def task(new_town: Town) -> str:
    """An open task about Grete."""
    await new_town.buys("Grete Hermann", "o-1")
    instance_id = await new_town.instance_of("c-o-1", "onboarding")
    effect = OpenTask.model_validate({
        "id": "task-call/1/0", "task": "call", "team": "onboarding-team", "title": "Call {{ customer.name }}",
        "text": "The lamp is dark.", "form": FORM, "outcomes": ("helped", "lost"), "awaited": True,
        "due_at": NOON - timedelta(hours=2),
        "playbook": Playbook(check=("Is she at home?",), say="Hello.", replies=("welcome", "gone")),
    })  # fmt: skip
    other = OpenTask(id="task-other/1/0", task="other", team="complaints-team", title="Answer her")
    async with new_town.db.write() as tx:
        await record.write(tx, Work(instance_id=instance_id, writes=(effect, other)))
    return tasks.task_id(instance_id, effect.id)


async def press(browser: httpx2.AsyncClient, task: str, act: str, role: str = "lead", **said: str) -> httpx2.Response:
    data = {"form_token": staff.form_token(TOKENS[role]), **said}
    return await browser.post(f"/tasks/{task}/{act}", data=data)


GOOD = {"field.reached": "true", "field.calls": "2", "field.mood": "good", "field.said": "", "outcome": "helped"}


async def test_the_queue_shows_what_is_late_by_team(new_town: Town, task: str) -> None:
    async with of(new_town) as lead:
        said = words_of(await page(lead, "/tasks"))
        assert "Call Grete Hermann" in said and "was due" in said and "Answer her" in said and "All teams 2" in said
        mine = words_of(await page(lead, "/tasks?team=complaints-team"))
        assert "Answer her" in mine and "Call Grete" not in mine
        assert "Nothing to do here" in words_of(await page(lead, "/tasks?who=mine"))
        assert "Nothing to do here" in words_of(await page(lead, "/tasks?state=done&after=x~y"))


async def test_a_queue_longer_than_a_page_goes_on(new_town: Town, task: str) -> None:
    instance_id = await new_town.instance_of("c-o-1", "onboarding")
    more = [OpenTask(id=f"t/{n}/0", task="t", team="onboarding-team", title=f"Number {n}") for n in range(60)]
    async with new_town.db.write() as tx:
        await record.write(tx, Work(instance_id=instance_id, writes=tuple(more)))
    async with of(new_town) as lead:
        first = await page(lead, "/tasks")
        address = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        second = await page(lead, address)
    assert first.count('data-label="Task"') + second.count('data-label="Task"') == 62


async def test_the_page_of_a_task_shows_all_that_helps(new_town: Town, task: str) -> None:
    async with of(new_town) as lead, of(new_town, "viewer") as viewer:
        said = words_of(await page(lead, f"/tasks/{task}"))
        for part in (
            "Call Grete Hermann",
            "The lamp is dark.",
            "Is she at home?",
            "Hello.",
            "Ready reply",
            "It cannot be written",
        ):
            assert part in said
        assert all(verb in said for verb in ("Complete", "Take it", "Hand it over", "Comment", "Look again"))
        assert "Complete" not in words_of(await page(viewer, f"/tasks/{task}"))
        await page(lead, "/tasks/nothing", 404)
        await page(lead, "/tasks/%F0%9F%98%80", 404)


async def test_it_is_taken_commented_handed_over_followed_up_and_completed(new_town: Town, task: str) -> None:
    async with of(new_town) as lead:
        for act, said in (
            ("claim", {}),
            ("comment", {"text": "See the photo.", "file": "https://files.example.org/photo.jpg"}),
            ("follow-up", {"on": "2026-12-24", "reason": "she is away"}),
            ("assign", {"reason": "I am off"}),
        ):
            assert (await press(lead, task, act, **said)).status_code == 303
        said_then = words_of(await page(lead, f"/tasks/{task}"))
        assert "photo.jpg" in said_then and "she is away" in said_then and "I am off" in said_then
        done = await press(lead, task, "complete", **GOOD)
        assert (done.status_code, done.headers["location"]) == (303, "/tasks")
        assert "Done: helped" in words_of(await page(lead, f"/tasks/{task}"))
    async with new_town.db.read() as tx:
        row = await task_acts.row_of(tx, task)
        told = (await tx.execute(select(delivery.c.content).where(delivery.c.kind == "event"))).scalars().all()
        noted = [one["what"] for one in await audit.recent(tx, 10)]
    assert row is not None and row["answers"] == {"reached": True, "calls": 2, "mood": "good"}
    assert any(one["type"] == "task.completed" for one in told)
    assert noted == ["task: complete", "task: assign", "task: follow-up", "task: comment", "task: claim"]


async def test_a_press_that_comes_twice_counts_once(new_town: Town, task: str) -> None:
    async with of(new_town) as lead:
        for _ in range(2):
            answer = await press(lead, task, "comment", text="Hello.", press="one")
            assert answer.status_code == 303
    async with new_town.db.read() as tx:
        assert len(await task_acts.log(tx, task)) == 1


async def test_whoever_comes_too_late_is_told_and_changes_nothing(new_town: Town, task: str) -> None:
    async with new_town.db.write() as tx:
        await task_acts.claim(tx, task, Act("somebody"))
    async with of(new_town) as lead:
        late = await press(lead, task, "complete", revision="0", **GOOD)
        assert late.status_code == 409 and "quicker" in words_of(late.text)
        assert (await press(lead, task, "claim")).status_code == 409


@pytest.mark.parametrize(
    ("act", "said", "words"),
    [
        ("complete", {**GOOD, "outcome": ""}, "The outcome is missing"),
        ("complete", {**GOOD, "field.calls": "many"}, "calls:"),
        ("comment", {"text": " "}, "A comment has 1 to"),
        ("comment", {"text": "x", "file": "file:///etc"}, "A file is named by its address"),
        ("follow-up", {"on": "tomorrow"}, "A day is written"),
        ("assign", {"team": "ghosts"}, "There is no team ghosts"),
    ],
)
async def test_what_is_not_filled_in_is_said(new_town: Town, task: str, act: str, said: Any, words: str) -> None:
    async with of(new_town) as lead:
        answer = await press(lead, task, act, **said)
    assert answer.status_code == 422 and words in words_of(answer.text)


async def test_a_viewer_does_nothing(new_town: Town, task: str) -> None:
    async with of(new_town, "viewer") as viewer:
        assert (await press(viewer, task, "claim", role="viewer")).status_code == 403


@pytest.mark.parametrize(("name", "may"), [("Lead", True), ("Somebody Else", False)])
async def test_where_staff_is_declared_only_they_act(new_town: Town, task: str, name: str, may: bool) -> None:
    async with new_town.db.write() as tx:
        known = await definitions.the_company(tx)
        ada = {"name": name, "email": "ada@example.org", "teams": ("onboarding-team",)}
        content = known.model_dump(mode="json", by_alias=True) | {"staff": {"ada": ada}}
        await put(tx, company, {"id": 1, "content": Company.model_validate(content).model_dump(mode="json", by_alias=True), "published_at": NOON}, ["id"])  # fmt: skip  # noqa: E501  one row
    async with of(new_town) as lead:
        assert (await press(lead, task, "claim")).status_code == (303 if may else 403)
        assert ("you can look, but not act" in words_of(await page(lead, f"/tasks/{task}"))) is not may
