"""The tables. One word per idea: inbox, customer, instance, delivery, message (the ledger), timeline, definition.

Times are UTC; JSON is JSONB on PostgreSQL; money is text with its currency, as the shop wrote it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite drops time zones, so they are put back on reading; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value.astimezone(UTC) if value else None
        return value.replace(tzinfo=UTC)


def _json() -> Any:
    return JSON().with_variant(JSONB(), "postgresql")


def _serial() -> Any:
    return BigInteger().with_variant(Integer, "sqlite")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

definition = Table(
    "definition",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("journey", String(80), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("plan", _json(), nullable=False),
    Column("source", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    UniqueConstraint("journey", "version"),
)
"""Immutable versions of journeys; instances are pinned to one by its hash."""

message_text = Table(
    "message_text",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("content", _json(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""The message texts in force: live, so a corrected sentence reaches people who still wait."""

company = Table(
    "company",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("content", _json(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""One row: the company, its sender and its teams, in force."""

inbox = Table(
    "inbox",
    metadata,
    Column("event_pk", _serial(), primary_key=True, autoincrement=True),
    Column("receipt", String(32), nullable=False, unique=True),
    Column("source", String(255), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("type", String(255), nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("envelope", Text, nullable=False),
    Column("data", _json(), nullable=False),
    Column("occurred_at", UtcDateTime),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("result", _json()),
    Column("customer_id", String(32)),
    UniqueConstraint("source", "event_id"),
    Index("ix_inbox_waiting", "state", "event_pk"),
    Index("ix_inbox_customer", "customer_id", "event_pk"),
)
"""Every accepted event, for ever. States: new, routed, unmatched, quarantined."""

customer = Table(
    "customer",
    metadata,
    Column("customer_id", String(32), primary_key=True),
    Column("external_id", String(255)),
    Column("email", String(320)),
    Column("name", String(255)),
    Column("phone", String(64)),
    Column("locale", String(35)),
    Column("time_zone", String(64)),
    Column("attributes", _json(), nullable=False),
    Column("tags", _json(), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_customer_created", "created_at", "customer_id"),
    Index("ix_customer_email", "email"),
    Index("ix_customer_external_id", "external_id"),
)

customer_alias = Table(
    "customer_alias",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False, index=True),
)
"""By what a customer is known: kind ``id`` (the shop's own) or ``email`` (lower case)."""

purchase = Table(
    "purchase",
    metadata,
    Column("purchase_pk", _serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False, index=True),
    Column("event_pk", ForeignKey("inbox.event_pk"), nullable=False, unique=True),
    Column("order_id", String(255)),
    Column("sku", String(255)),
    Column("product", String(255)),
    Column("amount", String(64)),
    Column("currency", String(16)),
    Column("state", String(12), nullable=False),
    Column("purchased_at", UtcDateTime, nullable=False),
)
"""Purchase history. States: completed, refunded."""

RUNNING = "state = 'running'"
UNHEARD = "state = 'running' AND acked_seq < next_seq - 1"
"""A running instance with deliveries that it has not applied. Asked in these very words, or no index answers: SQLite
turns a comparison round to begin with the bare column, and then does not know it again."""

instance = Table(
    "instance",
    metadata,
    Column("instance_id", String(32), primary_key=True),
    Column("journey", String(80), nullable=False),
    Column("def_hash", ForeignKey("definition.hash"), nullable=False),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("entry_key", String(200), nullable=False),
    Column("entry", _json(), nullable=False),
    Column("state", String(12), nullable=False),
    Column("outcome", String(80)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("next_seq", Integer, nullable=False),
    Column("acked_seq", Integer, nullable=False),
    Column("rung_at", UtcDateTime),
    Column("step", String(80)),
    Column("doing", String(300)),
    Column("wake_at", UtcDateTime),
    Column("trouble", String(500)),
    Column("snapshot", _json()),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(
        "uq_instance_running",
        "journey",
        "customer_id",
        "entry_key",
        unique=True,
        sqlite_where=text(RUNNING),
        postgresql_where=text(RUNNING),
    ),
    Index("ix_instance_customer", "customer_id", "state"),
    Index("ix_instance_entry", "journey", "customer_id", "entry_key", "started_at"),
    Index("ix_instance_list", "state", "started_at", "instance_id"),
    Index("ix_instance_journey", "journey", "state", "started_at", "instance_id"),
    Index("ix_instance_outcome", "journey", "state", "outcome"),
    Index(
        "ix_instance_trouble",
        "state",
        "started_at",
        "instance_id",
        sqlite_where=text("trouble IS NOT NULL"),
        postgresql_where=text("trouble IS NOT NULL"),
    ),
    Index("ix_instance_due", "state", "wake_at"),
    Index(
        "ix_instance_unheard",
        "state",
        "rung_at",
        sqlite_where=text(UNHEARD),
        postgresql_where=text(UNHEARD),
    ),
)
"""One customer's run of one journey. States: running, ended. ``snapshot`` is enough to begin again without Temporal."""

delivery = Table(
    "delivery",
    metadata,
    Column("instance_id", ForeignKey("instance.instance_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("event_pk", ForeignKey("inbox.event_pk")),
    Column("content", _json(), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("instance_id", "event_pk"),
    Index("ix_delivery_event", "event_pk"),
)
"""What each instance receives, in one dense sequence from 1."""

message = Table(
    "message",
    metadata,
    Column("send_key", String(52), primary_key=True),
    Column("instance_id", ForeignKey("instance.instance_id"), nullable=False),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False, index=True),
    Column("effect_id", String(120), nullable=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("recipient", String(320)),
    Column("subject", Text),
    Column("state", String(12), nullable=False),
    Column("reason", Text),
    Column("epoch", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("body", LargeBinary),
    Column("body_hash", String(64)),
    Column("message_id", String(200), unique=True),
    Column("attempts", Integer, nullable=False),
    Column("last_code", Integer),
    Column("def_hash", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Index("ix_message_instance", "instance_id"),
    Index("ix_message_state", "state", "created_at", "send_key"),
    Index("ix_message_created", "created_at", "send_key"),
)
"""The ledger: one row per message ever intended, keyed by its business identity. States: intent, held, claimed,
at_dot, accepted, refused, failed, suppressed, expired, unknown. ``kind`` is lifecycle, transactional or staff."""

timeline = Table(
    "timeline",
    metadata,
    Column("entry_pk", _serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("instance_id", String(32)),
    Column("key", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("detail", _json(), nullable=False),
    UniqueConstraint("customer_id", "key"),
    Index("ix_timeline_customer", "customer_id", "at", "entry_pk"),
    Index("ix_timeline_instance", "instance_id", "at"),
)
"""What happened to one customer, with reasons. ``key`` makes writing it again harmless."""
