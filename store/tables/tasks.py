"""Work for people."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from store.tables.columns import UtcDateTime, json_column, metadata, serial

OPEN = "state = 'open'"

task = Table(
    "task",
    metadata,
    Column("task_id", String(32), primary_key=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("instance_id", ForeignKey("instance.instance_id"), nullable=False),
    Column("effect_id", String(120), nullable=False),
    Column("name", String(80), nullable=False),
    Column("team", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("form", json_column(), nullable=False),
    Column("outcomes", json_column(), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("awaited", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", UtcDateTime),
    Column("outcome", String(80)),
    Column("answers", json_column()),
    Column("reason", Text),
    Column("completed_by", String(255)),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("assignee", String(80)),
    Column("skill", String(80)),
    Column("follow_up_at", UtcDateTime),
    Column("playbook", json_column(), nullable=False, server_default=text("'{}'")),
    Column("revision", Integer, nullable=False, server_default="0"),
    UniqueConstraint("instance_id", "effect_id"),
    Index("ix_task_customer", "customer_id", "opened_at"),
    Index("ix_task_team", "team", "due_at", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_task_assignee", "assignee", "due_at", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_task_state", "state", "opened_at"),
)
"""One row for each task that a journey opened. States: open, done, overtaken, cancelled. ``form`` says what is to be
filled in, ``answers`` what was; ``outcomes`` are those it may have (any, if there are none). ``assignee`` is a person
of company.yaml; ``playbook`` is written for this customer; ``follow_up_at`` is when somebody wants to look again;
``revision`` grows with everything that people do with it."""

task_act = Table(
    "task_act",
    metadata,
    Column("act_pk", serial(), primary_key=True, autoincrement=True),
    Column("task_id", ForeignKey("task.task_id"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("by", String(255), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("person", String(80)),
    Column("text", Text, nullable=False),
    Column("detail", json_column(), nullable=False),
    UniqueConstraint("task_id", "key"),
    Index("ix_task_act_person", "person", "act_pk"),
)
"""What people did with a task, in order. Kinds: assigned (by its rule), claimed, handed, comment, follow-up, done.
``person``: who has the task since. ``key`` names the request, so that one that is repeated changes nothing."""

digest = Table(
    "digest",
    metadata,
    Column("team", String(80), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("recipient", String(320), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("reason", Text),
    Column("at", UtcDateTime, nullable=False),
)
"""The daily digests: one row for each team, day of its calendar and address. States: begun, accepted, and what else may
become of a letter."""
