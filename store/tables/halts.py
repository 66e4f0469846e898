"""Journeys that people have stopped as a whole."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from store.tables.columns import UtcDateTime, metadata

STOPPED = "lifted_at IS NULL"

halt = Table(
    "halt",
    metadata,
    Column("halt_id", String(16), primary_key=True),
    Column("journey", String(80), nullable=False),
    Column("how", String(12), nullable=False),
    Column("who", String(120), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime),
    Column("done_at", UtcDateTime),
    Index("uq_halt_journey", "journey", unique=True, sqlite_where=text(STOPPED), postgresql_where=text(STOPPED)),
)
"""A journey that is held (everybody on it keeps their place, whoever would begin waits) or drained (nobody new begins,
the others go on to their end). ``lifted_at``: it may go on; ``done_at``: everybody who was stopped by it goes on."""

waiting_start = Table(
    "waiting_start",
    metadata,
    Column("halt_id", ForeignKey("halt.halt_id"), primary_key=True),
    Column("event_pk", ForeignKey("inbox.event_pk"), primary_key=True),
    Column("customer_id", String(32), nullable=False),
)
"""Who would have begun a held journey, by which event; they begin when it goes on."""
