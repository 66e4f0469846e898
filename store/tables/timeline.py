"""What happened to each customer."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from store.tables.columns import UtcDateTime, json_column, metadata, serial

timeline = Table(
    "timeline",
    metadata,
    Column("entry_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("instance_id", String(32)),
    Column("key", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("detail", json_column(), nullable=False),
    UniqueConstraint("customer_id", "key"),
    Index("ix_timeline_customer", "customer_id", "at", "entry_pk"),
    Index("ix_timeline_instance", "instance_id", "at"),
)
"""What happened to one customer, with reasons. ``key`` makes writing it again harmless."""
