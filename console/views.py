"""Lists that somebody keeps under a name."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.finding import tidy
from console.forms import Form
from console.site import Site
from store import views


async def save(site: Site, request: Request) -> Response:
    """Keep the list that is shown."""
    form: Form = request.state.form
    name, query = form.line("name", 60), tidy(form.text("query", 2_000))
    if not name:
        return site.refusal(request, 422, "Not kept", "Give the list a name.", f"/?{query}")
    async with site.db.write() as tx:
        kept = await views.save(tx, request.state.person.staff_id, name, query)
    if not kept:
        return site.refusal(request, 422, "Not kept", f"You keep {views.MOST} lists already: drop one first.", "/")
    return RedirectResponse(f"/?{query}", 303)


async def drop(site: Site, request: Request) -> Response:
    """Keep it no longer."""
    form: Form = request.state.form
    async with site.db.write() as tx:
        await views.drop(tx, request.state.person.staff_id, form.text("name", 60))
    return RedirectResponse("/", 303)
