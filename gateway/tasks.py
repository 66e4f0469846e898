"""The doors for the work of people: GET /v1/tasks lists it, GET /v1/tasks/{id} shows one task, and
POST /v1/tasks/{id}/{act} claims, assigns, comments, follows up or completes it.

Each act is applied once: with the same `id` again it is answered with the task as it is. An act that does not fit any
more gets 409 with the present task; `revision` says on which one it was decided."""

import logging
import re
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import refusals, strict_json, task_requests
from gateway.answers import Json
from gateway.desk import Desk
from gateway.keys import WORK
from gateway.patience import within
from gateway.task_requests import ACTS, Do, place_after, whole
from store import task_acts, task_lists, tasks
from store.task_acts import Act, Changed

TASKS = "/v1/tasks"
_ID = re.compile(r"[a-z2-7]{1,32}")
T = TypeVar("T")

log = logging.getLogger(__name__)


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of these doors."""
    doors = _Tasks(desk)
    return [
        *desk.routes(TASKS, doors.list, "GET", name="tasks"),
        *desk.routes(f"{TASKS}/{{task}}", doors.show, "GET", name="task"),
        *(
            route
            for what in ACTS
            for route in desk.routes(f"{TASKS}/{{task}}/{what}", partial(doors.act, what), "POST", name=f"task-{what}")
        ),
    ]


class _Tasks:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request) -> Response:
        """Tasks in the order in which they are due."""
        await self._desk.caller(request, WORK)
        asked = task_requests.asked(request.query_params)

        async def read() -> list[dict[str, Any]]:
            async with self._desk.db.read() as tx:
                return await task_lists.listed(tx, asked.sought, asked.limit + 1, asked.after)

        rows = await self._within(read())
        answer: dict[str, Any] = {"tasks": [task_requests.brief(row) for row in rows[: asked.limit]]}
        if len(rows) > asked.limit:
            answer["next"] = place_after(rows[asked.limit - 1])
        return Json(answer)

    async def show(self, request: Request) -> Response:
        """One whole task."""
        await self._desk.caller(request, WORK)
        return Json(await self._whole(request.path_params["task"]))

    async def act(self, what: str, request: Request) -> Response:
        """1. Who, 2. the body, 3. the act in one transaction, 4. the task as it is now."""
        caller = await self._desk.caller(request, WORK)
        task_id = request.path_params["task"]
        given = strict_json.parse(await self._desk.body(request))
        act, do = task_requests.act(what, given, caller.source)
        await self._whole(task_id)
        try:
            await self._within(self._do(task_id, act, do))
        except Changed as problem:
            raise refusals.TaskChanged(_sentence(problem), await self._whole(task_id)) from None
        except task_acts.Unknown as problem:
            raise refusals.DoesNotFit("/by", _sentence(problem), "The people stand in company.yaml.") from None
        except tasks.NotFilledIn as problem:
            first, *more = [refusals.Problem("/answers", one, "See the form of the task.") for one in problem.problems]
            raise refusals.DoesNotFit(*first, more=more) from None
        return Json(await self._whole(task_id))

    async def _do(self, task_id: str, act: Act, do: Do) -> None:
        async with self._desk.db.write() as tx:
            await do(tx, task_id, act)

    async def _whole(self, task_id: str) -> dict[str, Any]:
        async def read() -> dict[str, Any] | None:
            async with self._desk.db.read() as tx:
                return await task_lists.one(tx, task_id)

        row = await self._within(read()) if _ID.fullmatch(task_id) else None
        if row is None:
            raise refusals.UnknownTask("path", "There is no such task.", "Take its id from the list.")
        return whole(row)

    async def _within(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await within(self._desk.limits.store_seconds, work)
        except (Changed, task_acts.Unknown, tasks.NotFilledIn):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is the same
            log.warning("Tasks cannot be reached: %s %s", type(error).__name__, str(error).split("\n")[0])
            raise refusals.StoreAway from None


def _sentence(problem: Exception) -> str:
    said = str(problem)
    return f"{said[:1].upper()}{said[1:]}."
