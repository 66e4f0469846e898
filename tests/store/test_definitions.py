"""Published definitions: immutable versions of journeys, and the texts and the company in force."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import update

from journey.definition import Journey
from journey.load import load
from journey.problems import Place
from journey.samples import Sample
from store import definition_files, definitions
from store.database import Database
from store.definition_files import read_folder
from store.tables import instance
from tests.store.makers import a_journey, a_library, begun, publish, rows, the_row

FOLDER = Path(__file__).parents[2] / "definitions"

FIRST = a_journey()
SECOND = a_journey(steps=[{"wait": "3 days", "id": "1"}])
OTHER = a_journey("check-in", start={"on": "setup.completed"})


async def active(db: Database) -> dict[str, Journey]:
    async with db.read() as tx:
        return await definitions.active(tx)


async def versions(db: Database, journey: str = "onboarding") -> list[tuple[int, bool]]:
    return [(row["version"], row["active"]) for row in await rows(db, "definition", journey=journey)]


async def test_a_new_journey_becomes_its_first_version(db: Database) -> None:
    assert await publish(db, FIRST) == ["onboarding"]

    assert await active(db) == {"onboarding": FIRST}
    assert await versions(db) == [(1, True)]


async def test_publishing_the_same_again_changes_nothing(db: Database) -> None:
    await publish(db, FIRST)
    before = await the_row(db, "definition")

    assert await publish(db, FIRST) == []
    assert await the_row(db, "definition") == before


async def test_a_changed_journey_becomes_a_new_version_and_the_old_one_stays(db: Database) -> None:
    await publish(db, FIRST)

    assert await publish(db, SECOND) == ["onboarding"]
    assert sorted(await versions(db)) == [(1, False), (2, True)]
    assert await active(db) == {"onboarding": SECOND}
    async with db.read() as tx:
        assert await definitions.pinned(tx, FIRST.hash) == FIRST


async def test_a_changed_title_is_a_new_version_too(db: Database) -> None:
    await publish(db, FIRST)

    assert await publish(db, a_journey(title="Welcome")) == ["onboarding"]


async def test_going_back_to_an_old_plan_puts_its_version_in_force_again(db: Database) -> None:
    await publish(db, FIRST)
    await publish(db, SECOND)

    assert await publish(db, FIRST) == []
    assert sorted(await versions(db)) == [(1, True), (2, False)]
    assert await active(db) == {"onboarding": FIRST}


async def test_a_journey_that_is_gone_starts_nobody_and_returns_with_its_version(db: Database) -> None:
    await publish(db, FIRST, OTHER)
    await publish(db, OTHER)
    assert set(await active(db)) == {"check-in"}

    await publish(db, FIRST, OTHER)
    assert set(await active(db)) == {"check-in", "onboarding"}
    assert await versions(db) == [(1, True)]


async def test_with_no_journeys_none_is_in_force(db: Database) -> None:
    await publish(db, FIRST)

    assert await publish(db) == []
    assert await active(db) == {}


async def test_running_instances_keep_the_version_they_began_with(db: Database) -> None:
    instance = await begun(db, FIRST)
    await publish(db, SECOND)

    assert (await the_row(db, "instance", instance_id=instance))["def_hash"] == FIRST.hash


async def test_publishing_at_the_same_time_gives_each_version_its_own_number(db: Database) -> None:
    journeys = [a_journey(steps=[{"wait": f"{days} days", "id": "1"}]) for days in range(1, 9)]
    changed = await asyncio.gather(*(publish(db, one) for one in journeys))

    assert changed == [["onboarding"]] * 8
    assert sorted(number for number, _ in await versions(db)) == list(range(1, 9))
    assert [is_active for _, is_active in await versions(db)].count(True) == 1


async def test_the_source_is_kept_with_its_version(db: Database) -> None:
    async with db.write() as tx:
        await definitions.publish(tx, a_library(FIRST), {"onboarding": "journey: onboarding\n# why\n"})

    assert (await the_row(db, "definition"))["source"] == "journey: onboarding\n# why\n"


async def test_texts_and_company_are_those_published_last(db: Database) -> None:
    async with db.write() as tx:
        await definitions.publish(tx, a_library(messages={"welcome": "Hello", "bye": "Bye"}, company="Old"), {})
        await definitions.publish(tx, a_library(messages={"welcome": "Good day"}, company="New"), {})

    async with db.read() as tx:
        welcome, bye = await definitions.text(tx, "welcome"), await definitions.text(tx, "bye")
        company = await definitions.the_company(tx)
    assert welcome is not None and (welcome.body, bye) == ("Good day", None)
    assert (company.company, company.mail_from) == ("New", "Northlight <hello@northlight.example>")


async def test_versions_are_listed_from_the_newest(db: Database) -> None:
    await publish(db, FIRST, OTHER)
    await publish(db, SECOND, OTHER)

    async with db.read() as tx:
        listed = [(row["journey"], row["version"], row["title"]) for row in await definitions.versions(tx)]
    assert listed == [("check-in", 1, "Onboarding"), ("onboarding", 2, "Onboarding"), ("onboarding", 1, "Onboarding")]


async def test_the_shipped_definitions_come_back_as_they_were_published(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, _ = read_folder(FOLDER)
    library = load(files)
    async with db.write() as tx:
        await definitions.publish(tx, library, {})
    monkeypatch.setattr(definitions, "_read", {})

    found = await active(db)
    assert {name: one.hash for name, one in found.items()} == {name: one.hash for name, one in library.journeys.items()}
    assert {row["hash"]: row["plan"] for row in await rows(db, "definition")} == {
        one.hash: one.plan for one in library.journeys.values()
    }
    async with db.read() as tx:
        assert {name: await definitions.text(tx, name) for name in library.messages} == library.messages
        assert await definitions.the_company(tx) == library.company


async def test_a_version_is_read_once_a_process(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_read", {})
    monkeypatch.setattr(definitions, "KEPT", 2)
    journeys = [a_journey(steps=[{"wait": f"{days} days", "id": "1"}]) for days in range(1, 6)]
    for journey in journeys:
        await publish(db, journey)

    async with db.read() as tx:
        for _ in range(2):
            for journey in journeys:
                assert await definitions.by_hash(tx, [journey.hash, "nobody"]) == {journey.hash: journey}
            assert len(definitions._read) <= 4
        assert await definitions.pinned(tx, journeys[0].hash) is await definitions.pinned(tx, journeys[0].hash)


def test_a_folder_is_read_with_paths_inside_it(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "a.yaml").write_text("journey: größe\n", encoding="utf-8")
    (tmp_path / "messages" / "hi.md").write_text("Hi")
    (tmp_path / "notes.txt").write_text("not ours")

    assert read_folder(tmp_path) == ({"a.yaml": "journey: größe\n", "messages/hi.md": "Hi"}, [])


def test_a_file_that_is_not_text_is_named_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"journey: gr\xf6\xdfe\n")

    _, [problem] = read_folder(tmp_path)
    assert problem.place == Place(f"{tmp_path}/a.yaml", 1, 12)
    assert problem.message == "Here is a letter that is not UTF-8 text."


def test_more_files_than_the_limit_are_not_left_out_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definition_files, "MAX_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.yaml").write_text("x: 1")

    files, [problem] = read_folder(tmp_path)
    assert len(files) == 2
    assert problem.message == "There are 3 files here; 2 are the limit."


def test_a_folder_that_is_not_there_is_a_problem_with_what_to_do(tmp_path: Path) -> None:
    files, [problem] = read_folder(tmp_path / "nowhere")

    assert files == {} and "no such folder" in problem.message and "WAYFARE_DEFINITIONS" in str(problem)


async def test_the_shipped_declarations_are_published_for_the_other_rooms(db: Database) -> None:
    library = load(read_folder(FOLDER)[0])
    async with db.write() as tx:
        await definitions.publish(tx, library, {})
    async with db.read() as tx:
        events, customer = await definitions.events(tx), await definitions.the_customer(tx)

    assert events == library.events
    assert customer == library.customer
    assert [violation.pointer for violation in events["purchase.completed"].check({"order_id": "o-1"})] == ["/product"]


async def test_a_declaration_that_is_no_longer_there_is_no_longer_in_force(db: Database) -> None:
    library = load(read_folder(FOLDER)[0])
    async with db.write() as tx:
        await definitions.publish(tx, library, {})
        await definitions.publish(tx, library.model_copy(update={"events": {}, "customer": None}), {})
    async with db.read() as tx:
        assert await definitions.events(tx) == {}
        assert await definitions.the_customer(tx) is None


async def test_a_pinned_text_stays_as_it_was_when_its_version_was_published(db: Database) -> None:
    files = {
        "company.yaml": "company: N\nmail from: N <n@northlight.example>\n",
        "story.yaml": "journey: story\ntitle: T\nowner: a@example.org\nstart: {on: x}\n"
        "steps: [{send: a, pin: true}, {send: b}]\n",
        "messages/a.md": "---\nsubject: A\n---\nFirst a.\n",
        "messages/b.md": "---\nsubject: B\n---\nFirst b.\n",
    }
    old = load(files)
    new = load({path: text.replace("First", "Second") for path, text in files.items()})
    for library in (old, new, new):
        async with db.write() as tx:
            await definitions.publish(tx, library, {})

    assert old.journeys["story"].hash != new.journeys["story"].hash
    assert old.journeys["story"].pinned.keys() == {"a"}
    async with db.read() as tx:
        kept = await definitions.pinned(tx, old.journeys["story"].hash)
        before = await definitions.text(tx, "a", kept.pinned["a"])
        after = await definitions.text(tx, "a", new.journeys["story"].pinned["a"])
        live = await definitions.text(tx, "b")
    assert before is not None and after is not None and live is not None
    assert (before.body, after.body, live.body) == ("First a.\n", "Second a.\n", "Second b.\n")


async def test_a_sample_is_kept_with_the_text_it_shows(db: Database) -> None:
    library = a_library(messages={"welcome": "Hello", "bye": "Bye"})
    async with db.write() as tx:
        await definitions.publish(tx, library, {}, {"welcome": Sample({"customer": {"name": "Grete"}})})

    assert {row["name"]: row["sample"] for row in await rows(db, "message_text")} == {
        "welcome": {"customer": {"name": "Grete"}},
        "bye": None,
    }


async def test_the_versions_in_use_are_told_with_where_their_customers_stand(db: Database) -> None:
    first = await begun(db, FIRST)
    second = await begun(db, FIRST, key="o-2")
    await begun(db, SECOND, key="o-3")
    async with db.write() as tx:
        await tx.execute(update(instance).where(instance.c.instance_id == first).values(step="1"))
        await tx.execute(update(instance).where(instance.c.instance_id == second).values(state="ended"))
    async with db.read() as tx:
        found = await definitions.in_use(tx)
    assert [(one.journey.hash, one.version, one.standing) for one in found] == [
        (FIRST.hash, 1, {"1": 1}),
        (SECOND.hash, 2, {"1": 1}),
    ]
