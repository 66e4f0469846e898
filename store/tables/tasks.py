"""Work for people."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from store.tables.columns import UtcDateTime, json_column, metadata

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
    UniqueConstraint("instance_id", "effect_id"),
    Index("ix_task_customer", "customer_id", "opened_at"),
    Index(
        "ix_task_team", "team", "due_at", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")
    ),
)
"""One row for each task that a journey opened. States: open, done, overtaken, cancelled. ``form`` says what is to be
filled in, ``answers`` what was; ``outcomes`` are those it may have (any, if there are none)."""
