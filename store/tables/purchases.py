"""What customers bought, gave back, and have."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from store.tables.columns import UtcDateTime, json_column, metadata, serial

purchase = Table(
    "purchase",
    metadata,
    Column("purchase_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("event_pk", ForeignKey("inbox.event_pk"), nullable=False, unique=True),
    Column("order_id", String(255)),
    Column("sku", String(255)),
    Column("product", String(255)),
    Column("amount", String(64)),
    Column("refunded", String(64)),
    Column("currency", String(16)),
    Column("state", String(12), nullable=False),
    Column("purchased_at", UtcDateTime, nullable=False),
    Index("ix_purchase_customer", "customer_id", "purchased_at", "purchase_pk"),
    Index("ix_purchase_order", "customer_id", "order_id"),
    Index("ix_purchase_by_order", "order_id"),
)
"""Purchase history. States: completed, refunded (wholly). ``refunded`` is what was given back of the amount."""

purchase_line = Table(
    "purchase_line",
    metadata,
    Column("purchase_pk", ForeignKey("purchase.purchase_pk"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sku", String(255)),
    Column("name", String(255)),
    Column("version", String(80)),
    Column("quantity", Integer, nullable=False),
    Column("returned", Integer, nullable=False, server_default="0"),
    Column("amount", String(64)),
)
"""The lines of a purchase, in the order in which the shop wrote them."""

refund = Table(
    "refund",
    metadata,
    Column("refund_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("event_pk", ForeignKey("inbox.event_pk"), nullable=False, unique=True),
    Column("order_id", String(255), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("amount", String(64)),
    Column("lines", json_column(), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_refund_order", "customer_id", "order_id"),
)
"""What was given back of an order; it may be known before the order itself. Kinds: refund (money), return (goods)."""

owned = Table(
    "owned",
    metadata,
    Column("owned_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("key", String(80), nullable=False),
    Column("sku", String(255), nullable=False),
    Column("name", String(255)),
    Column("version", String(80)),
    Column("serial", String(120)),
    Column("quantity", Integer, nullable=False),
    Column("purchase_pk", ForeignKey("purchase.purchase_pk")),
    Column("since", UtcDateTime, nullable=False),
    Column("warranty_until", String(10)),
    Column("ended_at", UtcDateTime),
    Column("ended_why", String(40)),
    UniqueConstraint("customer_id", "key"),
    Index("ix_owned_sku", "sku", "version", "customer_id"),
    Index("ix_owned_purchase", "purchase_pk"),
)
"""The products that customers have: one row a purchased line, and one a registered piece (``serial``). ``key`` names
where a row comes from. A row with ``ended_at`` is history."""
