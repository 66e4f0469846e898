"""What was asked, and what was answered."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from store.tables.columns import UtcDateTime, metadata

survey = Table(
    "survey",
    metadata,
    Column("send_key", ForeignKey("message.send_key"), primary_key=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("scale", String(8), nullable=False),
    Column("question", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("score", Integer),
    Column("comment", Text),
    Column("answered_at", UtcDateTime),
    Column("changed_at", UtcDateTime),
    Column("changes", Integer, nullable=False, server_default="0"),
    Index("ix_survey_name", "name", "answered_at"),
)
"""One row for each letter that asks a question: which scale, in which words, and the customer's last word on it.
``changes`` counts how often an answer was changed."""
