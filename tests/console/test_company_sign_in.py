"""Signing in by the company's own sign-in, against a real provider over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from console.app import routes
from console.company_sign_in import Company
from store import audit, staff
from tests.console.conftest import ADDRESS
from tests.console.provider import CLIENT, SECRET, Provider
from tests.console.reading import words_of
from tests.console.test_browser import serving
from tests.console.town import Town


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    async with serving(made.app()) as address:
        made.issuer = address
        yield made


@pytest.fixture
async def browser(new_town: Town, provider: Provider) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser at a console that knows the company's sign-in; Ada has an account."""
    provider.fault, provider.person = "", {"sub": "u-1", "email": "ada@example.org", "email_verified": True}
    company = Company("Northlight", provider.issuer, CLIENT, SECRET, f"{ADDRESS}/sign-in/company/back", "seal")
    async with new_town.db.write() as tx:
        await staff.add(tx, "ada@example.org", "lead")
    made = routes(new_town.db, None, public_url=ADDRESS, temporal_ui=None, namespace="default", company=company)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(Starlette(routes=made)), base_url=ADDRESS, headers={"Accept": "text/html"}
    ) as browser:
        yield browser


async def signs_in(browser: httpx2.AsyncClient, following: str = "/") -> httpx2.Response:
    """There and back, as a browser goes."""
    leaving = await browser.get("/sign-in/company", params={"next": following})
    assert leaving.status_code == 303, leaving.text
    async with httpx2.AsyncClient() as outside:
        back = (await outside.get(leaving.headers["location"])).headers["location"]
    return await browser.get(back.removeprefix(ADDRESS))


async def test_whoever_has_an_account_gets_in_and_goes_on(browser: httpx2.AsyncClient, new_town: Town) -> None:
    assert "Sign in with Northlight" in words_of((await browser.get("/sign-in")).text)
    answer = await signs_in(browser, "/events?state=new")
    assert answer.status_code == 303 and answer.headers["location"] == "/events?state=new"
    assert "ada@example.org" in words_of((await browser.get("/account")).text)
    async with new_town.db.read() as tx:
        (row,) = await audit.recent(tx, 1)
    assert (row["who"], row["what"], row["detail"]) == ("ada@example.org", "sign in", {"by": "oidc"})


async def test_an_account_belongs_to_one_person_even_if_the_address_changes(
    browser: httpx2.AsyncClient, provider: Provider
) -> None:
    assert (await signs_in(browser)).status_code == 303
    provider.person = {"sub": "u-2", "email": "ada@example.org", "email_verified": True}
    assert (await signs_in(browser)).status_code == 403, "somebody else has got the address"
    provider.person = {"sub": "u-1", "email": "ada.lovelace@example.org", "email_verified": True}
    assert (await signs_in(browser)).status_code == 303, "she has another address now"


PEOPLE: list[dict[str, object]] = [
    {"sub": "u-9", "email": "grace@example.org", "email_verified": True},
    {"sub": "u-9", "email": "ada@example.org", "email_verified": False},
    {"sub": "u-9", "email": "ada@example.org"},
    {"sub": "u-9"},
]


@pytest.mark.parametrize("person", PEOPLE)
async def test_nobody_else_gets_in(browser: httpx2.AsyncClient, provider: Provider, person: dict[str, object]) -> None:
    provider.person = person
    answer = await signs_in(browser)
    assert answer.status_code == 403 and "no account here has that name" in words_of(answer.text)
    assert (await browser.get("/")).status_code == 303


@pytest.mark.parametrize("fault", ["issuer", "audience", "age", "nonce", "key"])
async def test_a_token_that_is_not_right_lets_nobody_in(
    browser: httpx2.AsyncClient, provider: Provider, fault: str
) -> None:
    provider.fault = fault
    assert (await signs_in(browser)).status_code == 403
    assert (await browser.get("/")).status_code == 303


async def test_a_closed_account_stays_closed(browser: httpx2.AsyncClient, new_town: Town) -> None:
    async with new_town.db.write() as tx:
        await staff.change(tx, "ada@example.org", closed_at=new_town.clock())
    assert (await signs_in(browser)).status_code == 403


async def test_what_was_not_begun_in_this_browser_does_not_end_in_it(
    browser: httpx2.AsyncClient, provider: Provider
) -> None:
    leaving = await browser.get("/sign-in/company")
    async with httpx2.AsyncClient() as outside:
        back = (await outside.get(leaving.headers["location"])).headers["location"].removeprefix(ADDRESS)
    assert (await browser.get(back.partition("&state")[0] + "&state=other")).status_code == 403
    browser.cookies.clear()
    assert (await browser.get(back)).status_code == 403
    assert (await browser.get("/sign-in/company/back?error=access_denied")).status_code == 403


async def test_a_provider_that_is_away_is_said(browser: httpx2.AsyncClient, new_town: Town) -> None:
    company = Company("Northlight", "http://127.0.0.1:9", CLIENT, SECRET, f"{ADDRESS}/sign-in/company/back", "seal")
    made = routes(new_town.db, None, public_url=ADDRESS, temporal_ui=None, namespace="default", company=company)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(Starlette(routes=made)), base_url=ADDRESS, headers={"Accept": "text/html"}
    ) as other:
        answer = await other.get("/sign-in/company")
    assert answer.status_code == 503 and "did not answer as it should" in words_of(answer.text)


async def test_without_a_company_there_is_no_such_way_in(new_town: Town) -> None:
    made = routes(new_town.db, None, public_url=ADDRESS, temporal_ui=None, namespace="default")
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(Starlette(routes=made)), base_url=ADDRESS, headers={"Accept": "text/html"}
    ) as other:
        assert (await other.get("/sign-in/company")).status_code == 404
        assert "Sign in with" not in (await other.get("/sign-in")).text
