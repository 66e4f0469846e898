"""The Engine on Temporal: start-or-nothing, and the doorbell."""

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from journey.engine import EngineDown
from journey.inputs import Event
from journey.work import Bell, Launch

PATIENCE = timedelta(seconds=10)


def workflow_id(instance_id: str) -> str:
    """Opaque: no personal data goes into workflow ids."""
    return f"journey/{instance_id}"


class TemporalEngine:
    """Journeys as Temporal workflows on one task queue. Use one Client for this and for the worker: then a workflow's
    first task starts in this very process. Without a client it is down, until it is given one."""

    def __init__(self, client: Client | None, task_queue: str) -> None:
        self._given = client
        self._task_queue = task_queue

    def reached(self, client: Client) -> None:
        """Temporal has answered."""
        self._given = client

    @property
    def _client(self) -> Client:
        if self._given is None:
            raise EngineDown("it has not answered yet")
        return self._given

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        """See ``journey.engine.Engine.start``."""
        reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE if afresh else WorkflowIDReusePolicy.REJECT_DUPLICATE
        try:
            await self._client.start_workflow(
                journey,
                launch.model_dump(mode="json", by_alias=True, exclude_defaults=True),
                id=workflow_id(launch.instance_id),
                task_queue=self._task_queue,
                id_reuse_policy=reuse,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                request_eager_start=True,
                rpc_timeout=PATIENCE,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise EngineDown(str(error)) from error

    async def runs(self, instance_id: str) -> bool:
        """Whether Temporal runs its workflow. Raises EngineDown."""
        handle = self._client.get_workflow_handle(workflow_id(instance_id))
        try:
            found = await handle.describe(rpc_timeout=PATIENCE)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise EngineDown(str(error)) from error
        return found.status == WorkflowExecutionStatus.RUNNING

    async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
        """See ``journey.engine.Engine.ring``."""
        bell = Bell(upto=upto, event=event).model_dump(mode="json", exclude_defaults=True)
        handle = self._client.get_workflow_handle(workflow_id(instance_id))
        try:
            await handle.signal("ring", bell, rpc_timeout=PATIENCE)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise EngineDown(str(error)) from error
        return True
