"""The doors of the customer record: what they show, what they write, once however often, and whom they refuse."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import jsonschema
import pytest

from gateway.app import alone
from gateway.desk import Desk
from gateway.foresight import Foresight
from gateway.intake import Intake
from gateway.keys import Keys
from gateway.openapi import document
from gateway.published import Published
from journey.declared.customer import DeclaredCustomer
from journey.record.rules import Rules
from store import api_keys
from store.database import Database
from tests.store.makers import count, rows, the_row
from tests.store.people import FULL, lived, ruled

KEY = "a-key-for-tests"
DOORS = document()


class Api:
    """A client that holds every answer to the description of its door."""

    def __init__(self, db: Database, http: httpx2.AsyncClient) -> None:
        self.db, self.http = db, http

    async def ask(self, method: str, path: str, body: Any = None, *, key: str = KEY, **query: Any) -> httpx2.Response:
        content = None if body is None else json.dumps(body)
        head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        answer = await self.http.request(method, path, content=content, headers=head, params=query)
        _as_described(method, path, answer)
        return answer

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, status: int) -> Any:
        answer = await self.ask("POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json()


def _as_described(method: str, path: str, answer: httpx2.Response) -> None:
    parts = path.split("/")
    [template] = [one for one in DOORS["paths"] if _fits(one.split("/"), parts)]
    said = DOORS["paths"][template][method.lower()]["responses"][str(answer.status_code)]
    if "$ref" in said:
        said = DOORS["components"]["responses"][said["$ref"].rsplit("/", 1)[1]]
    schema = {**said["content"]["application/json"]["schema"], "components": DOORS["components"]}
    jsonschema.validate(answer.json(), schema)


def _fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        one == other or one.startswith("{") for one, other in zip(template, parts, strict=True)
    )


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    keys = Keys({"desk": KEY}, db, fresh=0)
    desk = Desk(Intake(db, lambda: None), db, keys, Published(db), Foresight(db))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(alone(desk)), base_url="http://wayfare") as http:
        yield Api(db, http)


@pytest.fixture
async def grete(db: Database) -> None:
    await lived(await ruled(db))


async def test_a_customer_is_read_whole_by_any_of_their_names(api: Api, grete: None) -> None:
    found = await api.get("/v1/customers/c-1")
    for name in (found["customer_id"], "email:Grete@example.org", "phone:0043 1 234567", "anonymous:a-1"):
        assert await api.get(f"/v1/customers/{name}") == found

    assert {
        name: found[name] for name in ("id", "birth_date", "organisation", "attributes", "consent", "segments")
    } == {
        "id": "c-1",
        "birth_date": "1990-05-17",
        "organisation": {"id": "acme", "name": "Acme Ltd", "attributes": {"size": 12}},
        "attributes": {"plan": "pro"},
        "consent": {"news": True, "tips": True},
        "segments": ["buyers", "pro"],
    }
    facts = found["facts"]
    assert (facts["orders"], facts["lifetime_value"], facts["points"], facts["tier"]) == (1, 80.0, 60, "silver")
    assert (facts["open_complaints"], facts["preferred_channel"], facts["churn_risk"]) == (1, "email", "low")


async def test_what_belongs_to_a_customer_has_its_doors(api: Api, grete: None) -> None:
    [bought] = (await api.get("/v1/customers/c-1/purchases"))["purchases"]
    assert (bought["refunded"], [line["returned"] for line in bought["lines"]]) == ("5.00", [0, 1])
    products = await api.get("/v1/customers/c-1/products")
    assert {(one["sku"], one.get("serial")) for one in products["products"]} == {("LUX-1", None), ("LUX-1", "S-1")}
    assert [(one["sku"], one["because"]) for one in products["recommended"]] == [
        ("LUX-2", "it follows the Lamp"),
        ("LUX-3", "it goes with the Lamp"),
    ]
    loyalty = await api.get("/v1/customers/c-1/loyalty")
    assert [one["points"] for one in loyalty["bookings"]] == [-20] and loyalty["points_to_next_tier"] == 820
    [complaint] = (await api.get("/v1/customers/c-1/complaints"))["complaints"]
    assert (complaint["external_id"], complaint["state"]) == ("C-1", "opened")
    history = await api.get("/v1/customers/c-1/history")
    assert {word["topic"] for word in history["consents"]} == {"news", "tips"}
    assert {(one["segment"], one["left_at"]) for one in history["segments"]} == {("buyers", None), ("pro", None)}
    segments = (await api.get("/v1/segments"))["segments"]
    assert [(one["segment"], one["customers"]) for one in segments] == [("buyers", 1), ("pro", 1)]


async def test_the_timeline_goes_page_by_page_without_gap_or_repetition(api: Api, grete: None) -> None:
    whole = (await api.get("/v1/customers/c-1/timeline"))["entries"]
    seen: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = await api.get("/v1/customers/c-1/timeline", limit="3", **after)
        seen += page["entries"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == whole and len(whole) >= 10
    calls = (await api.get("/v1/customers/c-1/timeline", kind="contact"))["entries"]
    assert [one["detail"]["channel"] for one in calls] == ["phone"]


async def test_lists_are_narrowed_and_paged(api: Api, grete: None) -> None:
    for number in range(3):
        await api.post("/v1/customers", {"id": f"x-{number}", "email": f"x-{number}@example.org"}, 201)

    async def found(**query: str) -> list[str]:
        return [one["id"] for one in (await api.get("/v1/customers", **query))["customers"]]

    assert await found() == ["x-2", "x-1", "x-0", "c-1"]
    assert await found(q="hermann") == ["c-1"] == await found(segment="buyers") == await found(organisation="acme")
    assert await found(segment="nobody") == [] == await found(organisation="nobody")
    first = await api.get("/v1/customers", limit="3")
    assert [one["id"] for one in (await api.get("/v1/customers", after=first["next"]))["customers"]] == ["c-1"]


async def test_writing_makes_a_customer_and_writing_the_same_again_changes_nothing(api: Api, db: Database) -> None:
    await ruled(db)
    said = {**FULL, "add_tags": ["vip", "calm"]}
    made = await api.post("/v1/customers", said, 201)
    before = [await rows(db, table) for table in ("customer", "timeline", "membership", "consent", "notice")]
    again = await api.post("/v1/customers", said, 200)

    assert again == made and made["tags"] == ["calm", "vip"] and made["segments"] == ["pro"]
    assert [await rows(db, table) for table in ("customer", "timeline", "membership", "consent", "notice")] == before
    changed = await api.post(
        "/v1/customers", {"id": "c-1", "attributes": {"plan": "home"}, "remove_tags": ["calm"]}, 200
    )
    assert (changed["attributes"], changed["tags"], changed["segments"]) == ({"plan": "home"}, ["vip"], [])
    lines = [row["text"] for row in await rows(db, "timeline", kind="set")]
    assert lines[-1] == "desk wrote into the record: id, plan, tags."


async def test_notes_and_words_are_kept_once_by_their_id(api: Api, grete: None, db: Database) -> None:
    note = {"id": "n-1", "text": "Prefers mornings.\nReally.", "by": "Ada"}
    word = {"id": "w-1", "topic": "news", "given": False, "how": "call", "proof": {"call": 7}}
    assert await api.post("/v1/customers/c-1/notes", note, 201) == {"id": "n-1"}
    await api.post("/v1/customers/c-1/notes", note, 200)
    told = await api.post("/v1/customers/c-1/consents", word, 201)
    assert told["consent"] == {"news": False, "tips": True}
    await api.post("/v1/customers/c-1/consents", word, 200)

    [kept] = (await api.get("/v1/customers/c-1/notes"))["notes"]
    assert (kept["text"], kept["detail"]) == ("Prefers mornings.\nReally.", {"by": "Ada"})
    assert len(await rows(db, "consent", topic="news")) == 2
    for door, other in (("notes", note | {"text": "Evenings."}), ("consents", word | {"given": True})):
        answer = await api.post(f"/v1/customers/c-1/{door}", other, 409)
        assert (answer["code"], answer["error"]["place"]) == ("same-id-other-body", "/id")


async def test_two_customers_are_made_one_and_two_again_each_once(api: Api, grete: None, db: Database) -> None:
    await api.post("/v1/customers", {"id": "c-2", "attributes": {"plan": "home"}}, 201)
    made = await api.post("/v1/customers/c-1/merges", {"other": "c-2", "reason": "She called."}, 201)
    assert (await api.post("/v1/customers/c-1/merges", {"other": "c-2"}, 200))["merge"] is None
    assert (await api.get("/v1/customers/c-2"))["customer_id"] == made["customer_id"]
    undo = f"/v1/merges/{made['merge']}/undo"
    assert await api.post(undo, None, 200) == {"customer_id": made["other_id"]}
    await api.post(undo, None, 200)

    assert (await api.get("/v1/customers/c-2"))["attributes"] == {"plan": "home"}
    history = await api.get("/v1/customers/c-2/history")
    assert [one["reason"] for one in history["merges"]] == ["She called."] and await count(db, "customer_merge") == 1


async def test_a_merge_before_another_cannot_be_undone_first(api: Api, grete: None) -> None:
    merges = []
    for other in ("c-2", "c-3"):
        await api.post("/v1/customers", {"id": other}, 201)
        merges.append((await api.post("/v1/customers/c-1/merges", {"other": other}, 201))["merge"])
    answer = await api.post(f"/v1/merges/{merges[0]}/undo", None, 409)
    assert (answer["code"], merges[1] in answer["message"]) == ("cannot-be", True)


REFUSED: list[tuple[str, Any, int, str]] = [
    ("", {"email": "grete@"}, 422, "/email"),
    ("", {"name": "Grete"}, 422, "body"),
    ("", {"id": "c-1", "order_id": "o-1"}, 422, "/order_id"),
    ("", {"id": "c-1", "add_tags": "vip"}, 422, "/add_tags"),
    ("", {"id": "c-1", "attributes": {"plan": "huge"}}, 422, "/attributes/plan"),
    ("/c-1/notes", {"text": "No id."}, 400, "/id"),
    ("/c-1/notes", {"id": "n-1", "text": "  "}, 400, "/text"),
    ("/c-9/notes", {"id": "n-1", "text": "Who?"}, 404, "path"),
    ("/c-1/consents", {"id": "w-1", "topic": "news", "given": "yes"}, 400, "/given"),
    ("/c-1/consents", {"id": "w-1", "topic": "news", "given": True, "at": "yesterday"}, 400, "/at"),
    ("/c-1/consents", {"id": "w-1", "topic": "news", "given": True, "proof": "yes"}, 400, "/proof"),
    ("/c-1/merges", {"other": "c-9"}, 404, "/other"),
]


async def test_what_cannot_be_written_is_refused_with_its_place_and_what_to_do(api: Api, db: Database) -> None:
    declared = DeclaredCustomer.model_validate({"attributes": {"plan": {"one of": ["home", "pro"]}}})
    await ruled(db, Rules(customer=declared))
    await api.post("/v1/customers", FULL, 201)
    before = await count(db, "timeline")
    for door, body, status, place in REFUSED:
        answer = await api.post(f"/v1/customers{door}", body, status)
        assert answer["error"]["place"] == place and len(answer["error"]["remedy"]) > 5, (door, body)
    assert await count(db, "timeline") == before


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"after": "yesterday"}, {"q": ""}, {"q": "\x00"}])
async def test_a_page_that_cannot_be_is_refused(api: Api, query: dict[str, str]) -> None:
    answer = await api.ask("GET", "/v1/customers", **query)
    assert (answer.status_code, answer.json()["error"]["place"]) == (400, f"query {next(iter(query))}")


async def test_a_key_may_only_what_it_is_for(api: Api, grete: None, db: Database) -> None:
    async with db.write() as tx:
        seeing = (await api_keys.add(tx, "crm", ("see",))).key
        editing = (await api_keys.add(tx, "forms", ("edit",))).key

    async def statuses(key: str) -> tuple[int, int]:
        read = await api.ask("GET", "/v1/customers/c-1", key=key)
        wrote = await api.ask("POST", "/v1/customers/c-1/notes", {"id": "n-1", "text": "Hello."}, key=key)
        return read.status_code, wrote.status_code

    assert await statuses(seeing) == (200, 403)
    assert await statuses(editing) == (403, 201)
    assert await statuses("no such key") == (401, 401)


async def test_a_store_that_is_away_is_said_and_nothing_is_half_done(
    api: Api, grete: None, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from store import timeline

    async def broken(*args: Any) -> None:
        raise OSError("gone")

    before = await the_row(db, "customer")
    monkeypatch.setattr(timeline, "add", broken)
    answer = await api.post("/v1/customers", {"id": "c-1", "attributes": {"plan": "home"}}, 503)
    assert answer["code"] == "store-away"
    assert await the_row(db, "customer") == before
