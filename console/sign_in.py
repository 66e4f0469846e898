"""Signing in and out: by name and password or by a link that is good once; and what people change about themselves."""

import asyncio
import hmac

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.company_sign_in import Company, Identity, NotVouchedFor
from console.door import inside
from console.forms import Form
from console.site import NotThere, Site
from store import audit, passwords, staff
from store.database import Tx

WRONG = "This name and this password do not belong together."
GONE = "This link has been used or is too old. At a terminal, `wayfare staff link NAME` makes a new one."


async def form(site: Site, request: Request) -> Response:
    """The page on which somebody says who they are."""
    if request.state.person is not None:
        return RedirectResponse(inside(request.query_params.get("next", "/")), 303)
    async with site.db.read() as tx:
        anybody = await staff.anybody(tx)
    following = inside(request.query_params.get("next", "/"))
    return _page(site, request, following=following, anybody=anybody)


async def by_password(site: Site, request: Request) -> Response:
    """Somebody says a name and a password."""
    form: Form = request.state.form
    name, following = form.line("name", 120).lower(), inside(form.text("next"))
    place = request.client.host if request.client else ""
    if seconds := site.door.tries.wait(name, place):
        return _again(site, request, name, following, f"Too many tries. Try again in {seconds:.0f} seconds.", 429)
    async with site.db.read() as tx:
        account = await staff.by_name(tx, name)
    known = account["password_hash"] if account and account["closed_at"] is None else None
    if not await asyncio.to_thread(passwords.fits, form.text("password", passwords.LONGEST), known) or account is None:
        return _again(site, request, name, following, WRONG, 403)
    return await _let_in(site, request, account["staff_id"], name, "password", following)


def _again(site: Site, request: Request, name: str, following: str, problem: str, status: int) -> Response:
    return _page(site, request, status, name=name, following=following, problem=problem)


def _page(site: Site, request: Request, status: int = 200, **known: object) -> Response:
    company = site.company.title if site.company else ""
    values = {"name": "", "problem": "", "anybody": True, "following": "/", "site_sign_in": company, **known}
    return site.page(request, "sign_in.html", status, **values)


async def _let_in(site: Site, request: Request, staff_id: str, name: str, how: str, following: str) -> Response:
    """A new session, whatever session there was before."""
    async with site.db.write() as tx:
        if former := site.door.token(request):
            await staff.sign_out(tx, former)
        token = await staff.sign_in(tx, staff_id, how)
        await audit.note(tx, name, "sign in", f"staff {name}", detail={"by": how})
    response = RedirectResponse(following, 303)
    site.door.let_in(response, token)
    return response


async def link(site: Site, request: Request) -> Response:
    """Where a link leads: a button, because links are also opened by programs that look what is behind them."""
    async with site.db.read() as tx:
        account = await staff.linked(tx, request.path_params["token"])
    if account is None:
        raise NotThere(GONE)
    return site.page(request, "sign_in_link.html", account=account)


async def by_link(site: Site, request: Request) -> Response:
    """Somebody presses that button."""
    token = request.path_params["token"]
    async with site.db.write() as tx:
        account = await staff.linked(tx, token)
        if account is None or not await staff.use_link(tx, token):
            raise NotThere(GONE)
    return await _let_in(site, request, account["staff_id"], account["name"], "link", "/")


async def out(site: Site, request: Request) -> Response:
    """Somebody leaves."""
    async with site.db.write() as tx:
        await staff.sign_out(tx, site.door.token(request))
        await audit.note(tx, request.state.person.name, "sign out", f"staff {request.state.person.name}")
    response = RedirectResponse("/sign-in", 303)
    site.door.let_out(response)
    return response


async def account(site: Site, request: Request) -> Response:
    """Who I am here and what I may do; where the password is changed."""
    return site.page(request, "account.html", problem="", done="")


async def new_password(site: Site, request: Request) -> Response:
    """Somebody changes their password: every other session of theirs ends."""
    form: Form = request.state.form
    person, fresh = request.state.person, form.text("new", passwords.LONGEST + 1)
    async with site.db.read() as tx:
        row = await staff.by_name(tx, person.name)
    if row is None:
        raise NotThere("Your account is not there any more.")
    problem = passwords.fault(fresh)
    if not hmac.compare_digest(fresh.encode(), form.text("repeated", passwords.LONGEST + 1).encode()):
        problem = "The two new passwords are not the same."
    # Whoever came by a link may have forgotten the old one; the link was given by somebody at the terminal.
    if row["password_hash"] is not None and not await _proven(site, request, row["password_hash"]):
        problem = "The password so far is not right."
    if problem:
        return site.page(request, "account.html", 422, problem=problem, done="")
    hashed = await asyncio.to_thread(passwords.kept, fresh)
    async with site.db.write() as tx:
        await staff.change(tx, person.name, password_hash=hashed)
        token = await staff.sign_in(tx, person.staff_id, "password")
        await audit.note(tx, person.name, "new password", f"staff {person.name}")
    response = site.page(request, "account.html", problem="", done="The password is changed.")
    site.door.let_in(response, token)
    return response


async def _proven(site: Site, request: Request, hashed: str) -> bool:
    async with site.db.read() as tx:
        if await staff.came_by(tx, site.door.token(request)) == "link":
            return True
    given = request.state.form.text("old", passwords.LONGEST)
    return await asyncio.to_thread(passwords.fits, given, hashed)


WAY = "wayfare-way"
"""The cookie of somebody who is on the way to the company's sign-in and back."""


async def leave(site: Site, request: Request) -> Response:
    """Somebody goes to the company's own sign-in."""
    company = _company(site)
    try:
        leaving = await company.leave(inside(request.query_params.get("next", "/")))
    except NotVouchedFor as problem:
        return _page(site, request, 503, problem=str(problem))
    response = RedirectResponse(leaving.address, 303)
    response.set_cookie(
        WAY, leaving.kept, max_age=600, path="/sign-in", secure=site.door.secure, httponly=True, samesite="lax"
    )
    return response


async def come_back(site: Site, request: Request) -> Response:
    """Somebody comes back from there."""
    company, query = _company(site), request.query_params
    try:
        if "code" not in query:
            raise NotVouchedFor("The company's sign-in did not let you in.")
        who, following = await company.come_back(
            request.cookies.get(WAY, ""), query.get("state", ""), query["code"][:4_000]
        )
        async with site.db.write() as tx:
            name, staff_id = await _account_of(tx, who)
    except NotVouchedFor as problem:
        return _page(site, request, 403, problem=str(problem))
    response = await _let_in(site, request, staff_id, name, "oidc", inside(following))
    response.delete_cookie(WAY, path="/sign-in")
    return response


async def _account_of(tx: Tx, who: Identity) -> tuple[str, str]:
    """The account of somebody the company vouches for; an account with their address is theirs from now on."""
    row = await staff.by_subject(tx, who.subject)
    if row is None and who.email:
        row = await staff.by_name(tx, who.email)
        if row is not None and row["subject"] is None:
            await staff.change(tx, row["name"], subject=who.subject)
        elif row is not None:
            row = None
    if row is None or row["closed_at"] is not None:
        shown = who.email or "somebody whose address is not verified"
        raise NotVouchedFor(f"To your company you are {shown}, and no account here has that name. Ask an admin.")
    return row["name"], row["staff_id"]


def _company(site: Site) -> Company:
    if site.company is None:
        raise NotThere("Signing in with the company is not set up here.")
    return site.company
