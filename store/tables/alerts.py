"""What people of the company are told besides mail."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from store.tables.columns import UtcDateTime, metadata, serial

WAITING = "due_at IS NOT NULL"

alert = Table(
    "alert",
    metadata,
    Column("alert_pk", serial(), primary_key=True, autoincrement=True),
    Column("key", String(160), nullable=False, unique=True),
    Column("secret", String(100), nullable=False),
    Column("title", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("told_at", UtcDateTime),
    Column("problem", Text),
    Index("ix_alert_due", "due_at", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
)
"""Alerts, each once (``key``), written in the transaction of what they tell. ``secret`` names the variable that holds
the addresses of a team; '' are those of the operators. ``due_at`` is null when it was told or given up."""
