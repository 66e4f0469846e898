"""A lead acts on a journey: once, on record, or told how things stand. The store, the pages and the audit are real."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from gateway.halts import Halts
from store import audit, instances, staff
from store.audit import Head
from store.tables import delivery, instance, message, timeline
from tests.console.conftest import ADDRESS, COOKIE, site_of
from tests.console.reading import page, words_of
from tests.console.town import TOKENS, Bells, Town


@pytest.fixture
async def grete(new_town: Town) -> str:
    """The run of a journey of somebody who has just bought something."""
    await new_town.buys("Grete Hermann", "o-1")
    async with new_town.db.read() as tx:
        rows = await instances.listening(tx, await new_town.customer_id("c-o-1"))
    return next(str(row["instance_id"]) for row in rows if row["journey"] == "onboarding")


def of(town: Town, role: str = "lead") -> httpx2.AsyncClient:
    """Somebody of a role at the browser."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(site_of(town)),
        base_url=ADDRESS,
        cookies={COOKIE: TOKENS[role]},
        headers={"Origin": ADDRESS, "Accept": "text/html"},
    )


async def press(browser: httpx2.AsyncClient, instance_id: str, act: str, role: str = "lead", **said: str) -> Any:
    data = {"form_token": staff.form_token(TOKENS[role]), "seq": "1", "reason": "she asked for it", **said}
    return await browser.post(f"/instances/{instance_id}/{act}", data=data)


async def orders(town: Town, instance_id: str) -> list[dict[str, Any]]:
    async with town.db.read() as tx:
        query = select(delivery.c.content).where(delivery.c.instance_id == instance_id, delivery.c.kind == "command")
        return [row.content for row in await tx.execute(query.order_by(delivery.c.seq))]


async def noted(town: Town) -> list[tuple[str, str, str, str]]:
    async with town.db.read() as tx:
        assert isinstance(await audit.verify(tx), Head)
        rows = await audit.recent(tx, 100)
    return [(row["who"], row["what"], row["about"], row["reason"]) for row in reversed(rows)]


async def test_the_page_says_where_it_stands_and_what_may_be_done(new_town: Town, grete: str) -> None:
    async with of(new_town) as lead, of(new_town, "viewer") as viewer:
        html = await page(lead, f"/instances/{grete}")
        said = words_of(html)
        assert "Grete Hermann" in said and "Waits 2 days" in said and "What happened, and why" in said
        assert all(verb in said for verb in ("Pause", "Skip this step", "Move to a step", "End this journey"))
        assert "Resume" not in said
        assert 'aria-current="step"' in html and "<style" not in html
        assert "Pause" not in words_of(await page(viewer, f"/instances/{grete}"))


async def test_an_order_is_placed_once_with_its_line_in_the_audit(new_town: Town, grete: str) -> None:
    async with of(new_town) as lead:
        answer = await press(lead, grete, "pause", press="one press")
        again = await press(lead, grete, "pause", press="one press")
        assert answer.status_code == again.status_code == 303, "the same press twice is one press"
        shown = words_of(await page(lead, answer.headers["location"]))

    assert [(one["kind"], one["by"], one["reason"]) for one in await orders(new_town, grete)] == [
        ("pause", "lead", "she asked for it")
    ]
    assert await noted(new_town) == [("lead", "pause", f"instance {grete}", "she asked for it")]
    assert "Pause: is being told." in shown


async def test_whoever_has_an_older_view_is_told_and_nothing_happens(new_town: Town, grete: str) -> None:
    async with of(new_town) as lead:
        assert (await press(lead, grete, "pause")).status_code == 303
        late = await press(lead, grete, "cancel")

    assert late.status_code == 409
    assert "It has heard something since you looked: by now it stands at" in words_of(late.text)
    assert len(await orders(new_town, grete)) == 1 and len(await noted(new_town)) == 1


@pytest.mark.parametrize("act", ["skip", "move", "again", "cancel"])
async def test_what_others_will_ask_about_takes_a_reason(new_town: Town, grete: str, act: str) -> None:
    async with of(new_town) as lead:
        answer = await press(lead, grete, act, reason=" ", to="send-setup-guide")
    assert answer.status_code == 422 and await orders(new_town, grete) == [] and await noted(new_town) == []


async def test_a_move_goes_to_a_step_that_there_is(new_town: Town, grete: str) -> None:
    async with of(new_town) as lead:
        html = await page(lead, f"/instances/{grete}")
        to = re.findall(r'<option value="([^"]+)">', html)[-1]
        assert (await press(lead, grete, "move", to="nowhere")).status_code == 422
        assert (await press(lead, grete, "move", to=to)).status_code == 303
    (order,) = await orders(new_town, grete)
    assert order["to"] == to and order["step"]


async def test_what_makes_no_sense_is_said_before_anything_is_placed(new_town: Town, grete: str) -> None:
    async with of(new_town) as lead:
        answer = await press(lead, grete, "resume")
    assert answer.status_code == 409 and "It is not paused" in words_of(answer.text)
    assert await orders(new_town, grete) == []


async def test_what_is_not_there_is_not_there_whatever_its_number(new_town: Town) -> None:
    async with of(new_town, "admin") as admin:
        for number in ("0" * 24, "x", "%00", "ü", "a" * 200):
            assert (await admin.get(f"/instances/{number}")).status_code == 404, number
            assert (await press(admin, number, "pause", "admin")).status_code == 404, number


async def test_a_held_message_is_dropped_once(new_town: Town) -> None:
    new_town.mail_goes = "held"
    await new_town.buys("Grete Hermann", "o-1")
    async with new_town.db.read() as tx:
        row = (await tx.execute(select(message).where(message.c.state == "held"))).first()
    assert row is not None
    async with of(new_town) as lead:
        data = {"form_token": staff.form_token(TOKENS["lead"]), "reason": "she called"}
        answers = [(await lead.post(f"/messages/{row.send_key}/drop", data=data)).status_code for _ in range(2)]
        assert (await lead.post("/messages/nothing/drop", data=data)).status_code == 404
    assert answers == [303, 409]
    assert await noted(new_town) == [("lead", "message: drop", f"message {row.send_key}", "she called")]


async def test_a_note_is_written_once_and_whatever_it_says_is_text(new_town: Town, grete: str) -> None:
    customer = await new_town.customer_id("c-o-1")
    text = "<script>alert(1)</script> She will call on Monday."
    async with of(new_town, "agent") as agent:
        data = {"form_token": staff.form_token(TOKENS["agent"]), "note": text, "press": "p"}
        for _ in range(2):
            assert (await agent.post(f"/customers/{customer}/note", data=data)).status_code == 303
        assert (await agent.post(f"/customers/{customer}/note", data=data | {"note": " "})).status_code == 422
        assert (await agent.post("/customers/nobody/note", data=data)).status_code == 404
        assert "<script>alert" not in await page(agent, f"/customers/{customer}")
    async with new_town.db.read() as tx:
        notes = await tx.execute(select(timeline.c.text).where(timeline.c.kind == "note"))
        assert [row.text for row in notes] == [text]


async def test_who_did_what_is_for_leads_and_shows_the_reason(new_town: Town, grete: str) -> None:
    async with of(new_town) as lead, of(new_town, "agent") as agent:
        await press(lead, grete, "skip")
        said = words_of(await page(lead, "/audit"))
        assert "lead" in said and "Skip" in said and "she asked for it" in said
        assert "The chain holds" in await page(lead, "/audit/verified")
        assert (await agent.get("/audit")).status_code == 403


async def test_many_are_shown_before_and_told_after(new_town: Town) -> None:
    for number in range(4):
        await new_town.buys(f"Customer {number}", f"o-{number}")
    async with of(new_town) as lead, of(new_town, "agent") as agent:
        html = await page(lead, "/?journey=onboarding")
        ones = re.findall(r'name="one" value="([^"]+)"', html)
        data: dict[str, Any] = {"form_token": staff.form_token(TOKENS["lead"]), "act": "pause", "one": ones}
        shown = await lead.post("/many", data=data)
        assert "Pause: 4 journeys" in words_of(shown.text) and "4 customers onboarding at wait-2-days" in words_of(
            shown.text
        )
        assert (await noted(new_town)) == []
        assert 'name="one"' not in await page(agent, "/") and (await agent.post("/many", data=data)).status_code == 403

        assert (await press(lead, ones[1].partition(":")[0], "skip")).status_code == 303
        done = await lead.post("/many/pause", data=data | {"press": "p", "reason": "the text is wrong"})
        again = await lead.post("/many/pause", data=data | {"press": "p", "reason": "the text is wrong"})

    assert done.status_code == 409 and "3 journeys paused" in words_of(done.text)
    assert "1 customer has moved on since you looked and is left alone" in words_of(done.text)
    assert again.status_code == 409
    said = [what for _, what, _, _ in await noted(new_town)]
    assert said == ["skip", "pause", "pause", "pause"]


async def test_nobody_chosen_and_what_cannot_be_done_to_many_is_said(new_town: Town, grete: str) -> None:
    async with of(new_town) as lead:
        data: dict[str, Any] = {"form_token": staff.form_token(TOKENS["lead"]), "act": "pause"}
        assert (await lead.post("/many", data=data)).status_code == 422
        assert (await lead.post("/many", data=data | {"act": "move"})).status_code == 404
        assert (await lead.post("/many/nothing", data=data)).status_code == 404
        data |= {"act": "resume", "one": [f"{grete}:1", "%:x", f"{'0' * 24}:1"]}
        said = words_of((await lead.post("/many", data=data)).text)
        assert "1 more was chosen and will be left alone: it is not paused." in said


async def test_a_person_begins_a_journey_as_if_an_event_had_come_once_more(new_town: Town, grete: str) -> None:
    customer = await new_town.customer_id("c-o-1")
    async with of(new_town) as lead:
        html = await page(lead, f"/customers/{customer}")
        offered = re.findall(r'<option value="([^"]+ \w+)">', html)
        assert {one.split()[0] for one in offered} == {"onboarding", "check-in"}
        data = {"form_token": staff.form_token(TOKENS["lead"]), "reason": "she asked"}
        onboarding = next(one for one in offered if one.startswith("onboarding"))
        refused = await lead.post(f"/customers/{customer}/start", data=data | {"what": onboarding})
        assert refused.status_code == 409 and "It is running already" in refused.text
        other = await lead.post(f"/customers/{customer}/start", data=data | {"what": "onboarding nothing"})
        assert other.status_code == 404

        async with new_town.db.write() as tx:
            await tx.execute(update(instance).where(instance.c.instance_id == grete).values(state="ended"))
            await tx.execute(update(instance).where(instance.c.instance_id == grete).values(entry_key="another"))
        assert (await lead.post(f"/customers/{customer}/start", data=data | {"what": onboarding})).status_code == 303
    assert [(who, what, why) for who, what, _, why in await noted(new_town)] == [("lead", "start", "she asked")]


async def test_a_whole_journey_is_held_and_goes_on(new_town: Town, grete: str) -> None:
    work = Halts(new_town.db, Bells())
    async with of(new_town, "admin") as admin, of(new_town) as lead:
        data = {"form_token": staff.form_token(TOKENS["admin"]), "reason": "the guide is wrong"}
        wrong = {"form_token": staff.form_token(TOKENS["lead"]), "reason": "x"}
        assert (await lead.post("/journeys/onboarding/hold", data=wrong)).status_code == 403
        assert (await admin.post("/journeys/onboarding/hold", data=data | {"reason": ""})).status_code == 422
        assert (await admin.post("/journeys/nothing/hold", data=data)).status_code == 404
        assert (await admin.post("/journeys/onboarding/hold", data=data)).status_code == 303
        assert (await admin.post("/journeys/onboarding/drain", data=data)).status_code == 409
        assert "Held since" in words_of(await page(admin, "/journeys"))

        while await work.some():
            pass
        assert [one["kind"] for one in await orders(new_town, grete)] == ["pause"]
        await new_town.buys("Second", "o-2")
        assert "1 customer waits to begin" in words_of(await page(admin, "/journeys"))
        assert [row for row in await running(new_town, "c-o-2") if row == "onboarding"] == []

        assert (await admin.post("/journeys/onboarding/lift", data=data)).status_code == 303
        assert (await admin.post("/journeys/onboarding/lift", data=data)).status_code == 409
        while await work.some():
            pass
        assert [(one["kind"], one.get("waits", "")) for one in await orders(new_town, grete)][1:] == [
            ("resume", "extend")
        ]
        assert "onboarding" in await running(new_town, "c-o-2")
        assert await work.some() == 0
    assert [what for _, what, _, _ in await noted(new_town)] == ["hold journey", "let journey go on"]


async def test_a_drained_journey_takes_nobody_new_and_pauses_nobody(new_town: Town, grete: str) -> None:
    async with of(new_town, "admin") as admin:
        data = {"form_token": staff.form_token(TOKENS["admin"]), "reason": "it is replaced"}
        assert (await admin.post("/journeys/onboarding/drain", data=data)).status_code == 303
        assert await Halts(new_town.db, Bells()).some() == 0
        await new_town.buys("Second", "o-2")
        assert "onboarding" not in await running(new_town, "c-o-2")
        assert await orders(new_town, grete) == []
        assert (await admin.post("/journeys/onboarding/lift", data=data)).status_code == 303
        await new_town.buys("Third", "o-3")
        assert "onboarding" in await running(new_town, "c-o-3")


async def running(town: Town, customer: str) -> list[str]:
    async with town.db.read() as tx:
        return [row["journey"] for row in await instances.listening(tx, await town.customer_id(customer))]
