"""The ledger."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, false, text

from store.tables.columns import UtcDateTime, json_column, metadata

WAITING = "due_at IS NOT NULL"

message = Table(
    "message",
    metadata,
    Column("send_key", String(52), primary_key=True),
    Column("instance_id", ForeignKey("instance.instance_id"), nullable=False),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False, index=True),
    Column("effect_id", String(120), nullable=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("channel", String(16), nullable=False, server_default="email"),
    Column("topic", String(40)),
    Column("recipient", String(320)),
    Column("mark", String(64)),
    Column("subject", Text),
    Column("state", String(12), nullable=False),
    Column("reason", Text),
    Column("waits", String(12)),
    Column("due_at", UtcDateTime),
    Column("not_after", UtcDateTime),
    Column("released_by", String(120)),
    Column("hurried", Boolean, nullable=False, server_default=false()),
    Column("doubts", Integer, nullable=False, server_default="0"),
    Column("epoch", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("body", LargeBinary),
    Column("body_hash", String(64)),
    Column("locale", String(35)),
    Column("text_version", String(16)),
    Column("message_id", String(200), unique=True),
    Column("remote_id", String(200), index=True),
    Column("links", json_column()),
    Column("attempts", Integer, nullable=False),
    Column("last_code", Integer),
    Column("def_hash", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Index("ix_message_instance", "instance_id"),
    Index("ix_message_state", "state", "created_at", "send_key"),
    Index("ix_message_created", "created_at", "send_key"),
    Index("ix_message_due", "due_at", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
)
"""The ledger: one row per message ever intended, keyed by its business identity. States: intent, held, claimed,
at_dot, accepted, refused, failed, suppressed, expired, unknown. ``kind`` is lifecycle, transactional, legal or staff.

``waits`` says in one word why it is held, ``due_at`` when it is looked at again (null: when somebody says so),
``not_after`` when it is out of date, ``hurried`` that a person wants it to go at whatever hour, ``doubts`` how often
nobody could say whether it went. ``message_id`` is ours, ``remote_id`` the provider's. ``mark`` stands for the address
(``store.seal``) when that has been erased. ``links`` are the addresses behind its tracked links, in order. ``locale``
and ``text_version`` say which wording went."""
