"""The companies that customers belong to."""

from sqlalchemy import Column, String, Table

from store.tables.columns import UtcDateTime, json_column, metadata

organisation = Table(
    "organisation",
    metadata,
    Column("organisation_id", String(32), primary_key=True),
    Column("external_id", String(255), nullable=False, unique=True),
    Column("name", String(255)),
    Column("attributes", json_column(), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""A company whose people are customers, by the id that upstream gives it. (``company`` is ours.)"""
