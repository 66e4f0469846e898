"""Who the customers are and what they bought."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from store.tables.columns import UtcDateTime, json_column, metadata, serial

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
    Column("attributes", json_column(), nullable=False),
    Column("tags", json_column(), nullable=False),
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
    Column("purchase_pk", serial(), primary_key=True, autoincrement=True),
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
