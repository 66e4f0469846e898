"""The work of people: lists of tasks, one task, and what is done with it."""

from typing import Any

from gateway.openapi.parts import POSTED, answers, good, line, ref
from gateway.task_requests import ACTS, ATTACHMENTS_MOST, MOST, TEXT_MOST
from store.task_lists import STATES

TAG = "tasks"
_TEXT = {"type": ["string", "null"]}
_TIME = {"type": ["string", "null"], "format": "date-time"}

_BRIEF: dict[str, Any] = {
    "task": {"type": "string", "description": "Its id."},
    "name": {"type": "string", "description": "What the journey calls it."},
    "title": {"type": "string"},
    "team": {"type": "string"},
    "assignee": {**_TEXT, "description": "The person who has it; null: nobody."},
    "skill": _TEXT,
    "priority": {"type": "integer", "description": "1 to 9; 9 is the most urgent."},
    "state": {"enum": list(STATES)},
    "due_at": _TIME,
    "follow_up_at": _TIME,
    "opened_at": _TIME,
    "closed_at": _TIME,
    "outcome": _TEXT,
    "completed_by": _TEXT,
    "reason": {**_TEXT, "description": "Why it was closed, if nobody completed it."},
    "revision": {"type": "integer", "description": "Grows with everything that is done with it."},
    "outcomes": {"type": "array", "items": {"type": "string"}, "description": "Those it may have; none: any."},
    "customer": {"type": "object", "description": "Whom it is about."},
    "journey": {"type": "string"},
    "key": {"type": "string"},
    "instance": {"type": "string"},
}
_WHOLE: dict[str, Any] = {
    "text": {"type": "string"},
    "form": {"type": "object", "description": "What is to be filled in, by name."},
    "answers": {"type": ["object", "null"], "description": "What was filled in."},
    "playbook": {"type": "object", "description": "What to check, what to say, ready replies."},
    "journey_title": {"type": "string"},
    "acts": {"type": "array", "items": {"type": "object"}, "description": "What was done with it, the first first."},
}

_BODIES: dict[str, Any] = {
    "to": line(80, "The person; without it whoever likes may claim it.", "ada", optional=True),
    "team": line(80, "The team; without it the same one.", "care-team", optional=True),
    "reason": line(300, "Why, for colleagues.", optional=True),
    "text": {"type": "string", "minLength": 1, "maxLength": TEXT_MOST, "pattern": r"^[^\u0000]*[A-Za-z][^\u0000]*$"},
    "attachments": {
        "type": "array",
        "maxItems": ATTACHMENTS_MOST,
        "items": {
            "type": "object",
            "required": ["name", "url"],
            "additionalProperties": False,
            "properties": {
                "name": line(200, "What it is called.", "photo.jpg"),
                "url": {"type": "string", "pattern": r"^https://[a-z0-9./-]{1,900}$"},
            },
        },
        "description": "Files that are kept elsewhere; nothing is fetched.",
    },
    "at": {**ref("Moment"), "description": "When to look again; null: not any more."},
    "outcome": line(80, "One of the outcomes of the task.", "helped", optional=True),
    "answers": {
        "type": ["object", "null"],
        "additionalProperties": ref("Value"),
        "propertyNames": {"pattern": r"^[^\u0000]*$"},
        "description": "What the form asks for.",
    },
}


def _act(what: str) -> dict[str, Any]:
    usual = {
        "id": line(150, "The request's own id: sent again, it changes nothing.", "r-1", optional=True),
        "by": line(80, "Who acts: a person of company.yaml.", "ada"),
        "revision": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": 2**31 - 1,
            "description": "The task as it was when this was decided; another one is refused with 409.",
        },
    }
    needed = ["by", *(["text"] if what == "comment" else [])]
    keys = {name: _BODIES[name] for name in ACTS[what].keys}
    return {"type": "object", "required": needed, "properties": usual | keys, "additionalProperties": False}


_TASK = {"name": "task", "in": "path", "required": True, "schema": line(32, "Its id.", "mzxw6ytboi")}


_SUMMARIES = {
    "claim": "Take a task.",
    "assign": "Hand a task over to a person, to a team, or back into the queue.",
    "comment": "Write something beside a task.",
    "follow-up": "Look at a task again at a moment.",
    "complete": "A task is done: its outcome, and what was filled in.",
}


def _name(what: str) -> str:
    return f"Task{what.title().replace('-', '')}"


def _door(what: str, summary: str) -> dict[str, Any]:
    return {
        "tags": [TAG],
        "operationId": f"task-{what}",
        "summary": summary,
        "description": (
            "Applied once; the answer is the task as it is then. What does not fit any more is refused with 409 and the"
            " present task under `task`."
        ),
        "parameters": [_TASK],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(_name(what))}}},
        "responses": answers({"200": good("The task as it is now.", ref("Task"))}, *POSTED, 404, 409, 422),
    }


SCHEMAS: dict[str, Any] = {
    "TaskBrief": {"type": "object", "required": list(_BRIEF), "properties": _BRIEF},
    "Task": {"type": "object", "required": [*_BRIEF, *_WHOLE], "properties": _BRIEF | _WHOLE},
    "Tasks": {
        "type": "object",
        "required": ["tasks"],
        "properties": {
            "tasks": {"type": "array", "items": ref("TaskBrief")},
            "next": {"type": "string", "description": "Where the list goes on: send it as `after`."},
        },
    },
    **{_name(what): _act(what) for what in ACTS},
}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


PATHS: dict[str, Any] = {
    "/v1/tasks": {
        "get": {
            "tags": [TAG],
            "operationId": "listTasks",
            "summary": "Tasks in the order in which they are due.",
            "parameters": [
                _query("state", "Only these; open without it.", {"enum": list(STATES)}),
                _query("team", "Only those of this team.", line(80, "A team.")),
                _query("assignee", "Only those of this person; `nobody`: those that nobody has.", line(80, "Who.")),
                _query("customer", "Only those about this customer (our id).", line(80, "An id.")),
                _query("late", "Only those that are due already.", {"enum": ["true", "false"]}),
                _query("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST}),
                _query(
                    "after",
                    "`next` of the answer before.",
                    {"type": "string", "pattern": r"^9999-01-01T00:00:00\+0000~a$"},
                ),
            ],
            "responses": answers({"200": good("The tasks.", ref("Tasks"))}, 400, 401, 403, 405, 503),
        }
    },
    "/v1/tasks/{task}": {
        "get": {
            "tags": [TAG],
            "operationId": "getTask",
            "summary": "One task with its form, its playbook and what was done with it.",
            "parameters": [_TASK],
            "responses": answers({"200": good("The task.", ref("Task"))}, 401, 403, 404, 405, 503),
        }
    },
    **{f"/v1/tasks/{{task}}/{what}": {"post": _door(what, summary)} for what, summary in _SUMMARIES.items()},
}
