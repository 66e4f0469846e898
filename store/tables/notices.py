"""Who is told what changes here."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from store.tables.columns import UtcDateTime, json_column, metadata, serial

WAITING = "state = 'waiting'"

subscriber = Table(
    "subscriber",
    metadata,
    Column("subscriber", String(80), primary_key=True),
    Column("content", json_column(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("gone_at", UtcDateTime),
)
"""The subscribers in force. ``gone_at``: it has answered 410, and is told nothing more until its file changes."""

notice = Table(
    "notice",
    metadata,
    Column("notice_pk", serial(), primary_key=True, autoincrement=True),
    Column("notice_id", String(40), nullable=False),
    Column("subscriber", String(80), nullable=False),
    Column("type", String(80), nullable=False),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("instance_id", String(32)),
    Column("at", UtcDateTime, nullable=False),
    Column("content", json_column(), nullable=False),
    Column("body", Text),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("reason", Text),
    UniqueConstraint("notice_id", "subscriber"),
    Index(
        "ix_notice_waiting",
        "next_try_at",
        "notice_pk",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    Index(
        "ix_notice_turn",
        "subscriber",
        "customer_id",
        "notice_pk",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    Index("ix_notice_state", "state", "notice_pk"),
    Index("ix_notice_customer", "customer_id"),
)
"""What each subscriber is to be told, written in the transaction of the change itself. States: waiting, delivered,
dead. ``notice_id`` and ``body`` (what goes out, from the first try on) are the same in every try."""
