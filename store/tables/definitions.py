"""What operations people publish."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint

from store.tables.columns import UtcDateTime, json_column, metadata

definition = Table(
    "definition",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("journey", String(80), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("plan", json_column(), nullable=False),
    Column("source", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    UniqueConstraint("journey", "version"),
)
"""Immutable versions of journeys; instances are pinned to one by its hash."""

message_text = Table(
    "message_text",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("content", json_column(), nullable=False),
    Column("sample", json_column()),
    Column("published_at", UtcDateTime, nullable=False),
)
"""The message texts in force: live, so a corrected sentence reaches people who still wait. ``sample``: the facts of a
customer to show it for."""

pinned_text = Table(
    "pinned_text",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("content", json_column(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""Texts that belong to a version of a journey (``pin: true``), by the hash that its plan names; they never change."""

record_rules = Table(
    "record_rules",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("content", json_column(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""One row: the rules of the customer record in force."""

company = Table(
    "company",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("content", json_column(), nullable=False),
    Column("policies", json_column()),
    Column("published_at", UtcDateTime, nullable=False),
)
"""One row: the company, its sender and its teams, and what holds for all journeys together, in force."""

calendar = Table(
    "calendar",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("version", String(12), primary_key=True),
    Column("content", json_column(), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""Business calendars with their dates, every version; those in force are active. Live: what is counted later counts in
the calendar of then."""

declared_event = Table(
    "declared_event",
    metadata,
    Column("event", String(200), primary_key=True),
    Column("content", json_column(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""The declared event types in force. None at all: nothing is typed, and every event is taken as it comes."""

declared_customer = Table(
    "declared_customer",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("content", json_column(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""One row at most: the declared attributes and tags of customers, in force."""

declared_source = Table(
    "declared_source",
    metadata,
    Column("source", String(80), primary_key=True),
    Column("content", json_column(), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
"""The upstream systems in force, each with the table of its messages."""
