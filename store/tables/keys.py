"""Who may send events."""

from sqlalchemy import Column, Float, Index, String, Table

from store.tables.columns import UtcDateTime, json_column, metadata

api_key = Table(
    "api_key",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("source", String(80), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", json_column(), nullable=False),
    Column("sources", json_column(), nullable=False),
    Column("types", json_column(), nullable=False),
    Column("per_second", Float),
    Column("note", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index("ix_api_key_source", "source", "revoked_at"),
)
"""Keys of upstream systems, as SHA-256 digests: a key is long and random, so nothing slower is needed. At most two of a
source are live, so that one can be exchanged for another without a gap."""
