"""Long work that somebody began and that may be taken up again."""

from sqlalchemy import Column, String, Table

from store.tables.columns import UtcDateTime, json_column, metadata

job = Table(
    "job",
    metadata,
    Column("job_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("title", String(300), nullable=False),
    Column("place", String(64), nullable=False),
    Column("counts", json_column(), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)
"""Kinds: import, enrol. ``job_id`` is a digest of what is to be done, so the same asked for again goes on behind
``place``, which is written in the transaction of the work itself: nothing is done twice, nothing left out."""
