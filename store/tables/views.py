"""Lists that people come back to."""

from sqlalchemy import Column, ForeignKey, String, Table, Text

from store.tables.columns import UtcDateTime, metadata

saved_view = Table(
    "saved_view",
    metadata,
    Column("staff_id", ForeignKey("staff.staff_id"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("query", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)
"""What somebody looks for again and again: the part of the list's address behind the question mark, by name."""
