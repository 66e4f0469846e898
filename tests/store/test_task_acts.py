"""What people do with tasks: claimed by one, handed over, commented, looked at again, done; each act once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from journey.company import Company
from journey.effects import OpenTask, Playbook, Write
from journey.library import Library
from journey.work import Work
from store import definitions, record, task_acts, task_lists, tasks
from store.clock import now
from store.database import Database
from store.task_acts import Act, Changed, Comment, Done, Unknown
from store.task_lists import Place, Sought
from tests.store.makers import a_journey, a_library, begun, rows, the_row

STAFF = {
    "ada": {"name": "Ada Lovelace", "email": "ada@example.org", "teams": ["care"], "skills": ["german"]},
    "bob": {"name": "Bob Noyce", "email": "bob@example.org", "teams": ["care"]},
    "cyd": {"name": "Cyd Charisse", "email": "cyd@example.org", "teams": ["care", "leads"], "skills": ["german"]},
    "dan": {"name": "Dan Flavin", "email": "dan@example.org", "teams": ["leads"]},
    "eve": {"name": "Eve Arnold", "email": "eve@example.org", "teams": ["care"], "away": True},
}
REPLIES = {"sorry": "Dear {{ customer.name }}, we are sorry.", "gap": "Your shoe is {{ customer.shoe }}."}


def company(assign: str = "by hand", staff: dict[str, Any] = STAFF) -> Company:
    return Company.model_validate(
        {
            "company": "Northlight",
            "mail from": "Northlight <hello@northlight.example>",
            "teams": {
                "care": {"title": "Care", "email": "care@example.org", "assign": assign},
                "leads": {"title": "Leads", "email": "leads@example.org"},
            },
            "staff": staff,
        }
    )


async def employ(db: Database, assign: str = "by hand", staff: dict[str, Any] = STAFF) -> None:
    library: Library = a_library(a_journey(), messages=REPLIES)
    async with db.write() as tx:
        await definitions.publish(tx, library.model_copy(update={"company": company(assign, staff)}), {})


def opened(number: int = 1, **more: Any) -> OpenTask:
    return OpenTask(**({"id": f"task-call/{number}/0", "task": "call", "team": "care", "title": "Call"} | more))


async def opens(db: Database, instance_id: str, *writes: Write) -> list[str]:
    """Open tasks; their ids."""
    async with db.write() as tx:
        await record.write(tx, Work(instance_id=instance_id, writes=writes))
    return [tasks.task_id(instance_id, write.id) for write in writes]


async def one_task(db: Database, assign: str = "by hand", **more: Any) -> str:
    instance_id = await begun(db)
    await employ(db, assign)
    [task_id] = await opens(db, instance_id, opened(**more))
    return task_id


async def act(db: Database, what: Any, *given: Any, **named: Any) -> Done:
    async with db.write() as tx:
        done: Done = await what(tx, *given, **named)
        return done


async def shown(db: Database, task_id: str) -> dict[str, Any]:
    async with db.read() as tx:
        row = await task_lists.one(tx, task_id)
    assert row is not None
    return row


# Who gets it


async def assignees(db: Database, rule: str, count: int, **more: Any) -> list[str | None]:
    instance_id = await begun(db)
    await employ(db, rule)
    await opens(db, instance_id, *(opened(number, **more) for number in range(count)))
    return [row["assignee"] for row in sorted(await rows(db, "task"), key=lambda row: str(row["effect_id"]))]


async def test_in_turn_everybody_of_the_team_who_is_there_gets_one(db: Database) -> None:
    assert await assignees(db, "round robin", 5) == ["ada", "bob", "cyd", "ada", "bob"]


async def test_the_turn_goes_on_where_it_was_whatever_was_done_since(db: Database) -> None:
    task_id = await one_task(db, "round robin")
    await act(db, task_acts.complete, task_id, Act("ada"), "", {})
    instance_id = (await the_row(db, "instance"))["instance_id"]
    await opens(db, instance_id, opened(2))
    assert (await the_row(db, "task", state="open"))["assignee"] == "bob"


async def test_the_least_loaded_gets_it(db: Database) -> None:
    instance_id = await begun(db)
    await employ(db, "least loaded")
    first, *_ = await opens(db, instance_id, opened(1), opened(2), opened(3))
    await act(db, task_acts.complete, first, Act("ada"), "", {})
    await opens(db, instance_id, opened(4))
    assert (await the_row(db, "task", effect_id="task-call/4/0"))["assignee"] == "ada"


async def test_only_who_has_the_skill_gets_it(db: Database) -> None:
    assert await assignees(db, "round robin", 3, skill="german") == ["ada", "cyd", "ada"]


@pytest.mark.parametrize(
    ("assign", "skill", "who"),
    [
        ("bob", "", "bob"),
        ("eve", "", None),  # away: it is for the whole team
        ("gone", "", None),
        ("round robin", "juggling", None),
        ("by hand", "", None),
    ],
)
async def test_a_step_may_say_otherwise_than_its_team(db: Database, assign: str, skill: str, who: str | None) -> None:
    assert (await assignees(db, "least loaded", 1, assign=assign, skill=skill)) == [who]


async def test_opening_it_again_gives_it_to_nobody_else(db: Database) -> None:
    task_id = await one_task(db, "round robin")
    instance_id = (await the_row(db, "task"))["instance_id"]
    await opens(db, instance_id, opened())
    assert [one["person"] for one in (await shown(db, task_id))["acts"]] == ["ada"]


# What is done with it


async def test_whoever_claims_it_has_it_and_nobody_else_may(db: Database) -> None:
    task_id = await one_task(db)
    assert (await act(db, task_acts.claim, task_id, Act("ada"))).row["assignee"] == "ada"
    with pytest.raises(Changed, match="ada has it already") as caught:
        await act(db, task_acts.claim, task_id, Act("bob"))
    assert caught.value.row is not None and caught.value.row["assignee"] == "ada"
    assert (await act(db, task_acts.claim, task_id, Act("ada"))).row["revision"] == 2


async def test_it_is_handed_to_a_person_to_a_team_and_back_into_the_queue(db: Database) -> None:
    task_id = await one_task(db)
    await act(db, task_acts.hand_over, task_id, Act("ada"), to="bob", why="I am off")
    await act(db, task_acts.hand_over, task_id, Act("bob"), team="leads", to="dan")
    assert ((await shown(db, task_id))["team"], (await shown(db, task_id))["assignee"]) == ("leads", "dan")
    await act(db, task_acts.hand_over, task_id, Act("dan"))
    row = await shown(db, task_id)
    assert (row["team"], row["assignee"]) == ("leads", None)
    assert [one["text"] for one in row["acts"]] == [
        "handed over to bob: I am off",
        "handed over to dan",
        "handed over to the team leads",
    ]


async def test_a_comment_keeps_its_attachments_by_reference(db: Database) -> None:
    task_id = await one_task(db)
    files = [{"name": "photo.jpg", "url": "https://files.example.org/1"}]
    await act(db, task_acts.comment, task_id, Act("ada"), Comment("See the photo.", files))
    [said] = (await shown(db, task_id))["acts"]
    assert (said["kind"], said["by"], said["text"]) == ("comment", "ada", "See the photo.")
    assert said["detail"] == {"attachments": files}
    [_, line] = [row["text"] for row in await rows(db, "timeline", kind="task")]
    assert line == 'The task "Call", ada: See the photo.'


async def test_somebody_looks_again_at_a_moment_or_need_not(db: Database) -> None:
    task_id, moment = await one_task(db), now() + timedelta(days=2)
    await act(db, task_acts.follow_up, task_id, Act("ada"), moment, "she is on holiday")
    async with db.read() as tx:
        assert [row["task_id"] for row in await task_lists.listed(tx, Sought(follow_up_by=moment), 10)] == [task_id]
        assert await task_lists.listed(tx, Sought(follow_up_by=moment - timedelta(seconds=1)), 10) == []
    assert "she is on holiday" in (await shown(db, task_id))["acts"][0]["text"]
    assert (await act(db, task_acts.follow_up, task_id, Act("ada"), None)).row["follow_up_at"] is None


async def test_it_is_completed_once_and_the_journey_is_to_be_rung(db: Database) -> None:
    task_id = await one_task(db, outcomes=("helped", "lost"), awaited=True)
    done = await act(db, task_acts.complete, task_id, Act("ada", "r-1"), "helped", {})
    assert done.ring == ((await the_row(db, "instance"))["instance_id"], 2)
    assert (done.row["state"], done.row["outcome"], done.row["revision"]) == ("done", "helped", 1)
    with pytest.raises(Changed, match="the task is done") as caught:
        await act(db, task_acts.complete, task_id, Act("bob", "r-2"), "lost", {})
    assert caught.value.row is not None and caught.value.row["completed_by"] == "ada"
    assert len(await rows(db, "delivery", kind="event")) == 1


@pytest.mark.parametrize("what", ["claim", "hand", "comment", "follow", "complete"])
async def test_a_repeated_request_changes_nothing_and_is_answered_with_the_task(db: Database, what: str) -> None:
    task_id = await one_task(db)
    calls: dict[str, tuple[Any, ...]] = {
        "claim": (task_acts.claim, task_id, Act("ada", "r-1")),
        "hand": (task_acts.hand_over, task_id, Act("ada", "r-1")),
        "comment": (task_acts.comment, task_id, Act("ada", "r-1"), Comment("Hello.")),
        "follow": (task_acts.follow_up, task_id, Act("ada", "r-1"), now()),
        "complete": (task_acts.complete, task_id, Act("ada", "r-1"), "", {}),
    }
    first, second = [await act(db, *calls[what]) for _ in range(2)]
    assert (first.row["revision"], second.row["revision"], second.ring) == (1, 1, None)
    assert len((await shown(db, task_id))["acts"]) == 1


async def test_whoever_decided_on_an_older_view_is_told_and_changes_nothing(db: Database) -> None:
    task_id = await one_task(db)
    await act(db, task_acts.claim, task_id, Act("ada", revision=0))
    with pytest.raises(Changed, match="at revision 1 by now"):
        await act(db, task_acts.complete, task_id, Act("ada", revision=0), "", {})
    assert (await shown(db, task_id))["state"] == "open"


async def test_there_is_no_such_task(db: Database) -> None:
    await one_task(db)
    with pytest.raises(Changed, match="no such task") as caught:
        await act(db, task_acts.claim, "nothing", Act("ada"))
    assert caught.value.row is None


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda tx, one: task_acts.claim(tx, one, Act("zoe")), "there is no zoe among the staff"),
        (lambda tx, one: task_acts.claim(tx, one, Act("dan")), "dan is not of the team care"),
        (lambda tx, one: task_acts.hand_over(tx, one, Act("ada"), to="dan"), "dan is not of the team care"),
        (lambda tx, one: task_acts.hand_over(tx, one, Act("ada"), team="ghosts"), "there is no team ghosts"),
    ],
)
async def test_only_people_and_teams_that_are_there_act(db: Database, what: Any, said: str) -> None:
    task_id = await one_task(db)
    with pytest.raises(Unknown, match=said):
        await act(db, what, task_id)
    assert (await shown(db, task_id))["revision"] == 0


async def test_without_declared_staff_anybody_may_act_by_any_name(db: Database) -> None:
    instance_id = await begun(db)
    await employ(db, staff={})
    [task_id] = await opens(db, instance_id, opened())
    assert (await act(db, task_acts.claim, task_id, Act("Grace Hopper"))).row["assignee"] == "Grace Hopper"
    assert (await act(db, task_acts.hand_over, task_id, Act("Grace Hopper"), to="Jean")).row["assignee"] == "Jean"


# What helps


async def test_the_playbook_is_written_for_this_customer(db: Database) -> None:
    book = Playbook(
        check=("Is {{ customer.name }} at home?", "{{ customer.shoe }}?"),
        say="Hello {{ customer.name }}.",
        replies=("sorry", "gap", "gone"),
    )
    written = (await shown(db, await one_task(db, playbook=book)))["playbook"]
    assert written["check"][0] == "Is Grete Hermann at home?" and "customer.shoe" in written["check"][1]
    assert written["say"] == "Hello Grete Hermann."
    sorry, gap, gone = written["replies"]
    assert (sorry["subject"], sorry["text"].strip()) == ("sorry", "Dear Grete Hermann, we are sorry.")
    assert "shoe" in gap["problem"] and gone["problem"] == "it is not published any more"


# Lists


async def test_lists_are_in_the_order_in_which_tasks_are_due_and_paged(db: Database) -> None:
    instance_id = await begun(db)
    await employ(db)
    late, soon = now() - timedelta(hours=1), now() + timedelta(hours=1)
    effects = [opened(1), opened(2, due_at=soon), opened(3, due_at=late), opened(4, due_at=late, team="leads")]
    one, two, three, four = await opens(db, instance_id, *effects)
    async with db.read() as tx:
        first = await task_lists.listed(tx, Sought(), 2)
        assert {row["task_id"] for row in first} == {three, four}
        rest = await task_lists.listed(tx, Sought(), 5, Place.of(first[-1]))
        assert [row["task_id"] for row in rest] == [two, one]
        assert await task_lists.listed(tx, Sought(), 5, Place.of(rest[-1])) == []
        assert [row["task_id"] for row in await task_lists.listed(tx, Sought(team="care", late=True), 5)] == [three]
        assert await task_lists.counts(tx) == [
            {"team": "care", "open": 3, "late": 1, "nobodys": 3},
            {"team": "leads", "open": 1, "late": 1, "nobodys": 1},
        ]
    await act(db, task_acts.claim, two, Act("ada"))
    async with db.read() as tx:
        assert [row["task_id"] for row in await task_lists.listed(tx, Sought(assignee="ada"), 5)] == [two]
        assert len(await task_lists.listed(tx, Sought(assignee="nobody"), 5)) == 3
        assert await task_lists.who_has(tx, instance_id, "task-call/2/0") == (two, "ada")
        assert await task_lists.who_has(tx, instance_id, "nothing") == ("", None)
        assert await task_lists.one(tx, "nothing") is None
