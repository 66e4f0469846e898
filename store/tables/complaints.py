"""Complaints of customers."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from store.tables.columns import UtcDateTime, metadata, serial

complaint = Table(
    "complaint",
    metadata,
    Column("complaint_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("external_id", String(255), nullable=False),
    Column("order_id", String(255)),
    Column("sku", String(255)),
    Column("text", Text),
    Column("state", String(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("customer_id", "external_id"),
    Index("ix_complaint_state", "state", "opened_at"),
)
"""Each complaint by the desk's own number. States: opened, answered, rejected (the answer), accepted, withdrawn."""
