"""Whom we may not write to, and until when somebody wants to hear nothing."""

from sqlalchemy import Column, ForeignKey, String, Table

from store.tables.columns import UtcDateTime, metadata, serial

suppression = Table(
    "suppression",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("reason", String(300), nullable=False),
    Column("source", String(40), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)
"""Addresses that get nothing, each as its mark (``store.seal``), so that the row tells nobody the address and outlives
the customer's erasure. ``source``: bounce, complaint, provider, staff. ``until``: null for good."""

silence = Table(
    "silence",
    metadata,
    Column("silence_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False, unique=True),
    Column("until", UtcDateTime, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
)
"""Customers who want no lifecycle mail for a while."""
