"""a customer to show each text for, and texts that belong to a version

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

import store.tables
from store.tables.columns import json_column


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pinned_text",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("content", json_column(), nullable=False),
        sa.Column("published_at", store.tables.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_pinned_text")),
    )
    with op.batch_alter_table("message_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sample", json_column(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("message_text", schema=None) as batch_op:
        batch_op.drop_column("sample")
    op.drop_table("pinned_text")
