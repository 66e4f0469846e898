"""The console's routes."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from store.database import Database
from store.mailbox import Mailbox


def routes(db: Database, mailbox: Mailbox | None, *, temporal_ui: str | None, namespace: str) -> list[BaseRoute]:
    """The console's pages."""

    async def mail(request: Request) -> JSONResponse:
        assert mailbox is not None
        return JSONResponse([vars(m) if hasattr(m, "__dict__") else m for m in mailbox.list()])

    return [Route("/mail.json", mail)]
