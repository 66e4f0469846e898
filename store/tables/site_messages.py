"""The customers' inboxes on the company's own site."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from store.tables.columns import UtcDateTime, metadata

site_message = Table(
    "site_message",
    metadata,
    Column("send_key", String(52), primary_key=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Index("ix_site_message_customer", "customer_id", "created_at", "send_key"),
)
"""One row a message that was put into a customer's inbox, by its key in the ledger."""
