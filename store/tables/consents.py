"""What customers agreed to."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, UniqueConstraint

from store.tables.columns import UtcDateTime, json_column, metadata, serial

consent = Table(
    "consent",
    metadata,
    Column("consent_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("key", String(120), nullable=False),
    Column("topic", String(80), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("source", String(255), nullable=False),
    Column("how", String(255)),
    Column("text_version", String(120)),
    Column("proof", json_column(), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("customer_id", "key"),
    Index("ix_consent_topic", "customer_id", "topic", "said_at"),
)
"""Every word on a topic, given or withdrawn, for ever: the last one holds. ``source`` told us, ``how`` is how the
customer said it (a form, a call), ``text_version`` what they were shown, ``proof`` whatever shows it. ``key`` makes
writing it again harmless."""
