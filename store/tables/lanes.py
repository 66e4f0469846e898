"""The ways to the providers."""

from sqlalchemy import Column, Float, Integer, String, Table, Text

from store.tables.columns import UtcDateTime, metadata

lane = Table(
    "lane",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("try_at", UtcDateTime),
    Column("trying", String(52)),
    Column("tokens", Float),
    Column("tokens_at", UtcDateTime),
    Column("day", String(10)),
    Column("sent_that_day", Integer, nullable=False, server_default="0"),
    Column("drainer", String(32)),
    Column("drains_until", UtcDateTime),
)
"""One way to one provider: email, sms and so on. States: open, draining, away, stopped (``journey.circuit``).
``trying`` is the message that may go while it is closed; ``tokens`` and ``sent_that_day`` hold the provider's limits;
``drainer`` is the one process that lets held messages go, for as long as ``drains_until`` says."""
