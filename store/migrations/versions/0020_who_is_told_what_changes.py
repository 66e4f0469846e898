"""who is told what changes

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import store.tables.columns

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    content = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    moment = store.tables.columns.UtcDateTime
    op.create_table(
        "subscriber",
        sa.Column("subscriber", sa.String(length=80), nullable=False),
        sa.Column("content", content, nullable=False),
        sa.Column("published_at", moment(), nullable=False),
        sa.Column("gone_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("subscriber", name=op.f("pk_subscriber")),
    )
    op.create_table(
        "notice",
        sa.Column("notice_pk", store.tables.columns.serial(), autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("subscriber", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=True),
        sa.Column("at", moment(), nullable=False),
        sa.Column("content", content, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", moment(), nullable=True),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("decided_at", moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.customer_id"], name=op.f("fk_notice_customer_id_customer")),
        sa.PrimaryKeyConstraint("notice_pk", name=op.f("pk_notice")),
        sa.UniqueConstraint("notice_id", "subscriber", name=op.f("uq_notice_notice_id")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["next_try_at", "notice_pk"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_notice_state", "notice", ["state", "notice_pk"])
    op.create_index("ix_notice_customer", "notice", ["customer_id"])


def downgrade() -> None:
    op.drop_table("notice")
    op.drop_table("subscriber")
