"""why a message waits, and until when

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

import store.tables
from store.tables.columns import json_column


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=16), server_default="email", nullable=False))
        batch_op.add_column(sa.Column("topic", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("waits", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("due_at", store.tables.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("not_after", store.tables.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("doubts", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("remote_id", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("links", json_column(), nullable=True))
        batch_op.create_index("ix_message_remote_id", ["remote_id"], unique=False)
        batch_op.create_index(
            "ix_message_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_due",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_message_remote_id")
        for name in ("links", "remote_id", "doubts", "not_after", "due_at", "waits", "topic", "channel"):
            batch_op.drop_column(name)
