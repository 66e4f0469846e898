"""How often something was done with a customer, for throttles."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from store.tables.columns import UtcDateTime, metadata, serial

budget_use = Table(
    "budget_use",
    metadata,
    Column("use_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("budget", String(80), nullable=False),
    Column("key", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("instance_id", String(32), nullable=False),
    Column("effect_id", String(120), nullable=False),
    UniqueConstraint("instance_id", "effect_id"),
    Index("ix_budget_use", "customer_id", "budget", "key", "at"),
)
"""One row each time a throttle let somebody pass."""
