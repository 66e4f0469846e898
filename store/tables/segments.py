"""Who is in which segment, and points that were given or spent."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from store.tables.columns import UtcDateTime, metadata, serial

membership = Table(
    "membership",
    metadata,
    Column("membership_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("segment", String(80), nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("entered_because", String(120), nullable=False),
    Column("left_at", UtcDateTime),
    Column("left_because", String(120)),
    Index("ix_membership_customer", "customer_id", "entered_at", "membership_pk"),
    Index(
        "ix_membership_segment",
        "segment",
        "customer_id",
        sqlite_where=text("left_at IS NULL"),
        postgresql_where=text("left_at IS NULL"),
    ),
)
"""When a customer entered a segment and left it, and what happened then. Without ``left_at`` they are in it."""

booking = Table(
    "booking",
    metadata,
    Column("booking_pk", serial(), primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("event_pk", ForeignKey("inbox.event_pk"), nullable=False, unique=True),
    Column("points", Integer, nullable=False),
    Column("reason", String(255)),
    Column("booked_at", UtcDateTime, nullable=False),
    Index("ix_booking_customer", "customer_id", "booked_at"),
)
"""Points that an event gave (more than 0) or spent (less). What purchases earn follows from the purchases."""
