"""Mail that came in, and letters that came back."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text

from store.tables.columns import UtcDateTime, metadata, serial

incoming = Table(
    "incoming",
    metadata,
    Column("incoming_pk", serial(), primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("received_at", UtcDateTime, nullable=False),
    Column("envelope_from", String(320), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("sender", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", String(320), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("note", Text, nullable=False),
    Column("body_text", Text, nullable=False),
    Column("send_key", ForeignKey("message.send_key"), index=True),
    Column("customer_id", ForeignKey("customer.customer_id"), index=True),
    Column("raw", LargeBinary, nullable=False),
    Index("ix_incoming_kind", "kind", "incoming_pk"),
)
"""Every mail that the inbound door took, whole. ``kind``: reply, bounce, complaint, machine (it answers by itself),
unreadable. ``send_key`` is the letter it is about, null if that cannot be told. ``digest`` tells one that is handed in
again."""

soft_bounce = Table(
    "soft_bounce",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("send_key", String(52), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
"""Letters that came back softly since the address (``store.seal``) last showed that it works."""
