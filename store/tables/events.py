"""What upstream systems say."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from store.tables.columns import UtcDateTime, json_column, metadata, serial

inbox = Table(
    "inbox",
    metadata,
    Column("event_pk", serial(), primary_key=True, autoincrement=True),
    Column("receipt", String(32), nullable=False, unique=True),
    Column("source", String(255), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("type", String(255), nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("envelope", Text, nullable=False),
    Column("data", json_column(), nullable=False),
    Column("occurred_at", UtcDateTime),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("result", json_column()),
    Column("customer_id", String(32)),
    UniqueConstraint("source", "event_id"),
    Index("ix_inbox_waiting", "state", "event_pk"),
    Index("ix_inbox_customer", "customer_id", "event_pk"),
)
"""Every accepted event, for ever. States: new, routed, unmatched, parked, quarantined."""

parked = Table(
    "parked",
    metadata,
    Column("event_pk", ForeignKey("inbox.event_pk"), primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("value", String(320), nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Index("ix_parked_name", "kind", "value"),
    Index("ix_parked_until", "until"),
)
"""Events that wait until somebody is known by a name: kind ``anonymous`` or ``order``."""
