"""whom we may not write to, and the policies

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

import store.tables
from store.tables.columns import json_column


revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suppression",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("since", store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_suppression")),
    )
    op.create_table(
        "silence",
        sa.Column(
            "silence_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("until", store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("said_at", store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.customer_id"], name=op.f("fk_silence_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("silence_pk", name=op.f("pk_silence")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_silence_customer_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mark", sa.String(length=64), nullable=True))
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.add_column(sa.Column("policies", json_column(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.drop_column("policies")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("mark")
    op.drop_table("silence")
    op.drop_table("suppression")
