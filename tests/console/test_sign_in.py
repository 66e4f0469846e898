"""Who is let in, for how long, and what a form must bring: security items 26 to 30 of the research."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from console.app import ACTIONS, LEADS, OPEN, PAGES, routes
from console.door import inside
from console.tries import FOR_ONE_NAME, FROM_ONE_PLACE, WINDOW_S, Tries
from journey.rights import RIGHTS, ROLES
from store import audit, passwords, staff
from tests.console.conftest import ADDRESS, COOKIE, site_of
from tests.console.reading import words_of
from tests.console.town import TOKENS, Town

WORDS = "three quiet lamps glow"


@pytest.fixture(scope="module", autouse=True)
async def ada(town: Town) -> None:
    async with town.db.write() as tx:
        await staff.add(tx, "ada", "agent", password_hash=passwords.kept(WORDS))


@pytest.fixture
async def stranger(town: Town) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that nobody is signed in on."""
    async with browser_at(site_of(town)) as browser:
        yield browser


def browser_at(app: Starlette, place: str = "10.0.0.1") -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app, client=(place, 1))
    return httpx2.AsyncClient(
        transport=transport, base_url=ADDRESS, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    )


async def signs_in(
    browser: httpx2.AsyncClient, password: str = WORDS, name: str = "ada", **more: str
) -> httpx2.Response:
    return await browser.post("/sign-in", data={"name": name, "password": password, **more})


def form_token(html: str) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', html)
    assert found
    return found.group(1)


async def test_nobody_reads_anything_before_signing_in(stranger: httpx2.AsyncClient) -> None:
    for path, _ in PAGES:
        answer = await stranger.get(_filled(path))
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), path
        program = await stranger.get(path.replace("{", "").replace("}", ""), headers={"Accept": "application/json"})
        assert program.status_code == 401, path


async def test_whoever_signs_in_goes_on_where_they_wanted(stranger: httpx2.AsyncClient) -> None:
    wanted = (await stranger.get("/messages?state=held")).headers["location"]
    page = (await stranger.get(wanted)).text
    following = re.search(r'name="next" value="([^"]+)"', page)
    assert following and following.group(1) == "/messages?state=held"
    answer = await signs_in(stranger, next=following.group(1))
    cookie = answer.headers["set-cookie"]

    assert answer.status_code == 303 and answer.headers["location"] == "/messages?state=held"
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert (await stranger.get("/messages")).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "javascript:x"])
def test_nobody_is_sent_elsewhere(path: str) -> None:
    assert inside(path) == "/"
    assert inside("/customers?q=a") == "/customers?q=a"


async def test_a_wrong_password_and_a_name_that_is_not_there_are_answered_alike(stranger: httpx2.AsyncClient) -> None:
    wrong, unknown = await signs_in(stranger, "not this one"), await signs_in(stranger, name="grace")
    assert wrong.status_code == unknown.status_code == 403
    assert words_of(wrong.text) == words_of(unknown.text).replace("grace", "ada")
    assert "set-cookie" not in wrong.headers and "set-cookie" not in unknown.headers


async def test_guesses_are_stopped_and_the_owner_is_not_locked_out(town: Town) -> None:
    app = site_of(town)
    async with browser_at(app, "10.6.6.6") as guesser, browser_at(app) as owner:
        answers = [(await signs_in(guesser, f"guess number {number}")).status_code for number in range(12)]
        assert answers == [403] * FOR_ONE_NAME + [429] * 2
        assert (await signs_in(guesser)).status_code == 429, "the right word comes too late"
        assert (await signs_in(owner)).status_code == 303


def test_a_minute_later_it_may_be_tried_again_and_many_names_from_one_place_are_stopped_too() -> None:
    moment = [0.0]
    tries = Tries(lambda: moment[0])
    allowed = [tries.wait(f"name {number}", "here") == 0 for number in range(FROM_ONE_PLACE + 1)]
    assert allowed == [True] * FROM_ONE_PLACE + [False]
    assert tries.wait("name", "there") == 0
    moment[0] = WINDOW_S
    assert tries.wait("name 0", "here") == 0


async def test_a_session_is_another_after_signing_in_and_nothing_after_signing_out(
    stranger: httpx2.AsyncClient, town: Town
) -> None:
    stranger.cookies.set(COOKIE, "planted by somebody else", domain="wayfare.example")
    await signs_in(stranger)
    kept = stranger.cookies[COOKIE]
    assert kept != "planted by somebody else"
    token = form_token((await stranger.get("/account")).text)
    answer = await stranger.post("/sign-out", data={"form_token": token})
    assert answer.status_code == 303 and COOKIE not in stranger.cookies

    stranger.cookies.set(COOKIE, kept)
    assert (await stranger.get("/")).status_code == 303


async def test_a_session_ends_when_it_rests_and_when_it_is_old(stranger: httpx2.AsyncClient, new_town: Town) -> None:
    async with new_town.db.write() as tx:
        token = await staff.sign_in(tx, await staff.add(tx, "eve", "viewer"), "password")
    async with browser_at(site_of(new_town)) as browser:
        browser.cookies.set(COOKIE, token)
        for _ in range(14):
            assert (await browser.get("/events")).status_code == 200
            new_town.clock.at += staff.IDLE - timedelta(minutes=1)
        assert (await browser.get("/events")).status_code == 200
        new_town.clock.at += timedelta(hours=1)
        assert (await browser.get("/events")).status_code == 303, "a week is over"


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"closed_at": None, "password_hash": "x"}])
async def test_a_smaller_role_and_a_new_password_count_at_once(new_town: Town, change: dict[str, object]) -> None:
    async with new_town.db.write() as tx:
        token = await staff.sign_in(tx, await staff.add(tx, "eve", "admin"), "password")
    async with new_town.db.write() as tx:
        await staff.change(tx, "eve", **change)
        found = await staff.signed_in(tx, token)
    assert (found is None) == ("password_hash" in change)
    assert found is None or found[0].role == "viewer"


async def test_a_closed_account_is_out_at_once_and_cannot_come_back(new_town: Town) -> None:
    app = site_of(new_town)
    async with browser_at(app) as browser:
        async with new_town.db.write() as tx:
            await staff.add(tx, "eve", "admin", password_hash=passwords.kept(WORDS))
        await signs_in(browser, name="eve")
        assert (await browser.get("/")).status_code == 200
        async with new_town.db.write() as tx:
            await staff.change(tx, "eve", closed_at=new_town.clock())
        assert (await browser.get("/")).status_code == 303
        assert (await signs_in(browser, name="eve")).status_code == 403


async def test_a_link_is_good_once_and_only_when_its_button_is_pressed(new_town: Town) -> None:
    async with new_town.db.write() as tx:
        token = await staff.link(tx, await staff.add(tx, "eve", "admin"))
    async with browser_at(site_of(new_town)) as browser:
        for _ in range(3):
            assert "Go on as eve" in (await browser.get(f"/sign-in/{token}")).text
        assert (await browser.post(f"/sign-in/{token}")).status_code == 303
        assert (await browser.get("/")).status_code == 200
        browser.cookies.clear()
        assert (await browser.post(f"/sign-in/{token}")).status_code == 404
        assert (await browser.get(f"/sign-in/{token}")).status_code == 404


FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
    {"Sec-Fetch-Site": "", "Origin": "null"},
    {"Sec-Fetch-Site": ""},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_form_of_another_site_changes_nothing(town: Town, headers: dict[str, str]) -> None:
    given = {name: value for name, value in headers.items() if value}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(site_of(town)), base_url=ADDRESS) as browser:
        browser.cookies.set(COOKIE, TOKENS["admin"])
        token = form_token((await browser.get("/account", headers={"Accept": "text/html"})).text)
        for path in ("/sign-out", "/account", "/sign-in", *(path for path, _, _ in ACTIONS)):
            answer = await browser.post(_filled(path), data={"form_token": token}, headers=given)
            assert answer.status_code == 403, path
        assert (await browser.get("/")).status_code == 200


async def test_a_form_without_the_sessions_token_changes_nothing(town: Town) -> None:
    async with browser_at(site_of(town)) as browser:
        browser.cookies.set(COOKIE, TOKENS["admin"])
        for path, _, _ in ACTIONS:
            for wrong in ("", "0" * 64, staff.form_token(TOKENS["lead"]), "ü"):
                assert (await browser.post(_filled(path), data={"form_token": wrong})).status_code == 403, path


def _filled(path: str) -> str:
    return re.sub(r"\{(\w+)(:path)?\}", "x", path)


async def test_every_action_asks_for_its_role(town: Town) -> None:
    order = list(ROLES)
    app = site_of(town)
    for role, token in TOKENS.items():
        async with browser_at(app) as browser:
            browser.cookies.set(COOKIE, token)
            for path, _, right in ACTIONS:
                if path in ("/sign-out", "/account"):
                    continue
                answer = await browser.post(_filled(path), data={"form_token": staff.form_token(token)})
                enough = order.index(role) >= order.index(RIGHTS[right])
                assert (answer.status_code == 403) != enough, (role, path, answer.status_code)


def test_no_address_is_open_that_is_not_in_the_tables(town: Town) -> None:
    """Deny by default: whatever has an address is signing in, a page to read, or an action with its right."""
    named = {(method, path) for method, path, _ in OPEN}
    named |= {("GET", path) for path, _ in PAGES} | {("GET", path) for path, _, _ in LEADS}
    named |= {("POST", path) for path, _, _ in ACTIONS}
    made = routes(town.db, None, public_url=ADDRESS, temporal_ui=None, namespace="default")
    there = {(method, one.path) for one in made if isinstance(one, Route) for method in one.methods or ()}
    assert {(method, path) for method, path in there if method != "HEAD"} == named
    assert all(right in RIGHTS for _, _, right in (*LEADS, *ACTIONS))


async def test_over_https_the_cookie_belongs_to_one_host_alone(town: Town) -> None:
    app = Starlette(
        routes=routes(town.db, None, public_url="https://wayfare.example", temporal_ui=None, namespace="default")
    )
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="https://wayfare.example", headers={"Sec-Fetch-Site": "same-origin"}
    ) as browser:
        cookie = (await signs_in(browser)).headers["set-cookie"]
        assert cookie.startswith("__Host-wayfare=") and "Secure" in cookie
        assert (await browser.get("/", headers={"Accept": "text/html"})).status_code == 200


async def test_everybody_changes_their_own_password(new_town: Town) -> None:
    app = site_of(new_town)
    async with new_town.db.write() as tx:
        await staff.add(tx, "eve", "viewer", password_hash=passwords.kept(WORDS))
    async with browser_at(app) as browser, browser_at(app) as elsewhere:
        await signs_in(browser, name="eve")
        await signs_in(elsewhere, name="eve")

        async def change(old: str, new: str, again: str) -> httpx2.Response:
            token = form_token((await browser.get("/account")).text)
            return await browser.post("/account", data={"old": old, "new": new, "repeated": again, "form_token": token})

        fresh = "four other words here"
        assert (await change("wrong", fresh, fresh)).status_code == 422
        assert (await change(WORDS, fresh, "typed otherwise")).status_code == 422
        assert (await change(WORDS, "short", "short")).status_code == 422
        assert (await change(WORDS, fresh, fresh)).status_code == 200
        assert (await browser.get("/")).status_code == 200
        assert (await elsewhere.get("/")).status_code == 303, "the other browser is signed out"
        assert (await signs_in(elsewhere, name="eve")).status_code == 403
        assert (await signs_in(elsewhere, fresh, name="eve")).status_code == 303
    async with new_town.db.read() as tx:
        said = [(row["who"], row["what"]) for row in await audit.recent(tx, 10)]
    assert ("eve", "new password") in said and said.count(("eve", "sign in")) == 3


async def test_a_program_with_a_key_reads_and_does_nothing(town: Town) -> None:
    async def owner(key: str) -> str | None:
        return "shop" if key == "the-key" else None

    made = routes(town.db, None, public_url=ADDRESS, temporal_ui=None, namespace="default", key_owner=owner)
    async with browser_at(Starlette(routes=made)) as program:
        key = {"Authorization": "Bearer the-key", "Accept": "*/*"}
        assert (await program.get("/customers", headers=key)).status_code == 200
        assert (await program.get("/customers", headers=key | {"Authorization": "Bearer other"})).status_code == 401
        for path, _, _ in ACTIONS:
            assert (await program.post(_filled(path), headers=key)).status_code in (401, 403), path


async def test_a_form_that_is_too_large_is_refused(stranger: httpx2.AsyncClient) -> None:
    assert (await signs_in(stranger, "x" * 300_000)).status_code == 413
    fields = {f"f{number}": "x" for number in range(5_000)}
    assert (await stranger.post("/sign-in", data=fields)).status_code == 413
