"""What happened to each customer."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, text

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
    Column("came_by", String(16)),
    UniqueConstraint("customer_id", "key"),
    Index("ix_timeline_customer", "customer_id", "at", "entry_pk"),
    Index("ix_timeline_instance", "instance_id", "at"),
    Index("ix_timeline_kind", "customer_id", "kind", "at", "entry_pk"),
    Index(
        "ix_timeline_came_by",
        "customer_id",
        "at",
        sqlite_where=text("came_by IS NOT NULL"),
        postgresql_where=text("came_by IS NOT NULL"),
    ),
)
"""What happened to one customer, with reasons. ``key`` makes writing it again harmless; ``came_by`` is the way by which
the customer turned to us, if that is what happened."""
